// The demo page: joins session, conversation, event stream and screen. The gateway decides; this page asks and draws.

import { Problem, Unreachable, call, persist } from "./api.js";
import { everySecond, left, words } from "./clock.js";
import { arrived as fromCompany } from "./company.js";
import { compose } from "./composer.js";
import { button, by, make } from "./dom.js";
import { EventStream } from "./events.js";
import { calmly, whyEnded } from "./findings.js";
import { Proof, TimeOver } from "./proof.js";
import { asking } from "./rows.js";
import { SignIn } from "./signin.js";
import { keep, recall } from "./store.js";
import { Transcript } from "./transcript.js";
import { Visit } from "./visit.js";

const asked = new URLSearchParams(location.search).get("bot") ?? "";
const bot = /^[A-Za-z0-9_-]{1,64}$/.test(asked) ? asked : "helpdesk";

const page = { conversation: recall("conversation"), stream: null };
const path = (rest = "") => `/conversations/${encodeURIComponent(page.conversation)}${rest}`;

const visit = new Visit({ took: tookSession, ended, incomplete: () => location.assign("/account") });
const ask = (method, where, body) => visit.ask(method, where, body);

const transcript = new Transcript({
  destroy: (view) => guarded(async () => {
    const { body } = await ask("DELETE", path(`/messages/${encodeURIComponent(view.message.id)}`));
    view.destroyed({ at: body.destroyed_at, reason: body.reason, receipt: body.receipt });
    gone();
  }, true),
  shorten: (view, seconds) => guarded(async () => {
    transcript.put((await ask("PATCH", path(`/messages/${encodeURIComponent(view.message.id)}`), { destroy_after: seconds })).body);
  }),
  release: (view) => guarded(async () => took((await ask("POST", path(`/messages/${view.message.id}/release`))).body)),
  withdraw: (view) => guarded(async () => {
    await ask("POST", path(`/messages/${view.message.id}/withdraw`));
    view.destroyed({ reason: "withdrawn" });
  }),
  resend: (view) => send(view.message.text, view.message.client_id, view.message.after),
  gone: () => gone(),
});

const signIn = new SignIn(new Proof("login"), { token: () => visit.token, arrived });
const composer = compose(send, () => visit.session !== null);

// -- session

/** Somebody signed in. */
async function arrived(body) {
  page.stream?.stop();
  visit.begin(body);
  if (body.session.incomplete) return location.assign("/account");
  by("ended").hidden = true;
  document.body.classList.remove("over");
  return guarded(() => visit.patiently(enter));
}

function tookSession(session) {
  by("account").textContent = session.principal.kind === "visitor" ? "Sign in" : session.principal.name;
  by("leave").hidden = false;
}

/** Asks the gateway how the session is, and draws that. */
const look = () => guarded(() => visit.look());

async function begin() {
  by("ended").hidden = true;
  document.body.classList.remove("over");
  transcript.clear();
  try {
    const body = await fromCompany(visit.token);
    if (body) return await arrived(body);
    if (visit.token) {
      await visit.look({ waiting: unreachable });
    } else {
      const at = Date.now();
      visit.begin((await persist(() => call("POST", "/session", { body: {} }), { waiting: unreachable })).body, at);
    }
    if (visit.session.incomplete) return location.assign("/account");
    await visit.patiently(enter);
  } catch (error) {
    if (visit.refused(error)) return undefined;
    if (error.name === "forbidden" && !visit.token) return signIn.open();
    say(calmly(error), "Try again", begin);
  }
  return undefined;
}

function ended(reason) {
  page.stream?.stop();
  page.stream = null;
  transcript.clear();
  quiet();
  by("ended-reason").textContent = whyEnded(reason);
  by("ended").hidden = false;
  by("leave").hidden = true;
  document.body.classList.add("over");
  link("off", "Visit ended");
  by("ended-title").focus();
}

// -- conversation

async function enter() {
  if (page.conversation && recall("bot") !== bot) page.conversation = "";
  if (!page.conversation) await create();
  else await recognise();
  transcript.clear();
  follow();
}

async function create() {
  const { body } = await persist(() => ask("POST", "/conversations", { bot }));
  page.conversation = body.id;
  keep("conversation", body.id);
  keep("bot", bot);
  tell(body.notice);
}

/** What this bot's people are told, for a conversation that goes on. */
async function recognise() {
  const { body } = await persist(() => ask("GET", "/conversations"));
  tell(body.conversations.find((one) => one.id === page.conversation)?.notice);
}

function tell(notice) {
  if (!notice) return;
  by("machine-line").replaceChildren(`${notice.machine} ${notice.privacy}`.trim());
  by("rule-machine").hidden = !notice.machine;
  by("rule-hidden").hidden = !notice.protects;
  document.body.classList.toggle("observed", !notice.protects);
}

function follow() {
  page.stream?.stop();
  page.stream = new EventStream(path("/events"), visit.token, {
    event: heard,
    open: (resumed) => {
      link("on", "Connected");
      quiet();
      if (!resumed) history();
    },
    closed: () => {
      transcript.dropPartials();
      link("connecting", "Connecting again");
    },
    refused: async (problem) => {
      if (problem.name !== "not-found") return refusal(problem);
      page.conversation = "";
      await guarded(enter);
      return undefined;
    },
  });
}

/** What was said so far; the stream is open already, so nothing falls between. */
async function history() {
  await read();
  transcript.bottom();
}

async function read() {
  await guarded(() => visit.patiently(async () => {
    for (let after = ""; ; ) {
      const { body } = await persist(() => ask("GET", path(`/messages?limit=200${after && `&after=${after}`}`)));
      body.messages.forEach((message) => transcript.put(message));
      if (!body.next) break;
      after = encodeURIComponent(body.next);
    }
  }));
}

/** Something is destroyed. An answer that repeated a value of it is read again: the value is not in it any more. */
function gone() {
  clearTimeout(page.reading);
  page.reading = setTimeout(() => visit.session?.state === "active" && page.conversation && read(), 300);
}

function heard(type, data) {
  if (type === "message") transcript.put(data);
  else if (type === "message.delta") transcript.delta(data.reply_to, data.text);
  else if (type === "message.destroyed") {
    transcript.destroyed(data.id, data);
    gone();
  }
  else if (type === "session.prompt" && data?.challenge) visit.prompt.ask(data.challenge, data.now);
  else if (type === "session.ended") visit.end(data.reason);
  else if (type === "handoff") handoff(data.state, data.agent?.name);
  else if (type === "typing") transcript.typing(true);
}

async function send(text, clientId = crypto.randomUUID(), after = Number(by("timer").value) || undefined) {
  transcript.sending(clientId, text, after);
  const waits = (what) => () => transcript.note(clientId, "sending", `Waiting for ${what}`);
  try {
    // The same client_id each time: whatever arrived before is answered again, never said twice.
    const post = () => ask("POST", path("/messages"), { text, client_id: clientId, destroy_after: after });
    const { body } = await visit.patiently(() => persist(post, { waiting: waits("the network") }), waits("your answer"));
    took(body);
    look();
  } catch (error) {
    transcript.typing(false);
    transcript.note(clientId, "unsent", `Not sent. ${calmly(error)}`);
    refusal(error, true);
    if (!visit.session) composer.giveBack(text); // the visit ended first, and its screen is empty now
  }
}

function took(turn) {
  transcript.put(turn.message);
  turn.replies.forEach((reply) => transcript.put(reply));
  if (turn.handoff) handoff(turn.handoff);
}

function handoff(state, agent) {
  if (state === "offered") {
    transcript.line("handoff", make("p", {}, "Would a person be of more help?"), button("Talk to a person", "soft", person));
  } else if (state === "queued") {
    transcript.line("handoff", make("p", {}, "A person has been asked for. Until somebody takes over, the machine goes on answering."));
    by("person").disabled = true;
  } else if (state === "assigned") {
    transcript.line("handoff", make("p", {}, `${agent || "A person"} answers you now. The machine is silent.`));
    by("person").disabled = true;
  } else if (state === "bot" || state === "closed") {
    transcript.line("handoff", make("p", {}, "The machine answers you again."));
    by("person").disabled = false;
  }
}

async function destroyAll() {
  await guarded(async () => {
    const { body } = await ask("DELETE", path());
    for (const { id, ...receipt } of body.receipts) transcript.destroyed(id, { at: receipt.destroyed_at, ...receipt });
    gone();
    const kept = body.kept.length ? ` ${body.kept.length} of them the law wants kept.` : "";
    say(body.receipts.length ? `Everything that was said here is destroyed.${kept}` : `There was nothing to destroy.${kept}`);
  });
}

const person = () => guarded(async () => handoff((await ask("POST", path("/handoff"))).body.state));

// -- what may go wrong

async function guarded(act, rethrow = false) {
  try {
    await act();
  } catch (error) {
    refusal(error);
    if (rethrow) throw error;
  }
}

function refusal(error, told = false) {
  if (visit.refused(error)) return;
  if (![Problem, Unreachable, TimeOver].some((kind) => error instanceof kind)) throw error;
  if (!told) say(calmly(error));
}

const unreachable = () => link("connecting", "The gateway cannot be reached; trying again");

function link(state, text) {
  by("link-dot").dataset.state = state;
  by("link-text").textContent = text;
}

function say(text, label, act) {
  by("notice").replaceChildren(make("span", {}, text), button(label ?? "Close", "link", () => (quiet(), act?.())));
  by("notice").hidden = false;
}

function quiet() {
  by("notice").hidden = true;
}

// -- the page

by("account").addEventListener("click", () => {
  if (visit.session && visit.session.principal.kind !== "visitor") location.assign("/account");
  else signIn.open();
});
by("person").addEventListener("click", person);
by("destroy-all").append(asking("Destroy all of this", "this conversation", "All, for good?", "Yes, destroy", destroyAll));
by("timer").value = recall("timer");
by("timer").addEventListener("change", () => keep("timer", by("timer").value));
by("leave").addEventListener("click", () => visit.leave());
by("again").addEventListener("click", begin);
by("again-signin").addEventListener("click", () => signIn.open());
document.addEventListener("visibilitychange", () => document.hidden || !visit.session || look());
everySecond(() => {
  const quiet = visit.session ? left(visit.session.idle_deadline) : 0;
  if (quiet > 0) by("visit").textContent = `When it is quiet for ${words(quiet)}, it ends; you are asked first.`;
});

const title = bot === "helpdesk" ? "Help desk" : bot;
by("bot-title").textContent = title;
document.title = `${title} · Chatwarden`;
by("charter").open = matchMedia("(min-width: 860px)").matches;
begin();
