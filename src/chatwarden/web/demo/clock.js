// The gateway's time, drawn. Nothing is decided here: every deadline is compared again by the gateway.

let offset = 0;

/** Takes the gateway's `now` (RFC 3339); `asked` is when the request left, so that half the way is allowed for. */
export function setNow(text, asked = Date.now()) {
  const theirs = Date.parse(text);
  if (Number.isFinite(theirs)) offset = theirs - (asked + Date.now()) / 2;
}

export function serverNow() {
  return Date.now() + offset;
}

/** Milliseconds until an RFC 3339 instant, never below zero. */
export function left(instant) {
  return Math.max(0, Date.parse(instant) - serverNow());
}

const UNITS = [
  [86_400_000, "d", "day"],
  [3_600_000, "h", "hour"],
  [60_000, "min", "minute"],
  [1_000, "s", "second"],
];

/** A remaining time, short: `29 d`, `14 min`, `42 s`. Rounded up, so that zero means over. */
export function short(ms) {
  for (const [size, unit] of UNITS) if (ms > size || unit === "s") return `${count(ms, size)} ${unit}`;
  return "";
}

/** The same in words. */
export function words(ms) {
  for (const [size, , name] of UNITS) {
    if (ms > size || name === "second") {
      const n = count(ms, size);
      return `${n} ${name}${n === 1 ? "" : "s"}`;
    }
  }
  return "";
}

function count(ms, size) {
  return size === 1_000 ? Math.ceil(ms / size) : Math.round(ms / size) || 1;
}

/** A time of day as this reader writes it. */
export function timeOfDay(instant, seconds = false) {
  const at = new Date(instant);
  const options = { hour: "2-digit", minute: "2-digit", second: seconds ? "2-digit" : undefined };
  return at.toLocaleTimeString(undefined, options);
}

const ticking = new Set();

/** Calls `draw` every second until the returned function is called. */
export function everySecond(draw) {
  ticking.add(draw);
  return () => ticking.delete(draw);
}

setInterval(() => {
  for (const draw of [...ticking]) draw();
}, 1_000);
