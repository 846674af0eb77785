// One message on the screen: text, findings, its clock, "destroy now", and the tombstone that it becomes.

import { exactly, lasting, left, serverNow, short, timeOfDay, words } from "./clock.js";
import { button, icon, make, ring } from "./dom.js";
import { explain, gone } from "./findings.js";
import { Writer } from "./markdown.js";
import { text as say } from "./strings.js";

const WHO = ["client", "bot", "agent", "system"];
const SOON = 60_000;
const SOONER = [60, 300, 3_600, 86_400]; // seconds

export class MessageView {
  #clock = null;
  #act;

  /** `act` has destroy(view), shorten(view, seconds), release(view), withdraw(view), resend(view), gone(). */
  constructor(message, act) {
    this.#act = act;
    this.element = make("li", { class: "message" });
    this.#body = this.element.appendChild(make("div", { class: "body" }));
    this.show(message);
  }

  #body;

  /** Draws `message` anew; also when its state changed. */
  show(message) {
    this.message = message;
    this.#clock = null;
    const who = WHO.includes(message.from) ? message.from : "system";
    Object.assign(this.element.dataset, { from: who, state: message.state, id: message.id ?? "" });
    if (message.state === "destroyed") return this.#tombstone();
    const text = make("div", { class: "text", dir: "auto" });
    const writer = new Writer(message.text ?? "", message.findings);
    if (who === "client") writer.plain(text);
    else writer.markdown(text);
    this.#body.replaceChildren(make("span", { class: "who" }, [say(`message.${who}`), message.agent?.name].filter(Boolean).join(" · ")), text, ...this.#notes(), this.#foot());
    this.tick();
  }

  #notes() {
    const line = explain(this.message);
    const lines = line ? [make("p", { class: "note" }, icon("shield"), make("span", {}, line))] : [];
    return this.message.state === "held" ? [...lines, this.#question()] : lines;
  }

  #question() {
    return make(
      "div", { class: "question" },
      make("p", {}, say("message.held")),
      make("div", { class: "row" }, button(say("message.release"), "primary", () => this.#act.release(this)),
        button(say("message.withdraw"), "soft", () => this.#act.withdraw(this))),
    );
  }

  #foot() {
    const foot = make("div", { class: "foot", "aria-live": "off" });
    const { state, at, destroy_at: end } = this.message;
    if (state === "sending" || state === "unsent") {
      foot.append(make("span", { class: "sending" }, this.message.note ?? say("message.sending")));
      if (state === "unsent") foot.append(button(say("button.again"), "link", () => this.#act.resend(this)));
      return foot;
    }
    foot.append(make("time", { datetime: at }, timeOfDay(at)));
    const circle = ring();
    const label = make("span", { class: "left" });
    const clock = make("span", { class: "clock" }, circle.svg, label);
    clock.title = say("message.end", { at: exactly(end) });
    this.#clock = { circle, label, clock, shown: "" };
    foot.append(clock);
    if (state !== "held") foot.append(make("span", { class: "acts" }, ...this.#soonerButton(), this.#destroyButton()));
    return foot;
  }

  // Two presses: the second cannot be undone by anybody.
  #destroyButton() {
    const act = button(say("message.destroy.yes"), "link destroy", () => this.#act.destroy(this).catch(() => this.#focus(".destroy")));
    return this.#asking(say("message.destroy"), "link destroy", say("message.destroy.of", { time: timeOfDay(this.message.at) }), say("message.destroy.sure"), [act]);
  }

  /** Times that are sooner than its end; without any there is nothing to choose. */
  #soonerButton() {
    const ms = left(this.message.destroy_at);
    const choices = SOONER.filter((seconds) => seconds * 1_000 + SOON < ms).map((seconds) =>
      button(lasting(seconds), "link", () => this.#act.shorten(this, seconds).finally(() => this.#focus(".sooner"))));
    if (choices.length === 0) return [];
    return [this.#asking(say("message.sooner"), "link sooner", say("message.sooner.of", { time: timeOfDay(this.message.at) }), say("message.sooner.after"), choices)];
  }

  // A button that opens into a question, and back; also with Escape.
  #asking(label, kind, spoken, question, choices) {
    const ask = make("span", { class: "sure", role: "group", "aria-label": question }, make("span", {}, question), ...choices);
    const back = () => {
      ask.replaceWith(first);
      first.focus();
    };
    ask.append(button(say("button.keep"), "link", back));
    ask.addEventListener("keydown", (event) => event.key === "Escape" && back());
    const first = button(label, kind, () => {
      first.replaceWith(ask);
      ask.querySelector("button").focus();
    });
    first.setAttribute("aria-label", spoken);
    return first;
  }

  // After an act the message is drawn anew: whoever came by keyboard goes on here.
  #focus(what) {
    if (document.activeElement === document.body) (this.element.querySelector(what) ?? this.element.querySelector("button"))?.focus();
  }

  /** Moves the clock. At its end the text leaves the screen; that it is gone is the gateway's word. */
  tick() {
    if (!this.#clock) return;
    const { at, destroy_at: end } = this.message;
    const ms = left(end);
    if (ms === 0) {
      this.destroyed({ at: end, reason: "expired" });
      return this.#act.gone();
    }
    const { circle, label, clock } = this.#clock;
    const text = say("message.left", { time: short(ms) });
    if (text !== this.#clock.shown) {
      this.#clock.shown = text;
      label.textContent = text;
      clock.setAttribute("aria-label", say("message.destroyed-in", { time: words(ms) }));
      clock.setAttribute("role", "img");
    }
    clock.dataset.soon = String(ms < SOON);
    circle.set(ms / Math.max(1, Date.parse(end) - Date.parse(at)));
  }

  /** Turns into a tombstone. A receipt that is known stays. */
  destroyed({ at, reason, receipt }) {
    const { id, from, at: sent, destroy_at, gone } = this.message;
    this.show({
      id, from, at: sent, destroy_at, state: "destroyed",
      gone: { at: at ?? gone?.at, reason: reason ?? gone?.reason, receipt: receipt ?? gone?.receipt },
    });
  }

  #tombstone() {
    const { from, destroy_at } = this.message;
    const { at, reason, receipt } = { ...this.message.destroyed, ...this.message.gone };
    const when = at ?? (Date.parse(destroy_at) <= serverNow() ? destroy_at : "");
    const line = make("p", {}, gone(from === "client", when && timeOfDay(when, true), reason));
    this.#body.replaceChildren(make("div", { class: "tombstone" }, icon("ash"), line));
    if (receipt) {
      line.append(" ", make("span", { class: "receipt" }, say("message.receipt"), " ", make("code", {}, receipt)));
    }
  }
}
