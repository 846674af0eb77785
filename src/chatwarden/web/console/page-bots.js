// The bots: whom each serves, whether it is asked, what it may do, what it may reach, and the accounts with which they sign in.
// An administrator stops asking one, or all of them, and asks again; that wants a fresh proof.

import { serverNow } from "/demo/clock.js";
import { make } from "/demo/dom.js";
import { careful, chip, chips, day, facts, link, mono, table, when, word } from "./admin-kit.js";
import { address } from "./router.js";
import { text } from "/demo/strings.js";

export const title = "page.bots";
const SOON = 14 * 86_400_000; // that a credential ends within two weeks is worth a word

export async function show(root, context) {
  await context.guarded(async () => {
    const [told, apps] = await Promise.all([context.get("/admin/bots"), context.get("/admin/applications")]);
    const accounts = new Map(told.accounts.map((one) => [one.name, one]));
    const cards = told.bots.map((bot) => new Card(bot, accounts.get(bot.name), apps, context));
    const all = new All(told.all_paused, cards, context);
    for (const card of cards) card.all = all;
    const left = told.accounts.filter((one) => !told.bots.some((bot) => bot.name === one.name));
    root.append(make(
      "div", { class: "stack" }, ...(apps.broker ? [make("p", { class: "warning" }, text("apps.gone", { why: apps.broker }))] : []), all.element,
      make("div", { class: "cards two" }, ...cards.map((card) => card.element)), ...(left.length ? [gone(left)] : []), levels(told.levels),
    ));
    for (const card of cards) card.draw();
  });
}

/** What is said and done about every bot at once. */
class All {
  #cards;
  #context;
  element = make("div", { class: "row all-bots" });

  constructor(paused, cards, context) {
    this.paused = paused;
    this.#cards = cards;
    this.#context = context;
    this.#draw();
  }

  /** Asks the gateway, and draws what it says. */
  change(path, told, values = {}) {
    return this.#context.guarded(async () => {
      const now = await this.#context.ask("POST", path);
      this.paused = now.all_paused;
      this.#draw();
      for (const card of this.#cards) card.take(now.paused.includes(card.name));
      this.#context.tell(text(told, values));
      return true;
    });
  }

  #draw() {
    this.element.replaceChildren(...(this.paused ? [chip(text("bots.all-paused"), "bad")] : []));
    if (!this.#context.may("admin") || !this.#cards.length) return;
    const label = text(this.paused ? "bots.resume-all" : "bots.pause-all");
    const act = this.paused ? () => this.change("/admin/bots/resume", "bots.all-asked") : () => this.change("/admin/bots/pause", "bots.none-asked");
    this.element.append(careful(label, text(this.paused ? "bots.sure-resume" : "bots.sure-pause"), act, label));
  }
}

class Card {
  all = null;
  #bot;
  #context;
  #state = make("span", { class: "row" });

  constructor(bot, account, apps, context) {
    this.#bot = bot;
    this.#context = context;
    const id = `bot-${bot.name}`;
    this.element = make(
      "section", { class: "card", "aria-labelledby": id, "data-bot": bot.name }, make("div", { class: "row" }, make("h2", { id }, bot.name), this.#state),
      facts([
        [text("bots.connector"), bot.connector], [text("bots.url"), bot.url ? mono(bot.url) : null], [text("bots.who"), chips(bot.who.map((role) => word("role", role)))],
        [text("bots.level"), account ? text("bots.level.of", { level: account.level, rights: account.rights.join(", ") }) : text("bots.no-account")], [text("bots.grants"), reaches(bot.name, apps)],
      ]),
      ...(account ? [instances(account)] : []),
      make("div", { class: "row" }, link(text("bots.talks"), address("conversations", [], { bot: bot.name })), link(text("bots.inquiries"), address("overview", ["inquiries"], { bot: bot.name })), link(text("bots.policy"), address("policy"))),
    );
  }

  get name() {
    return this.#bot.name;
  }

  take(paused) {
    this.#bot.paused = paused;
    this.draw();
  }

  draw() {
    const { name, paused, mode } = this.#bot;
    this.#state.replaceChildren(paused ? chip(text("bots.paused"), "warn") : chip(text("bots.asked"), "good"), ...(mode === "observe" ? [chip(text("bots.observe"), "warn")] : []));
    if (!this.#context.may("admin") || this.all.paused) return;
    const label = text(paused ? "bots.resume" : "bots.pause");
    const path = `/admin/bots/${encodeURIComponent(name)}/${paused ? "resume" : "pause"}`;
    const act = () => this.all.change(path, paused ? "bots.resumed" : "bots.stopped", { name });
    this.#state.append(careful(label, text(paused ? "bots.sure-resume" : "bots.sure-pause"), act, text("button.of", { act: label, what: name })));
  }
}

/** What a bot may ask which application for, and what of it does not fit its level any more. */
function reaches(bot, apps) {
  const grants = apps.grants.filter((one) => one.bot === bot);
  const drift = apps.drift.filter((one) => one.bot === bot);
  const names = [...new Set(grants.map((one) => one.application))];
  const shown = names.length ? [link(names.join(", "), address("applications", [], { bot }))] : [text("bots.no-grants")];
  if (apps.broker) return [...shown, " ", chip(text("bots.drift-unknown"), "warn")];
  return drift.length ? [...shown, " ", chip(text("bots.drift", { n: drift.length }), "bad")] : shown;
}

function instances(account) {
  const ends = (one) => {
    const soon = one.expires_at && Date.parse(one.expires_at) - serverNow() < SOON;
    return soon ? [day(one.expires_at), " ", chip(text("bots.soon"), "warn")] : day(one.expires_at);
  };
  const made = table(text("bots.instances", { name: account.name }), [
    [text("bots.instance"), (one) => [one.label, ...(one.sign_in ? [" ", make("span", { class: "small" }, word("sign-in", one.sign_in))] : [])]],
    [text("state"), (one) => [chip(word("bot-state", one.state), one.state === "enabled" ? "good" : "bad"), one.reason ? ` ${one.reason}` : null]],
    [text("bots.made"), (one) => day(one.created_at)],
    [text("bots.used"), (one) => when(one.used_at)],
    [text("bots.expires"), ends],
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
