// The page on which administrators and auditors see what the log has about a conversation. Who may look is the gateway's
// decision; the page asks and draws. It keeps the id in its address and the token in its tab, and nothing else.

import { Problem, Unreachable } from "./api.js";
import { dateAndTime, everySecond, left } from "./clock.js";
import { NotCompleted, arrived as fromCompany } from "./company.js";
import { by } from "./dom.js";
import { calmly, whyEnded } from "./findings.js";
import { Lanes } from "./lanes.js";
import { Proof, TimeOver } from "./proof.js";
import { SignIn } from "./signin.js";
import { Visit } from "./visit.js";

const MAY = ["admin", "auditor"];

const visit = new Visit({ took, ended, incomplete: () => nobody("Your work here needs a second factor. Set one up on the page of your account, then come back.") });
const signIn = new SignIn(new Proof("login"), { token: () => visit.token, arrived }, "Then you can see what the log has about a conversation.");
const lanes = new Lanes(by("board"), by("steps"));
const wanted = () => new URLSearchParams(location.search).get("id") ?? "";

async function begin() {
  by("wanted").value = wanted();
  await guarded(async () => {
    const body = await fromCompany(visit.token);
    if (body) visit.begin(body);
    else if (visit.token) await visit.look();
    await open();
  });
}

async function arrived(body) {
  quiet();
  visit.begin(body);
  await guarded(open);
}

/** What is shown to whoever is here. */
async function open() {
  if (visit.session?.principal.kind !== "person") return nobody();
  if (visit.session.incomplete) return nobody("Your work here needs a second factor. Set one up on the page of your account, then come back.");
  if (!MAY.some((role) => visit.session.principal.roles.includes(role))) return nobody("Your account may not look at the log. Administrators and auditors may.");
  by("nobody").hidden = true;
  by("which").hidden = false;
  if (wanted()) await show(wanted());
  else by("wanted").focus();
  return undefined;
}

async function show(id) {
  const { body } = await visit.patiently(() => visit.ask("GET", `/audit/conversations/${encodeURIComponent(id)}`));
  by("shown-title").textContent = body.conversation;
  const n = body.entries.length;
  by("shown-about").textContent = `With ${body.bot}, since ${dateAndTime(body.opened_at)}. ${n} ${n === 1 ? "entry" : "entries"}.`;
  by("more").hidden = !body.truncated;
  by("shown").hidden = false;
  lanes.show(body.entries);
  document.title = `${body.conversation.slice(0, 12)}… in the log · Chatwarden`;
  by("shown-title").focus();
}

function took(session) {
  by("out").hidden = session.principal.kind !== "person";
}

function nobody(why = "Administrators and auditors see here what the log has about a conversation.") {
  clear();
  by("which").hidden = true;
  by("nobody").hidden = false;
  by("out").hidden = visit.session?.principal.kind !== "person";
  by("nobody-title").textContent = visit.session?.principal.kind === "person" ? "This is not for your account" : "You are not signed in";
  by("in").hidden = visit.session?.principal.kind === "person";
  by("nobody-why").textContent = why;
}

function ended(reason) {
  quiet();
  nobody(`Your visit has ended. ${whyEnded(reason)}`);
  by("nobody-title").focus();
}

function clear() {
  by("shown").hidden = true;
  lanes.show([]);
}

async function guarded(act) {
  try {
    await act();
  } catch (error) {
    if (visit.refused(error)) return;
    if (![Problem, Unreachable, TimeOver, NotCompleted].some((kind) => error instanceof kind)) throw error;
    clear();
    tell(error.name === "not-found" ? "There is no conversation with this id." : calmly(error));
    if (!visit.session) nobody();
  }
}

function tell(text) {
  by("notice").textContent = text;
  by("notice").hidden = false;
}

function quiet() {
  by("notice").textContent = "";
  by("notice").hidden = true;
}

by("which-form").addEventListener("submit", (event) => {
  event.preventDefault();
  quiet();
  const id = by("wanted").value.trim();
  history.replaceState(null, "", `?id=${encodeURIComponent(id)}`);
  guarded(() => show(id));
});
by("in").addEventListener("click", () => signIn.open());
by("out").addEventListener("click", () => visit.leave());

// There is no stream here, so the page looks: often enough that a question is seen long before its time is over.
let looked = Date.now();
async function look() {
  looked = Date.now();
  if (visit.session) await guarded(() => visit.look());
}
document.addEventListener("visibilitychange", () => document.hidden || look());
everySecond(() => {
  if (visit.session && Date.now() - looked >= Math.min(5_000, Math.max(1_000, left(visit.session.idle_deadline) / 8))) look();
});

begin();
