// The conversation on the screen: messages in their order, half-said answers, notices. It holds no truth of its own:
// what the gateway tells replaces what is drawn.

import { everySecond, left, serverNow } from "./clock.js";
import { by, make } from "./dom.js";
import { Writer } from "./markdown.js";
import { MessageView } from "./message.js";
import { text as say } from "./strings.js";

const NEAR = 120;
const TYPING = 45_000;
const LONGEST = 2_147_483_000; // a timer knows no longer time (WHATWG HTML 8.6)

export class Transcript {
  #log = by("log");
  #scroll = by("scroll");
  #typing = by("typing");
  #views = []; // in order
  #byId = new Map();
  #unsent = new Map(); // client_id -> view
  #partial = new Map(); // reply_to -> {element, text, said}
  #typingTimer = 0;
  #due = 0;
  #act;

  constructor(act) {
    this.#act = act;
    everySecond(() => this.#tick());
    // A page that nobody looks at, or that slept: browsers slow its every second down, and may stop it.
    for (const [where, what] of [[document, "visibilitychange"], [document, "resume"], [window, "pageshow"], [window, "focus"]]) {
      where.addEventListener(what, () => this.#tick());
    }
  }

  #tick() {
    this.#views.forEach((view) => view.tick());
  }

  // The next end has a timer of its own, since in the background a second may last a minute.
  #plan() {
    clearTimeout(this.#due);
    const ends = this.#views.filter((view) => view.message.state !== "destroyed").map((view) => left(view.message.destroy_at ?? ""));
    const next = Math.min(...ends.filter(Number.isFinite));
    if (Number.isFinite(next)) this.#due = setTimeout(() => (this.#tick(), this.#plan()), Math.min(next, LONGEST));
  }

  clear() {
    this.#log.replaceChildren();
    this.#views = [];
    this.#byId.clear();
    this.#unsent.clear();
    this.#partial.clear();
    this.typing(false);
    this.#log.append(this.#welcome());
  }

  #welcome() {
    return make(
      "li", { class: "welcome" },
      make("p", { class: "lead" }, say("talk.welcome")),
      make("p", {}, say("talk.welcome.how")),
      make("p", { class: "guarded" }, say("talk.welcome.card")),
    );
  }

  /** A message that leaves now; the gateway's own record of it will take its place. */
  sending(clientId, text, after) {
    const at = new Date(serverNow()).toISOString();
    const message = { client_id: clientId, from: "client", at, text, state: "sending", findings: [], after };
    const known = this.#unsent.get(clientId);
    if (known) known.show({ ...known.message, state: "sending", note: say("message.sending") });
    else this.#unsent.set(clientId, this.#insert(message));
    this.bottom();
  }

  /** What became of a message that is not acknowledged. */
  note(clientId, state, note) {
    const view = this.#unsent.get(clientId);
    view?.show({ ...view.message, state, note });
  }

  forget(clientId) {
    const view = this.#unsent.get(clientId);
    if (view) this.#remove(view);
    this.#unsent.delete(clientId);
  }

  /** A message as the gateway recorded it, for the first time or again. */
  put(message) {
    this.#put(message);
    this.#plan();
  }

  #put(message) {
    const known = this.#byId.get(message.id);
    if (known) {
      if (message.state === "destroyed" || known.message.state === "destroyed") this.#bury(known, message);
      else if (changed(known.message, message)) known.show(message);
      return;
    }
    const pending = message.client_id && this.#unsent.get(message.client_id);
    const follow = this.#near();
    if (pending) {
      this.#unsent.delete(message.client_id);
      this.#byId.set(message.id, pending);
      pending.show(message);
      this.#place(pending);
    } else {
      if (message.reply_to) this.#drop(message.reply_to);
      if (message.from !== "client") this.typing(false);
      this.#byId.set(message.id, this.#insert(message));
    }
    if (follow) this.bottom();
  }

  // A tombstone never comes back to life, whatever order the news arrive in.
  #bury(view, message) {
    if (view.message.state !== "destroyed") view.destroyed(message.destroyed ?? {});
  }

  destroyed(id, news) {
    this.#byId.get(id)?.destroyed(news);
  }

  /** The next piece of an answer that is being written. */
  delta(replyTo, text) {
    const follow = this.#near();
    this.typing(false);
    let partial = this.#partial.get(replyTo);
    if (!partial) {
      const said = make("div", { class: "text", dir: "auto" });
      const body = make("div", { class: "body" }, make("span", { class: "who" }, say("message.bot")), said);
      const element = make("li", { class: "message", "data-from": "bot", "data-state": "partial", "aria-live": "off", "aria-busy": "true" }, body);
      this.#log.append(element);
      partial = { element, said, text: "" };
      this.#partial.set(replyTo, partial);
    }
    partial.text += text;
    partial.said.replaceChildren();
    new Writer(partial.text).markdown(partial.said);
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

  /** Whether this message is drawn already. */
  has(id) {
    return this.#byId.has(id);
  }

  /** Somebody writes: a person, by name or without ("") one, or the machine. */
  typing(on, name) {
    clearTimeout(this.#typingTimer);
    if (on) this.#typing.lastElementChild.textContent = who(name);
    const follow = this.#near();
    this.#typing.hidden = !on;
    if (on) {
      this.#typingTimer = setTimeout(() => this.typing(false), TYPING);
      if (follow) this.bottom();
    }
  }

  /** A line of the house between messages, at most one of each kind. */
  line(kind, ...content) {
    const line = make("li", { class: "line", "data-kind": kind }, ...content);
    if (this.#line(kind)?.textContent === line.textContent) return; // told again, as after a cut
    this.unline(kind);
    const follow = this.#near();
    this.#log.append(line);
    if (follow) this.bottom();
  }

  /** Takes such a line away. */
  unline(kind) {
    this.#line(kind)?.remove();
  }

  /** Moves such a line behind what came since. */
  last(kind) {
    const line = this.#line(kind);
    if (line) this.#log.append(line);
  }

  #line(kind) {
    return this.#log.querySelector(`li.line[data-kind="${kind}"]`);
  }

  #insert(message) {
    const view = new MessageView(message, this.#act);
    this.#place(view);
    return view;
  }

  #place(view) {
    const before = this.#views.indexOf(view);
    if (before >= 0) this.#views.splice(before, 1);
    const at = Date.parse(view.message.at);
    let index = this.#views.length;
    while (index > 0 && Date.parse(this.#views[index - 1].message.at) > at) index--;
    const next = this.#views[index]?.element ?? this.#tail();
    this.#views.splice(index, 0, view);
    if (view.element.nextSibling !== next || !view.element.isConnected) this.#log.insertBefore(view.element, next);
  }

  // A half-said answer stays below what is complete.
  #tail() {
    return this.#log.querySelector('li[data-state="partial"]');
  }

  #remove(view) {
    view.element.remove();
    this.#views.splice(this.#views.indexOf(view), 1);
  }

  #near() {
    return this.#scroll.scrollHeight - this.#scroll.scrollTop - this.#scroll.clientHeight < NEAR;
  }

  bottom() {
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }
}

function who(name) {
  if (name === undefined) return say("talk.machine-writes");
  return name ? say("talk.person-writes", { name }) : say("talk.somebody-writes");
}

function changed(a, b) {
  return a.state !== b.state || a.text !== b.text || a.destroy_at !== b.destroy_at || a.findings?.length !== b.findings?.length;
}
