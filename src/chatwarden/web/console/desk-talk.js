// The conversation that is open: who it is with and why, what may be done, and beside it what an agent should know first.

import { dateAndTime, timeOfDay } from "/demo/clock.js";
import { button, make } from "/demo/dom.js";
import { running, timer, turn } from "./desk-times.js";
import { nameOf, reasonOf } from "./desk-list.js";
import { icon } from "./icons.js";
import { known, list, text } from "/demo/strings.js";

const NARROW = matchMedia("(max-width: 759px)"); // as in desk.css

/** What an agent may do with an entry, in the order of the buttons. */
export function acts(entry, me) {
  const mine = entry.assigned_to?.id === me.id;
  if (["queued", "offered"].includes(entry.state)) return ["take"];
  if (entry.state === "assigned" && mine) return ["finish", "transfer"];
  if (entry.state === "wrap-up" && mine) return ["return", "close"];
  return [];
}

/** In which ways an agent may write there. */
export function modes(entry, me) {
  const mine = entry.assigned_to?.id === me.id;
  return mine ? ["reply", "note"] : ["note"]; // a reply in the wrap-up takes it up again
}

export class Talk {
  element = make("section", { class: "talk", "aria-labelledby": "talk-title" });
  scroll = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": text("log.region") });
  #title = make("h2", { id: "talk-title", tabindex: "-1" });
  #under = make("p", { class: "small" });
  #acts = make("div", { class: "talk-acts" });
  #looking = make("p", { class: "looking", role: "status" });
  #know = make("aside", { class: "know", "aria-label": text("know") });
  #short = make("summary", {});
  #facts = make("div", { class: "know-facts" });
  #details = make("details", {}, this.#short, this.#facts);
  #empty = make("div", { class: "nothing" }, icon("desk"), make("p", { class: "lead" }, text("desk.choose")), make("p", { class: "small" }, text("desk.choose.how")));
  #inside;
  #entry = null;
  #act;

  /** `act` has an act for each name that acts() knows, and leave(). */
  constructor(root, composer, act, signal) {
    this.#act = act;
    const back = button("", "back", () => act.leave());
    back.append(icon("back"));
    back.setAttribute("aria-label", text("desk.back"));
    this.#inside = make(
      "div", { class: "talk-inside", hidden: "" },
      make("header", { class: "talk-head" }, back, make("div", { class: "talk-name" }, this.#title, this.#under), this.#acts),
      this.#looking, this.scroll, composer,
    );
    this.element.append(this.#empty, this.#inside);
    this.#know.append(this.#details);
    root.append(this.element, this.#know);
    // Where there is room it is always open; on a phone a line says the most important, and opens.
    const fit = () => (this.#details.open = !NARROW.matches);
    NARROW.addEventListener("change", fit, { signal });
    fit();
    this.none();
  }

  none() {
    this.#entry = null;
    this.#inside.hidden = true;
    this.#know.hidden = true;
    this.#empty.hidden = false;
    this.#title.textContent = text("desk.choose");
    this.looking([]);
  }

  show(entry, me) {
    this.#entry = entry;
    this.#empty.hidden = true;
    this.#inside.hidden = this.#know.hidden = false;
    this.#title.textContent = nameOf(entry);
    this.#under.replaceChildren(text(`state.${entry.state}`), " · ", entry.assigned_to ? text("desk.with", { name: entry.assigned_to.id === me.id ? text("me") : entry.assigned_to.name }) : entry.bot);
    const inside = this.#acts.contains(document.activeElement) ? document.activeElement.dataset.act : "";
    const drawn = acts(entry, me).map((name, place) => {
      const one = button(text(`act.${name}`), place === 0 ? "primary" : "soft", () => this.#act[name](entry));
      one.dataset.act = name;
      return one;
    });
    this.#acts.replaceChildren(...drawn);
    if (inside) (drawn.find((one) => one.dataset.act === inside) ?? drawn[0] ?? this.#title).focus();
    this.#draw(entry);
  }

  #draw(entry) {
    const { person } = entry;
    const who = person?.identified;
    const how = who ? text("identified.how", { how: list(who.how.map((one) => text(known(`by.${one}`) ? `by.${one}` : "by.other"))) }) : text("identified.not");
    const part = (title, ...content) => make("section", {}, make("h3", {}, title), ...content);
    this.#short.textContent = [reasonOf(entry), who ? text("identified.short") : text("identified.not.short")].join(" · ");
    this.#facts.replaceChildren(
      part(text("know.why"), make("p", {}, reasonOf(entry)), ...(entry.skill ? [make("p", { class: "small" }, text("know.skill", { skill: entry.skill }))] : [])),
      part(text("know.summary"), make("p", { class: "summary", dir: "auto" }, entry.summary || text("know.summary.none"))),
      part(text("know.person"), make("p", {}, nameOf(entry)), make("p", { class: "small" }, how), ...(who ? [make("p", { class: "small" }, text("identified.at", { at: dateAndTime(who.at) }))] : [])),
      part(text("know.times"), make("p", { class: "times" }, ...running(entry).map(timer)), make("p", { class: "small" }, text("know.last", { time: timeOfDay(entry.last_at) }))),
    );
  }

  tick() {
    if (!this.#entry) return;
    const times = running(this.#entry);
    for (const node of this.#know.querySelectorAll(".time")) {
      const one = times.find((time) => time.kind === node.dataset.time);
      if (one) turn(node, one);
    }
  }

  /** Who else looks at it: two people should not answer at once. */
  looking(others) {
    const names = list(others.map((one) => one.name));
    const said = names ? text("looking", { names, n: others.length }) : "";
    if (this.#looking.textContent !== said) this.#looking.textContent = said;
  }

  focus() {
    this.#title.focus();
  }
}
