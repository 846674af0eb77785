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
import { text as say } from "./strings.js";
import { Visit } from "./visit.js";

const MAY = ["admin", "auditor"];

const visit = new Visit({ took, ended, incomplete: () => nobody(say("log.nobody.incomplete")) });
const signIn = new SignIn(new Proof("login"), { token: () => visit.token, arrived }, say("log.sign-in.why"));
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
  if (visit.session.incomplete) return nobody(say("log.nobody.incomplete"));
  if (!MAY.some((role) => visit.session.principal.roles.includes(role))) return nobody(say("log.nobody.other.why"));
  by("nobody").hidden = true;
  by("which").hidden = false;
  if (wanted()) await show(wanted());
  else by("wanted").focus();
  return undefined;
}

async function show(id) {
  const { body } = await visit.patiently(() => visit.ask("GET", `/audit/conversations/${encodeURIComponent(id)}`));
  by("shown-title").textContent = body.conversation;
  by("shown-about").textContent = say("log.about", { bot: body.bot, at: dateAndTime(body.opened_at), n: body.entries.length });
  by("more").hidden = !body.truncated;
  by("shown").hidden = false;
  lanes.show(body.entries);
  document.title = say("page.titled", { title: say("log.titled", { id: `${body.conversation.slice(0, 12)}…` }) });
  by("shown-title").focus();
}

function took(session) {
  by("out").hidden = session.principal.kind !== "person";
}

function nobody(why = say("log.nobody.why")) {
  clear();
  by("which").hidden = true;
  by("nobody").hidden = false;
  by("out").hidden = visit.session?.principal.kind !== "person";
  by("nobody-title").textContent = say(visit.session?.principal.kind === "person" ? "log.nobody.other" : "log.nobody");
  by("in").hidden = visit.session?.principal.kind === "person";
  by("nobody-why").textContent = why;
}

function ended(reason) {
  quiet();
  nobody(say("log.nobody.ended", { why: whyEnded(reason) }));
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
    tell(error.name === "not-found" ? say("log.none") : calmly(error));
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
