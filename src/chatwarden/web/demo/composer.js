// The message box. What is being written is kept in this tab until it is sent, whatever happens to the session meanwhile.

import { by } from "./dom.js";
import { keepDraft, looksLikeCard, recall } from "./store.js";

/**
 * Sets the box up; `send(text)` says a message, `ready()` tells whether one may be said now. What it returns takes back a
 * text that could not be said.
 */
export function compose(send, ready) {
  const box = by("text");
  const fit = () => {
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight, 180)}px`;
    by("hint").textContent = looksLikeCard(box.value)
      ? "This looks like a card number. It will be hidden from the machine and from this screen." : "";
  };
  by("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = box.value.trim();
    if (!text || !ready()) return;
    fill("");
    send(text);
  });
  box.addEventListener("input", () => (keepDraft(box.value), fit()));
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
  return { giveBack: (text) => fill(box.value ? `${text}\n${box.value}` : text) };
}
