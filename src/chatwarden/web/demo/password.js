// Fields for passwords: what was typed can be shown, what is pasted or filled in is taken as it is.

import { button, make } from "./dom.js";

/** Puts a button beside the field that shows and hides what is in it. Hides again when the form is sent. */
export function revealable(input) {
  const name = input.labels[0]?.textContent ?? "password";
  const toggle = button("Show", "link reveal", () => show(input.type === "password"));
  const show = (on) => {
    input.type = on ? "text" : "password";
    toggle.textContent = on ? "Hide" : "Show";
    toggle.setAttribute("aria-label", `${on ? "Hide" : "Show"}: ${name}`);
  };
  for (const [key, value] of [["autocapitalize", "none"], ["spellcheck", "false"], ["autocorrect", "off"]]) input.setAttribute(key, value);
  const holder = make("div", { class: "revealed" });
  input.replaceWith(holder);
  holder.append(input, toggle);
  input.form.addEventListener("submit", () => show(false));
  input.form.addEventListener("reset", () => show(false));
  show(false);
}

/** A reason of the gateway as a sentence. */
export function sentence(text) {
  return text ? `${text[0].toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? "" : "."}` : "";
}
