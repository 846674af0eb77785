// Small charts of our own: bars in an SVG for eyes, and the same numbers as a table for whoever wants to read or hear them.

import { timeOfDay } from "/demo/clock.js";
import { make } from "/demo/dom.js";
import { text } from "/demo/strings.js";

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 40;

function svg(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

/**
 * One number over time: `chart.show(series, since, step)`; `element` holds bars, their ends in words, and the table.
 * `timed(instant, step)` says when a bar is.
 */
export class Bars {
  #bars = svg("svg", { class: "bars", "aria-hidden": "true", preserveAspectRatio: "none" });
  #from = make("span", {});
  #body = make("tbody", {});
  #details;
  #shown = "";
  #timed;

  constructor(name, timed = (instant) => timeOfDay(instant)) {
    this.#timed = timed;
    const head = make("tr", {}, make("th", { scope: "col" }, text("chart.time")), make("th", { scope: "col", class: "number" }, name));
    const region = make("div", { class: "behind", role: "region", "aria-label": text("chart.of", { name }), tabindex: "0" });
    region.append(make("table", {}, make("caption", { class: "hidden" }, text("chart.of", { name })), make("thead", {}, head), this.#body));
    this.#details = make("details", { class: "as-table" }, make("summary", {}, text("chart.table"), make("span", { class: "hidden" }, `: ${name}`)), region);
    this.element = make("div", { class: "chart" }, this.#bars, make("div", { class: "ends", "aria-hidden": "true" }, this.#from, make("span", {}, text("chart.now"))), this.#details);
  }

  show(series, since, step) {
    const shown = JSON.stringify([series, since]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const most = Math.max(1, ...series);
    const bar = (value, at) => {
      const height = value ? Math.max(2, (value / most) * (HEIGHT - 2)) : 1;
      return svg("rect", { x: at * 10 + 1, y: HEIGHT - height, width: 8, height, class: value ? "bar" : "bar none" });
    };
    this.#bars.setAttribute("viewBox", `0 0 ${series.length * 10} ${HEIGHT}`);
    this.#bars.replaceChildren(...series.map(bar));
    const at = (place) => new Date(Date.parse(since) + place * step * 1_000).toISOString();
    this.#from.textContent = this.#timed(since, step);
    const row = (value, place) => make("tr", {}, make("th", { scope: "row" }, this.#timed(at(place), step)), make("td", { class: "number" }, String(value)));
    this.#body.replaceChildren(...series.map(row).reverse());
  }
}

/** Two shares of a whole as one bar: `share.show(first, second)`. */
export class Share {
  element = svg("svg", { class: "share", "aria-hidden": "true", viewBox: "0 0 100 6", preserveAspectRatio: "none" });

  show(first, second) {
    const whole = first + second;
    const part = whole ? (first / whole) * 100 : 0;
    this.element.replaceChildren(
      svg("rect", { x: 0, y: 0, width: 100, height: 6, class: whole ? "second" : "none" }), svg("rect", { x: 0, y: 0, width: part, height: 6, class: "first" }),
    );
  }
}

/** How far half of them and 90 % of them went, against the longest that is shown: `reach.show(median, p90, most)`. */
export class Reach {
  element = svg("svg", { class: "share", "aria-hidden": "true", viewBox: "0 0 100 6", preserveAspectRatio: "none" });

  show(median, p90, most) {
    const part = (value, kind) => svg("rect", { x: 0, y: 0, width: (value / most) * 100, height: 6, class: kind });
    this.element.replaceChildren(part(most, "none"), part(p90, "beyond"), part(median, "first"));
  }
}
