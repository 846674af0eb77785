// What is going on, in numbers that move by themselves. Each leads to the list behind it.

import { button, make } from "/demo/dom.js";
import { brief, chip, filters, link, more, refusal, table, toList, when, word } from "./admin-kit.js";
import { Bars, Share } from "./chart.js";
import { address } from "./router.js";
import { count, text } from "/demo/strings.js";

export const title = "page.overview";
const EVERY = 5;
const PARTS = { answered: (name) => name, "handed-over": (name) => word("reason", name), "bot-failures": (name) => word("failure", name), destroyed: (name) => word("destroyed", name), refused: refusal, attacks: (name) => word("event", name) };
const BOXES = ["messages", "answered", "handed-over", "found", "destroyed", "refused", "attacks", "bot-failures"];

export async function show(root, context) {
  if (context.args[0] === "found") return found(root, context);
  const overview = new Overview(root, context);
  await context.guarded(() => overview.read());
  context.every(EVERY, () => overview.read());
  return undefined;
}

class Overview {
  #context;
  #span = "hour";
  #boxes = new Map();
  #people = make("ul", { class: "parts" });
  #peopleTotal = make("a", { class: "big" }, "–");
  #bots = make("p", { class: "small" });
  #share = new Share();
  #shareWords = make("p", {});
  #classes;
  #classBox = make("div", {});
  #note = make("p", { class: "small", role: "status" });
  #spans = new Map();

  constructor(root, context) {
    this.#context = context;
    for (const name of ["hour", "day"]) this.#spans.set(name, button(text(`span.${name}`), "soft", () => this.#choose(name)));
    const choose = make("div", { class: "row spans", role: "group", "aria-label": text("span") }, ...this.#spans.values(), this.#note);
    const now = make("section", { class: "card double", "aria-labelledby": "now-title" }, make("h2", { id: "now-title" }, text("overview.now")), this.#peopleTotal, this.#people, this.#bots);
    const who = make("section", { class: "card double", "aria-labelledby": "who-title" }, make("h2", { id: "who-title" }, text("overview.who")), this.#shareWords, this.#share.element);
    for (const name of BOXES) this.#boxes.set(name, new Box(name));
    root.append(choose, make("div", { class: "cards overview" }, now, who, ...[...this.#boxes.values()].map((one) => one.element)), this.#classBox);
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
    const [bot, people] = [by.answered.count, by["handed-over"].count];
    this.#share.show(bot, people);
    this.#shareWords.textContent = bot + people ? text("overview.share", { percent: Math.round((bot / (bot + people)) * 100), bot, people }) : text("overview.quiet");
    this.#drawClasses(told.classes);
    this.#note.textContent = told.complete ? "" : text("overview.counting");
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
    this.#context.guarded(() => this.read());
  }

  #mark() {
    for (const [name, one] of this.#spans) one.setAttribute("aria-pressed", String(name === this.#span));
  }
}

/** A number with its chart and its parts. */
class Box {
  #name;
  #count = make("a", { class: "big" }, "–");
  #parts = make("ul", { class: "parts" });
  #chart;

  constructor(name) {
    this.#name = name;
    const label = text(`number.${name}`);
    this.#chart = new Bars(label);
    this.element = make("section", { class: "card number-box", "data-number": name, "aria-labelledby": `n-${name}` }, make("h2", { id: `n-${name}` }, label), this.#count, this.#chart.element, this.#parts);
  }

  show(told, since, step) {
    this.#count.textContent = count(told.count);
    this.#count.href = toList(told.list);
    this.#count.setAttribute("aria-label", text("number.list", { count: told.count, name: text(`number.${this.#name}`) }));
    this.element.dataset.any = String(told.count > 0);
    this.#chart.show(told.series, since, step);
    parts(this.#parts, this.#name === "found" ? [] : told.parts.slice(0, 6), PARTS[this.#name] ?? ((name) => name));
  }
}

/** Brings a list of parts up to date without making anew what has not changed, so that focus stays where it is. */
function parts(list, told, named) {
  list.hidden = told.length === 0;
  told.forEach((one, at) => {
    const item = list.children[at] ?? list.appendChild(make("li", {}, make("a", {}), make("span", { class: "number" })));
    const [label, number] = item.children;
    if (label.textContent !== named(one.name)) label.textContent = named(one.name);
    label.href = toList(one.list);
    number.textContent = count(one.count);
  });
  while (list.children.length > told.length) list.lastChild.remove();
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
