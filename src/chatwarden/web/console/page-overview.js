// What is going on, in numbers that move by themselves. Each leads to the list behind it.

import { button, make } from "/demo/dom.js";
import { brief, chip, filters, link, more, table, toList, when, word } from "./admin-kit.js";
import { handoffs, inquiries } from "./desk-behind.js";
import { Worth } from "./desk-worth.js";
import { Box, parts } from "./number-box.js";
import { address } from "./router.js";
import { count, text } from "/demo/strings.js";

export const title = "page.overview";
const EVERY = 5;
const DESK_EVERY = 15; // counted in the record, not in memory
const BEHIND = { found, handoffs, inquiries };
const BOXES = ["messages", "answered", "found", "destroyed", "refused", "attacks", "bot-failures"];

export async function show(root, context) {
  const behind = Object.hasOwn(BEHIND, context.args[0] ?? "") ? BEHIND[context.args[0]] : null;
  if (behind) return behind(root, context);
  const overview = new Overview(root, context);
  await context.guarded(() => Promise.all([overview.read(), overview.desk()]));
  context.every(EVERY, () => overview.read());
  context.every(DESK_EVERY, () => overview.desk());
  return undefined;
}

class Overview {
  #context;
  #span = "hour";
  #boxes = new Map();
  #people = make("ul", { class: "parts" });
  #peopleTotal = make("a", { class: "big" }, "–");
  #bots = make("p", { class: "small" });
  #worth = new Worth();
  #classes;
  #classBox = make("div", {});
  #note = make("p", { class: "small", role: "status" });
  #spans = new Map();

  constructor(root, context) {
    this.#context = context;
    for (const name of ["hour", "day"]) this.#spans.set(name, button(text(`span.${name}`), "soft", () => this.#choose(name)));
    const choose = make("div", { class: "row spans", role: "group", "aria-label": text("span") }, ...this.#spans.values(), this.#note);
    const now = make("section", { class: "card double", "aria-labelledby": "now-title" }, make("h2", { id: "now-title" }, text("overview.now")), this.#peopleTotal, this.#people, this.#bots);
    for (const name of BOXES) this.#boxes.set(name, new Box(name));
    root.append(choose, make("div", { class: "cards overview" }, now, ...this.#worth.elements, ...[...this.#boxes.values()].map((one) => one.element)), this.#classBox);
    this.#mark();
  }

  async read() {
    const told = await this.#context.get(`/admin/overview?span=${this.#span}`);
    if (this.#context.signal.aborted) return;
    const total = told.people.reduce((sum, one) => sum + one.count, 0);
    this.#peopleTotal.textContent = count(total);
    this.#peopleTotal.href = address("sessions");
    this.#peopleTotal.setAttribute("aria-label", text("overview.people", { n: total }));
    parts(this.#people, told.people, (name) => word("role", name));
    this.#bots.replaceChildren(link(text("overview.bots", { n: told.bots.asked }), toList(told.bots.list)), ...(told.bots.paused ? [" ", chip(text("overview.paused", { n: told.bots.paused }), "warn")] : []));
    const by = Object.fromEntries(told.numbers.map((one) => [one.name, one]));
    for (const [name, box] of this.#boxes) box.show(by[name], told.since, told.step);
    this.#drawClasses(told.classes);
    this.#note.textContent = told.complete ? "" : text("overview.counting");
  }

  async desk() {
    const told = await this.#context.get(`/admin/desk/numbers?span=${this.#span}`);
    if (!this.#context.signal.aborted) this.#worth.show(told);
  }

  #drawClasses(classes) {
    const shown = JSON.stringify(classes);
    if (this.#classes === shown) return;
    this.#classes = shown;
    const made = table(text("overview.classes"), [
      [text("class"), (one) => word("class", one.class)],
      [text("overview.found"), (one) => link(count(one.found), toList(one.found_list)), "number"],
      [text("overview.destroyed"), (one) => link(count(one.destroyed), toList(one.destroyed_list)), "number"],
    ], { empty: text("overview.nothing-found") });
    made.add(classes);
    this.#classBox.replaceChildren(made.element);
  }

  #choose(name) {
    this.#span = name;
    this.#mark();
    this.#context.guarded(() => Promise.all([this.read(), this.desk()]));
  }

  #mark() {
    for (const [name, one] of this.#spans) one.setAttribute("aria-pressed", String(name === this.#span));
  }
}

/** Messages with personal data in them. */
async function found(root, context) {
  const { query } = context;
  const list = table(text("found.title"), [
    [text("found.message"), (one) => (one.conversation ? link(brief(one.message), address("conversations", [one.conversation])) : brief(one.message))],
    [text("found.by"), (one) => word("from", one.from)],
    [text("found.at"), (one) => when(one.at)],
    [text("class"), (one) => one.classes.map((name) => word("class", name)).join(", ")],
    [text("found.state"), (one) => (one.destroyed_at ? [chip(text("found.destroyed")), " ", when(one.destroyed_at), ` ${word("destroyed", one.reason ?? "")}`] : chip(text("found.live"), "good"))],
  ]);
  let skip = 0;
  const read = async () => {
    await context.guarded(async () => {
      const given = new URLSearchParams([...query, ...(skip ? [["skip", String(skip)]] : [])]);
      const told = await context.get(`/admin/found?${given}`);
      list.add(told.found);
      skip = told.next ?? 0;
    });
    return skip > 0;
  };
  const again = more(text("more"), read);
  root.append(
    make("p", {}, link(text("found.back"), address("overview"))),
    filters("overview", ["found"], query, [{ name: "state", label: text("found.state"), options: [["live", text("found.live")], ["destroyed", text("found.destroyed")]] }]),
    make("p", { class: "small" }, text("found.about", { class: word("class", query.get("class") ?? "any") })), list.element, again,
  );
  again.hidden = !(await read());
}
