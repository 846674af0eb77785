// What this tab remembers: sessionStorage, gone when the tab closes. Where a browser denies it, as some do in frames of other
// websites, this page alone remembers, until it is left. Nothing is kept anywhere else.

import { cardsIn } from "./cards.js";

const PREFIX = "chatwarden.";
const alone = new Map();

function storage() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

export function recall(name) {
  const kept = storage();
  return (kept ? kept.getItem(PREFIX + name) : alone.get(name)) ?? "";
}

export function keep(name, value) {
  const kept = storage();
  if (!kept) alone.set(name, value);
  else if (value) kept.setItem(PREFIX + name, value);
  else kept.removeItem(PREFIX + name);
}

/** Keeps the draft, except while it holds what looks like a card number: that should not lie anywhere. */
export function keepDraft(text) {
  keep("draft", cardsIn(text).length ? "" : text);
}
