// The desk of the agents: the list, the conversation that is open, and what comes over the one stream of events. What the
// gateway tells replaces what is drawn; after a cut the desk and the conversation are read again, so that nothing is lost.

import { Problem, Unreachable, persist } from "/demo/api.js";
import { everySecond, setNow } from "/demo/clock.js";
import { make } from "/demo/dom.js";
import { EventStream } from "/demo/events.js";
import { calmly } from "/demo/findings.js";
import { Composer } from "./desk-composer.js";
import { area, askForm, choice, field } from "./form.js";
import { Keys } from "./desk-keys.js";
import { DeskList, groupOf, nameOf, reasonOf } from "./desk-list.js";
import { DeskLog } from "./desk-log.js";
import { askReason, showOnce } from "./desk-reveal.js";
import { Talk, modes } from "./desk-talk.js";
import { known, text } from "./strings.js";

export const title = "page.desk";
export const wide = true;

export async function show(root, context) {
  const desk = new Desk(root, context);
  await desk.begin(context.args[0] ?? "");
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
  #talk;
  #log;
  #composer;
  #stream;

  constructor(root, context) {
    this.#context = context;
    const { signal } = context;
    this.#composer = new Composer({
      reply: (said) => this.#send(crypto.randomUUID(), said),
      note: (said) => this.#note(said),
      typing: () => context.guarded(() => this.#ask("POST", this.#path("/typing"))),
      replies: () => this.#replies,
      values: () => this.#values(),
      left: () => this.#list.focus(this.#current),
    });
    const side = make("div", { class: "side" });
    this.#frame = make("div", { class: "desk" }, side, this.#live);
    root.append(this.#frame);
    this.#list = new DeskList(side, {
      presence: (presence) => context.guarded(async () => this.#took(await this.#ask("PUT", "/desk/presence", { presence }))),
      next: () => this.#next(),
      address: (conversation) => context.address("desk", [conversation]),
    });
    side.append(this.#link);
    this.#talk = new Talk(this.#frame, this.#composer.element, {
      take: (entry) => this.#take(entry), transfer: (entry) => this.#transfer(entry), finish: (entry) => this.#finish(entry),
      return: (entry) => this.#end(entry, "return"), close: (entry) => this.#end(entry, "close"), leave: () => context.go("desk"),
    });
    this.#log = new DeskLog(this.#talk.scroll, {
      who: (message) => this.#who(message),
      reveal: (message, finding, name) => this.#reveal(message, finding, name),
      resend: (message) => this.#send(message.client_id, message.text),
    }, signal);
    new Keys({
      j: () => this.#list.move(1), k: () => this.#list.move(-1),
      r: () => this.#composer.write("reply"), n: () => this.#composer.write("note"),
      t: () => this.#takeOrNext(), x: () => this.#if("assigned", (entry) => this.#transfer(entry)),
      f: () => this.#if("assigned", (entry) => this.#finish(entry)), Escape: () => this.#list.focus(this.#current),
    }, signal);
    const stop = everySecond(() => (this.#list.tick(), this.#talk.tick()));
    signal.addEventListener("abort", () => (stop(), this.#stream?.stop()));
    document.addEventListener("visibilitychange", () => this.#seen(), { signal });
  }

  async begin(conversation) {
    await this.#context.guarded(async () => {
      this.#replies = (await this.#context.get("/desk/replies")).replies;
      await this.#read();
    });
    if (this.#context.signal.aborted) return;
    await this.open(conversation);
    this.#follow();
  }

  // -- what the gateway tells

  #follow() {
    const { visit } = this.#context;
    this.#stream = new EventStream("/desk/events", visit.token, {
      event: (type, data) => this.#heard(type, data),
      open: () => {
        this.#link.textContent = "";
        this.#context.guarded(async () => {
          await this.#read();
          if (this.#current) await this.#load(this.#current);
        });
      },
      closed: () => {
        this.#log.dropPartials();
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
    else if (type === "desk") this.#changed(data.conversation, data.entry);
    else if (type === "presence") this.#context.guarded(() => this.#read());
    else if (type === "message") this.#message(data, here);
    else if (!here) return;
    else if (type === "message.delta") this.#log.delta(data.reply_to, data.text);
    else if (type === "message.destroyed") this.#log.destroyed(data.id, data);
    else if (type === "typing" && data.from === "client") this.#log.typing(text("typing.person"));
    else if (type === "typing" && data.agent && data.agent.id !== this.#me.id) this.#log.typing(text("typing.agent", { name: data.agent.name }));
    else if (type === "looking") this.#talk.looking(data.agents.filter((one) => one.id !== this.#me.id));
    else if (type === "note") this.#log.note(data.note ?? data);
  }

  #message(data, here) {
    if (here) this.#log.put(data.message ?? data);
    this.#seen();
  }

  #changed(conversation, entry) {
    const before = this.#entries.get(conversation);
    if (!entry) {
      this.#entries.delete(conversation);
      if (conversation === this.#current) this.#context.go("desk");
    } else {
      this.#entries.set(conversation, entry);
      if (before?.state !== "queued" && entry.state === "queued") this.#say(text("say.queued", { reason: reasonOf(entry) }));
      else if (entry.assigned_to?.id === this.#me.id && before?.assigned_to?.id !== this.#me.id) this.#say(text("say.yours", { name: nameOf(entry) }));
      if (conversation === this.#current) this.#context.guarded(() => this.#detail(conversation));
    }
    this.#draw();
  }

  async #read() {
    const desk = await this.#context.get("/desk");
    setNow(desk.now);
    this.#me = desk.me;
    this.#agents = desk.agents;
    this.#entries = new Map([...desk.mine, ...desk.queue, ...desk.others].map((one) => [one.conversation, one]));
    this.#draw();
  }

  // -- the conversation that is open

  async open(conversation) {
    if (this.#current === conversation && conversation) return;
    this.#current = conversation;
    this.#frame.dataset.open = String(conversation !== "");
    this.#log.clear();
    this.#draw();
    if (!conversation) {
      this.#talk.none();
      return;
    }
    await this.#context.guarded(() => this.#load(conversation));
    if (this.#current === conversation) this.#talk.focus();
  }

  async #load(conversation) {
    await this.#detail(conversation);
    for (let after = ""; ; ) {
      const page = await this.#context.get(`/desk/conversations/${encodeURIComponent(conversation)}/messages?limit=200${after && `&after=${after}`}`);
      if (this.#current !== conversation) return;
      page.messages.forEach((message) => this.#log.put(message));
      if (!page.next) break;
      after = encodeURIComponent(page.next);
    }
    this.#log.bottom();
    this.#seen();
  }

  async #detail(conversation) {
    const told = await this.#context.get(`/desk/conversations/${encodeURIComponent(conversation)}`);
    if (this.#current !== conversation || !this.#me) return;
    this.#entries.set(conversation, told.entry);
    told.notes.forEach((note) => this.#log.note(note));
    told.timeline.forEach((one) => this.#log.event(one, known(`reason.${one.reason}`) ? text(`reason.${one.reason}`) : one.reason));
    this.#talk.looking(told.looking.filter((one) => one.id !== this.#me.id));
    this.#draw();
  }

  // What is on the screen of somebody who looks is read.
  #seen() {
    const entry = this.#entries.get(this.#current);
    if (!entry?.unread || document.hidden) return;
    this.#entries.set(this.#current, { ...entry, unread: 0 });
    this.#draw();
  }

  #draw() {
    if (!this.#me) return;
    const entries = [...this.#entries.values()];
    const mine = entries.filter((one) => groupOf(one, this.#me) === "mine");
    this.#list.draw({ ...this.#me, assigned: mine.filter((one) => one.state === "assigned").length }, entries, this.#current);
    const entry = this.#entries.get(this.#current);
    if (entry) {
      this.#talk.show(entry, this.#me);
      this.#composer.open(entry.conversation, modes(entry, this.#me));
    }
    const waits = entries.filter((one) => one.state === "queued").length + mine.reduce((n, one) => n + (one.unread || 0), 0);
    this.#context.titled(waits ? `(${waits}) ${text(title)}` : text(title));
  }

  // -- what an agent does

  #path(rest = "", conversation = this.#current) {
    return `/desk/conversations/${encodeURIComponent(conversation)}${rest}`;
  }

  #ask(method, path, body) {
    return this.#context.ask(method, path, body);
  }

  #took(me) {
    this.#me = { ...this.#me, ...me };
    this.#draw();
  }

  #entry(entry) {
    this.#entries.set(entry.conversation, entry);
    this.#draw();
  }

  #if(state, act) {
    const entry = this.#entries.get(this.#current);
    if (entry?.state === state && entry.assigned_to?.id === this.#me.id) act(entry);
  }

  #takeOrNext() {
    const entry = this.#entries.get(this.#list.focused || this.#current);
    return entry?.state === "queued" ? this.#take(entry) : this.#next();
  }

  #take(entry) {
    return this.#context.guarded(async () => {
      try {
        this.#entry(await this.#ask("POST", this.#path("/take", entry.conversation)));
      } catch (error) {
        if (error.name !== "conflict") throw error;
        this.#context.tell(text("take.conflict"));
        return this.#read();
      }
      return this.#reach(entry.conversation);
    });
  }

  #next() {
    return this.#context.guarded(async () => {
      const entry = await this.#ask("POST", "/desk/next");
      if (!entry) return this.#say(text("next.none"), true);
      this.#entry(entry);
      return this.#reach(entry.conversation);
    });
  }

  // Whoever takes something wants to answer it.
  async #reach(conversation) {
    if (this.#current !== conversation) {
      history.pushState(null, "", this.#context.address("desk", [conversation]));
      await this.open(conversation);
    } else await this.#detail(conversation);
    this.#composer.write("reply");
  }

  async #transfer(entry) {
    const others = this.#agents.filter((one) => one.id !== this.#me.id);
    const skills = [...new Set(this.#agents.flatMap((one) => one.skills))].sort();
    const to = choice([
      ...others.map((one) => [`to:${one.id}`, text("transfer.agent", { name: one.name, presence: text(`presence.${one.presence}`), n: one.assigned, capacity: one.capacity })]),
      ...skills.map((one) => [`skill:${one}`, text("transfer.skill", { skill: one })]),
    ]);
    if (!to.options.length) return this.#context.tell(text("transfer.nobody"));
    const note = area({ required: "" });
    const asked = await askForm({
      title: text("transfer.title"), why: text("transfer.why"), yes: text("transfer.yes"), signal: this.#context.signal,
      fields: [field(text("transfer.to"), to), field(text("transfer.note"), note)],
      read: () => ({ [to.value.split(":")[0]]: to.value.slice(to.value.indexOf(":") + 1), note: note.value.trim() }),
    });
    if (!asked) return undefined;
    return this.#context.guarded(async () => {
      this.#entry(await this.#ask("POST", this.#path("/transfer", entry.conversation), asked));
      this.#say(text("transfer.done"), true);
    });
  }

  async #finish(entry) {
    const note = area();
    const asked = await askForm({
      title: text("finish.title"), why: text("finish.why"), yes: text("finish.yes"), signal: this.#context.signal,
      fields: [field(text("finish.note"), note)], read: () => ({ note: note.value.trim() || undefined }),
    });
    if (asked) await this.#context.guarded(async () => this.#entry(await this.#ask("POST", this.#path("/finish", entry.conversation), asked)));
  }

  #end(entry, how) {
    return this.#context.guarded(async () => {
      await this.#ask("POST", this.#path(`/${how}`, entry.conversation));
      this.#entries.delete(entry.conversation);
      this.#say(text(`${how}.done`), true);
      if (entry.conversation === this.#current) this.#context.go("desk");
      this.#list.focus("");
    });
  }

  async #send(clientId, said) {
    const conversation = this.#current;
    const { visit } = this.#context;
    this.#log.sending(clientId, said);
    try {
      // The same client_id each time: whatever arrived before is answered again, never said twice.
      const post = () => visit.ask("POST", this.#path("/messages", conversation), { text: said, client_id: clientId });
      const { body } = await visit.patiently(() => persist(post));
      if (conversation === this.#current) this.#log.put(body.message);
    } catch (error) {
      if (!visit.refused(error) && !(error instanceof Problem || error instanceof Unreachable)) throw error;
      this.#log.unsent(clientId, text("unsent", { why: calmly(error) }));
    }
  }

  #note(said) {
    const conversation = this.#current;
    return this.#context.guarded(async () => {
      try {
        const note = await this.#ask("POST", this.#path("/notes", conversation), { text: said });
        if (conversation === this.#current) this.#log.note(note);
      } catch (error) {
        this.#composer.giveBack("note", said);
        throw error;
      }
    });
  }

  async #reveal(message, finding, name) {
    const reason = await askReason(name, this.#context.signal);
    if (!reason) return;
    const path = this.#path(`/messages/${encodeURIComponent(message.id)}/reveal`);
    const told = await this.#context.guarded(() => this.#ask("POST", path, { finding, reason }));
    if (told) showOnce(told, name, this.#context.signal);
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

  #say(what, seen = false) {
    this.#live.textContent = what;
    if (seen) this.#context.tell(what);
  }
}
