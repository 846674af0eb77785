// The check of the whole log with a click. It runs beside the gateway; the page only asks how far it is.

import { button, make } from "/demo/dom.js";
import { when } from "./admin-kit.js";
import { text } from "/demo/strings.js";

const EVERY = 1;

export class Check {
  #context;
  #state = "";
  #told = make("p", { role: "status" });
  #bar = make("progress", { "aria-label": text("check.progress") });
  #years = make("ul", { class: "small plain" });
  #begin;

  constructor(context) {
    this.#context = context;
    this.#begin = button(text("check.begin"), "primary", () => this.#start());
    this.#bar.hidden = true;
    this.element = make("section", { class: "card whole", "aria-labelledby": "check-title" }, make("div", { class: "row" }, make("h2", { id: "check-title" }, text("check.title")), this.#begin), this.#told, this.#bar, this.#years);
    context.every(EVERY, async () => this.#state === "running" && this.look());
  }

  async look() {
    await this.#context.guarded(async () => this.#draw(await this.#context.get("/admin/audit/verification")));
  }

  async #start() {
    await this.#context.guarded(async () => this.#draw(await this.#context.ask("POST", "/admin/audit/verification")));
  }

  #draw(told) {
    this.#state = told.state;
    const running = told.state === "running";
    this.#begin.disabled = running;
    this.#bar.hidden = !running;
    if (told.of) [this.#bar.max, this.#bar.value] = [told.of, told.done];
    else this.#bar.removeAttribute("value");
    const size = (told.years ?? []).reduce((sum, one) => sum + one.size, 0);
    const year = String(told.year);
    const wrong = { index: told.index, year, reason: told.reason ?? "" };
    const words = {
      never: text("check.never"), running: told.of ? text("check.running", { done: told.done, of: told.of, year }) : text("check.begun"),
      ok: text("check.ok", { n: size }), wrong: text(told.index >= 0 ? "check.wrong.at" : "check.wrong", wrong), failed: text("check.failed"),
    };
    // Said once, not with every step: a screen reader would never be done.
    if (!running || this.#told.dataset.state !== told.state) this.#told.replaceChildren(words[told.state], ...(told.finished_at ? [" ", when(told.finished_at)] : []));
    this.#told.dataset.state = told.state;
    this.#told.classList.toggle("danger", told.state === "wrong" || told.state === "failed");
    this.#years.replaceChildren(...(told.years ?? []).map((one) => make("li", {}, text("check.year", { year: String(one.year), size: one.size, root: one.root.slice(0, 16) }))));
  }
}
