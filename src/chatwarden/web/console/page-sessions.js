// Who is here. An administrator ends a session with a click, and it is over on every screen at once.

import { make } from "/demo/dom.js";
import { careful, chip, filters, link, more, table, when, word } from "./admin-kit.js";
import { address } from "./router.js";
import { text } from "/demo/strings.js";

export const title = "page.sessions";
const ROLES = ["visitor", "customer", "agent", "admin", "auditor", "trainer", "bot"];

export async function show(root, context) {
  const { query } = context;
  const count = make("p", { class: "small", role: "status" });
  let total = 0;
  const tell = () => (count.textContent = text("sessions.total", { n: total }));
  const revoke = (one) => async () => {
    const done = await context.guarded(async () => {
      await context.ask("DELETE", `/admin/sessions/${encodeURIComponent(one.id)}`);
      return true;
    });
    if (!done) return false;
    document.getElementById(one.id).replaceChildren(chip(text("sessions.ended"), "bad"));
    total -= 1;
    tell();
    return true;
  };
  const act = (one) => {
    if (one.current) return text("sessions.own");
    const place = make("span", { id: one.id });
    if (context.may("admin")) place.append(careful(text("sessions.revoke"), text("sessions.sure"), revoke(one), text("sessions.revoke-of", { name: nameOf(one) })));
    return place;
  };
  const list = table(text("page.sessions"), [
    [text("who"), (one) => (one.principal.kind === "person" ? link(nameOf(one), address("people", [], { name: one.principal.name })) : nameOf(one))],
    [text("role"), (one) => one.principal.roles.map((role) => word("role", role)).join(", ")],
    [text("state"), (one) => (one.state === "active" ? chip(text("state.active"), "good") : chip(word("state", one.state), "warn"))],
    [text("sessions.how"), (one) => one.assurance.factors.map((factor) => word("factor", factor)).join(", ") || word("origin", one.origin)],
    [text("sessions.since"), (one) => when(one.created_at)],
    [text("sessions.last"), (one) => when(one.last_input_at)],
    [text("sessions.until"), (one) => when(one.idle_deadline < one.absolute_deadline ? one.idle_deadline : one.absolute_deadline)],
    [text("talks"), (one) => link(text("talks.of"), address("conversations", [], { owner: one.principal.id }))],
    ...(context.may("admin") ? [[text("act"), act]] : []),
  ], { hideCaption: true });
  let skip = 0;
  const read = async () => {
    await context.guarded(async () => {
      const told = await context.get(`/admin/sessions?${new URLSearchParams([...query, ...(skip ? [["skip", String(skip)]] : [])])}`);
      list.add(told.sessions);
      total = told.total;
      skip = told.next ?? 0;
      tell();
    });
    return skip > 0;
  };
  const again = more(text("more"), read);
  root.append(
    filters("sessions", [], query, [
      { name: "role", label: text("role"), options: ROLES.map((role) => [role, word("role", role)]) },
      { name: "state", label: text("state"), options: ["active", "prompted"].map((state) => [state, word("state", state)]) },
      { name: "user", label: text("sessions.user"), hint: text("sessions.user-hint") },
    ]),
    count, list.element, again,
  );
  again.hidden = !(await read());
}

function nameOf(one) {
  return one.principal.kind === "person" ? one.principal.name : text("kind.named", { kind: word("kind", one.principal.kind), id: one.principal.id.slice(4, 12) });
}
