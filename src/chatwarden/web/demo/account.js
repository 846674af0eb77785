// The page on which people keep their own account: how they were identified, their factors, their visits. Every change is the
// gateway's decision; where it wants a fresh proof, the person is asked.

import { Problem, Unreachable } from "./api.js";
import { dateAndTime, everySecond, left, words } from "./clock.js";
import { NotCompleted, arrived as fromCompany } from "./company.js";
import { button, by, make } from "./dom.js";
import { calmly, howIdentified, whyEnded } from "./findings.js";
import { possible } from "./passkey.js";
import { revealable } from "./password.js";
import { Proof, TimeOver } from "./proof.js";
import { asking, editing, row } from "./rows.js";
import { Setup } from "./setup.js";
import { SignIn } from "./signin.js";
import { recall } from "./store.js";
import { known, list, text as say } from "./strings.js";
import { Visit } from "./visit.js";

const STAFF = ["agent", "admin", "auditor"]; // who has use for the console

const visit = new Visit({ took, ended, incomplete: () => guarded(() => visit.look()) });
const ask = (method, path, body) => visit.patiently(() => visit.ask(method, path, body));
const signIn = new SignIn(new Proof("login"), { token: () => visit.token, arrived }, say("account.sign-in.why"));
const setup = new Setup({ ask, added, refused: (error) => visit.refused(error), name: () => visit.session?.principal.name ?? "", closed });
const account = { incomplete: false };

// -- who is here

async function begin() {
  if (location.hash.startsWith("#name=")) {
    account.name = decodeURIComponent(location.hash.slice(6));
    history.replaceState(null, "", location.pathname);
  }
  await guarded(async () => {
    const body = await fromCompany(visit.token);
    if (body) visit.begin(body);
    else if (visit.token) await visit.look();
    if (visit.session && isPerson()) await draw();
    else nobody();
  });
  if (account.name && !visit.session) signIn.open(account.name);
}

const isPerson = () => visit.session?.principal.kind === "person";

async function arrived(body) {
  quiet();
  visit.begin(body);
  await guarded(draw);
  by(account.incomplete ? "first-title" : "main").focus();
}

function nobody(why = say("account.nobody.why")) {
  for (const card of document.querySelectorAll(".card")) card.hidden = card.id !== "nobody";
  by("out").hidden = by("console").hidden = true;
  by("nobody-why").textContent = why;
}

function ended(reason) {
  setup.close();
  quiet();
  nobody(say("account.ended", { why: whyEnded(reason) }));
  by("nobody-title").focus();
}

const roleOf = (role) => (known(`role.name.${role}`) ? say(`role.name.${role}`) : role);

function took(session) {
  if (session.principal.kind === "visitor") return;
  account.incomplete = session.incomplete ?? false;
  const { name, roles } = session.principal;
  const { factors, at } = session.assurance;
  by("identity-how").textContent = say("account.identity.how", { name, roles: list(roles.map(roleOf)), how: howIdentified(factors), at: dateAndTime(at) });
  by("secret-name").value = name;
  by("out").hidden = by("identity").hidden = false;
  by("nobody").hidden = true;
  by("first").hidden = !account.incomplete;
  by("console").hidden = account.incomplete || !roles.some((role) => STAFF.includes(role));
}

// -- what there is

async function draw() {
  const [{ body: own }, visits] = await Promise.all([ask("GET", "/factors"), account.incomplete ? null : ask("GET", "/sessions")]);
  if (!visit.session) return;
  by("factors").hidden = by("visits").hidden = by("own").hidden = account.incomplete;
  by("secret").hidden = account.incomplete || !own.password;
  by("recovery").hidden = account.incomplete || own.factors.length === 0;
  by("add-passkey").hidden = !possible();
  by("factor-list").replaceChildren(...own.factors.map((one) => factorRow(one, own.second_factor_required && own.factors.length === 1)));
  const n = own.recovery_left;
  by("recovery-left").textContent = n ? say("account.recovery.left", { n }) : say("account.recovery.none");
  const others = (visits?.body.sessions ?? []).filter((one) => !one.current);
  by("visit-list").replaceChildren(...[...(visits?.body.sessions ?? []).filter((one) => one.current), ...others].map(visitRow));
  by("end-others").hidden = others.length === 0;
}

function factorRow(one, last) {
  const kind = ["passkey", "totp"].includes(one.kind) ? one.kind : "other";
  const lines = [say(`account.factor.${kind}`, { at: dateAndTime(one.created_at) }), one.used_at ? say("account.factor.used", { at: dateAndTime(one.used_at) }) : say("account.factor.unused")];
  const rename = button(say("account.rename"), "link", () => {
    const field = editing(say("account.rename.name"), one.name, (name) => change("PATCH", `/factors/${one.id}`, { name }, say("account.renamed"), "factors-title"), () => {
      field.entry.replaceWith(entry);
      rename.focus();
    });
    entry.replaceWith(field.entry);
    field.focus();
  });
  rename.setAttribute("aria-label", say("button.of", { act: say("account.rename"), what: one.name }));
  const remove = last ? [] : [asking(say("account.remove"), one.name, say("account.remove.sure"), say("account.remove.yes"), () => change("DELETE", `/factors/${one.id}`, undefined, say("account.removed"), "factors-title"))];
  const entry = row(one.name, [...lines, last && say("account.factor.last")], rename, ...remove);
  return entry;
}

function visitRow(one) {
  const origin = known(`account.visit.${one.origin}`) ? `account.visit.${one.origin}` : "account.visit.begun";
  const at = dateAndTime(one.created_at);
  const lines = [say(origin, { at, how: howIdentified(one.assurance.factors) }), say("account.visit.last", { at: dateAndTime(one.last_input_at) })];
  if (one.current) return row(say("account.visit.this"), lines, button(say("account.sign-out"), "link", () => visit.leave()));
  const end = () => change("DELETE", `/sessions/${one.id}`, undefined, say("account.visit.ended"), "visits-title");
  return row(say("account.visit.other"), lines, asking(say("account.visit.end"), say("account.visit.of", { at }), say("account.visit.end.sure"), say("account.visit.end.yes"), end));
}

// -- changes

async function change(method, path, body, told, title) {
  await guarded(async () => {
    await ask(method, path, body);
    await draw();
    tell(told);
    by(title).focus();
  });
}

/** Something was set up. */
function added(body) {
  const first = account.incomplete;
  if (body.token) visit.begin(body);
  const told = say(first ? "account.added.first" : "account.added", { name: body.factor.name });
  const [next, where] = by("console").hidden ? [by("chat"), "account.added.go"] : [by("console"), "account.added.console"];
  const after = first ? [" ", make("a", { href: next.href }, say(where))] : [];
  guarded(async () => {
    await draw();
    tell(told, ...after);
  });
}

/** The dialog is gone, and what opened it may be gone too. */
function closed() {
  setTimeout(() => document.activeElement === document.body && by("main").focus());
}

async function renew() {
  await guarded(async () => {
    const { body } = await ask("POST", "/factors", { kind: "recovery" });
    await setup.codes(body.recovery_codes);
    if (!visit.session) return;
    await draw();
    tell(say("account.recovery.renewed"));
    by("recovery-title").focus();
  });
}

/** All that is still one's own, as a file. The page keeps nothing of it. */
async function takeAlong() {
  await guarded(async () => {
    const { body } = await ask("GET", "/export");
    if (!body.complete) return tell(say("account.own.unfinished"));
    const file = URL.createObjectURL(new Blob([JSON.stringify(body, null, 2)], { type: "application/json" }));
    make("a", { href: file, download: "chatwarden-export.json" }).click();
    setTimeout(() => URL.revokeObjectURL(file), 10_000);
    tell(say("account.own.taken"));
  });
}

async function changePassword() {
  const error = by("secret-error");
  const [current, next] = [by("current"), by("next")];
  error.textContent = "";
  try {
    await ask("PUT", "/password", { current: current.value, password: next.value });
    by("secret-form").reset();
    await draw();
    tell(say("account.password.changed"));
    by("secret-title").focus();
  } catch (refusal) {
    if (visit.refused(refusal)) return;
    error.textContent = refusal.name === "invalid-credentials" ? say("account.password.wrong") : calmly(refusal);
    (refusal.name === "invalid-request" ? next : current).focus();
  }
}

// -- what may go wrong

async function guarded(act) {
  try {
    await act();
  } catch (error) {
    if (visit.refused(error)) return;
    if (![Problem, Unreachable, TimeOver, NotCompleted].some((kind) => error instanceof kind)) throw error;
    tell(calmly(error));
    if (!visit.session) nobody();
  }
}

function tell(...parts) {
  by("notice").replaceChildren(...parts);
  by("notice").hidden = false;
  by("notice").scrollIntoView({ block: "nearest" });
}

function quiet() {
  by("notice").replaceChildren();
  by("notice").hidden = true;
}

// -- the page

for (const kind of ["passkey", "totp"]) {
  if (kind === "passkey" && !possible()) continue;
  const act = button(say(`account.first.${kind}`), by("choices").children.length ? "soft" : "primary", () => setup.open(kind));
  by("choices").append(make("li", {}, act, make("p", { class: "small" }, say(`account.first.${kind}.why`))));
}
for (const id of ["current", "next"]) revealable(by(id));
by("secret-form").addEventListener("submit", (event) => {
  event.preventDefault();
  changePassword();
});
by("in").addEventListener("click", () => signIn.open(account.name));
by("out").addEventListener("click", () => visit.leave());
by("add-passkey").addEventListener("click", () => setup.open("passkey"));
by("add-totp").addEventListener("click", () => setup.open("totp"));
by("renew").addEventListener("click", renew);
by("take").addEventListener("click", takeAlong);
by("end-others").addEventListener("click", () => change("DELETE", "/sessions", undefined, say("account.visits.others-ended"), "visits-title"));
const bot = recall("bot");
by("chat").href = bot && bot !== "helpdesk" ? `/demo?bot=${encodeURIComponent(bot)}` : "/demo";

// There is no stream here, so the page looks: often enough that a question is seen long before its time is over.
let looked = Date.now();
async function look() {
  looked = Date.now();
  if (visit.session) await guarded(() => visit.look());
}
document.addEventListener("visibilitychange", () => document.hidden || look());
everySecond(() => {
  if (!visit.session) return;
  const quietFor = left(visit.session.idle_deadline);
  by("identity-until").textContent = say("account.identity.until", { at: dateAndTime(visit.session.absolute_deadline), time: words(quietFor) });
  if (Date.now() - looked >= Math.min(5_000, Math.max(1_000, quietFor / 8))) look();
});

begin();
