// One message as an agent sees it: masked, with what was found in it, its clock, and the tombstone that it becomes. What a
// person wrote is never shown unmasked here: a value is revealed once, in a dialog that closes itself.

import { left, short, timeOfDay, words } from "/demo/clock.js";
import { button, icon as sign, make, ring } from "/demo/dom.js";
import { Writer } from "/demo/markdown.js";
import { icon } from "./icons.js";
import { known, text } from "/demo/strings.js";

const WHO = ["client", "bot", "agent", "system"];
const SOON = 60_000;
const HIDDEN = ["masked", "placeholder", "held"]; // what is there to be revealed; "removed" is not kept

export const className = (one) => text(known(`class.name.${one}`) ? `class.name.${one}` : "class.name.other");

export class DeskMessage {
  element = make("li", { class: "message" });
  #body = make("div", { class: "body" });
  #act;
  #clock = null;

  /** `act` has who(message) -> name, reveal(message, index) or null, resend(message). */
  constructor(message, act) {
    this.#act = act;
    this.element.append(this.#body);
    this.show(message);
  }

  show(message) {
    this.message = message;
    this.#clock = null;
    const from = WHO.includes(message.from) ? message.from : "system";
    Object.assign(this.element.dataset, { from, state: message.state, id: message.id ?? "" });
    if (message.state === "destroyed") return this.#tombstone();
    const said = make("div", { class: "text", dir: "auto" });
    const writer = new Writer(message.text ?? "", message.findings);
    if (from === "bot") writer.markdown(said);
    else writer.plain(said);
    this.#body.replaceChildren(make("span", { class: "who" }, this.#act.who(message)), said, ...this.#found(), this.#foot());
    return this.tick();
  }

  /** What was found, in words, with a way to see it once where that is possible. */
  #found() {
    const found = (this.message.findings ?? []).map((finding, index) => ({ ...finding, index })).filter((one) => one.action !== "allowed");
    if (found.length === 0) return [];
    const items = found.map((one) => {
      const name = className(one.class);
      const told = make("span", {}, text(`found.${HIDDEN.includes(one.action) ? "hidden" : "removed"}`, { name }));
      const may = this.#act.reveal && this.message.id && HIDDEN.includes(one.action);
      if (!may) return make("li", {}, told);
      const show = button("", "link reveal-once", () => this.#act.reveal(this.message, one.index, name));
      show.append(icon("eye"), text("reveal.once"));
      show.setAttribute("aria-label", text("reveal.once.of", { name, time: timeOfDay(this.message.at) }));
      return make("li", {}, told, show);
    });
    return [make("ul", { class: "found", "aria-label": text("found") }, ...items)];
  }

  #foot() {
    const { state, at, destroy_at: end } = this.message;
    const foot = make("div", { class: "foot", "aria-live": "off" });
    if (state === "sending" || state === "unsent") {
      foot.append(make("span", { role: "status" }, this.message.note ?? text("sending")));
      if (state === "unsent") foot.append(button(text("try-again"), "link", () => this.#act.resend(this.message)));
      return foot;
    }
    foot.append(make("time", { datetime: at }, timeOfDay(at)));
    if (!end) return foot;
    const circle = ring();
    const label = make("span", { class: "left" });
    const clock = make("span", { class: "clock", role: "img" }, circle.svg, label);
    foot.append(clock);
    this.#clock = { circle, label, clock };
    return foot;
  }

  /** Moves the clock. At its end the text leaves the screen; that it is gone is the gateway's word. */
  tick() {
    if (!this.#clock) return;
    const { at, destroy_at: end } = this.message;
    const ms = left(end);
    if (ms === 0) {
      this.destroyed({ at: end, reason: "expired" });
      return;
    }
    const { circle, label, clock } = this.#clock;
    const told = text("destroy.left", { time: short(ms) });
    if (label.textContent !== told) {
      label.textContent = told;
      clock.setAttribute("aria-label", text("destroy.in", { time: words(ms) }));
    }
    clock.dataset.soon = String(ms < SOON);
    circle.set(ms / Math.max(1, Date.parse(end) - Date.parse(at)));
  }

  destroyed({ at, reason }) {
    const { id, from, at: sent, by, destroy_at } = this.message;
    this.show({ id, from, at: sent, by, destroy_at, state: "destroyed", destroyed: { at, reason } });
  }

  #tombstone() {
    const { at, reason } = this.message.destroyed ?? {};
    const why = known(`gone.${reason}`) ? text(`gone.${reason}`) : "";
    const key = why ? "destroyed.at.why" : "destroyed.at";
    const line = at ? text(key, { time: timeOfDay(at, true), why }) : text("destroyed");
    this.#body.replaceChildren(make("div", { class: "tombstone" }, sign("ash"), make("p", {}, line)));
  }
}

/** A note of a colleague: never for the person, and it looks like it. */
export function noteItem(note) {
  return make(
    "li", { class: "aside-note", "data-id": note.id }, icon("note"),
    make("div", {}, make("p", { class: "who" }, text("note.by", { name: note.by.name, time: timeOfDay(note.at) })), make("p", { class: "text", dir: "auto" }, note.text)),
  );
}

/** What happened to the conversation, as a line between messages. */
export function eventItem(one, by) {
  // "A person was asked for" says it already.
  const reason = one.reason === "asked" ? undefined : ["reason", "outcome"].map((kind) => `${kind}.${one.reason}`).filter(known).map((key) => text(key))[0];
  const what = text(known(`event.${one.what}`) ? `event.${one.what}` : "event.other", { what: one.what });
  const parts = [timeOfDay(one.at), what, by, reason].filter(Boolean);
  return make("li", { class: "between" }, make("span", {}, parts.join(" · ")));
}
