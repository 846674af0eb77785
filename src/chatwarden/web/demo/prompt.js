// "Are you still there?" (WCAG 2.2, success criterion 2.2.1): asked in time, answered with one tap, its clock drawn from
// the gateway's. The native modal dialog keeps the focus inside; Escape does not answer for the person.

import { everySecond, left, setNow, words } from "./clock.js";
import { by, setArc } from "./dom.js";

const SPOKEN = [60, 30, 20, 10, 5]; // seconds left at which a screen reader is told

export class StillThere {
  #dialog = by("prompt");
  #challenge = null;
  #whole = 1;
  #spoken = 0;
  #act;

  /** `act` has answer(id, text) -> promise, timeUp(), leave(). */
  constructor(act) {
    this.#act = act;
    this.#dialog.addEventListener("cancel", (event) => event.preventDefault());
    by("prompt-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    by("prompt-end").addEventListener("click", () => this.#act.leave());
    everySecond(() => this.#draw());
  }

  get open() {
    return this.#dialog.open;
  }

  ask(challenge, now) {
    if (now) setNow(now);
    const same = this.#challenge?.id === challenge.id;
    this.#challenge = challenge;
    if (same && this.open) return;
    const password = challenge.kind !== "tap";
    this.#whole = Math.max(1, left(challenge.expires_at));
    this.#spoken = Infinity;
    by("prompt-password").hidden = !password;
    by("prompt-yes").textContent = password ? "Confirm" : "I am here";
    by("prompt-error").textContent = "";
    by("prompt-answer").value = "";
    if (!this.open) this.#dialog.showModal();
    by(password ? "prompt-answer" : "prompt-yes").focus();
    this.#draw();
  }

  close() {
    this.#challenge = null;
    by("prompt-answer").value = "";
    if (this.open) this.#dialog.close();
  }

  /** The answer was wrong, or did not arrive. */
  complain(text, challenge) {
    if (challenge) this.#challenge = challenge;
    by("prompt-error").textContent = text;
    by("prompt-answer").value = "";
    by("prompt-yes").disabled = false;
  }

  async #submit() {
    const challenge = this.#challenge;
    if (!challenge) return;
    by("prompt-yes").disabled = true;
    const answer = challenge.kind === "tap" ? "here" : by("prompt-answer").value;
    try {
      await this.#act.answer(challenge, answer);
    } finally {
      by("prompt-yes").disabled = false;
    }
  }

  #draw() {
    if (!this.#challenge || !this.open) return;
    const ms = left(this.#challenge.expires_at);
    const seconds = Math.ceil(ms / 1_000);
    by("prompt-left").textContent = String(seconds);
    setArc(by("prompt-ring"), ms / this.#whole);
    const step = SPOKEN.find((s) => seconds <= s && s < this.#spoken && seconds > s - 5);
    if (step !== undefined || this.#spoken === Infinity) {
      this.#spoken = step ?? seconds;
      by("prompt-live").textContent = `${words(ms)} left to answer.`;
    }
    if (ms === 0) {
      this.#challenge = null;
      this.#act.timeUp();
    }
  }
}
