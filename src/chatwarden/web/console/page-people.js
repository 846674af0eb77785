// Accounts and roles. An administrator invites people, gives roles, switches accounts off and ends everything of somebody;
// what lets in or keeps out wants a fresh proof.

import { button, make } from "/demo/dom.js";
import { careful, chip, filters, link, more, table, when, word } from "./admin-kit.js";
import { askForm, choice, field } from "./form.js";
import { showInvitation } from "./invitation.js";
import { address } from "./router.js";
import { count, text } from "/demo/strings.js";

export const title = "page.people";
const NAME = "[A-Za-z0-9][A-Za-z0-9._@+\\-]*"; // as identity/model.py has it
const ROLES = ["customer", "agent", "admin", "auditor", "trainer"];

export function show(root, context) {
  return new People(root, context).begin();
}

class People {
  #root;
  #context;
  #list;
  #after = null;

  constructor(root, context) {
    this.#root = root;
    this.#context = context;
    this.#list = table(text("page.people"), [
      [text("who"), (one) => one.name],
      [text("role"), (one) => this.#place(one, "role", () => word("role", one.role))],
      [text("state"), (one) => this.#place(one, "state", () => (one.state === "enabled" ? chip(text("people.on"), "good") : chip(text("people.off"), "bad")))],
      [text("people.way"), (one) => this.#way(one)],
      [text("people.seen"), (one) => when(one.seen_at)],
      [text("page.sessions"), (one) => this.#place(one, "sessions", () => link(count(one.sessions), address("sessions", [], { user: one.name }))), "number"],
      [text("page.audit"), (one) => link(text("people.log"), address("audit", [], { actor: one.id }))],
      ...(this.#admin ? [[text("act"), (one) => this.#place(one, "acts", () => this.#acts(one))]] : []),
    ], { hideCaption: true });
  }

  get #admin() {
    return this.#context.may("admin");
  }

  async begin() {
    const { query } = this.#context;
    const again = more(text("more"), () => this.#read());
    const form = filters("people", [], query, [
      { name: "name", label: text("people.name") },
      { name: "role", label: text("role"), options: ROLES.map((role) => [role, word("role", role)]) },
      { name: "state", label: text("state"), options: [["enabled", text("people.on")], ["disabled", text("people.off")]] },
    ]);
    if (this.#admin) this.#root.append(make("div", { class: "row head" }, button(text("people.invite"), "primary", () => this.#invite())));
    this.#root.append(form, this.#list.element, again);
    again.hidden = !(await this.#read());
  }

  async #read() {
    const { query } = this.#context;
    await this.#context.guarded(async () => {
      const told = await this.#context.get(`/admin/people?${new URLSearchParams([...query, ...(this.#after ? [["after", this.#after]] : [])])}`);
      this.#list.add(told.people);
      this.#after = told.next;
    });
    return this.#after !== null;
  }

  /** How somebody comes in, with their second factors. */
  #way(one) {
    if (!one.vouched && !one.enrolled) return chip(text("people.invited"), "warn");
    const first = one.vouched ? text("people.vouched") : word("factor", "password");
    return [first, ...one.second_factors.map((factor) => word("factor", factor))].join(", ");
  }

  /** A cell that is drawn anew when its account changes. */
  #place(one, name, drawn) {
    const place = make("span", { class: `cell-${name}` });
    const draw = () => place.replaceChildren(drawn());
    one.draw = { ...one.draw, [name]: draw };
    draw();
    return place;
  }

  #acts(one) {
    const place = make("span", { class: "acts" });
    if (one.id === this.#context.visit.session.principal.id) return make("span", { class: "small" }, text("people.you"));
    const on = one.state === "enabled";
    const plain = (label, act) => {
      const made = button(label, "link", act);
      made.setAttribute("aria-label", text("button.of", { act: label, what: one.name }));
      return made;
    };
    const asked = (label, question, act) => careful(label, question, act, text("button.of", { act: label, what: one.name }));
    place.append(plain(text("people.role"), () => this.#giveRole(one)));
    if (!one.enrolled && !one.vouched) place.append(plain(text("people.again"), () => this.#inviteAgain(one)));
    if (one.sessions) place.append(asked(text("people.end"), text("people.sure-end"), () => this.#change(one, "DELETE", "sessions", "people.ended")));
    place.append(on
      ? asked(text("people.disable"), text("people.sure-off"), () => this.#change(one, "POST", "disable", "people.disabled"))
      : asked(text("people.enable"), text("people.sure-on"), () => this.#change(one, "POST", "enable", "people.enabled")));
    return place;
  }

  /** Asks the gateway; where it says that this does not go with how things are, `why` says so. */
  async #asking(why, method, path, body) {
    try {
      return await this.#context.ask(method, path, body);
    } catch (error) {
      if (error.name !== "conflict") throw error;
      this.#context.tell(why);
      return null;
    }
  }

  #change(one, method, what, told, body) {
    return this.#context.guarded(async () => {
      const now = await this.#asking(text("people.last", { name: one.name }), method, `/admin/people/${encodeURIComponent(one.id)}/${what}`, body);
      if (!now) return false;
      one.state = now.state;
      one.role = now.role;
      if (what !== "enable") one.sessions = 0;
      for (const draw of Object.values(one.draw)) draw();
      this.#context.tell(text(told, { name: one.name, n: now.sessions_ended, role: word("role", one.role) }));
      return true;
    });
  }

  async #giveRole(one) {
    const role = choice(ROLES.map((name) => [name, word("role", name)]));
    role.value = one.role;
    const wanted = await askForm({
      title: text("people.role-of", { name: one.name }), why: text("people.role-why"), fields: [field(text("role"), role)], yes: text("people.role-yes"),
      read: () => role.value, signal: this.#context.signal,
    });
    if (wanted && wanted !== one.role) await this.#change(one, "PUT", "role", "people.has-role", { role: wanted });
  }

  async #invite() {
    const name = make("input", { class: "input", type: "text", required: "", maxlength: "64", pattern: NAME, title: text("people.account-hint"), autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
    const role = choice(ROLES.map((one) => [one, word("role", one)]));
    const email = make("input", { class: "input", type: "email", maxlength: "254", autocomplete: "off" });
    role.value = "agent";
    const wanted = await askForm({
      title: text("people.invite"), why: text("people.invite-why"), yes: text("people.invite-yes"), signal: this.#context.signal,
      fields: [field(text("people.account"), name), field(text("role"), role), field(text("people.email"), email)],
      read: () => ({ name: name.value.trim(), role: role.value, email: email.value.trim() }),
    });
    if (!wanted) return;
    await this.#context.guarded(async () => {
      const made = await this.#asking(text("people.taken", { name: wanted.name }), "POST", "/admin/people", wanted);
      if (!made) return;
      await showInvitation(made, this.#context.signal);
      this.#list.clear();
      this.#after = null;
      await this.#read();
    });
  }

  #inviteAgain(one) {
    return this.#context.guarded(async () => {
      const made = await this.#asking(text("people.came", { name: one.name }), "POST", `/admin/people/${encodeURIComponent(one.id)}/invitation`);
      if (made) await showInvitation(made, this.#context.signal);
    });
  }
}
