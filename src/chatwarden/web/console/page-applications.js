// The applications that bots reach through the broker: which bot may ask which one for what, and what is signed in now. No
// credential is here; the broker shows it to nobody.

import { make } from "/demo/dom.js";
import { chip, chips, filters, link, mono, span, table, when, word } from "./admin-kit.js";
import { address } from "./router.js";
import { text } from "/demo/strings.js";

export const title = "page.applications";

export async function show(root, context) {
  const { query } = context;
  const wanted = query.get("bot");
  await context.guarded(async () => {
    const told = await context.get("/admin/applications");
    const apps = table(text("page.applications"), [
      [text("apps.name"), (one) => one.name], [text("apps.url"), (one) => mono(one.url)], [text("apps.sign-in"), (one) => word("sign-in", one.sign_in)],
      [text("apps.account"), (one) => one.account || "–"], [text("apps.since"), (one) => when(one.at)], [text("apps.generation"), (one) => String(one.generation), "number"],
    ], { empty: text("apps.none") });
    apps.add(told.applications);
    const drift = new Map(told.drift.map((one) => [one.id, one.drift]));
    const grants = table(text("apps.grants"), [
      [text("bot"), (one) => link(one.bot, address("bots"))], [text("apps.application"), (one) => one.application],
      [text("apps.may"), (one) => [make("span", {}, one.methods.join(", ")), " ", mono(one.paths.join(" "))]],
      [text("apps.right"), (one) => [one.right, drift.has(one.id) ? chip(drift.get(one.id), "bad") : null]],
      [text("apps.person"), (one) => one.person_right || "–"], [text("apps.fresh"), (one) => (one.step_up ? span(one.step_up) : "–")],
      [text("apps.classes"), (one) => (one.classes.length ? chips(one.classes.map((name) => word("class", name))) : "–")], [text("apps.rate"), (one) => one.rate ?? "–"],
    ], { empty: text("apps.no-grants") });
    grants.add(told.grants.filter((one) => !wanted || one.bot === wanted));
    const leases = table(text("apps.leases"), [
      [text("apps.application"), (one) => one.application], [text("bot"), (one) => one.bot], [text("state"), (one) => chip(word("lease", one.state), one.state === "not-revoked" ? "bad" : null)],
      [text("apps.tries"), (one) => String(one.tries), "number"],
    ], { empty: text("apps.no-leases") });
    leases.add(told.leases);
    const bots = [...new Set(told.grants.map((one) => one.bot))].sort();
    root.append(make(
      "div", { class: "stack" }, ...(told.broker ? [make("p", { class: "warning" }, text("apps.gone", { why: told.broker }))] : []), apps.element,
      filters("applications", [], query, [{ name: "bot", label: text("bot"), options: bots.map((bot) => [bot, bot]) }]), grants.element, leases.element,
    ));
  });
}
