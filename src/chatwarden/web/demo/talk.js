// A conversation with a bot, as every page of ours holds it: session, messages, event stream, hand-over to people. The
// gateway decides; this asks, and tells the page what to draw.

import { Problem, Unreachable, call, persist } from "./api.js";
import { arrived as fromCompany } from "./company.js";
import { button, make } from "./dom.js";
import { EventStream } from "./events.js";
import { calmly, handoff, told as toldOf } from "./findings.js";
import { TimeOver } from "./proof.js";
import { keep, recall } from "./store.js";
import { text as say } from "./strings.js";
import { Transcript } from "./transcript.js";
import { Visit } from "./visit.js";

const TYPING = 3_000; // that somebody writes is told this often at most, and never what

export class Talk {
  transcript;
  visit;
  state = "bot"; // as the hand-over has it
  #page;
  #bot;
  #id = recall("conversation");
  #stream = null;
  #reading = 0;
  #typed = 0;

  /** `page` has: link(state, text), say(text, label, act), quiet(), took(session), over(reason), started(), incomplete(),
   * notice(notice), refused(), giveBack(text), timer() and, if it likes, vouched(), asked(), came(message), owner(state, data).
   */
  constructor(bot, page) {
    this.#bot = bot;
    this.#page = page;
    this.visit = new Visit({
      took: (session) => page.took(session), ended: (reason) => this.#over(reason), incomplete: () => page.incomplete(),
      asked: () => page.asked?.(),
    });
    const of = (view) => this.#path(`/messages/${encodeURIComponent(view.message.id)}`);
    this.transcript = new Transcript({
      destroy: (view) => this.#guarded(async () => {
        const { body } = await this.#ask("DELETE", of(view));
        view.destroyed({ at: body.destroyed_at, reason: body.reason, receipt: body.receipt });
        this.#gone();
      }, true),
      shorten: (view, seconds) => this.#guarded(async () => {
        this.transcript.put((await this.#ask("PATCH", of(view), { destroy_after: seconds })).body);
      }),
      release: (view) => this.#guarded(async () => this.#took((await this.#ask("POST", `${of(view)}/release`)).body)),
      withdraw: (view) => this.#guarded(async () => {
        await this.#ask("POST", `${of(view)}/withdraw`);
        view.destroyed({ reason: "withdrawn" });
      }),
      resend: (view) => this.send(view.message.text, view.message.client_id, view.message.after),
      gone: () => this.#gone(),
    });
  }

  #path(rest = "") {
    return `/conversations/${encodeURIComponent(this.#id)}${rest}`;
  }

  #ask(method, where, body) {
    return this.visit.ask(method, where, body);
  }

  // -- session

  /** Goes on where this tab was, or begins anew. */
  async begin() {
    this.#page.started();
    this.transcript.clear();
    const waiting = () => this.#page.link("connecting", say("talk.unreachable"));
    try {
      const body = await fromCompany(this.visit.token);
      if (body) return await this.arrived(body);
      if (!this.visit.token) keep("token", (await this.#page.vouched?.()) ?? "");
      if (this.visit.token) {
        await this.visit.look({ waiting });
      } else {
        const at = Date.now();
        this.visit.begin((await persist(() => call("POST", "/session", { body: {} }), { waiting })).body, at);
      }
      if (this.visit.session.incomplete) return this.#page.incomplete();
      await this.visit.patiently(() => this.#enter());
    } catch (error) {
      if (this.visit.refused(error)) return undefined;
      if (error.name === "forbidden" && !this.visit.token) return this.#page.refused();
      this.#page.say(calmly(error), say("button.again"), () => this.begin());
    }
    return undefined;
  }

  /** Somebody signed in. */
  async arrived(body) {
    this.#stream?.stop();
    this.visit.begin(body);
    if (body.session.incomplete) return this.#page.incomplete();
    this.#page.started();
    return this.#guarded(() => this.visit.patiently(() => this.#enter()));
  }

  /** Asks the gateway how the session is, and draws that. */
  look() {
    return this.#guarded(() => this.visit.look());
  }

  #over(reason) {
    this.#stream?.stop();
    this.#stream = null;
    this.transcript.clear();
    this.#page.quiet();
    this.#page.link("off", say("talk.ended"));
    this.#page.over(reason);
  }

  // -- conversation

  async #enter() {
    if (this.#id && recall("bot") !== this.#bot) this.#id = "";
    if (this.#id) await this.#recognise();
    if (!this.#id) await this.#create();
    this.transcript.clear();
    this.#follow();
  }

  async #create() {
    const { body } = await persist(() => this.#ask("POST", "/conversations", { bot: this.#bot }));
    this.#id = body.id;
    keep("conversation", body.id);
    keep("bot", this.#bot);
    this.#known(body);
  }

  /** What this bot's people are told, and who has the conversation, where it goes on. */
  async #recognise() {
    const { body } = await persist(() => this.#ask("GET", "/conversations"));
    this.#known(body.conversations.find((one) => one.id === this.#id));
  }

  #known(conversation) {
    if (conversation?.notice) this.#page.notice(toldOf(conversation.notice));
    if (conversation?.state) this.#owner(conversation.state, {});
  }

  #follow() {
    this.#stream?.stop();
    this.#stream = new EventStream(this.#path("/events"), this.visit.token, {
      event: (type, data) => this.#heard(type, data),
      open: (resumed) => {
        this.#page.link("on", say("talk.connected"));
        this.#page.quiet();
        if (!resumed) this.#history();
      },
      closed: () => {
        this.transcript.dropPartials();
        this.#page.link("connecting", say("talk.connecting"));
      },
      refused: async (problem) => {
        if (problem.name !== "not-found") return this.refusal(problem);
        this.#id = "";
        await this.#guarded(() => this.#enter());
        return undefined;
      },
    });
  }

  /** What was said so far; the stream is open already, so nothing falls between. */
  async #history() {
    await this.#read();
    this.transcript.last("handoff"); // told before what was said
    this.transcript.bottom();
  }

  async #read() {
    await this.#guarded(() => this.visit.patiently(async () => {
      for (let after = ""; ; ) {
        const { body } = await persist(() => this.#ask("GET", this.#path(`/messages?limit=200${after && `&after=${after}`}`)));
        body.messages.forEach((message) => this.transcript.put(message));
        if (!body.next) break;
        after = encodeURIComponent(body.next);
      }
    }));
  }

  /** Something is destroyed. An answer that repeated a value of it is read again: the value is not in it any more. */
  #gone() {
    clearTimeout(this.#reading);
    this.#reading = setTimeout(() => this.visit.session?.state === "active" && this.#id && this.#read(), 300);
  }

  #heard(type, data) {
    if (type === "message") this.#came(data);
    else if (type === "message.delta") this.transcript.delta(data.reply_to, data.text);
    else if (type === "message.destroyed") {
      this.transcript.destroyed(data.id, data);
      this.#gone();
    }
    else if (type === "session.prompt" && data?.challenge) this.visit.prompt.ask(data.challenge, data.now);
    else if (type === "session.ended") this.visit.end(data.reason);
    else if (type === "handoff") this.#handoff(data);
    else if (type === "step-up" && data.conversation === this.#id) this.#unproved(data);
    else if (type === "typing" && data.from !== "client") this.transcript.typing(true, data.from === "agent" ? (data.agent?.name ?? "") : undefined);
  }

  #came(message) {
    if (message.from !== "client" && message.state === "live" && !this.transcript.has(message.id)) this.#page.came?.(message);
    this.transcript.put(message);
    this.transcript.last("proof");
  }

  /** Says `text`; the same `clientId` each time, so that whatever arrived before is answered again and never said twice. */
  async send(text, clientId = crypto.randomUUID(), after = this.#page.timer()) {
    this.transcript.unline("proof");
    this.transcript.sending(clientId, text, after);
    const waits = (what) => () => this.transcript.note(clientId, "sending", what);
    try {
      const post = () => this.#ask("POST", this.#path("/messages"), { text, client_id: clientId, destroy_after: after });
      const { body } = await this.visit.patiently(
        () => persist(post, { waiting: waits(say("talk.waits-network")) }), waits(say("talk.waits-answer")),
      );
      this.#took(body);
      this.look();
    } catch (error) {
      this.transcript.typing(false);
      this.transcript.note(clientId, "unsent", say("talk.unsent", { why: calmly(error) }));
      this.refusal(error, true);
      if (!this.visit.session) this.#page.giveBack(text); // the visit ended first, and its screen is empty now
    }
  }

  #took(turn) {
    this.transcript.put(turn.message);
    turn.replies.forEach((reply) => this.#came(reply));
    if (turn.handoff) this.#answered({ state: turn.handoff });
  }

  async destroyAll() {
    await this.#guarded(async () => {
      const { body } = await this.#ask("DELETE", this.#path());
      for (const { id, ...receipt } of body.receipts) this.transcript.destroyed(id, { at: receipt.destroyed_at, ...receipt });
      this.#gone();
      const told = say(body.receipts.length ? "talk.all-destroyed" : "talk.none-destroyed");
      this.#page.say(body.kept.length ? `${told} ${say("talk.kept", { n: body.kept.length })}` : told);
    });
  }

  // -- people

  /** Asks for a person. */
  person() {
    return this.#guarded(async () => this.#answered((await this.#ask("POST", this.#path("/handoff"))).body));
  }

  /** Goes on with the machine: takes an offer or a request back. */
  machine() {
    return this.#guarded(async () => this.#answered((await this.#ask("DELETE", this.#path("/handoff"))).body));
  }

  /** Somebody writes. Only people are told, and only that: nothing that is typed leaves this tab before it is sent. */
  typing() {
    const now = Date.now();
    if (this.state !== "assigned" || !this.visit.session || now - this.#typed < TYPING) return;
    this.#typed = now;
    this.#ask("POST", this.#path("/typing")).catch(() => {}); // it was no more than a courtesy
  }

  // What a request answers is less than what the stream tells: no place in line, no line of the gateway. It came first, perhaps.
  #answered(data) {
    if (data.state !== this.state) this.#handoff(data);
  }

  #handoff(data) {
    this.#owner(data.state, data);
    const lines = [data.notice, handoff(data)].filter(Boolean);
    const acts = {
      offered: [[say("talk.ask-person"), () => this.person()], [say("talk.no-person"), () => this.machine()]],
      queued: [[say("talk.go-back"), () => this.machine()]],
    }[data.state] ?? [];
    if (!lines.length) return this.transcript.unline("handoff");
    const buttons = acts.map(([label, act]) => button(label, "soft", act));
    return this.transcript.line("handoff", ...lines.map((line) => make("p", {}, line)), ...buttons);
  }

  // -- what the machine may do once it is known that it is them

  /** A line that says so. The question comes when the person wants it, so that no unanswered one ends the visit. */
  #unproved({ operation, application }) {
    const visitor = this.visit.session?.principal.kind === "visitor";
    const go = visitor ? button(say("signin.title"), "soft", () => this.#page.refused()) : button(say("talk.proof.go"), "soft", () => this.#prove(operation));
    const drop = button(say("button.not-now"), "soft", () => this.transcript.unline("proof"));
    this.transcript.line("proof", make("p", {}, say("talk.proof", { application })), go, drop);
  }

  #prove(operation) {
    return this.#guarded(async () => {
      await this.visit.patiently(() => this.#ask("POST", "/step-up", { operation }));
      this.transcript.line("proof", make("p", {}, say("talk.proof.done")));
    });
  }

  #owner(state, data) {
    this.state = state;
    this.#page.owner?.(state, data);
  }

  // -- what may go wrong

  async #guarded(act, rethrow = false) {
    try {
      await act();
    } catch (error) {
      this.refusal(error);
      if (rethrow) throw error;
    }
  }

  /** Takes care of a refusal; `told`: the person knows it already. */
  refusal(error, told = false) {
    if (this.visit.refused(error)) return;
    if (![Problem, Unreachable, TimeOver].some((kind) => error instanceof kind)) throw error;
    if (!told) this.#page.say(calmly(error));
  }
}
