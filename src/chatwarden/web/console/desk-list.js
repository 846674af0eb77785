// The list beside the conversation: what is mine, what waits, what colleagues have; and whether I am there.

import { button, make } from "/demo/dom.js";
import { running, timer, turn } from "./desk-times.js";
import { known, text } from "/demo/strings.js";

const PRESENCES = ["available", "away", "offline"];
const GROUPS = ["mine", "queue", "offered", "others"];

/** Why a conversation is here: "Topic: fraud". */
export function reasonOf(entry) {
  const reason = text(known(`reason.${entry.reason}`) ? `reason.${entry.reason}` : "reason.other");
  if (!entry.detail) return reason;
  return text("reason.with", { reason, detail: known(`topic.${entry.detail}`) ? text(`topic.${entry.detail}`) : entry.detail });
}

/** What a person is called; where their name may not be shown, by the end of the conversation's id, to tell them apart. */
export const nameOf = (entry) => entry.person?.name || text(entry.person?.kind === "person" ? "person.person" : "person.visitor", { id: (entry.conversation ?? "").slice(-4) });

/** Which list an entry is in. */
export function groupOf(entry, me) {
  if (entry.state === "queued") return "queue";
  if (entry.state === "offered") return "offered";
  return entry.assigned_to?.id === me.id ? "mine" : "others";
}

const byTime = (field) => (a, b) => Date.parse(a[field] ?? 0) - Date.parse(b[field] ?? 0);
const ORDER = {
  queue: (a, b) => b.priority - a.priority || byTime("waiting_since")(a, b),
  offered: byTime("last_at"),
  mine: byTime("assigned_at"),
  others: byTime("assigned_at"),
};

const span = (kind, ...content) => make("span", { class: kind }, ...content);

/** What stands in the row of an entry. */
function content(entry, group) {
  const unread = entry.unread && group === "mine" ? [span("unread", span("hidden", text("desk.unread", { n: entry.unread })), make("span", { "aria-hidden": "true" }, String(entry.unread)))] : [];
  const chips = [make("span", { class: "chip", "data-kind": entry.priority > 0 ? "warn" : "plain" }, reasonOf(entry))];
  if (entry.skill) chips.push(span("chip", entry.skill));
  const times = running(entry).map(timer);
  if (group === "others" && entry.assigned_to) times.push(span("small", text("desk.with", { name: entry.assigned_to.name })));
  return [
    span("entry-top", make("strong", {}, nameOf(entry)), span("small", entry.state === "wrap-up" ? text("state.wrap-up") : entry.bot), ...unread),
    span("entry-why", ...chips),
    ...(entry.summary ? [span("entry-summary", entry.summary)] : []),
    ...(times.length ? [span("entry-times", ...times)] : []),
  ];
}

export class DeskList {
  #root;
  #act;
  #lists = {};
  #counts = {};
  #rows = new Map(); // conversation -> {item, link, entry}
  #presence = {};
  #load = make("p", { class: "small" });

  /** `act` has presence(value), next(), address(conversation). */
  constructor(root, act) {
    this.#root = root;
    this.#act = act;
    root.append(this.#head());
    for (const group of GROUPS) {
      const list = make("ul", { class: "entries" });
      const count = make("span", { class: "count" });
      const heading = make("h2", { id: `desk-${group}` }, text(`desk.${group}`), " ", count);
      list.setAttribute("aria-labelledby", heading.id);
      const tools = group === "queue" ? [button(text("desk.next"), "link", () => act.next())] : [];
      root.append(make("section", { class: "group", "data-group": group }, make("div", { class: "group-head" }, heading, ...tools), list, make("p", { class: "small empty-line" }, text(`desk.${group}.none`))));
      this.#lists[group] = list;
      this.#counts[group] = count;
    }
  }

  #head() {
    const choices = PRESENCES.map((one) => {
      const radio = make("input", { type: "radio", name: "presence", value: one });
      radio.addEventListener("change", () => this.#act.presence(one));
      this.#presence[one] = radio;
      return make("label", { class: "segment", "data-presence": one }, radio, make("span", {}, text(`presence.${one}`)));
    });
    return make("fieldset", { class: "presence-choice" }, make("legend", { class: "hidden" }, text("presence")), make("div", { class: "segments" }, ...choices), this.#load);
  }

  draw(me, entries, current) {
    for (const [name, radio] of Object.entries(this.#presence)) radio.checked = name === me.presence;
    this.#load.textContent = text("desk.load", { n: me.assigned, capacity: me.capacity });
    const gone = new Set(this.#rows.keys());
    for (const group of GROUPS) {
      const here = entries.filter((one) => groupOf(one, me) === group).sort(ORDER[group]);
      this.#place(this.#lists[group], here.map((entry) => (gone.delete(entry.conversation), this.#row(entry, group, current))));
      this.#counts[group].textContent = here.length ? String(here.length) : "";
      this.#lists[group].parentElement.dataset.empty = String(here.length === 0);
    }
    for (const conversation of gone) {
      this.#rows.get(conversation).item.remove();
      this.#rows.delete(conversation);
    }
  }

  // A node that moves loses the focus; whoever was on it stays on it.
  #place(list, items) {
    const focused = document.activeElement;
    items.forEach((item, place) => {
      if (list.children[place] !== item) list.insertBefore(item, list.children[place] ?? null);
    });
    if (list.contains(focused) && document.activeElement !== focused) focused.focus({ preventScroll: true });
  }

  #row(entry, group, current) {
    let row = this.#rows.get(entry.conversation);
    if (!row) {
      const link = make("a", { class: "entry", href: this.#act.address(entry.conversation), "data-conversation": entry.conversation });
      row = { link, item: make("li", {}, link), drawn: "" };
      this.#rows.set(entry.conversation, row);
    }
    row.entry = entry;
    if (entry.conversation === current) row.link.setAttribute("aria-current", "true");
    else row.link.removeAttribute("aria-current");
    const drawn = JSON.stringify([group, entry]);
    if (row.drawn === drawn) return row.item;
    row.drawn = drawn;
    row.link.dataset.state = entry.state;
    row.link.replaceChildren(...content(entry, group));
    return row.item;
  }

  tick() {
    for (const { link, entry } of this.#rows.values()) {
      const times = running(entry);
      for (const node of link.querySelectorAll(".time")) {
        const one = times.find((time) => time.kind === node.dataset.time);
        if (one) turn(node, one);
      }
    }
  }

  get #links() {
    return [...this.#root.querySelectorAll(".entry")];
  }

  /** The focus to the next entry, or the one before. */
  move(step) {
    const links = this.#links;
    const at = links.findIndex((link) => link === document.activeElement || (document.activeElement === document.body && link.hasAttribute("aria-current")));
    const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + step));
    links[next]?.focus();
  }

  /** The focus to an entry, or to the first. */
  focus(conversation) {
    (this.#rows.get(conversation)?.link ?? this.#links[0] ?? this.#root.querySelector("input:checked"))?.focus();
  }

  get focused() {
    return document.activeElement?.dataset?.conversation ?? "";
  }
}

