// The message box. What is being written is kept in this tab until it is sent, whatever happens to the session meanwhile.

import { cardsIn } from "./cards.js";
import { by } from "./dom.js";
import { keepDraft, recall } from "./store.js";

/**
 * Sets the box up; `send(text)` says a message, `ready()` tells whether one may be said now, `stop(text)` whether this one
 * must not leave as it is, `typed()` hears that somebody writes. What it returns takes back a text that could not be
 * said.
 */
export function compose(send, ready, { stop = () => false, typed = () => {}, card = "" } = {}) {
  const box = by("text");
  const fit = () => {
    box.style.height = "auto";
    if (box.scrollHeight) box.style.height = `${Math.min(box.scrollHeight, 180)}px`; // hidden, it has none yet
    by("hint").textContent = cardsIn(box.value).length ? card : "";
  };
  const submit = () => {
    const text = box.value.trim();
    if (!text || !ready() || stop(text)) return;
    fill("");
    send(text);
  };
  by("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  box.addEventListener("input", () => (keepDraft(box.value), fit(), typed()));
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    by("composer").requestSubmit();
  });
  const fill = (text) => {
    box.value = text;
    keepDraft(text);
    fit();
  };
  fill(recall("draft"));
  addEventListener("resize", fit); // a frame grows when it is opened, a phone is turned
  return { fill, giveBack: (text) => fill(box.value ? `${text}\n${box.value}` : text) };
}
