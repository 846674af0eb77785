// Lists whose entries can be changed where they stand: an entry, its acts, and a question before what cannot be undone.

import { button, make } from "./dom.js";
import { text as say } from "./strings.js";

/** An entry: `title`, lines of small text beneath it, buttons. */
export function row(title, lines, ...acts) {
  const small = lines.filter(Boolean).map((line) => make("p", { class: "small" }, line));
  const told = make("div", { class: "what" }, make("p", { class: "name" }, ...[title].flat()), ...small);
  return make("li", {}, told, make("div", { class: "acts" }, ...acts));
}

/** A button that asks once more before it acts. `what` names the entry for those who only hear it. */
export function asking(label, what, question, yes, act) {
  const holder = make("span", { class: "sure" });
  const back = () => {
    const first = button(label, "link", ask);
    first.setAttribute("aria-label", say("button.of", { act: label, what }));
    holder.replaceChildren(first);
    return first;
  };
  const ask = () => {
    const no = button(say("button.keep"), "link", () => back().focus());
    const done = async () => {
      await act();
      const first = back();
      if (holder.isConnected && document.activeElement === document.body) first.focus();
    };
    holder.replaceChildren(make("span", {}, question), button(yes, "link danger", done), no);
    no.focus();
  };
  back();
  return holder;
}

/** A form of one field in the place of an entry; `keep(text)` takes what was written. */
export function editing(label, text, keep, leave) {
  const field = make("input", { value: text, maxlength: "64", required: "", "aria-label": label, autocomplete: "off" });
  const form = make("form", { class: "editing" }, field, make("button", { class: "link", type: "submit" }, say("button.save")), button(say("button.cancel"), "link", leave));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    keep(field.value.trim());
  });
  form.addEventListener("keydown", (event) => event.key === "Escape" && leave());
  return { entry: make("li", {}, form), focus: () => field.select() };
}
