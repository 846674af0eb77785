// Fields for passwords: what was typed can be shown, what is pasted or filled in is taken as it is.

import { button, make } from "./dom.js";
import { text as say } from "./strings.js";

/** Puts a button beside the field that shows and hides what is in it. Hides again when the form is sent. */
export function revealable(input) {
  const name = input.labels[0].textContent;
  const toggle = button(say("password.show"), "link reveal", () => show(input.type === "password"));
  const show = (on) => {
    input.type = on ? "text" : "password";
    const act = say(on ? "password.hide" : "password.show");
    toggle.textContent = act;
    toggle.setAttribute("aria-label", say("button.of", { act, what: name }));
  };
  for (const [key, value] of [["autocapitalize", "none"], ["spellcheck", "false"], ["autocorrect", "off"]]) input.setAttribute(key, value);
  const holder = make("div", { class: "revealed" });
  input.replaceWith(holder);
  holder.append(input, toggle);
  input.form.addEventListener("submit", () => show(false));
  input.form.addEventListener("reset", () => show(false));
  show(false);
}
