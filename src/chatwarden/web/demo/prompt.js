// "Are you still there?" (WCAG 2.2, success criterion 2.2.1): asked in time, answered with one tap, its clock drawn from
// the gateway's. The native modal dialog keeps the focus inside; Escape does not answer for the person.

import { Answer } from "./answer.js";
import { Spoken, everySecond, left, setNow } from "./clock.js";
import { button, by, dial, make, setArc } from "./dom.js";

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
      make("h2", { id: "prompt-title" }, "Are you still there?"),
      make("p", { id: "prompt-why" }, "It has been quiet for a while. Without an answer this visit ends, so that nobody else reads on from your screen."),
      box,
      this.#tries,
      make("p", { id: "prompt-error", class: "error", role: "alert" }),
      make("p", { id: "prompt-live", class: "hidden", "aria-live": "assertive" }),
      make("div", { class: "row" }, yes, button("End this visit", "soft", () => this.#act.leave())),
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
    by("prompt-title").textContent = tap ? "Are you still there?" : "Is it still you?";
    by("prompt-why").textContent = tap
      ? "It has been quiet for a while. Without an answer this visit ends, so that nobody else reads on from your screen."
      : "Please prove it, so that nobody else goes on in your name. Without the right answer this visit ends.";
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
    const tries = challenge.attempts_left;
    this.#tries.textContent = tries === 1 ? "This is the last try." : `${tries} tries are left.`;
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
    by("prompt-left").textContent = String(seconds);
    setArc(by("prompt-ring"), ms / this.#whole);
    this.#spoken.tell(ms);
    if (ms === 0) {
      this.#challenge = null;
      this.#act.timeUp();
    }
  }
}
