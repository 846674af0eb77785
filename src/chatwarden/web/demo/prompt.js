// "Are you still there?" (WCAG 2.2, success criterion 2.2.1): asked in time, answered with one tap, its clock drawn from
// the gateway's. The native modal dialog keeps the focus inside; Escape does not answer for the person.

import { Answer } from "./answer.js";
import { Spoken, everySecond, left, setNow } from "./clock.js";
import { button, by, dial, make, setArc } from "./dom.js";
import { count, text as say } from "./strings.js";

export class StillThere {
  #dialog;
  #answer;
  #challenge = null;
  #whole = 1;
  #spoken;
  #tries = make("p", { class: "small", id: "prompt-tries" });
  #act;

  /** `act` has answer(challenge, {answer, kind}) -> promise, timeUp(), leave(), asked(). */
  constructor(act) {
    this.#act = act;
    const yes = make("button", { id: "prompt-yes", class: "primary", type: "submit" });
    const box = make("div", { class: "answer" });
    const form = make(
      "form", { id: "prompt-form", method: "dialog", autocomplete: "off" },
      dial("prompt"),
      make("h2", { id: "prompt-title" }),
      make("p", { id: "prompt-why" }),
      box,
      this.#tries,
      make("p", { id: "prompt-error", class: "error", role: "alert" }),
      make("p", { id: "prompt-live", class: "hidden", "aria-live": "assertive" }),
      make("div", { class: "row" }, yes, button(say("prompt.end"), "soft", () => this.#act.leave())),
    );
    this.#dialog = make(
      "dialog", { id: "prompt", class: "dialog", role: "alertdialog", closedby: "none", "aria-labelledby": "prompt-title", "aria-describedby": "prompt-why" }, form,
    );
    document.body.append(this.#dialog);
    this.#answer = new Answer(box, yes, "prompt-answer");
    this.#spoken = new Spoken(by("prompt-live"));
    this.#dialog.addEventListener("cancel", (event) => event.preventDefault());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    everySecond(() => this.#draw());
  }

  get open() {
    return this.#dialog.open;
  }

  ask(challenge, now) {
    if (now) setNow(now);
    const same = this.#challenge?.id === challenge.id;
    this.#take(challenge);
    if (same && this.open) return;
    const tap = challenge.kind === "tap";
    by("prompt-title").textContent = say(tap ? "prompt.title" : "prompt.proof.title");
    by("prompt-why").textContent = say(tap ? "prompt.why" : "prompt.proof.why");
    this.#whole = Math.max(1, left(challenge.expires_at));
    this.#spoken.restart();
    by("prompt-error").textContent = "";
    this.#act.asked();
    if (!this.open) this.#dialog.showModal();
    this.#answer.focus();
    this.#draw();
  }

  close() {
    this.#challenge = null;
    this.#answer.forget();
    if (this.open) this.#dialog.close();
  }

  /** The answer was wrong, or did not arrive. */
  complain(text, challenge) {
    if (challenge) this.#take(challenge);
    by("prompt-error").textContent = text;
    this.#answer.clear();
    by("prompt-yes").disabled = false;
  }

  #take(challenge) {
    this.#challenge = challenge;
    this.#answer.show(challenge);
    this.#tries.textContent = say("prompt.tries", { n: challenge.attempts_left });
    this.#tries.hidden = challenge.kind === "tap";
  }

  async #submit() {
    const challenge = this.#challenge;
    if (!challenge) return;
    by("prompt-yes").disabled = true;
    try {
      await this.#act.answer(challenge, await this.#answer.take());
    } catch (error) {
      this.complain(error.message);
    } finally {
      by("prompt-yes").disabled = false;
      if (this.open) this.#answer.focus();
    }
  }

  #draw() {
    if (!this.#challenge || !this.open) return;
    const ms = left(this.#challenge.expires_at);
    const seconds = Math.ceil(ms / 1_000);
    by("prompt-left").textContent = count(seconds);
    setArc(by("prompt-ring"), ms / this.#whole);
    this.#spoken.tell(ms);
    if (ms === 0) {
      this.#challenge = null;
      this.#act.timeUp();
    }
  }
}
