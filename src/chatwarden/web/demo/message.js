// One message on the screen: text, findings, its clock, "destroy now", and the tombstone that it becomes.

import { left, serverNow, short, timeOfDay, words } from "./clock.js";
import { button, icon, make, ring } from "./dom.js";
import { explain, whyDestroyed } from "./findings.js";
import { Writer } from "./markdown.js";

const WHO = { client: "You", bot: "Machine", agent: "Person", system: "Gateway" };
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
    const who = Object.hasOwn(WHO, message.from) ? message.from : "system";
    Object.assign(this.element.dataset, { from: who, state: message.state, id: message.id ?? "" });
    if (message.state === "destroyed") return this.#tombstone();
    const text = make("div", { class: "text", dir: "auto" });
    const writer = new Writer(message.text ?? "", message.findings);
    if (who === "client") writer.plain(text);
    else writer.markdown(text);
    this.#body.replaceChildren(make("span", { class: "who" }, [WHO[who], message.agent?.name].filter(Boolean).join(" · ")), text, ...this.#notes(), this.#foot());
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
      make("p", {}, "Shall this message go on to the bot? It sees the hidden form only."),
      make("div", { class: "row" }, button("Send it", "primary", () => this.#act.release(this)),
        button("Withdraw it", "soft", () => this.#act.withdraw(this))),
    );
  }

  #foot() {
    const foot = make("div", { class: "foot", "aria-live": "off" });
    const { state, at, destroy_at: end } = this.message;
    if (state === "sending" || state === "unsent") {
      foot.append(make("span", { class: "sending" }, this.message.note ?? "Sending"));
      if (state === "unsent") foot.append(button("Try again", "link", () => this.#act.resend(this)));
      return foot;
    }
    foot.append(make("time", { datetime: at }, timeOfDay(at)));
    const circle = ring();
    const label = make("span", { class: "left" });
    const clock = make("span", { class: "clock" }, circle.svg, label);
    clock.title = `Destroyed on ${new Date(end).toLocaleString()} at the latest`;
    this.#clock = { circle, label, clock, shown: "" };
    foot.append(clock);
    if (state !== "held") foot.append(make("span", { class: "acts" }, ...this.#soonerButton(), this.#destroyButton()));
    return foot;
  }

  // Two presses: the second cannot be undone by anybody.
  #destroyButton() {
    const act = button("Yes, destroy", "link destroy", () => this.#act.destroy(this).catch(() => this.#focus(".destroy")));
    return this.#asking("Destroy now", "link destroy", `Destroy now: the message of ${timeOfDay(this.message.at)}`, "For good?", [act]);
  }

  /** Times that are sooner than its end; without any there is nothing to choose. */
  #soonerButton() {
    const ms = left(this.message.destroy_at);
    const choices = SOONER.filter((seconds) => seconds * 1_000 + SOON < ms).map((seconds) =>
      button(words(seconds * 1_000 + 1), "link", () => this.#act.shorten(this, seconds).finally(() => this.#focus(".sooner"))));
    if (choices.length === 0) return [];
    return [this.#asking("Sooner", "link sooner", `Sooner: the message of ${timeOfDay(this.message.at)}`, "Destroy after", choices)];
  }

  // A button that opens into a question, and back; also with Escape.
  #asking(label, kind, spoken, question, choices) {
    const ask = make("span", { class: "sure", role: "group", "aria-label": question }, make("span", {}, question), ...choices);
    const back = () => {
      ask.replaceWith(first);
      first.focus();
    };
    ask.append(button("Keep", "link", back));
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
    const text = `${short(ms)} left`;
    if (text !== this.#clock.shown) {
      this.#clock.shown = text;
      label.textContent = text;
      clock.setAttribute("aria-label", `Destroyed in ${words(ms)}`);
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
    const gone = { ...this.message.destroyed, ...this.message.gone };
    const whose = from === "client" ? "Your message was destroyed" : "An answer was destroyed";
    const when = gone.at ?? (Date.parse(destroy_at) <= serverNow() ? destroy_at : "");
    const why = whyDestroyed(gone.reason);
    const line = make("p", {}, `${whose}${when ? ` at ${timeOfDay(when, true)}` : ""}${why ? `: ${why}` : ""}.`);
    this.#body.replaceChildren(make("div", { class: "tombstone" }, icon("ash"), line));
    if (gone.receipt) {
      line.append(" ", make("span", { class: "receipt" }, "Receipt ", make("code", {}, gone.receipt)));
    }
  }
}
