// The page on which people keep their own account: how they were identified, their factors, their visits. Every change is the
// gateway's decision; where it wants a fresh proof, the person is asked.

import { Problem, Unreachable } from "./api.js";
import { dateAndTime, everySecond, left, words } from "./clock.js";
import { NotCompleted, arrived as fromCompany } from "./company.js";
import { button, by, make } from "./dom.js";
import { calmly, howIdentified, whyEnded } from "./findings.js";
import { possible } from "./passkey.js";
import { revealable, sentence } from "./password.js";
import { Proof, TimeOver } from "./proof.js";
import { asking, editing, row } from "./rows.js";
import { Setup } from "./setup.js";
import { SignIn } from "./signin.js";
import { recall } from "./store.js";
import { Visit } from "./visit.js";

const KINDS = { passkey: "Passkey", totp: "One-time codes" };
const ORIGINS = { login: "Signed in", company: "Signed in through your company", assertion: "Brought by a website", issued: "Token for a program" };

const STAFF = ["agent", "admin", "auditor"]; // who has use for the console

const visit = new Visit({ took, ended, incomplete: () => guarded(() => visit.look()) });
const ask = (method, path, body) => visit.patiently(() => visit.ask(method, path, body));
const signIn = new SignIn(new Proof("login"), { token: () => visit.token, arrived }, "Then you can see and change how you are identified here.");
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

function nobody(why = "Sign in to see and change how you are identified here.") {
  for (const card of document.querySelectorAll(".card")) card.hidden = card.id !== "nobody";
  by("out").hidden = by("console").hidden = true;
  by("nobody-why").textContent = why;
}

function ended(reason) {
  setup.close();
  quiet();
  nobody(`Your visit has ended. ${whyEnded(reason)}`);
  by("nobody-title").focus();
}

function took(session) {
  if (session.principal.kind === "visitor") return;
  account.incomplete = session.incomplete ?? false;
  const { name, roles } = session.principal;
  by("identity-how").replaceChildren(
    "You are ", make("strong", {}, name), ` (${roles.join(", ")}). You showed ${howIdentified(session.assurance.factors)} on ${dateAndTime(session.assurance.at)}.`,
  );
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
  by("recovery-left").textContent = n ? `${n} ${n === 1 ? "code is" : "codes are"} left. Each stands in once for a factor that you lost.`
    : "No codes are left. Make new ones, so that a lost phone does not lock you out.";
  const others = (visits?.body.sessions ?? []).filter((one) => !one.current);
  by("visit-list").replaceChildren(...[...(visits?.body.sessions ?? []).filter((one) => one.current), ...others].map(visitRow));
  by("end-others").hidden = others.length === 0;
}

function factorRow(one, last) {
  const lines = [`${KINDS[one.kind] ?? one.kind}, since ${dateAndTime(one.created_at)}`, one.used_at ? `Last used ${dateAndTime(one.used_at)}` : "Not used yet"];
  const rename = button("Rename", "link", () => {
    const field = editing("New name", one.name, (name) => change("PATCH", `/factors/${one.id}`, { name }, "Renamed.", "factors-title"), () => {
      field.entry.replaceWith(entry);
      rename.focus();
    });
    entry.replaceWith(field.entry);
    field.focus();
  });
  rename.setAttribute("aria-label", `Rename: ${one.name}`);
  const remove = last ? [] : [asking("Remove", one.name, "Remove it?", "Yes, remove", () => change("DELETE", `/factors/${one.id}`, undefined, "Removed. Your other visits ended.", "factors-title"))];
  const entry = row(one.name, [...lines, last && "The only one: add another before you remove it."], rename, ...remove);
  return entry;
}

function visitRow(one) {
  const lines = [`${ORIGINS[one.origin] ?? "Begun"} ${dateAndTime(one.created_at)} with ${howIdentified(one.assurance.factors)}`, `Last input ${dateAndTime(one.last_input_at)}`];
  if (one.current) return row("This visit", lines, button("Sign out", "link", () => visit.leave()));
  const what = `the visit of ${dateAndTime(one.created_at)}`;
  return row("Another visit", lines, asking("End", what, "End it?", "Yes, end", () => change("DELETE", `/sessions/${one.id}`, undefined, "Ended.", "visits-title")));
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
  const next = by(by("console").hidden ? "chat" : "console");
  const after = first ? [" Everything is open to you now. ", make("a", { href: next.href }, `Go to the ${next.textContent.toLowerCase()}`)] : [" Your other visits ended."];
  guarded(async () => {
    await draw();
    tell(`Set up: ${body.factor.name}.`, ...after);
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
    tell("New codes are made. The earlier ones work no longer.");
    by("recovery-title").focus();
  });
}

/** All that is still one's own, as a file. The page keeps nothing of it. */
async function takeAlong() {
  await guarded(async () => {
    const { body } = await ask("GET", "/export");
    if (!body.complete) return tell("The visit ended before everything was read. Please sign in and try again.");
    const file = URL.createObjectURL(new Blob([JSON.stringify(body, null, 2)], { type: "application/json" }));
    make("a", { href: file, download: "chatwarden-export.json" }).click();
    setTimeout(() => URL.revokeObjectURL(file), 10_000);
    tell("The file is in your downloads.");
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
    tell("Your password is changed. Your other visits ended.");
    by("secret-title").focus();
  } catch (refusal) {
    if (visit.refused(refusal)) return;
    if (refusal.name === "invalid-credentials") error.textContent = "The present password is not right.";
    else error.textContent = refusal.name === "invalid-request" ? sentence(refusal.document.detail) : calmly(refusal);
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
    tell(["forbidden", "invalid-request"].includes(error.name) && error.document.detail ? sentence(error.document.detail) : calmly(error));
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

for (const [kind, label, why] of [
  ["passkey", "Set up a passkey", "Your finger, your face or a PIN on a device that you have with you. The safest, and the quickest."],
  ["totp", "Use an authenticator app", "A new code every thirty seconds on your phone."],
]) {
  if (kind === "passkey" && !possible()) continue;
  by("choices").append(make("li", {}, button(label, by("choices").children.length ? "soft" : "primary", () => setup.open(kind)), make("p", { class: "small" }, why)));
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
by("end-others").addEventListener("click", () => change("DELETE", "/sessions", undefined, "All other visits are ended.", "visits-title"));
by("chat").href = `/demo${recall("bot") && recall("bot") !== "helpdesk" ? `?bot=${encodeURIComponent(recall("bot"))}` : ""}`;

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
  by("identity-until").textContent = `This visit ends at ${dateAndTime(visit.session.absolute_deadline)} at the latest, and after ${words(quietFor)} without input.`;
  if (Date.now() - looked >= Math.min(5_000, Math.max(1_000, quietFor / 8))) look();
});

begin();
