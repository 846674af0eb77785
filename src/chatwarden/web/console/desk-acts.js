// What an agent does with a conversation: each act is a request, and what the gateway answers is drawn.

import { Problem, Unreachable, persist } from "/demo/api.js";
import { calmly } from "/demo/findings.js";
import { area, askForm, choice, field } from "./form.js";
import { askReason, showOnce } from "./desk-reveal.js";
import { text } from "/demo/strings.js";

export class Acts {
  #desk;
  #context;

  /** `desk` has me, agents, current, log, composer; took(me), entry(entry), changed(conversation, entry), left(conversation),
   * reach(conversation), read() and say(text), and takes in `leaving` which conversation is given away, in `wished` which presence is
   * chosen.
   */
  constructor(desk, context) {
    this.#desk = desk;
    this.#context = context;
  }

  #path(rest, conversation = this.#desk.current) {
    return `/desk/conversations/${encodeURIComponent(conversation)}${rest}`;
  }

  #post(path, body) {
    return this.#context.ask("POST", path, body);
  }

  /** What is chosen stays chosen on the screen until the gateway has answered, whatever is drawn meanwhile. */
  presence(presence) {
    this.#desk.wished = presence;
    return this.#context.guarded(async () => {
      try {
        this.#desk.took(await this.#context.ask("PUT", "/desk/presence", { presence }));
      } finally {
        if (this.#desk.wished === presence) this.#desk.wished = "";
        this.#desk.took({});
      }
    });
  }

  /** A courtesy: where it cannot be told, nobody is bothered. */
  async typing() {
    try {
      await this.#context.visit.ask("POST", this.#path("/typing"));
    } catch (error) {
      this.#context.visit.refused(error);
    }
  }

  take(entry) {
    return this.#context.guarded(async () => {
      try {
        this.#desk.entry(await this.#post(this.#path("/take", entry.conversation)));
      } catch (error) {
        if (error.name !== "conflict") throw error;
        this.#context.tell(text("take.conflict"));
        return this.#desk.read();
      }
      return this.#desk.reach(entry.conversation);
    });
  }

  next() {
    return this.#context.guarded(async () => {
      const entry = await this.#post("/desk/next");
      if (!entry) return this.#desk.say(text("next.none"));
      this.#desk.entry(entry);
      return this.#desk.reach(entry.conversation);
    });
  }

  async transfer(entry) {
    await this.#context.guarded(() => this.#desk.read()); // who is there changes
    const { me, agents } = this.#desk;
    const skills = [...new Set(agents.flatMap((one) => one.skills))].sort();
    const to = choice([
      ...agents.filter((one) => one.id !== me.id && one.presence !== "offline").map((one) => [`to:${one.id}`, text("transfer.agent", { name: one.name, presence: text(`presence.${one.presence}`), n: one.assigned, capacity: one.capacity })]),
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
      const told = await this.#leaving(entry, () => this.#post(this.#path("/transfer", entry.conversation), asked));
      this.#desk.changed(entry.conversation, told);
      this.#desk.say(text("transfer.done"));
    });
  }

  // That it goes is no news then, however late it is told.
  async #leaving(entry, act) {
    this.#desk.leaving = entry.conversation;
    try {
      return await act();
    } catch (error) {
      this.#desk.leaving = "";
      throw error;
    }
  }

  async finish(entry) {
    const note = area();
    const asked = await askForm({
      title: text("finish.title"), why: text("finish.why"), yes: text("finish.yes"), signal: this.#context.signal,
      fields: [field(text("finish.note"), note)], read: () => (note.value.trim() ? { note: note.value.trim() } : {}),
    });
    if (asked) await this.#context.guarded(async () => this.#desk.entry(await this.#post(this.#path("/finish", entry.conversation), asked)));
  }

  /** Out of the wrap-up: `return` to the bot, or `close`. */
  end(entry, how) {
    return this.#context.guarded(async () => {
      await this.#leaving(entry, () => this.#post(this.#path(`/${how}`, entry.conversation)));
      this.#desk.left(entry.conversation);
      this.#desk.say(text(`${how}.done`));
    });
  }

  async send(clientId, said) {
    const { visit } = this.#context;
    const { current, log } = this.#desk;
    log.sending(clientId, said);
    try {
      // The same client_id each time: whatever arrived before is answered again, never said twice.
      const post = () => visit.ask("POST", this.#path("/messages", current), { text: said, client_id: clientId });
      const { body } = await visit.patiently(() => persist(post));
      if (current === this.#desk.current) log.put(body.message);
    } catch (error) {
      log.unsent(clientId, text("unsent", { why: calmly(error) }));
      if (!visit.refused(error) && !(error instanceof Problem || error instanceof Unreachable)) throw error;
    }
  }

  note(said) {
    const { current, log, composer } = this.#desk;
    return this.#context.guarded(async () => {
      try {
        const note = await this.#post(this.#path("/notes", current), { text: said });
        if (current === this.#desk.current) log.note(note);
      } catch (error) {
        composer.giveBack("note", said);
        throw error;
      }
    });
  }

  async reveal(message, finding, name) {
    const { signal } = this.#context;
    const reason = await askReason(name, signal);
    if (!reason) return;
    const path = this.#path(`/messages/${encodeURIComponent(message.id)}/reveal`);
    const told = await this.#context.guarded(async () => {
      try {
        return await this.#post(path, { finding, reason });
      } catch (error) {
        if (error.name !== "forbidden") throw error;
        return this.#context.tell(text("reveal.forbidden"));
      }
    });
    if (told && !signal.aborted) showOnce(told, name, signal);
  }
}
