// A question with a form, in a modal dialog that is made for it and gone after it.

import { button, make } from "/demo/dom.js";
import { text } from "/demo/strings.js";

let made = 0;

/** A labelled control: `field(label, control)`. */
export function field(label, control) {
  control.id ||= `field-${++made}`;
  return make("div", { class: "labelled" }, make("label", { for: control.id }, label), control);
}

export const area = (more = {}) => make("textarea", { class: "input", rows: "3", maxlength: "2000", ...more });

/** A list to choose from: `options` are `[value, label]`. */
export function choice(options, more = {}) {
  const select = make("select", { class: "input", ...more });
  select.append(...options.map(([value, label]) => make("option", { value }, label)));
  return select;
}

/**
 * Asks until it is sent or closed; resolves with `read()`, or with null. What is asked is gone when `signal` says that its
 * page is.
 */
export function askForm({ title, why = "", fields, yes, read, signal }) {
  const id = `ask-${++made}`;
  return new Promise((resolve) => {
    let answer = null;
    const dialog = make("dialog", { class: "dialog", "aria-labelledby": id });
    const form = make(
      "form", { method: "dialog" }, make("h2", { id }, title), ...(why ? [make("p", { class: "small" }, why)] : []), ...fields,
      make("div", { class: "row" }, make("button", { class: "primary", type: "submit" }, yes), button(text("not-now"), "soft", () => dialog.close())),
    );
    dialog.append(form);
    form.addEventListener("submit", () => (answer = read()));
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    const drop = () => dialog.close();
    signal.addEventListener("abort", drop);
    dialog.addEventListener("close", () => {
      signal.removeEventListener("abort", drop);
      dialog.remove();
      resolve(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
    fields[0]?.querySelector("input, select, textarea")?.focus();
  });
}
