// The conversation on the agent's screen: messages, notes and what happened, in the order of their times. It holds no truth
// of its own: what the gateway tells replaces what is drawn, told once or twice.

import { everySecond, left, serverNow } from "/demo/clock.js";
import { make } from "/demo/dom.js";
import { DeskMessage, eventItem, noteItem } from "./desk-message.js";
import { text } from "/demo/strings.js";

const NEAR = 120;
const TYPING = 6_000;
const LONGEST = 2_147_483_000; // a timer knows no longer time (WHATWG HTML 8.6)

export class DeskLog {
  #list = make("ol", { class: "log" });
  #typing = make("p", { class: "typing", role: "status" });
  #items = []; // {at, element, view?} in order
  #views = new Map(); // message id -> view
  #others = new Set(); // ids of notes and events that are drawn
  #notes = new Map(); // id -> {element, end}
  #unsent = new Map(); // client_id -> view
  #partial = new Map(); // reply_to -> {element, said, text}
  #typingTimer = 0;
  #due = 0;
  #act;

  /** `act` as of DeskMessage. */
  constructor(scroll, act, signal) {
    this.scroll = scroll;
    this.#act = act;
    scroll.append(make("div", { role: "log", "aria-live": "polite", "aria-relevant": "additions", "aria-label": text("log") }, this.#list), this.#typing);
    const stop = everySecond(() => this.#tick());
    // A page that nobody looks at, or that slept: browsers slow its every second down, and may stop it.
    for (const [where, what] of [[document, "visibilitychange"], [window, "pageshow"], [window, "focus"]]) where.addEventListener(what, () => this.#tick(), { signal });
    signal.addEventListener("abort", () => (stop(), this.clear()));
  }

  clear() {
    clearTimeout(this.#due);
    this.#list.replaceChildren();
    this.#items = [];
    for (const one of [this.#views, this.#others, this.#notes, this.#unsent, this.#partial]) one.clear();
    this.typing("");
  }

  #tick() {
    for (const view of this.#views.values()) view.tick();
    for (const [id, { end }] of this.#notes) if (left(end) === 0) this.#forget(id);
  }

  // The next end has a timer of its own, since in the background a second may last a minute.
  #plan() {
    clearTimeout(this.#due);
    const ends = [...this.#views.values()].filter(({ message }) => message.state !== "destroyed").map(({ message }) => left(message.destroy_at ?? ""));
    const next = Math.min(...ends.filter(Number.isFinite));
    if (Number.isFinite(next)) this.#due = setTimeout(() => (this.#tick(), this.#plan()), Math.min(next, LONGEST));
  }

  /** A message as the gateway recorded it, for the first time or again. */
  put(message) {
    const view = this.#views.get(message.id);
    if (view) {
      // A tombstone never comes back to life, whatever order the news arrive in.
      if (message.state === "destroyed" && view.message.state !== "destroyed") view.destroyed(message.destroyed ?? {});
      else if (message.state !== "destroyed" && view.message.state !== "destroyed" && changed(view.message, message)) view.show(message);
      return this.#plan();
    }
    const follow = this.near;
    const pending = message.client_id && this.#unsent.get(message.client_id);
    if (pending) this.#remove(pending, message.client_id);
    if (message.reply_to) this.#drop(message.reply_to);
    if (message.from === "client") this.typing("");
    this.#views.set(message.id, this.#add(message));
    if (follow) this.bottom();
    return this.#plan();
  }

  destroyed(id, news) {
    this.#forget(id);
    const view = this.#views.get(id);
    if (view && view.message.state !== "destroyed") view.destroyed(news);
  }

  sending(clientId, said) {
    const known = this.#unsent.get(clientId);
    if (known) return known.show({ ...known.message, state: "sending", note: "" });
    const message = { client_id: clientId, from: "agent", at: new Date(serverNow()).toISOString(), text: said, state: "sending", findings: [] };
    this.#unsent.set(clientId, this.#add(message));
    return this.bottom();
  }

  unsent(clientId, note) {
    const view = this.#unsent.get(clientId);
    view?.show({ ...view.message, state: "unsent", note });
  }

  /** A note of a colleague; it goes as messages go, and leaves nothing. */
  note(note) {
    const element = this.#once(note.id, note.at, () => noteItem(note));
    if (element) this.#notes.set(note.id, { element, end: note.destroy_at });
  }

  #forget(id) {
    const note = this.#notes.get(id);
    if (!note) return;
    this.#notes.delete(id);
    this.#items = this.#items.filter((one) => one.element !== note.element);
    note.element.remove();
  }

  event(one, by) {
    this.#once(`${one.at} ${one.what}`, one.at, () => eventItem(one, by));
  }

  #once(id, at, draw) {
    if (this.#others.has(id)) return null;
    this.#others.add(id);
    const follow = this.near;
    const element = draw();
    this.#insert({ at: Date.parse(at), element });
    if (follow) this.bottom();
    return element;
  }

  #add(message) {
    const view = new DeskMessage(message, this.#act);
    this.#insert({ at: Date.parse(message.at), element: view.element });
    return view;
  }

  #insert(item) {
    let place = this.#items.length;
    while (place > 0 && this.#items[place - 1].at > item.at) place--;
    // A half-said answer stays below what is complete.
    const next = this.#items[place]?.element ?? this.#list.querySelector('li[data-state="partial"]');
    this.#items.splice(place, 0, item);
    this.#list.insertBefore(item.element, next);
  }

  #remove(view, clientId) {
    this.#unsent.delete(clientId);
    this.#items = this.#items.filter((one) => one.element !== view.element);
    view.element.remove();
  }

  /** The next piece of an answer that the bot is writing. */
  delta(replyTo, piece) {
    const follow = this.near;
    let partial = this.#partial.get(replyTo);
    if (!partial) {
      const said = make("div", { class: "text", dir: "auto" });
      const element = make("li", { class: "message", "data-from": "bot", "data-state": "partial", "aria-busy": "true" }, make("div", { class: "body" }, make("span", { class: "who" }, this.#act.who({ from: "bot" })), said));
      this.#list.append(element);
      partial = { element, said, text: "" };
      this.#partial.set(replyTo, partial);
    }
    partial.text += piece;
    partial.said.textContent = partial.text;
    if (follow) this.bottom();
  }

  #drop(replyTo) {
    this.#partial.get(replyTo)?.element.remove();
    this.#partial.delete(replyTo);
  }

  /** Half-said answers cannot be resumed after a cut: the whole message follows. */
  dropPartials() {
    for (const replyTo of [...this.#partial.keys()]) this.#drop(replyTo);
  }

  /** Says for a moment who is writing; with an empty text, nobody. */
  typing(who) {
    clearTimeout(this.#typingTimer);
    const follow = this.near;
    this.#typing.textContent = who;
    if (who) this.#typingTimer = setTimeout(() => this.typing(""), TYPING);
    if (follow) this.bottom();
  }

  get near() {
    return this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < NEAR;
  }

  bottom() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
  }
}

function changed(a, b) {
  return a.state !== b.state || a.text !== b.text || a.destroy_at !== b.destroy_at || a.findings?.length !== b.findings?.length;
}
