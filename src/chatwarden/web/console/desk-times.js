// Times at the desk, which run while one looks: how long somebody waits, and how long is left to answer.

import { serverNow, words } from "/demo/clock.js";
import { make } from "/demo/dom.js";
import { text } from "/demo/strings.js";

const SOON = 30_000;

/** `4:05`, `1:04:05`. */
export function stopwatch(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60].map(String);
  return h === "0" ? `${m}:${s.padStart(2, "0")}` : `${h}:${m.padStart(2, "0")}:${s.padStart(2, "0")}`;
}

/** How long since `instant`. */
export const since = (instant) => Math.max(0, serverNow() - Date.parse(instant));

/** What runs for an entry: `[{kind, label, ms, state}]`; `ms` below zero is over. */
export function running(entry) {
  const found = [];
  if (entry.state === "queued" && entry.waiting_since) found.push({ kind: "waiting", ms: since(entry.waiting_since), state: "" });
  for (const [kind, due] of [["answer", entry.answer_due], ["resolve", entry.resolve_due]]) {
    if (!due) continue;
    const ms = Date.parse(due) - serverNow();
    found.push({ kind, ms, state: ms <= 0 ? "over" : ms < SOON ? "soon" : "" });
  }
  return found;
}

/** A time as it is drawn: `timer(one)` makes it, `turn(node, one)` moves it. */
export function timer(one) {
  const node = make("span", { class: "time", "data-time": one.kind });
  turn(node, one);
  return node;
}

export function turn(node, one) {
  const told = stopwatch(Math.abs(one.ms));
  const key = one.state === "over" ? `time.${one.kind}.over` : `time.${one.kind}`;
  const shown = text(key, { time: told });
  if (node.textContent !== shown) node.textContent = shown;
  if (node.dataset.state !== one.state) {
    node.dataset.state = one.state;
    node.title = text(`${key}.words`, { time: words(Math.abs(one.ms)) });
  }
}
