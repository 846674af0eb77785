// What the desk was worth: how much the bot answered alone, why people were asked for, and how long things took. Each number
// leads to the conversations behind it, of which no word is shown.

import { dateAndTime, timeOfDay } from "/demo/clock.js";
import { make } from "/demo/dom.js";
import { link, toList, took } from "./admin-kit.js";
import { Reach, Share } from "./chart.js";
import { Box } from "./number-box.js";
import { count, text } from "/demo/strings.js";

export class Worth {
  #share = new Share();
  #words = make("p", { class: "small" });
  #inquiries;
  #reasons;
  #lost;
  #times = make("tbody", {});
  #shown = "";

  constructor() {
    const timed = (instant, step) => (step >= 3_600 ? dateAndTime(instant) : timeOfDay(instant));
    this.#inquiries = new Box("inquiries", { kind: "double", middle: [this.#words, this.#share.element], timed });
    this.#reasons = new Box("asked-people", { kind: "double", timed });
    this.#lost = new Box("not-taken", { timed });
    const head = make("tr", {}, make("th", { scope: "col" }, text("worth.what")), make("th", { scope: "col", class: "number" }, text("worth.median")), make("th", { scope: "col", class: "number" }, text("worth.p90")), make("th", { scope: "col", class: "number" }, text("worth.count")));
    const table = make("table", {}, make("caption", { class: "hidden" }, text("worth.times")), make("thead", {}, head), this.#times);
    const times = make("section", { class: "card number-box double", "data-number": "times", "aria-labelledby": "n-times" }, make("h2", { id: "n-times" }, text("worth.times")), make("div", { class: "worth-times" }, table), make("p", { class: "small" }, text("worth.about")));
    this.elements = [this.#inquiries.element, this.#reasons.element, times, this.#lost.element];
  }

  /** What `/admin/desk/numbers` told. */
  show(told) {
    const by = Object.fromEntries(told.numbers.map((one) => [one.name, one]));
    const [all, alone, asked, lost] = ["inquiries", "answered-by-bot", "asked-people", "not-taken"].map((name) => by[name]);
    const people = all.count - alone.count;
    this.#share.show(alone.count, people);
    this.#words.textContent = all.count ? text("worth.share", { percent: Math.round((alone.count / all.count) * 100) }) : text("worth.quiet");
    const byPeople = { name: text("number.by-people"), count: people, list: alone.list.replace("by=bot", "by=people") };
    const stayed = { name: text("number.answered-by-bot"), count: alone.count, list: alone.list };
    this.#inquiries.show(all, told.since, told.step, [stayed, byPeople]);
    this.#reasons.show(asked, told.since, told.step);
    this.#lost.show(lost, told.since, told.step);
    this.#drawTimes(told.times);
  }

  #drawTimes(times) {
    const shown = JSON.stringify(times);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const most = Math.max(1, ...times.map((one) => one.p90 ?? 0));
    this.#times.replaceChildren(...times.flatMap((one) => {
      const cell = (what) => make("td", { class: "number" }, what);
      const often = one.count ? link(count(one.count), toList(one.list)) : count(0);
      if (one.count) often.setAttribute("aria-label", text("number.list", { count: one.count, name: text(`worth.${one.name}`) }));
      const row = make("tr", {}, make("th", { scope: "row" }, text(`worth.${one.name}`)), cell(took(one.median)), cell(took(one.p90)), cell(often));
      const reach = new Reach();
      reach.show(one.median ?? 0, one.p90 ?? 0, most);
      return [row, make("tr", { "aria-hidden": "true", class: "reach-row" }, make("td", { colspan: "4" }, reach.element))];
    }));
  }
}
