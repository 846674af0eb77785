// Conversations of everybody, and one of them as staff may see it: masked, with a tombstone for what is destroyed.

import { left, short } from "/demo/clock.js";
import { icon, make } from "/demo/dom.js";
import { Writer } from "/demo/markdown.js";
import { brief, chip, facts, filters, link, more, mono, table, when, word } from "./admin-kit.js";
import { address } from "./router.js";
import { text } from "/demo/strings.js";

export const title = "page.conversations";
const STATES = ["bot", "offered", "queued", "assigned", "wrap-up", "closed"];

export async function show(root, context) {
  if (context.args[0]) return one(root, context, context.args[0]);
  const { query } = context;
  const list = table(text("page.conversations"), [
    [text("talk"), (talk) => link(brief(talk.id), address("conversations", [talk.id]))],
    [text("bot"), (talk) => talk.bot],
    [text("who"), (talk) => talk.name ?? brief(talk.owner)],
    [text("state"), (talk) => chip(word("talk-state", talk.state), talk.state === "bot" ? null : "warn")],
    [text("talk.opened"), (talk) => when(talk.opened_at)],
  ], { hideCaption: true });
  let after = null;
  const read = async () => {
    await context.guarded(async () => {
      const told = await context.get(`/admin/conversations?${new URLSearchParams([...query, ...(after ? [["after", after]] : [])])}`);
      list.add(told.conversations);
      after = told.next;
    });
    return after !== null;
  };
  const again = more(text("more"), read);
  root.append(
    filters("conversations", [], query, [
      { name: "bot", label: text("bot") },
      { name: "state", label: text("state"), options: STATES.map((state) => [state, word("talk-state", state)]) },
      { name: "owner", label: text("who"), hint: text("talk.owner-hint") },
    ]),
    list.element, again,
  );
  again.hidden = !(await read());
  return undefined;
}

async function one(root, context, id) {
  const about = make("div", {});
  const log = make("ol", { class: "said-list", "aria-label": text("talk.messages") });
  let after = null;
  const read = async () => {
    await context.guarded(async () => {
      const told = await context.get(`/admin/conversations/${encodeURIComponent(id)}?${new URLSearchParams(after ? { after } : {})}`);
      if (!about.firstChild) about.append(head(told.conversation));
      log.append(...told.messages.map(message));
      if (!log.firstChild) log.append(make("li", { class: "empty" }, text("talk.empty")));
      after = told.next;
    });
    return after !== null;
  };
  const again = more(text("talk.later"), read);
  root.append(make("div", { class: "stack" }, make("p", {}, link(text("talk.back"), address("conversations"))), about, make("p", { class: "small" }, text("talk.masked")), log, again));
  context.titled(`${id.slice(0, 12)}…`);
  again.hidden = !(await read());
}

function head(talk) {
  const lanes = make("a", { class: "soft", href: `/console/conversation?id=${encodeURIComponent(talk.id)}` }, text("talk.lanes"));
  return make(
    "section", { class: "card", "aria-labelledby": "talk-title" }, make("h2", { id: "talk-title", class: "mono" }, talk.id),
    facts([[text("bot"), talk.bot], [text("who"), talk.name ?? mono(talk.owner)], [text("state"), word("talk-state", talk.state)], [text("talk.opened"), when(talk.opened_at)]]),
    make("div", { class: "row" }, lanes, link(text("talk.log"), address("audit", [], { object: talk.id }))),
  );
}

function message(told) {
  const who = make("span", { class: "who" }, word("from", told.from));
  const top = make("div", { class: "top" }, who, when(told.at));
  if (told.state === "destroyed") {
    const why = told.destroyed ? word("destroyed", told.destroyed.reason) : "";
    return make("li", { class: "line", "data-from": told.from, "data-state": "destroyed" }, top, make("p", { class: "ashes" }, icon("ash"), make("span", {}, text("talk.destroyed"), ...(told.destroyed ? [" ", when(told.destroyed.at), `. ${why}`] : []))));
  }
  const foot = make("p", { class: "small" }, text("talk.lives", { time: short(left(told.destroy_at)) }), ...(told.state === "held" ? [" ", chip(text("talk.held"), "warn")] : []));
  return make("li", { class: "line", "data-from": told.from, "data-state": told.state }, top, said(told), foot);
}

/** A bot's answer with its emphasis and lists, as its person sees it; everything else letter by letter. */
function said(told) {
  const place = make("div", { class: "said" });
  if (told.from === "bot") new Writer(told.text, told.findings).markdown(place);
  else place.append(...marked(told));
  return place;
}

/** The text with what was found set apart; offsets are code points. */
function marked(told) {
  const letters = [...told.text];
  const parts = [];
  let at = 0;
  for (const finding of told.findings ?? []) {
    parts.push(letters.slice(at, finding.start).join(""), make("mark", { title: `${word("class", finding.class)}, ${word("action", finding.action)}` }, letters.slice(finding.start, finding.end).join("")));
    at = finding.end;
  }
  return [...parts, letters.slice(at).join("")];
}
