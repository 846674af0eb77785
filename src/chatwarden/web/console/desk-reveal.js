// What was hidden, seen once: for a stated reason, after a fresh proof, in a dialog that closes itself when the gateway's
// time is over, when the agent turns away, or when the page is left.

import { everySecond, left } from "/demo/clock.js";
import { button, dial, make, setArc } from "/demo/dom.js";
import { area, askForm, field } from "./form.js";
import { text } from "/demo/strings.js";

/** Asks why; resolves with the reason or null. */
export function askReason(name, signal) {
  const reason = area({ required: "", minlength: "3", rows: "2", maxlength: "200" });
  return askForm({
    title: text("reveal.title", { name }), why: text("reveal.why"), yes: text("reveal.yes"), signal,
    fields: [field(text("reveal.reason"), reason)], read: () => reason.value.trim(),
  });
}

/** Shows a value until `until` and no longer. */
export function showOnce({ text: value, until }, name, signal) {
  const told = make("p", { class: "revealed-value", dir: "auto" }, value);
  const whole = Math.max(1, left(until));
  const closing = new AbortController();
  const dialog = make(
    "dialog", { class: "dialog", id: "revealed", "aria-labelledby": "revealed-title" },
    make(
      "form", { method: "dialog" }, dial("revealed"), make("h2", { id: "revealed-title" }, text("reveal.shown", { name })), told,
      make("p", { class: "small" }, text("reveal.recorded")), make("div", { class: "row" }, button(text("reveal.close"), "primary", () => end())),
    ),
  );
  // First the value, then the window: it is nowhere in the page once nothing is seen.
  const end = () => {
    told.textContent = "";
    stop();
    closing.abort();
    clearTimeout(due);
    dialog.close();
    dialog.remove();
  };
  const draw = () => {
    const ms = left(until);
    if (ms === 0) return end();
    dialog.querySelector("#revealed-left").textContent = String(Math.ceil(ms / 1_000));
    return setArc(dialog.querySelector("#revealed-ring"), ms / whole);
  };
  const stop = everySecond(draw);
  const due = setTimeout(end, whole);
  signal.addEventListener("abort", end, { signal: closing.signal });
  document.addEventListener("visibilitychange", () => document.hidden && end(), { signal: closing.signal });
  dialog.addEventListener("cancel", end, { signal: closing.signal });
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector("button").focus();
  draw();
}
