// The settings as they are in force, each with where it comes from. Nothing is changed here: the file is.

import { make } from "/demo/dom.js";
import { chip, facts, filters, mono, span, table, word } from "./admin-kit.js";
import { text } from "/demo/strings.js";

export const title = "page.settings";
const SOURCES = ["default", "profile", "command line", "file", "earlier file"];

export async function show(root, context) {
  const { query } = context;
  const [name, source] = [(query.get("name") ?? "").toLowerCase(), query.get("source") ?? ""];
  await context.guarded(async () => {
    const told = await context.get("/admin/settings");
    const from = (one) => [chip(word("source", one.source), { file: "good", "earlier file": "warn", "command line": "warn" }[one.source] ?? null), one.line ? ` ${text("settings.line", { line: String(one.line) })}` : null];
    const list = table(text("settings.all"), [
      [text("settings.name"), (one) => mono(one.name)], [text("settings.value"), (one) => mono(one.value)], [text("settings.source"), from],
      [text("settings.after"), (one) => text(one.reload ? "settings.reload" : "settings.restart")], [text("settings.meaning"), (one) => one.meaning],
    ]);
    const wanted = told.settings.filter((one) => one.name.includes(name) && (!source || one.source === source));
    list.add(wanted);
    const roles = table(text("settings.roles"), [
      [text("role"), (one) => word("role", one.role)], [text("settings.idle"), (one) => span(one.idle)], [text("settings.asked"), (one) => span(one.answer_within)], [text("settings.absolute"), (one) => span(one.absolute)],
      [text("settings.confirmation"), (one) => word("factor", one.confirmation)], [text("settings.recheck"), (one) => span(one.recheck)], [text("settings.factor"), (one) => word("needed", one.second_factor)],
    ]);
    roles.add(told.roles);
    root.append(make(
      "div", { class: "stack" },
      make("section", { class: "card", "aria-labelledby": "where" }, make("h2", { id: "where" }, text("settings.where")), facts([[text("settings.file"), mono(told.file ?? text("settings.no-file"))], [text("settings.profile"), told.profile], [text("settings.lab"), told.lab ? chip(text("settings.lab-on"), "bad") : text("no")]]), make("p", { class: "small" }, text("settings.secrets"))),
      filters("settings", [], query, [{ name: "name", label: text("settings.name") }, { name: "source", label: text("settings.source"), options: SOURCES.map((one) => [one, word("source", one)]) }]),
      make("p", { class: "small", role: "status" }, text("settings.count", { n: wanted.length })), list.element, roles.element,
    ));
  });
}
