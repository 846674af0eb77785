// Accounts and roles. An administrator switches one off, and everything of it ends; that wants a fresh proof.

import { make } from "/demo/dom.js";
import { careful, chip, filters, link, more, table, when, word } from "./admin-kit.js";
import { address } from "./router.js";
import { text } from "/demo/strings.js";

export const title = "page.people";
const ROLES = ["customer", "agent", "admin", "auditor", "trainer"];

export async function show(root, context) {
  const { query } = context;
  const states = new Map();
  const drawn = (one) => {
    const place = make("span", {});
    states.set(one.id, place);
    draw(one, place);
    return place;
  };
  const draw = (one, place) => {
    const on = one.state === "enabled";
    place.replaceChildren(on ? chip(text("people.on"), "good") : chip(text("people.off"), "bad"), " ");
    if (!context.may("admin") || one.id === context.visit.session.principal.id) return;
    const label = text(on ? "people.disable" : "people.enable");
    place.append(careful(label, text(on ? "people.sure-off" : "people.sure-on"), () => change(one, on ? "disable" : "enable"), text("button.of", { act: label, what: one.name })));
  };
  const change = (one, what) => context.guarded(async () => {
    const told = await context.ask("POST", `/admin/people/${encodeURIComponent(one.id)}/${what}`);
    one.state = told.state;
    draw(one, states.get(one.id));
    context.tell(text(what === "disable" ? "people.disabled" : "people.enabled", { name: one.name, n: told.sessions_ended }));
    return true;
  });
  const list = table(text("page.people"), [
    [text("who"), (one) => one.name],
    [text("role"), (one) => word("role", one.role)],
    [text("state"), drawn],
    [text("people.factors"), (one) => (one.second_factors.length ? one.second_factors.map((factor) => word("factor", factor)).join(", ") : text("people.none"))],
    [text("people.enrolled"), (one) => text(one.enrolled ? "yes" : "no")],
    [text("people.seen"), (one) => when(one.seen_at)],
    [text("page.sessions"), (one) => link(String(one.sessions), address("sessions", [], { user: one.name })), "number"],
    [text("page.audit"), (one) => link(text("people.log"), address("audit", [], { actor: one.id }))],
  ], { hideCaption: true });
  let after = null;
  const read = async () => {
    await context.guarded(async () => {
      const told = await context.get(`/admin/people?${new URLSearchParams([...query, ...(after ? [["after", after]] : [])])}`);
      list.add(told.people);
      after = told.next;
    });
    return after !== null;
  };
  const again = more(text("more"), read);
  root.append(
    filters("people", [], query, [
      { name: "name", label: text("people.name") },
      { name: "role", label: text("role"), options: ROLES.map((role) => [role, word("role", role)]) },
      { name: "state", label: text("state"), options: [["enabled", text("people.on")], ["disabled", text("people.off")]] },
    ]),
    list.element, again,
  );
  again.hidden = !(await read());
}
