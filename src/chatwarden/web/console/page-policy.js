// What is done with each data class and how long it lives, for every bot in one table.

import { make } from "/demo/dom.js";
import { chip, link, span, table, word } from "./admin-kit.js";
import { address } from "./router.js";
import { text } from "/demo/strings.js";

export const title = "page.policy";
const KINDS = { allowed: "warn", removed: "good", blocked: "good", masked: "good" };

function lives({ lifetime, keep }) {
  const key = `policy.${lifetime ? "lives" : "never"}${keep ? ".keep" : ""}`;
  return text(key, { time: span(lifetime), keep: span(keep) });
}

export async function show(root, context) {
  await context.guarded(async () => {
    const { bots } = await context.get("/admin/policy");
    const rows = (bots[0]?.classes ?? []).map((one, at) => ({ class: one.class, level: one.level, bots: bots.map((bot) => bot.classes[at]) }));
    const cell = (policy) => [
      chip(word("action", policy.action), KINDS[policy.action] ?? null), " ",
      make("span", { class: "small" }, lives(policy)),
    ];
    const made = table(text("page.policy"), [
      [text("class"), (row) => word("class", row.class)],
      ...bots.map((bot, at) => [bot.mode === "observe" ? text("policy.observed", { bot: bot.bot }) : bot.bot, (row) => cell(row.bots[at])]),
      [text("policy.level"), (row) => chip(word("level", row.level))],
    ], { hideCaption: true });
    made.add(rows);
    const plain = table(text("policy.nothing"), [
      [text("bot"), (bot) => bot.bot], [text("policy.mode"), (bot) => word("mode", bot.mode)], [text("policy.default"), (bot) => span(bot.default)], [text("policy.law"), (bot) => (bot.keep ? span(bot.keep) : "–")],
    ]);
    plain.add(bots);
    root.append(make("div", { class: "stack" }, make("p", { class: "small" }, text("policy.about"), " ", link(text("policy.settings"), address("settings", [], { name: "class" }))), made.element, plain.element));
  });
}
