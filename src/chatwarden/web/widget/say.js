// The words of the widget, and the document's elements filled with them: data-text, data-label (spoken) and data-placeholder
// name the key.

import { words } from "./strings/en.js";

/** The words under `key`. */
export function say(key, ...given) {
  const found = Object.hasOwn(words, key) ? words[key] : "";
  return typeof found === "function" ? found(...given) : found;
}

/** Fills the document. */
export function fill() {
  for (const one of document.querySelectorAll("[data-text]")) one.textContent = say(one.dataset.text);
  for (const one of document.querySelectorAll("[data-label]")) one.setAttribute("aria-label", say(one.dataset.label));
  for (const one of document.querySelectorAll("[data-placeholder]")) one.setAttribute("placeholder", say(one.dataset.placeholder));
}
