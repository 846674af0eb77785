// A number with its chart, its parts, and the way to the list behind each.

import { make } from "/demo/dom.js";
import { refusal, toList, word } from "./admin-kit.js";
import { Bars } from "./chart.js";
import { count, text } from "/demo/strings.js";

const PARTS = {
  answered: (name) => name, "asked-people": (name) => word("reason", name), "bot-failures": (name) => word("failure", name),
  destroyed: (name) => word("destroyed", name), refused: refusal, attacks: (name) => word("event", name),
};

export class Box {
  #name;
  #count = make("a", { class: "big" }, "–");
  #parts = make("ul", { class: "parts" });
  #chart;

  /** `middle` stands between the number and its chart; `timed(instant)` says when a bar is. */
  constructor(name, { kind = "", middle = [], timed } = {}) {
    this.#name = name;
    const label = text(`number.${name}`);
    this.#chart = new Bars(label, timed);
    this.element = make(
      "section", { class: `card number-box ${kind}`.trim(), "data-number": name, "aria-labelledby": `n-${name}` },
      make("h2", { id: `n-${name}` }, label), this.#count, ...middle, this.#chart.element, this.#parts,
    );
  }

  show(told, since, step, shown = told.parts) {
    this.#count.textContent = count(told.count);
    this.#count.href = toList(told.list);
    this.#count.setAttribute("aria-label", text("number.list", { count: told.count, name: text(`number.${this.#name}`) }));
    this.element.dataset.any = String(told.count > 0);
    this.#chart.show(told.series, since, step);
    parts(this.#parts, this.#name === "found" ? [] : shown.slice(0, 6), PARTS[this.#name] ?? ((name) => name));
  }
}

/** Brings a list of parts up to date without making anew what has not changed, so that focus stays where it is. */
export function parts(list, told, named) {
  list.hidden = told.length === 0;
  told.forEach((one, at) => {
    const item = list.children[at] ?? list.appendChild(make("li", {}, make("a", {}), make("span", { class: "number" })));
    const [label, number] = item.children;
    if (label.textContent !== named(one.name)) label.textContent = named(one.name);
    label.href = toList(one.list);
    number.textContent = count(one.count);
  });
  while (list.children.length > told.length) list.lastChild.remove();
}
