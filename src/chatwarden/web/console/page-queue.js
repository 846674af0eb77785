// The desk for who answers for it: who waits and how long, what agents have, who is there and since when. Only to look at: an
// administrator writes to nobody here, and no word of a conversation is shown.

import { everySecond, setNow } from "/demo/clock.js";
import { button, make } from "/demo/dom.js";
import { brief, chip, chips, link, table, word } from "./admin-kit.js";
import { running, since, stopwatch, timer, turn } from "./desk-times.js";
import { Worth } from "./desk-worth.js";
import { address } from "./router.js";
import { count, text } from "/demo/strings.js";

export const title = "page.queue";
const EVERY = 3;
const WORTH_EVERY = 30;
const SPANS = ["hour", "day", "week", "month"];
const PRESENCE = { available: "good", away: "warn", offline: null };

export async function show(root, context) {
  const queue = new Queue(root, context);
  await context.guarded(() => Promise.all([queue.read(), queue.worth()]));
  context.every(EVERY, () => queue.read());
  context.every(WORTH_EVERY, () => queue.worth());
  const stop = everySecond(() => queue.tick());
  context.signal.addEventListener("abort", stop);
}

class Queue {
  #context;
  #clocks = []; // [draw] for every time that runs
  #shown = "";
  #lists = make("div", { class: "stack" });
  #count = make("p", { role: "status", class: "small" });
  #worth = new Worth();
  #span = "week";
  #spans = new Map();

  constructor(root, context) {
    this.#context = context;
    for (const name of SPANS) this.#spans.set(name, button(text(`span.${name}`), "soft", () => this.#choose(name)));
    const choose = make("div", { class: "row spans", role: "group", "aria-label": text("span") }, ...this.#spans.values());
    root.append(this.#count, this.#lists, make("h2", { class: "part" }, text("queue.worth")), choose, make("div", { class: "cards overview" }, ...this.#worth.elements));
    this.#mark();
  }

  async read() {
    const at = Date.now();
    const told = await this.#context.get("/admin/desk");
    if (this.#context.signal.aborted) return;
    setNow(told.now, at);
    const shown = JSON.stringify({ ...told, now: "" });
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#draw(told);
  }

  async worth() {
    const told = await this.#context.get(`/admin/desk/numbers?span=${this.#span}`);
    if (!this.#context.signal.aborted) this.#worth.show(told);
  }

  tick() {
    for (const draw of this.#clocks) draw();
  }

  #draw(told) {
    this.#clocks = [];
    const focused = this.#lists.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    const there = told.agents.filter((one) => one.presence !== "offline").length;
    this.#count.textContent = [text("queue.waiting", { n: told.queue.length }), text("queue.there", { n: there })].join(" ");
    const why = (one) => (one.detail ? text("reason.with", { reason: word("reason", one.reason), detail: word("topic", one.detail) }) : word("reason", one.reason));
    const talk = (one) => link(brief(one.conversation), address("conversations", [one.conversation]));
    const lists = [
      [table(text("queue.agents"), [
        [text("behind.agent"), (one) => one.name || brief(one.id)], [text("queue.presence"), (one) => chip(word("presence", one.presence), PRESENCE[one.presence])],
        [text("queue.since"), (one) => this.#since(one.since)], [text("queue.load"), (one) => text("queue.of", { n: one.assigned, capacity: one.capacity }), "number"],
        [text("queue.skills"), (one) => (one.skills.length ? chips(one.skills) : "–")],
      ], { empty: text("queue.no-agents") }), told.agents],
      [table(text("queue.queue"), [
        [text("talk"), talk], [text("queue.times"), (one) => this.#times(one)], [text("behind.reason"), why], [text("queue.skill"), (one) => one.skill || "–"],
        [text("queue.priority"), (one) => count(one.priority), "number"], [text("bot"), (one) => one.bot],
      ], { empty: text("queue.nobody") }), told.queue],
      [table(text("queue.assigned"), [
        [text("talk"), talk], [text("behind.agent"), (one) => one.agent?.name || "–"], [text("state"), (one) => word("talk-state", one.state)],
        [text("queue.times"), (one) => this.#times(one)], [text("queue.since"), (one) => this.#since(one.assigned_at)], [text("behind.reason"), why],
      ], { empty: text("queue.none-assigned") }), told.assigned],
    ];
    if (told.offered.length) lists.push([table(text("desk.offered"), [[text("talk"), talk], [text("behind.reason"), why], [text("bot"), (one) => one.bot]]), told.offered]);
    this.#lists.replaceChildren(...lists.map(([made, rows]) => (made.add(rows), made.element)));
    if (focused) this.#lists.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  /** How long since then, which runs on. */
  #since(instant) {
    if (!instant) return "–";
    const node = make("time", { datetime: instant, title: instant });
    const draw = () => (node.textContent = stopwatch(since(instant)));
    draw();
    this.#clocks.push(draw);
    return node;
  }

  /** What runs for a conversation: how long it waits, until when an answer and a solution are due. */
  #times(one) {
    const place = make("span", { class: "entry-times" });
    const running_ = running(one);
    if (!running_.length) return "–";
    const nodes = running_.map((each) => place.appendChild(timer(each)));
    this.#clocks.push(() => running(one).forEach((each, at) => turn(nodes[at], each)));
    return place;
  }

  #choose(name) {
    this.#span = name;
    this.#mark();
    this.#context.guarded(() => this.worth());
  }

  #mark() {
    for (const [name, one] of this.#spans) one.setAttribute("aria-pressed", String(name === this.#span));
  }
}
