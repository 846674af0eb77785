// The log: who did what and why, as a list or in two lanes with the lines of causes, and a check of all of it with a click.

import { make } from "/demo/dom.js";
import { Lanes } from "/demo/lanes.js";
import { brief, chip, filters, link, more, table, when, word } from "./admin-kit.js";
import { Check } from "./audit-check.js";
import { address } from "./router.js";
import { text } from "/demo/strings.js";

export const title = "page.audit";
const LANES = ["client", "bot", "staff", "system"];
const CLASSES = ["any", "payment-card", "card-code", "iban", "bank-account", "national-id", "passport", "driver-licence", "phone", "email", "postal-address", "person-name", "date-of-birth", "ip-address", "mac-address", "crypto-wallet", "credential", "health", "location", "url"];
const OF_VIEW = ["view"];

export async function show(root, context) {
  const { query } = context;
  const lanes = query.get("view") === "lanes";
  const check = new Check(context);
  const list = lanes ? new InLanes() : new AsList();
  const reach = make("p", { class: "small", role: "status" });
  const asked = [...query].filter(([name]) => !OF_VIEW.includes(name));
  let before = null;
  const read = async () => {
    await context.guarded(async () => {
      const told = await context.get(`/admin/audit?${new URLSearchParams([...asked, ...(before ? [["before", String(before)]] : [])])}`);
      list.add(told.entries);
      before = told.next;
      reach.replaceChildren(text("audit.shown", { n: list.count }), ...(told.back_to ? [" ", text(before ? "audit.back-to" : "audit.whole"), ...(before ? [" ", when(told.back_to)] : [])] : []));
    });
    return before !== null;
  };
  const again = more(text("audit.earlier"), read);
  root.append(make("div", { class: "stack" }, check.element, views(query, lanes), form(query), reach, ...(lanes ? [again, list.element] : [list.element, again])));
  await check.look();
  again.hidden = !(await read());
}

/** Chooses between the list and the lanes; what is asked for stays. */
function views(query, lanes) {
  const to = (view) => address("audit", [], { ...Object.fromEntries(query), view });
  const choice = (view, on) => make("a", { class: "soft", href: to(view), "aria-current": on ? "true" : null }, text(view ? "audit.lanes" : "audit.list"));
  return make("nav", { class: "row spans", "aria-label": text("audit.view") }, choice("", !lanes), choice("lanes", lanes));
}

function form(query) {
  return filters("audit", [], query, [
    { name: "event", label: text("audit.event"), hint: "message:received" },
    { name: "lane", label: text("audit.lane"), options: LANES.map((lane) => [lane, word("lane", lane)]) },
    { name: "decision", label: text("audit.decision"), options: ["allow", "deny", "observe"].map((one) => [one, word("decision", one)]) },
    { name: "class", label: text("class"), options: CLASSES.map((one) => [one, word("class", one)]) },
    { name: "actor", label: text("audit.actor"), hint: text("audit.actor-hint") },
    { name: "object", label: text("audit.object"), hint: "msg_…" },
    { name: "from", label: text("audit.from"), hint: "2026-11-28" },
    { name: "to", label: text("audit.to"), hint: "2026-11-29T12:00Z" },
  ]);
}

class AsList {
  count = 0;
  #table = table(text("page.audit"), [
    [text("audit.entry"), (one) => `${one.index}`], [text("audit.at"), (one) => when(one.at)],
    [text("audit.event"), (one) => [word("event", one.event), " ", one.decision === "allow" ? null : chip(word("decision", one.decision), one.decision === "deny" ? "bad" : "warn")]],
    [text("audit.lane"), (one) => word("lane", one.lane)],
    [text("audit.actor"), (one) => link(brief(one.actor), address("audit", [], { actor: one.actor }))],
    [text("audit.why"), (one) => [one.reason, one.resource ? ` ${one.resource}` : null, one.late ? " " : null, one.late ? chip(text("audit.late"), "warn") : null]],
    [text("audit.object"), (one) => (one.conversation ? link(brief(one.object), address("conversations", [one.conversation])) : brief(one.object))],
    [text("audit.receipt"), (one) => brief(one.receipt)],
  ], { hideCaption: true });

  get element() {
    return this.#table.element;
  }

  add(entries) {
    this.count += entries.length;
    this.#table.add(entries);
  }
}

/** The same in two lanes, oldest first, with a line from every cause to what followed from it. */
class InLanes {
  #entries = [];
  #list = make("ol", { class: "steps", "aria-label": text("audit.oldest-first") });
  #board = make("div", { class: "board" }, this.#list);
  element = make("section", { class: "log" }, make("link", { rel: "stylesheet", href: "/demo/conversation.css" }), make("div", { class: "lane-names", "aria-hidden": "true" }, make("span", {}, text("audit.house")), make("span", {}, text("bot"))), this.#board);
  #lanes = new Lanes(this.#board, this.#list);

  get count() {
    return this.#entries.length;
  }

  add(entries) {
    this.#entries = [...entries.toReversed(), ...this.#entries];
    const places = new Map(this.#entries.map((one, at) => [one.receipt, at]));
    this.#lanes.show(this.#entries.map((one) => ({ ...one, caused_by: places.get(one.cause) ?? null })));
  }
}
