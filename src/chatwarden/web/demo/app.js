// The demo page: joins session, conversation, event stream and screen. The gateway decides; this page asks and draws.

import { Problem, Unreachable, call, persist } from "./api.js";
import { everySecond, left, setNow, words } from "./clock.js";
import { button, by, make } from "./dom.js";
import { EventStream } from "./events.js";
import { calmly, whyEnded } from "./findings.js";
import { arrived as fromCompany } from "./company.js";
import { StillThere } from "./prompt.js";
import { Proof } from "./proof.js";
import { SignIn } from "./signin.js";
import { keep, keepDraft, looksLikeCard, recall } from "./store.js";
import { Transcript } from "./transcript.js";

const asked = new URLSearchParams(location.search).get("bot") ?? "";
const bot = /^[A-Za-z0-9_-]{1,64}$/.test(asked) ? asked : "helpdesk";

const page = { session: null, conversation: recall("conversation"), stream: null, waiting: [] };
const path = (rest = "") => `/conversations/${encodeURIComponent(page.conversation)}${rest}`;
const ask = (method, where, body) => call(method, where, { token: recall("token"), body });

const transcript = new Transcript({
  destroy: (view) => guarded(async () => {
    const { body } = await ask("DELETE", path(`/messages/${encodeURIComponent(view.message.id)}`));
    view.destroyed({ at: body.destroyed_at, reason: body.reason, receipt: body.receipt });
  }, true),
  release: (view) => guarded(async () => took((await ask("POST", path(`/messages/${view.message.id}/release`))).body)),
  withdraw: (view) => guarded(async () => {
    await ask("POST", path(`/messages/${view.message.id}/withdraw`));
    view.destroyed({ reason: "withdrawn" });
  }),
  resend: (view) => send(view.message.text, view.message.client_id),
});

const prompt = new StillThere({
  answer: async (challenge, given) => {
    try {
      const { body } = await persist(() => ask("POST", `/challenges/${challenge.id}/answer`, given), { tries: 3 });
      tookSession(body);
      prompt.close();
      for (const again of page.waiting.splice(0)) again();
    } catch (error) {
      if (error.name === "session-ended" || error.name === "invalid-token") return ended(error.document.reason);
      if (error.name === "not-found") return look();
      const wrong = error.name === "confirmation-required";
      prompt.complain(wrong ? "That was not right. Please try again." : calmly(error), error.document?.challenge);
    }
    return undefined;
  },
  timeUp: () => look(),
  leave: () => leave(),
});

const signIn = new SignIn(new Proof(), { token: () => recall("token"), arrived });

/** Somebody signed in. */
async function arrived(body) {
  page.stream?.stop();
  keep("token", body.token);
  if (body.session.incomplete) return location.assign("/account");
  tookSession(body.session);
  prompt.close();
  by("ended").hidden = true;
  document.body.classList.remove("over");
  return enter();
}

// -- session

function tookSession(session, at) {
  setNow(session.now, at);
  page.session = session;
  if (session.state === "prompted" && session.challenge) prompt.ask(session.challenge);
  else if (prompt.open) prompt.close();
  const person = session.principal.kind !== "visitor";
  by("account").textContent = person ? session.principal.name : "Sign in";
  by("leave").hidden = false;
}

/** Asks the gateway how the session is, and draws that. */
async function look() {
  await guarded(async () => {
    const at = Date.now();
    tookSession((await ask("GET", "/session")).body, at);
  });
}

async function begin() {
  by("ended").hidden = true;
  document.body.classList.remove("over");
  transcript.clear();
  try {
    const body = await fromCompany(recall("token"));
    if (body) return await arrived(body);
    if (recall("token")) {
      const at = Date.now();
      tookSession((await persist(() => ask("GET", "/session"), { waiting: unreachable })).body, at);
    } else {
      const at = Date.now();
      const { body } = await persist(() => call("POST", "/session", { body: {} }), { waiting: unreachable });
      keep("token", body.token);
      tookSession(body.session, at);
    }
    await enter();
  } catch (error) {
    if (error.name === "session-ended" || error.name === "invalid-token") return ended(error.document.reason);
    if (error.name === "forbidden") return signIn.open();
    say(calmly(error), "Try again", begin);
  }
  return undefined;
}

async function leave() {
  await ask("DELETE", "/session").catch(() => {});
  ended("logout");
}

function ended(reason) {
  page.stream?.stop();
  page.stream = null;
  page.session = null;
  page.waiting = [];
  keep("token", "");
  prompt.close();
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
  page.stream = new EventStream(path("/events"), recall("token"), {
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
  await guarded(async () => {
    for (let after = ""; ; ) {
      const { body } = await persist(() => ask("GET", path(`/messages?limit=200${after && `&after=${after}`}`)));
      body.messages.forEach((message) => transcript.put(message));
      if (!body.next) break;
      after = encodeURIComponent(body.next);
    }
    transcript.bottom();
  }, false, history);
}

function heard(type, data) {
  if (type === "message") transcript.put(data);
  else if (type === "message.delta") transcript.delta(data.reply_to, data.text);
  else if (type === "message.destroyed") transcript.destroyed(data.id, data);
  else if (type === "session.prompt" && data?.challenge) prompt.ask(data.challenge, data.now);
  else if (type === "session.ended") ended(data.reason);
  else if (type === "handoff") handoff(data.state);
  else if (type === "typing") transcript.typing(true);
}

async function send(text, clientId = crypto.randomUUID()) {
  transcript.sending(clientId, text);
  const again = () => transcript.note(clientId, "sending", "Waiting for the network");
  try {
    // The same client_id each time: whatever arrived before is answered again, never said twice.
    took((await persist(() => ask("POST", path("/messages"), { text, client_id: clientId }), { waiting: again })).body);
    look();
  } catch (error) {
    transcript.typing(false);
    if (error.name === "confirmation-required") {
      transcript.note(clientId, "sending", "Waiting for your answer");
      page.waiting.push(() => send(text, clientId));
    } else {
      transcript.note(clientId, "unsent", `Not sent. ${calmly(error)}`);
    }
    refusal(error, true);
  }
}

function took(turn) {
  transcript.put(turn.message);
  turn.replies.forEach((reply) => transcript.put(reply));
  if (turn.handoff) handoff(turn.handoff);
}

function handoff(state) {
  if (state === "offered") {
    transcript.line("handoff", make("p", {}, "Would a person be of more help?"), button("Talk to a person", "soft", person));
  } else if (state === "queued") {
    transcript.line("handoff", make("p", {}, "A person has been asked for. Until somebody takes over, the machine goes on answering."));
    by("person").disabled = true;
  }
}

const person = () => guarded(async () => handoff((await ask("POST", path("/handoff"))).body.state));

// -- what may go wrong

async function guarded(act, rethrow = false, again = null) {
  try {
    await act();
  } catch (error) {
    if (error.name === "confirmation-required" && again) page.waiting.push(again);
    refusal(error);
    if (rethrow) throw error;
  }
}

function refusal(error, told = false) {
  if (error.name === "session-ended" || error.name === "invalid-token") ended(error.document.reason);
  else if (error.name === "confirmation-required") prompt.ask(error.document.challenge);
  else if (error.name === "second-factor-required") location.assign("/account");
  else if (error instanceof Problem || error instanceof Unreachable) told || say(calmly(error));
  else throw error;
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

// -- the message box

const box = by("text");

function fit() {
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight, 180)}px`;
  by("hint").textContent = looksLikeCard(box.value)
    ? "This looks like a card number. It will be hidden from the machine and from this screen." : "";
}

by("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = box.value.trim();
  if (!text || !page.session) return;
  box.value = "";
  keepDraft("");
  fit();
  send(text);
});
box.addEventListener("input", () => (keepDraft(box.value), fit()));
box.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  by("composer").requestSubmit();
});
by("account").addEventListener("click", () => {
  if (page.session && page.session.principal.kind !== "visitor") location.assign("/account");
  else signIn.open();
});
by("person").addEventListener("click", person);
by("leave").addEventListener("click", leave);
by("again").addEventListener("click", begin);
by("again-signin").addEventListener("click", () => signIn.open());
document.addEventListener("visibilitychange", () => document.hidden || !page.session || look());
everySecond(() => {
  const session = page.session;
  const quiet = session ? left(session.idle_deadline) : 0;
  if (quiet > 0) by("visit").textContent = `When it is quiet for ${words(quiet)}, it ends; you are asked first.`;
});

const title = bot === "helpdesk" ? "Help desk" : bot;
by("bot-title").textContent = title;
document.title = `${title} · Chatwarden`;
by("charter").open = matchMedia("(min-width: 860px)").matches;
box.value = recall("draft");
fit();
begin();
