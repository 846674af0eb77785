// The demo page: the whole conversation on a page of its own.

import { everySecond, left, words } from "./clock.js";
import { compose } from "./composer.js";
import { button, by, make } from "./dom.js";
import { whyEnded } from "./findings.js";
import { Proof } from "./proof.js";
import { asking } from "./rows.js";
import { SignIn } from "./signin.js";
import { keep, recall } from "./store.js";
import { text } from "./strings.js";
import { Talk } from "./talk.js";

const asked = new URLSearchParams(location.search).get("bot") ?? "";
const bot = /^[A-Za-z0-9_-]{1,64}$/.test(asked) ? asked : "helpdesk";

const told = { machine: true, line: by("machine-line").textContent };
const account = () => location.assign("/account");
const talk = new Talk(bot, {
  link, say, quiet, notice,
  took: (session) => {
    by("account").textContent = session.principal.kind === "visitor" ? text("chat.sign-in") : session.principal.name;
    by("leave").hidden = false;
  },
  over: (reason) => {
    by("ended-reason").textContent = whyEnded(reason);
    by("ended").hidden = false;
    by("leave").hidden = true;
    document.body.classList.add("over");
    by("ended-title").focus();
  },
  started: () => {
    by("ended").hidden = true;
    document.body.classList.remove("over");
  },
  incomplete: account,
  refused: () => signIn.open(),
  giveBack: (said) => composer.giveBack(said),
  timer: () => Number(by("timer").value) || undefined,
  owner: (state, { agent }) => {
    const human = ["assigned", "wrap-up"].includes(state); // who writes in the wrap-up reaches the person
    const who = agent?.name ? text("chat.human", { name: agent.name }) : text("chat.human.somebody");
    by("person").disabled = human || state === "queued";
    by("machine-line").textContent = human ? who : told.line;
    by("rule-machine").hidden = human || !told.machine;
  },
});
const { visit } = talk;

const signIn = new SignIn(new Proof("login"), { token: () => visit.token, arrived: (body) => talk.arrived(body) });
const composer = compose((said) => talk.send(said), () => visit.session !== null, {
  typed: () => talk.typing(),
  card: text("chat.card"),
});

/** What this bot's people are told. */
function notice({ machine, privacy, protects }) {
  Object.assign(told, { machine, line: `${machine} ${privacy}`.trim() });
  by("machine-line").textContent = told.line;
  by("rule-machine").hidden = !machine;
  by("rule-hidden").hidden = !protects;
  document.body.classList.toggle("observed", !protects);
}

function link(state, what) {
  by("link-dot").dataset.state = state;
  by("link-text").textContent = what;
}

function say(what, label, act) {
  by("notice").replaceChildren(make("span", {}, what), button(label ?? text("button.close"), "link", () => (quiet(), act?.())));
  by("notice").hidden = false;
}

function quiet() {
  by("notice").hidden = true;
}

// -- the page

by("account").addEventListener("click", () => {
  if (visit.session && visit.session.principal.kind !== "visitor") account();
  else signIn.open();
});
by("person").addEventListener("click", () => talk.person());
by("destroy-all").append(asking(text("chat.destroy-all"), text("chat.destroy-all.what"), text("chat.destroy-all.sure"), text("chat.destroy-all.yes"), () => talk.destroyAll()));
by("timer").value = recall("timer");
by("timer").addEventListener("change", () => keep("timer", by("timer").value));
by("leave").addEventListener("click", () => visit.leave());
by("again").addEventListener("click", () => talk.begin());
by("again-signin").addEventListener("click", () => signIn.open());
document.addEventListener("visibilitychange", () => document.hidden || !visit.session || talk.look());
everySecond(() => {
  const quiet = visit.session ? left(visit.session.idle_deadline) : 0;
  if (quiet > 0) by("visit").textContent = text("chat.rule.visit.quiet", { time: words(quiet) });
});

const title = bot === "helpdesk" ? text("chat.helpdesk") : bot;
by("bot-title").textContent = title;
document.title = text("page.titled", { title });
by("charter").open = matchMedia("(min-width: 860px)").matches;
talk.begin();
