// The entries of a conversation as a list in two lanes, and the lines of causes drawn over it. The list says everything in
// words; the lines are for eyes only. There is no way to pass markup.

import { dateAndTime, timeOfDay } from "./clock.js";
import { make } from "./dom.js";
import { known, text as say } from "./strings.js";

const SVG = "http://www.w3.org/2000/svg";
const R = 5;
const RAILS = 6;
const NARROW = matchMedia("(max-width: 720px)"); // as in conversation.css

const laneOf = (lane) => (known(`log.lane.${lane}`) ? say(`log.lane.${lane}`) : lane);
const decisionOf = (one) => (known(`log.decision.${one}`) ? say(`log.decision.${one}`) : one);
const words = (event) => known(`event.${event}`) ? say(`event.${event}`) : event.replace(":", " ").replaceAll("-", " ").replace(/^./, (first) => first.toUpperCase());
const idOf = (place) => `step-${place}`;

/** One entry, with what it was caused by as a link to it. */
function step(one, place, entries) {
  const sameDay = place === 0 || new Date(one.at).toDateString() === new Date(entries[place - 1].at).toDateString();
  const cause = one.caused_by === null ? null : entries[one.caused_by];
  const tags = [
    one.decision === "allow" ? null : make("li", { class: one.decision === "deny" ? "deny" : "plain" }, decisionOf(one.decision)),
    ...one.reason.split(" ").filter(Boolean).map((word) => make("li", {}, word)),
    one.resource ? make("li", {}, one.resource) : null,
    one.late ? make("li", {}, say("log.late")) : null,
  ].filter(Boolean);
  const facts = [["index", one.log ? say("log.fact.index.of", { index: one.index, log: one.log }) : String(one.index)], ["receipt", one.receipt], ["by", one.actor], ["for", one.act.join(", ")], ["about", one.object], ["hash", one.leaf_hash]];
  const article = make(
    "article", {},
    make("div", { class: "top" }, make("h3", {}, make("span", { class: "hidden" }, say("log.who", { who: laneOf(one.lane) }), " "), words(one.event)), make("time", { datetime: one.at, title: one.at }, sameDay ? timeOfDay(one.at, true) : dateAndTime(one.at))),
    ...(["staff", "system"].includes(one.lane) ? [make("p", { class: "because" }, laneOf(one.lane))] : []),
    ...(tags.length ? [make("ul", { class: "tags", "aria-label": say("log.tags") }, ...tags)] : []),
    ...(cause ? [make("p", { class: "because" }, say("log.because"), " ", make("a", { href: `#${idOf(one.caused_by)}` }, say("log.cause", { event: words(cause.event), time: timeOfDay(cause.at, true) })))] : []),
    make(
      "details", { class: "proof" }, make("summary", {}, say("log.entry", { index: one.index })),
      make("dl", {}, ...facts.filter(([, value]) => value).flatMap(([name, value]) => [make("dt", {}, say(`log.fact.${name}`)), make("dd", {}, value)])),
    ),
  );
  return make("li", { id: idOf(place), class: "step", "data-lane": one.lane, "data-refused": one.decision === "deny" ? "" : null, tabindex: "-1" }, article);
}

/** The list and its lines: `new Lanes(board, list).show(entries)`. */
export class Lanes {
  #board;
  #list;
  #svg = document.createElementNS(SVG, "svg");
  #entries = [];

  constructor(board, list) {
    this.#board = board;
    this.#list = list;
    this.#svg.setAttribute("class", "wires");
    this.#svg.setAttribute("aria-hidden", "true");
    board.append(this.#svg);
    new ResizeObserver(() => this.#draw()).observe(board);
    for (const [name, on] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]]) {
      list.addEventListener(name, (event) => this.#light(event.target.closest(".step"), on));
    }
    list.addEventListener("toggle", () => this.#draw(), true);
    list.addEventListener("click", (event) => {
      const link = event.target.closest("a[href^='#step-']");
      if (!link) return;
      event.preventDefault();
      const target = document.getElementById(link.getAttribute("href").slice(1));
      target.scrollIntoView({ block: "center" });
      target.focus();
    });
  }

  show(entries) {
    this.#entries = entries;
    this.#list.replaceChildren(...entries.map(step));
    this.#draw();
  }

  /** From the left or the right edge of the gap between the lanes, in the middle of a card's first line. */
  #knot(place) {
    const item = this.#list.children[place];
    const card = item.firstElementChild.getBoundingClientRect();
    const all = this.#board.getBoundingClientRect();
    const bot = this.#entries[place].lane === "bot";
    const y = card.top - all.top + 22;
    if (NARROW.matches) return { x: bot ? 36 : 12, y, bot };
    return { x: bot ? card.left - all.left - 14 : card.right - all.left + 14, y, bot };
  }

  #draw() {
    const rails = this.#rails();
    const wires = [];
    const knots = [];
    this.#entries.forEach((one, place) => {
      const to = this.#knot(place);
      if (one.caused_by !== null) wires.push(this.#wire(rails.get(one.caused_by), one.caused_by, place));
      const circle = document.createElementNS(SVG, "circle");
      for (const [name, value] of [["class", "knot"], ["cx", to.x], ["cy", to.y], ["r", R], ["data-lane", one.lane], ["data-place", place]]) circle.setAttribute(name, String(value));
      if (one.decision === "deny") circle.setAttribute("data-refused", "");
      knots.push(circle);
    });
    this.#svg.replaceChildren(...wires, ...knots);
  }

  /** For each cause the rail that its lines run on: one of its own as long as others are in use beside it. */
  #rails() {
    const ends = new Map();
    this.#entries.forEach((one, place) => one.caused_by !== null && ends.set(one.caused_by, place));
    const busy = Array(RAILS).fill(-1);
    const found = new Map();
    for (const [begin, end] of [...ends].sort(([a], [b]) => a - b)) {
      const free = busy.findIndex((until) => until < begin);
      const rail = free < 0 ? begin % RAILS : free;
      busy[rail] = Math.max(busy[rail], end);
      found.set(begin, rail);
    }
    return found;
  }

  /** From the cause out to its rail, down, and in to the effect, with round corners. */
  #wire(rail, cause, effect) {
    const [from, to] = [this.#knot(cause), this.#knot(effect)];
    const x = NARROW.matches ? 18 + rail * 4 : this.#left() + 16 + rail * 11;
    const bend = (at) => Math.min(8, Math.abs(at - x), (to.y - from.y) / 2);
    const [a, b] = [bend(from.x), bend(to.x)];
    const [out, back] = [Math.sign(x - from.x) * a, Math.sign(to.x - x) * b];
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", `M${from.x} ${from.y}H${x - out}Q${x} ${from.y} ${x} ${from.y + a}V${to.y - b}Q${x} ${to.y} ${x + back} ${to.y}H${to.x}`);
    path.setAttribute("class", "wire");
    path.setAttribute("data-cause", String(cause));
    path.setAttribute("data-effect", String(effect));
    return path;
  }

  /** Where the gap between the lanes begins. */
  #left() {
    const first = this.#entries.findIndex((one) => one.lane !== "bot");
    return first < 0 ? this.#board.clientWidth / 2 - 46 : this.#knot(first).x;
  }

  /** Shows where an entry came from and what followed, all the way. */
  #light(item, on) {
    if (!item) return;
    const lit = new Set(on ? this.#chain([...this.#list.children].indexOf(item)) : []);
    [...this.#list.children].forEach((one, place) => one.classList.toggle("lit", lit.has(place)));
    for (const knot of this.#svg.querySelectorAll(".knot")) knot.classList.toggle("lit", lit.has(Number(knot.dataset.place)));
    for (const wire of this.#svg.querySelectorAll(".wire")) wire.classList.toggle("lit", lit.has(Number(wire.dataset.cause)) && lit.has(Number(wire.dataset.effect)));
  }

  #chain(place) {
    const found = [];
    for (let at = place; at !== null && at !== undefined; at = this.#entries[at].caused_by) found.push(at);
    const after = new Set([place]);
    this.#entries.forEach((one, at) => {
      if (after.has(one.caused_by)) after.add(at);
    });
    return [...found, ...after];
  }
}
