// A dialog that asks for a factor: the second one of a login, or a fresh one before an operation. Its clock is the gateway's.

import { Answer } from "./answer.js";
import { everySecond, left, words } from "./clock.js";
import { button, make } from "./dom.js";
import { calmly } from "./findings.js";

const WRONG = ["second-factor-required", "step-up-required", "confirmation-required"];

/** Thrown when the person closed the dialog. */
export class Cancelled extends Error {}

export class Proof {
  #dialog;
  #title = make("h2", { id: "proof-title" });
  #why = make("p", {});
  #clock = make("p", { class: "small", id: "proof-clock" });
  #error = make("p", { class: "error", role: "alert", id: "proof-error" });
  #yes = make("button", { class: "primary", type: "submit", id: "proof-yes" });
  #answer;
  #challenge = null;
  #send = null;
  #settle = null;

  constructor() {
    const box = make("div", { class: "answer" });
    this.#answer = new Answer(box, this.#yes, "proof-answer");
    const form = make(
      "form", { method: "dialog", autocomplete: "off" }, this.#title, this.#why, box, this.#clock, this.#error,
      make("div", { class: "row" }, this.#yes, button("Not now", "soft", () => this.#dialog.close())),
    );
    this.#dialog = make("dialog", { class: "dialog", id: "proof", "aria-labelledby": "proof-title" }, form);
    document.body.append(this.#dialog);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#dialog.addEventListener("close", () => this.#end(new Cancelled()));
    everySecond(() => this.#draw());
  }

  /** Asks until `send(challenge, given)` does not raise; resolves with what it returned. Raises Cancelled, or what ended it. */
  ask(challenge, title, why, send) {
    this.#title.textContent = title;
    this.#why.textContent = why;
    this.#send = send;
    this.#take(challenge);
    this.#error.textContent = "";
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#answer.focus();
    return new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
  }

  #take(challenge) {
    this.#challenge = challenge;
    this.#answer.show(challenge);
    this.#draw();
  }

  async #submit() {
    this.#yes.disabled = true;
    this.#error.textContent = "";
    try {
      const result = await this.#send(this.#challenge, await this.#answer.take());
      this.#end(null, result);
    } catch (error) {
      const again = error.document?.challenge;
      if (WRONG.includes(error.name) && again) {
        this.#take(again);
        this.#error.textContent = "That was not right. Please try again.";
      } else if (error.document && error.name !== "too-many-attempts") {
        this.#end(error);
      } else {
        this.#error.textContent = error.document ? calmly(error) : error.message;
      }
    } finally {
      this.#answer.clear();
      this.#yes.disabled = false;
      if (this.#dialog.open) this.#answer.focus();
    }
  }

  #end(error, result) {
    const settle = this.#settle;
    this.#settle = null;
    this.#challenge = null;
    this.#answer.forget();
    if (this.#dialog.open) this.#dialog.close();
    if (settle && error) settle.reject(error);
    else settle?.resolve(result);
  }

  #draw() {
    if (!this.#challenge) return;
    const ms = left(this.#challenge.expires_at);
    const tries = this.#challenge.attempts_left;
    this.#clock.textContent = `${words(ms)} left, ${tries} ${tries === 1 ? "try" : "tries"}.`;
    if (ms === 0) this.#end(new Error("The time for this is over. Please begin again."));
  }
}
