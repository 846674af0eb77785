// The gateway's time, drawn. Nothing is decided here: every deadline is compared again by the gateway.

import { locale, text as say } from "./strings.js";

let offset = 0;
let known = false;

/** Takes the gateway's `now` (RFC 3339); `asked` is when the request left, so that half the way is allowed for. */
export function setNow(text, asked = Date.now()) {
  const theirs = Date.parse(text);
  if (!Number.isFinite(theirs)) return;
  offset = theirs - (asked + Date.now()) / 2;
  known = true;
}

/** Takes the Date field of an answer (RFC 9110, section 6.6.1), which knows whole seconds, until something better comes. */
export function setRoughNow(date, asked) {
  const theirs = Date.parse(date ?? "") + 500;
  if (!known && Number.isFinite(theirs)) offset = theirs - (asked + Date.now()) / 2;
}

export function serverNow() {
  return Date.now() + offset;
}

/** Milliseconds until an RFC 3339 instant, never below zero. */
export function left(instant) {
  return Math.max(0, Date.parse(instant) - serverNow());
}

const UNITS = [
  [86_400_000, "day"],
  [3_600_000, "hour"],
  [60_000, "minute"],
  [1_000, "second"],
];

/** A remaining time, short: `29 d`, `14 min`, `42 s`. Rounded up, so that zero means over. */
export function short(ms) {
  const [n, unit] = largest(ms);
  return say(`time.${unit}`, { n });
}

/** The same in words. */
export function words(ms) {
  const [n, unit] = largest(ms);
  return say(`time.${unit}.words`, { n });
}

/** A whole number of seconds in the largest unit that fits: in words, or `brief`. */
export function lasting(seconds, { brief = false } = {}) {
  const [size, unit] = UNITS.find(([one]) => (seconds * 1_000) % one === 0);
  return say(`time.${unit}${brief ? "" : ".words"}`, { n: (seconds * 1_000) / size });
}

function largest(ms) {
  const [size, unit] = UNITS.find(([one]) => ms > one) ?? UNITS.at(-1);
  return [unit === "second" ? Math.ceil(ms / size) : Math.round(ms / size) || 1, unit];
}

/** Date and time of day, to the minute, as this reader writes it. */
export function dateAndTime(instant) {
  return new Date(instant).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" });
}

/** The same to the second. */
export const exactly = (instant) => new Date(instant).toLocaleString(locale);

/** A day as this reader writes it. */
export const day = (instant) => new Date(instant).toLocaleDateString(locale);

const SPOKEN = [60, 30, 20, 10, 5]; // seconds left at which a screen reader is told

/** Writes into a live region how long is left: at first and at a few moments, so that nobody is talked over. */
export class Spoken {
  #node;
  #last = Infinity;

  constructor(node) {
    this.#node = node;
  }

  restart() {
    this.#last = Infinity;
    this.#node.textContent = "";
  }

  tell(ms) {
    const seconds = Math.ceil(ms / 1_000);
    const step = SPOKEN.find((s) => seconds <= s && s < this.#last && seconds > s - 5);
    if (step === undefined && this.#last !== Infinity) return;
    this.#last = step ?? seconds;
    this.#node.textContent = say("time.to-answer", { time: words(ms) });
  }
}

/** A time of day as this reader writes it. */
export function timeOfDay(instant, seconds = false) {
  const at = new Date(instant);
  const options = { hour: "2-digit", minute: "2-digit", second: seconds ? "2-digit" : undefined };
  return at.toLocaleTimeString(locale, options);
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
