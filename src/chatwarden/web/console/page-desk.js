// The desk of the agents: the list, the conversation that is open, and what comes over the one stream of events. What the
// gateway tells replaces what is drawn; after a cut the desk and the conversation are read again, so that nothing is lost.

import { everySecond, setNow } from "/demo/clock.js";
import { make } from "/demo/dom.js";
import { EventStream } from "/demo/events.js";
import { calmly } from "/demo/findings.js";
import { Acts } from "./desk-acts.js";
import { Composer } from "./desk-composer.js";
import { Keys } from "./desk-keys.js";
import { DeskList, groupOf, nameOf, reasonOf } from "./desk-list.js";
import { DeskLog } from "./desk-log.js";
import { Talk, modes } from "./desk-talk.js";
import { text } from "/demo/strings.js";

export const title = "page.desk";
export const wide = true;

export function show(root, context) {
  const desk = new Desk(root, context);
  desk.begin(context.args[0] ?? ""); // meanwhile the address may change
  return { moved: ([conversation]) => desk.open(conversation ?? "") };
}

class Desk {
  #context;
  #me = null;
  #agents = [];
  #entries = new Map(); // conversation -> entry
  #replies = [];
  #current = "";
  #frame;
  #live = make("p", { class: "hidden", role: "status" });
  #link = make("p", { class: "link-state", role: "status" });
  #list;
  #acts;
  #talk;
  log;
  composer;
  wished = ""; // the presence that is chosen and not yet answered
  leaving = ""; // the conversation that was given away here: that it goes is no news
  #stream;

  constructor(root, context) {
    this.#context = context;
    const { signal } = context;
    const acts = (this.#acts = new Acts(this, context));
    this.composer = new Composer({
      reply: (said) => acts.send(crypto.randomUUID(), said), note: (said) => acts.note(said), typing: () => acts.typing(),
      replies: () => this.#replies, values: () => this.#values(), left: () => this.#list.focus(this.#current),
    });
    const side = make("div", { class: "side" });
    this.#frame = make("div", { class: "desk" }, side, this.#live);
    root.append(this.#frame);
    this.#list = new DeskList(side, {
      presence: (presence) => acts.presence(presence), next: () => acts.next(), address: (conversation) => context.address("desk", [conversation]),
    });
    side.append(this.#link);
    this.#talk = new Talk(this.#frame, this.composer.element, {
      take: (entry) => acts.take(entry), transfer: (entry) => acts.transfer(entry), finish: (entry) => acts.finish(entry),
      return: (entry) => acts.end(entry, "return"), close: (entry) => acts.end(entry, "close"), leave: () => context.go("desk"),
    }, signal);
    this.log = new DeskLog(this.#talk.scroll, {
      who: (message) => this.#who(message), reveal: (...what) => acts.reveal(...what), resend: (message) => acts.send(message.client_id, message.text),
    }, signal);
    new Keys({
      j: () => this.#list.move(1), k: () => this.#list.move(-1),
      r: () => this.composer.write("reply"), n: () => this.composer.write("note"),
      t: () => this.#takeOrNext(), x: () => this.#if("assigned", (entry) => acts.transfer(entry)),
      f: () => this.#if("assigned", (entry) => acts.finish(entry)), Escape: () => this.#list.focus(this.#current),
    }, signal);
    const stop = everySecond(() => (this.#list.tick(), this.#talk.tick()));
    signal.addEventListener("abort", () => (stop(), this.#stream?.stop()));
    document.addEventListener("visibilitychange", () => this.#draw(), { signal });
  }

  async begin(conversation) {
    this.#current = conversation;
    await this.#context.guarded(async () => {
      const { replies } = await this.#context.get("/desk/replies");
      this.#replies = replies.map((one) => ({ ...one, shortcut: `/${one.shortcut.replace(/^\//, "")}` }));
      await this.read();
    });
    if (this.#context.signal.aborted) return;
    const first = this.#current;
    this.#current = "";
    await this.open(first);
    if (!this.#context.signal.aborted) this.#follow();
  }

  // -- what the gateway tells

  #follow() {
    const { visit } = this.#context;
    this.#stream = new EventStream("/desk/events", visit.token, {
      event: (type, data) => this.#heard(type, data),
      open: () => {
        this.#link.textContent = "";
        this.#context.guarded(async () => {
          await this.read();
          if (this.#current) await this.#load(this.#current);
        });
      },
      closed: () => {
        this.log.dropPartials();
        this.#link.textContent = text("link.again");
      },
      refused: (problem) => visit.refused(problem) || this.#context.tell(calmly(problem)),
    });
  }

  #heard(type, data) {
    const { visit } = this.#context;
    const here = data?.conversation === this.#current && this.#current !== "";
    if (type === "session.prompt" && data?.challenge) visit.prompt.ask(data.challenge, data.now);
    else if (type === "session.ended") visit.end(data.reason);
    else if (type === "desk") this.changed(data.conversation, data.entry);
    else if (type === "presence") this.#agents = [...this.#agents.filter((one) => one.id !== data.agent.id), data.agent];
    else if (!here) return;
    else if (type === "message") this.log.put(data.message);
    else if (type === "message.delta") this.log.delta(data.reply_to, data.text);
    else if (type === "message.destroyed") this.log.destroyed(data.id, data);
    else if (type === "typing" && data.from === "client") this.log.typing(text("typing.person"));
    else if (type === "typing" && data.agent && data.agent.id !== this.#me.id) this.log.typing(text("typing.agent", { name: data.agent.name }));
    else if (type === "looking") this.#talk.looking(data.agents.filter((one) => one.id !== this.#me.id));
    else if (type === "note") this.log.note(data.note ?? data);
  }

  changed(conversation, entry) {
    const before = this.#entries.get(conversation);
    if (!entry) {
      this.#entries.delete(conversation);
      if (conversation === this.#current) this.#shut();
    } else {
      this.#entries.set(conversation, entry);
      if (before?.state !== "queued" && entry.state === "queued") this.#announce(text("say.queued", { reason: reasonOf(entry) }));
      else if (entry.assigned_to?.id === this.#me.id && before?.assigned_to?.id !== this.#me.id) this.#announce(text("say.yours", { name: nameOf(entry) }));
      if (conversation !== this.#current) return this.#draw();
      if (groupOf(entry, this.#me) === "others") this.#shut();
      else this.#context.guarded(() => this.#detail(conversation));
    }
    return this.#draw();
  }

  async read() {
    const desk = await this.#context.get("/desk");
    setNow(desk.now);
    this.#me = desk.me;
    this.#agents = desk.agents;
    this.#entries = new Map([...desk.mine, ...desk.queue, ...desk.offered, ...desk.others].map((one) => [one.conversation, one]));
    this.#draw();
  }

  // -- the conversation that is open

  async open(conversation) {
    if (this.#current === conversation && conversation) return;
    const left = this.#current;
    this.#current = conversation;
    this.#frame.dataset.open = String(conversation !== "");
    this.log.clear();
    this.#talk.none();
    this.#draw();
    if (left && !conversation) this.#context.guarded(() => this.#context.ask("DELETE", "/desk/looking"));
    if (!conversation || !this.#me) return;
    this.leaving = "";
    if (this.#entries.has(conversation)) this.#talk.focus();
    await this.#context.guarded(() => this.#load(conversation));
  }

  async #load(conversation) {
    if (!(await this.#detail(conversation))) return;
    for (let after = ""; ; ) {
      const page = await this.#context.get(`/desk/conversations/${encodeURIComponent(conversation)}/messages?limit=200${after && `&after=${after}`}`);
      if (this.#current !== conversation) return;
      page.messages.forEach((message) => this.log.put(message));
      if (!page.next) break;
      after = encodeURIComponent(page.next);
    }
    this.log.bottom();
  }

  async #detail(conversation) {
    const told = await this.#context.get(`/desk/conversations/${encodeURIComponent(conversation)}`).catch((error) => {
      if (error.name !== "not-found") throw error;
      return null;
    });
    if (this.#current !== conversation || !this.#me) return false;
    if (!told) {
      this.#shut();
      return false;
    }
    this.#entries.set(conversation, told.entry);
    told.notes.forEach((note) => this.log.note(note));
    told.timeline.forEach((one) => this.log.event(one, [one.by, one.to].map((id) => this.#named(id)).filter(Boolean).join(" → ")));
    this.#talk.looking(told.looking.filter((one) => one.id !== this.#me.id));
    this.#draw();
    return true;
  }

  // It is with a colleague now: nothing of it stays on this screen.
  #shut() {
    if (this.leaving !== this.#current) this.#context.tell(text("left"));
    this.#context.go("desk");
  }

  #draw() {
    if (!this.#me) return;
    // What is on the screen of somebody who looks is read.
    const read = (one) => (one.conversation === this.#current && !document.hidden ? { ...one, unread: 0 } : one);
    const entries = [...this.#entries.values()].map(read);
    const mine = entries.filter((one) => groupOf(one, this.#me) === "mine");
    this.#list.draw({ ...this.#me, presence: this.wished || this.#me.presence, assigned: mine.filter((one) => one.state === "assigned").length }, entries, this.#current);
    const entry = this.#entries.get(this.#current);
    if (entry) {
      this.#talk.show(entry, this.#me);
      this.composer.open(entry.conversation, modes(entry, this.#me));
    }
    const waits = entries.filter((one) => one.state === "queued").length + mine.reduce((n, one) => n + (one.unread || 0), 0);
    this.#context.titled(waits ? `(${waits}) ${text(title)}` : text(title));
  }

  // -- for what an agent does (desk-acts.js)

  get me() {
    return this.#me;
  }

  get agents() {
    return this.#agents;
  }

  get current() {
    return this.#current;
  }

  took(me) {
    this.#me = { ...this.#me, ...me };
    this.#draw();
  }

  entry(entry) {
    this.#entries.set(entry.conversation, entry);
    this.#draw();
  }

  /** A conversation that is no longer the desk's. */
  left(conversation) {
    this.#entries.delete(conversation);
    this.#draw();
    if (conversation !== this.#current) return;
    this.#context.go("desk");
    this.#list.focus("");
  }

  /** Whoever takes something wants to answer it. */
  async reach(conversation) {
    if (this.#current !== conversation) {
      history.pushState(null, "", this.#context.address("desk", [conversation]));
      await this.open(conversation);
    } else await this.#detail(conversation);
    this.composer.write("reply");
  }

  say(what) {
    this.#context.tell(what);
  }

  #if(state, act) {
    const entry = this.#entries.get(this.#current);
    if (entry?.state === state && entry.assigned_to?.id === this.#me.id) act(entry);
  }

  #takeOrNext() {
    const entry = this.#entries.get(this.#list.focused || this.#current);
    return ["queued", "offered"].includes(entry?.state) ? this.#acts.take(entry) : this.#acts.next();
  }

  #values() {
    const entry = this.#entries.get(this.#current);
    return { name: entry?.person?.name ?? "", bot: entry?.bot ?? "", agent: this.#me?.name ?? "" };
  }

  #who(message) {
    if (message.from === "agent") return message.by?.name ?? text("who.agent");
    if (message.from === "client") return nameOf(this.#entries.get(this.#current) ?? {});
    return text(message.from === "bot" ? "who.bot" : "who.system");
  }

  /** An agent by id: those of the desk have names. */
  #named(id) {
    return this.#agents.find((one) => one.id === id)?.name ?? "";
  }

  /** For those who only hear it. */
  #announce(what) {
    this.#live.textContent = what;
  }
}
