// The bots, what each may do, and the accounts with which they sign in themselves.

import { make } from "/demo/dom.js";
import { chip, chips, facts, link, table, when, word } from "./admin-kit.js";
import { address } from "./router.js";
import { text } from "/demo/strings.js";

export const title = "page.bots";

export async function show(root, context) {
  await context.guarded(async () => {
    const told = await context.get("/admin/bots");
    const accounts = new Map(told.accounts.map((one) => [one.name, one]));
    const cards = told.bots.map((bot) => card(bot, accounts.get(bot.name)));
    const left = told.accounts.filter((one) => !told.bots.some((bot) => bot.name === one.name));
    root.append(make("div", { class: "stack" }, make("div", { class: "cards two" }, ...cards), ...(left.length ? [gone(left)] : []), levels(told.levels)));
  });
}

function card(bot, account) {
  const id = `bot-${bot.name}`;
  const head = make("div", { class: "row" }, make("h2", { id }, bot.name), bot.paused ? chip(text("bots.paused"), "warn") : chip(text("bots.asked"), "good"), ...(bot.mode === "observe" ? [chip(text("bots.observe"), "warn")] : []));
  return make(
    "section", { class: "card", "aria-labelledby": id, "data-bot": bot.name }, head,
    facts([
      [text("bots.connector"), bot.connector], [text("bots.url"), bot.url], [text("bots.who"), chips(bot.who.map((role) => word("role", role)))],
      [text("bots.level"), account ? text("bots.level.of", { level: account.level, rights: account.rights.join(", ") }) : text("bots.no-account")],
    ]),
    ...(account ? [instances(account)] : []),
    make("div", { class: "row" }, link(text("bots.talks"), address("conversations", [], { bot: bot.name })), link(text("bots.grants"), address("applications", [], { bot: bot.name })), link(text("bots.policy"), address("policy"))),
  );
}

function instances(account) {
  const made = table(text("bots.instances", { name: account.name }), [
    [text("bots.instance"), (one) => one.label],
    [text("state"), (one) => [chip(word("bot-state", one.state), one.state === "enabled" ? "good" : "bad"), one.reason ? ` ${one.reason}` : null]],
    [text("bots.sign-in"), (one) => (one.sign_in ? word("sign-in", one.sign_in) : "–")],
    [text("bots.used"), (one) => when(one.used_at)],
    [text("bots.expires"), (one) => when(one.expires_at)],
  ]);
  made.add(account.instances);
  return made.element;
}

function gone(accounts) {
  const made = table(text("bots.gone"), [[text("bot"), (one) => one.name], [text("bots.level"), (one) => one.level], [text("state"), (one) => word("bot-state", one.state)]]);
  made.add(accounts);
  return made.element;
}

function levels(all) {
  const made = table(text("bots.levels"), [[text("bots.level"), (one) => one.name], [text("bots.rights"), (one) => chips(one.rights)]], { empty: text("bots.no-levels") });
  made.add(all);
  return made.element;
}
