// The session as a page sees it: requests with its token, the questions in between, and its end. The gateway decides; a
// page asks and draws.

import { call, persist } from "./api.js";
import { setNow } from "./clock.js";
import { calmly } from "./findings.js";
import { StillThere } from "./prompt.js";
import { Cancelled, Proof } from "./proof.js";
import { keep, recall } from "./store.js";
import { text as say } from "./strings.js";

const OVER = ["session-ended", "invalid-token"];

export class Visit {
  session = null;
  proof = new Proof();
  prompt;
  #page;
  #waiting = [];

  /** `page` has took(session), ended(reason) and incomplete(): a second factor must be set up before anything
   * else; and asked(), if it likes: a question is about to open.
   */
  constructor(page) {
    this.#page = page;
    this.prompt = new StillThere({
      answer: (challenge, given) => this.#answer(challenge, given),
      timeUp: () => this.look().catch((error) => this.refused(error)),
      leave: () => this.leave(),
      asked: () => this.#page.asked?.(),
    });
  }

  get token() {
    return recall("token");
  }

  /** A login: its token takes the place of the one before. */
  begin(body, at) {
    keep("token", body.token);
    this.take(body.session, at);
  }

  /** What the gateway says of the session; `at` is when it was asked. */
  take(session, at) {
    setNow(session.now, at);
    this.session = session;
    if (session.state === "prompted" && session.challenge) this.prompt.ask(session.challenge);
    else this.prompt.close();
    this.#page.took(session);
  }

  async look({ waiting } = {}) {
    const at = Date.now();
    this.take((await persist(() => call("GET", "/session", { token: this.token }), { waiting })).body, at);
  }

  /** One request. Where it needs a fresh factor, the person is asked for it and the request is sent once more. */
  async ask(method, path, body) {
    const send = () => call(method, path, { token: this.token, body });
    try {
      return await send();
    } catch (error) {
      if (error.name !== "step-up-required" || !error.document.challenge) throw error;
      await this.proof.ask(
        error.document.challenge, say("proof.title"), say("proof.why"),
        async (challenge, given) => this.take((await this.#send(challenge, given)).body),
      );
      return send();
    }
  }

  /** Runs `act`; while the person is asked whether they are still there it waits, and runs once more after the answer. */
  async patiently(act, waiting = () => {}) {
    try {
      return await act();
    } catch (error) {
      if (error.name !== "confirmation-required") throw error;
      const answered = new Promise((again, drop) => this.#waiting.push({ again, drop }));
      this.prompt.ask(error.document.challenge);
      waiting();
      await answered;
      return act();
    }
  }

  /** Takes care of a refusal that concerns the session itself, or of nothing that need be told; says whether it was one. */
  refused(error) {
    if (OVER.includes(error.name)) this.end(error.document.reason);
    else if (error.name === "confirmation-required") this.prompt.ask(error.document.challenge);
    else if (error.name === "second-factor-required") this.#page.incomplete();
    else return error instanceof Cancelled;
    return true;
  }

  async leave() {
    await call("DELETE", "/session", { token: this.token }).catch(() => {});
    this.end("logout");
  }

  end(reason) {
    keep("token", "");
    this.session = null;
    for (const one of this.#waiting.splice(0)) one.drop(new Cancelled());
    this.prompt.close();
    this.proof.drop();
    this.#page.ended(reason);
  }

  #send(challenge, given) {
    return call("POST", `/challenges/${encodeURIComponent(challenge.id)}/answer`, { token: this.token, body: given });
  }

  async #answer(challenge, given) {
    try {
      const { body } = await persist(() => this.#send(challenge, given), { tries: 3 });
      this.take(body);
      for (const one of this.#waiting.splice(0)) one.again();
    } catch (error) {
      if (OVER.includes(error.name)) return this.end(error.document.reason);
      if (error.name === "not-found") return this.look().catch((lost) => this.refused(lost));
      const wrong = error.name === "confirmation-required";
      this.prompt.complain(wrong ? say("proof.wrong") : calmly(error), error.document?.challenge);
    }
    return undefined;
  }
}
