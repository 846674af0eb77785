// What this tab remembers: sessionStorage, gone when the tab closes. Nothing is kept anywhere else.

import { cardsIn } from "./cards.js";

const PREFIX = "chatwarden.";

export function recall(name) {
  return sessionStorage.getItem(PREFIX + name) ?? "";
}

export function keep(name, value) {
  if (value) sessionStorage.setItem(PREFIX + name, value);
  else sessionStorage.removeItem(PREFIX + name);
}

/** Keeps the draft, except while it holds what looks like a card number: that should not lie anywhere. */
export function keepDraft(text) {
  keep("draft", cardsIn(text).length ? "" : text);
}
