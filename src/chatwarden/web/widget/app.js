// The chat in a frame of another website. Its view is one of: launcher (a button in the corner), open, or whole (the frame
// was put there without a loader, and is the chat).

import { cardsIn, withoutCards } from "../demo/cards.js";
import { compose } from "../demo/composer.js";
import { button, by, make } from "../demo/dom.js";
import { whyEnded } from "../demo/findings.js";
import { through } from "../demo/markdown.js";
import { usedBy } from "../demo/passkey.js";
import { Proof } from "../demo/proof.js";
import { asking } from "../demo/rows.js";
import { SignIn } from "../demo/signin.js";
import { count as written, text } from "../demo/strings.js";
import { Talk } from "../demo/talk.js";
import { elsewhere } from "./company.js";
import { Host } from "./host.js";
import { passkey } from "./windows.js";

const query = new URLSearchParams(location.search);
const asked = query.get("bot") ?? "";
const bot = /^[a-z0-9][a-z0-9-]{0,31}$/.test(asked) ? asked : "helpdesk";
const small = query.get("view") === "launcher";

through(`/widget/leave?lang=${document.documentElement.lang}`);
usedBy(passkey);

const host = new Host((document.documentElement.dataset.sites || "").split(" ").filter(Boolean), { open, close });
let unread = 0;
let begun = false;

const talk = new Talk(bot, {
  link, say: tell, quiet, notice, incomplete,
  took: (session) => {
    const visitor = session.principal.kind === "visitor";
    // Whoever a website vouches for has no account here.
    by("account").hidden = !visitor && session.assurance.factors.every((one) => one === "assertion");
    by("account").textContent = text(visitor ? "widget.sign-in" : "widget.account");
    if (!visitor) by("link-text").textContent = text("widget.signed-in", { name: session.principal.name });
    by("leave").hidden = false;
  },
  over: (reason) => {
    by("ended-reason").textContent = whyEnded(reason);
    by("ended").hidden = false;
    by("composer").inert = true;
    by("ended-title").focus();
  },
  started: () => {
    by("ended").hidden = true;
    by("composer").inert = false;
  },
  refused: () => signIn.open(),
  giveBack: (said) => composer.giveBack(said),
  timer: () => undefined,
  vouched,
  asked: open, // nobody sees a question in a launcher
  came: () => document.body.dataset.view === "launcher" && count(unread + 1),
  owner: (state, { agent }) => {
    const human = ["assigned", "wrap-up"].includes(state); // who writes in the wrap-up reaches the person
    by("person").hidden = human || state === "queued";
    if (human) by("machine-line").textContent = agent?.name ? text("widget.human", { name: agent.name }) : text("widget.human.somebody");
    else by("machine-line").textContent = machine;
  },
});
const { visit } = talk;

const signIn = new SignIn(
  new Proof("login"),
  { token: () => visit.token, arrived: (body) => talk.arrived(body), company: (name) => elsewhere(name, talk, tell) },
  text("widget.sign-in-why"),
);
const composer = compose((said) => talk.send(said), () => visit.session !== null, { stop, typed: () => talk.typing(), card: text("widget.card") });

// -- views

function show(view) {
  document.body.dataset.view = view;
  by("launcher").hidden = view !== "launcher";
  by("panel").hidden = view === "launcher";
  by("close").hidden = view === "whole";
}

function open() {
  if (document.body.dataset.view !== "launcher") return;
  show("open");
  host.tell("open");
  count(0);
  if (!begun) begin();
  else talk.transcript.bottom();
  by("text").focus();
}

function close() {
  if (document.body.dataset.view !== "open") return;
  show("launcher");
  host.tell("close");
  by("launcher").focus();
}

function count(now) {
  unread = now;
  by("unread").hidden = now === 0;
  by("unread").textContent = now > 9 ? text("widget.many", { n: 9 }) : written(now);
  by("launcher").setAttribute("aria-label", now ? text("widget.open-unread", { n: now }) : text("widget.open"));
  host.unread(now);
}

function begin() {
  begun = true;
  return talk.begin();
}

// -- what the conversation tells

let machine = text("widget.machine");

/** What this bot's people are told. */
function notice({ machine: line, privacy, protects }) {
  machine = line || text("widget.about");
  by("privacy").textContent = privacy;
  if (!["assigned", "wrap-up"].includes(talk.state)) by("machine-line").textContent = machine;
  document.body.classList.toggle("observed", !protects);
}

function link(state, what) {
  by("link-dot").dataset.state = state;
  const who = visit?.session?.principal;
  by("link-text").textContent = state === "on" && who && who.kind !== "visitor" ? text("widget.signed-in", { name: who.name }) : what;
}

function tell(what, label, act) {
  by("notice").replaceChildren(make("span", {}, what), button(label ?? text("button.close"), "link", () => (quiet(), act?.())));
  by("notice").hidden = false;
}

function quiet() {
  by("notice").hidden = true;
}

/** The account wants a second factor. Its page cannot be shown in a frame. */
function incomplete() {
  const go = make("a", { href: "/account", target: "_blank", rel: "noopener noreferrer", class: "soft" }, text("widget.incomplete-go"));
  by("notice").replaceChildren(make("span", {}, text("widget.incomplete")), go);
  by("notice").hidden = false;
}

/** A session for whom the website vouches, before anything was said: nothing that was said can fall to somebody else by it. */
async function vouched() {
  const assertion = small ? await host.vouched() : "";
  if (!assertion) return "";
  const form = new URLSearchParams({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion });
  try {
    const response = await fetch("/oauth/token", { method: "POST", body: form, credentials: "omit", cache: "no-store", redirect: "error" });
    return response.ok ? ((await response.json()).access_token ?? "") : "";
  } catch {
    return ""; // a visitor then, as without the website's word
  }
}

// -- what must not leave

/** A card number stays here; the rest may go. */
function stop(said) {
  if (cardsIn(said).length === 0) {
    by("stopped").hidden = true;
    return false;
  }
  const done = () => {
    by("stopped").hidden = true;
    by("text").focus();
  };
  const without = () => {
    done();
    composer.fill("");
    talk.send(withoutCards(said, text("widget.card-instead")));
  };
  by("stopped").replaceChildren(
    make("p", {}, text("widget.card-stopped")),
    make("div", { class: "row" }, button(text("widget.card-without"), "primary", without), button(text("widget.card-change"), "soft", done)),
  );
  by("stopped").hidden = false;
  return true;
}

/** Files are not taken yet; they are not even looked at. */
function files(event) {
  if (event.type !== "click" && ![...(event.dataTransfer ?? event.clipboardData).types].includes("Files")) return;
  event.preventDefault();
  tell(text("widget.attach-not-yet"));
}

// -- the frame

by("launcher").addEventListener("click", open);
by("close").addEventListener("click", close);
by("panel").addEventListener("keydown", (event) => event.key === "Escape" && !event.target.closest(".sure") && close());
by("account").addEventListener("click", () => {
  if (visit.session && visit.session.principal.kind !== "visitor") window.open("/account", "_blank", "noopener");
  else signIn.open();
});
by("person").addEventListener("click", () => talk.person());
by("destroy-all").append(
  asking(text("widget.destroy-all"), text("widget.destroy-all-what"), text("widget.destroy-all-sure"), text("widget.destroy-all-yes"), () => talk.destroyAll()),
);
by("leave").addEventListener("click", () => visit.leave());
by("again").addEventListener("click", begin);
by("again-signin").addEventListener("click", () => signIn.open());
by("attach").addEventListener("click", files);
for (const type of ["dragover", "drop", "paste"]) document.addEventListener(type, files);
document.addEventListener("visibilitychange", () => document.hidden || !visit.session || talk.look());

show(small ? "launcher" : "whole");
// Without a loader the frame is the chat; with one, a visit that goes on is followed, so that what comes is counted.
if (!small || visit.token) begin();
