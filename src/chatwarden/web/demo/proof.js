// A dialog that asks for a factor: the second one of a login, or a fresh one before an operation. Its clock is the gateway's.

import { Answer } from "./answer.js";
import { Spoken, everySecond, left, words } from "./clock.js";
import { button, make } from "./dom.js";
import { calmly } from "./findings.js";
import { text as say } from "./strings.js";

const WRONG = ["second-factor-required", "step-up-required"];

/** Thrown when the person closed the dialog, or the session ended under it: nothing need be told. */
export class Cancelled extends Error {}

/** Thrown when no answer came in time. */
export class TimeOver extends Error {}

export class Proof {
  #dialog;
  #title;
  #why = make("p", {});
  #clock = make("p", { class: "small" });
  #error = make("p", { class: "error", role: "alert" });
  #yes = make("button", { class: "primary", type: "submit" });
  #spoken;
  #answer;
  #challenge = null;
  #send = null;
  #settle = null;

  /** `name` tells the dialogs of a page apart. */
  constructor(name = "proof") {
    const box = make("div", { class: "answer" });
    const live = make("p", { class: "hidden", "aria-live": "polite" });
    this.#title = make("h2", { id: `${name}-title` });
    this.#answer = new Answer(box, this.#yes, `${name}-answer`);
    this.#spoken = new Spoken(live);
    const form = make(
      "form", { method: "dialog", autocomplete: "off" }, this.#title, this.#why, box, this.#clock, this.#error, live,
      make("div", { class: "row" }, this.#yes, button(say("button.not-now"), "soft", () => this.drop())),
    );
    this.#dialog = make("dialog", { class: "dialog", id: name, "aria-labelledby": `${name}-title` }, form);
    document.body.append(this.#dialog);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#dialog.addEventListener("close", () => this.drop());
    everySecond(() => this.#draw());
  }

  /** Asks until `send(challenge, given)` does not raise; resolves with what it returned. Raises Cancelled, TimeOver, or what
   * ended it.
   */
  ask(challenge, title, why, send) {
    this.drop();
    this.#title.textContent = title;
    this.#why.textContent = why;
    this.#error.textContent = "";
    this.#send = send;
    this.#spoken.restart();
    this.#take(challenge);
    this.#dialog.showModal();
    this.#answer.focus();
    return new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
  }

  /** Gives up, if something is asked. */
  drop() {
    this.#end(new Cancelled());
  }

  #take(challenge) {
    this.#challenge = challenge;
    this.#answer.show(challenge);
    this.#draw();
  }

  async #submit() {
    const challenge = this.#challenge;
    if (!challenge) return;
    this.#yes.disabled = true;
    this.#error.textContent = "";
    try {
      const result = await this.#send(challenge, await this.#answer.take());
      if (this.#challenge?.id === challenge.id) this.#end(null, result);
    } catch (error) {
      if (this.#challenge?.id === challenge.id) this.#refused(error);
    } finally {
      this.#yes.disabled = false;
      this.#answer.clear();
      if (this.#dialog.open) this.#answer.focus();
    }
  }

  #refused(error) {
    const again = error.document?.challenge;
    if (WRONG.includes(error.name) && again) {
      this.#take(again);
      this.#error.textContent = say("proof.wrong");
    } else if (error.document && error.name !== "too-many-attempts") {
      this.#end(error);
    } else {
      this.#error.textContent = calmly(error);
    }
  }

  #end(error, result) {
    const settle = this.#settle;
    this.#settle = null;
    this.#challenge = null;
    this.#answer.forget();
    if (this.#dialog.open) this.#dialog.close();
    if (error) settle?.reject(error);
    else settle?.resolve(result);
  }

  #draw() {
    if (!this.#challenge) return;
    const ms = left(this.#challenge.expires_at);
    this.#clock.textContent = say("proof.clock", { time: words(ms), n: this.#challenge.attempts_left });
    this.#spoken.tell(ms);
    if (ms === 0) this.#end(new TimeOver(say("proof.over")));
  }
}
