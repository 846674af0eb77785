// The conversations behind the numbers of the desk: when, why, by whom, how long. What was said is not here; a conversation
// is opened by its link, masked, and that is in the log.

import { make } from "/demo/dom.js";
import { brief, chip, filters, link, more, table, took, when, word } from "./admin-kit.js";
import { address } from "./router.js";
import { text } from "/demo/strings.js";

const REASONS = ["asked", "bot-failed", "bot-did-not-know", "repeated", "tone", "topic", "hostile", "agent", "paused"];
const OUTCOMES = ["return", "close", "withdraw", "give-up"];
const talk = (id) => link(brief(id), address("conversations", [id]));
const options = (kind, names) => names.map((name) => [name, word(kind, name)]);

/** Conversations that began, by who answered. */
export function inquiries(root, context) {
  const list = table(text("number.inquiries"), [
    [text("talk"), (one) => talk(one.conversation)],
    [text("talk.opened"), (one) => when(one.began_at)],
    [text("bot"), (one) => one.bot],
    [text("behind.by"), (one) => chip(text(one.handed_over ? "number.by-people" : "number.answered-by-bot"), one.handed_over ? "warn" : "good")],
    [text("state"), (one) => word("talk-state", one.state)],
  ]);
  const fields = [{ name: "by", label: text("behind.by"), options: [["bot", text("number.answered-by-bot")], ["people", text("number.by-people")]] }, { name: "bot", label: text("bot") }];
  return paged(root, context, "inquiries", list, fields, "after");
}

/** Hand-offs for which a person was asked for. */
export function handoffs(root, context) {
  const list = table(text("number.asked-people"), [
    [text("talk"), (one) => talk(one.conversation)],
    [text("behind.asked"), (one) => when(one.asked_at)],
    [text("behind.reason"), (one) => word("reason", one.reason)],
    [text("bot"), (one) => one.bot],
    [text("worth.waiting"), (one) => took(one.waited), "number"],
    [text("worth.handling"), (one) => took(one.handled), "number"],
    [text("behind.agent"), (one) => (one.agent ? one.agent.name : "–")],
    [text("state"), (one) => (one.outcome ? chip(word("outcome", one.outcome), one.outcome === "give-up" ? "bad" : null) : chip(word("talk-state", one.state), "good"))],
  ]);
  const fields = [
    { name: "reason", label: text("behind.reason"), options: options("reason", REASONS) },
    { name: "outcome", label: text("behind.outcome"), options: options("outcome", OUTCOMES) },
    { name: "stage", label: text("behind.stage"), options: [["taken", text("stage.taken")], ["finished", text("stage.finished")]] },
    { name: "bot", label: text("bot") },
  ];
  return paged(root, context, "handoffs", list, fields, "skip");
}

async function paged(root, context, name, list, fields, onward) {
  const { query } = context;
  let next = null;
  const read = async () => {
    await context.guarded(async () => {
      const told = await context.get(`/admin/${name}?${new URLSearchParams([...query, ...(next === null ? [] : [[onward, String(next)]])])}`);
      list.add(told[name]);
      next = told.next;
    });
    return next !== null;
  };
  const again = more(text("more"), read);
  const [from, to] = [query.get("from"), query.get("to")];
  const about = [text("behind.about"), ...(from && to ? [" ", when(from), " – ", when(to), "."] : [])];
  root.append(
    make("p", {}, link(text("found.back"), address("overview"))), filters("overview", [name], query, fields),
    make("p", { class: "small" }, ...about), list.element, again,
  );
  again.hidden = !(await read());
}
