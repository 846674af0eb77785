// The console: who is here, which pages are theirs, and the one that is shown. The gateway decides; the console asks and
// draws. It keeps the token in its tab and nothing else.

import { Problem, Unreachable, persist } from "/demo/api.js";
import { everySecond, left } from "/demo/clock.js";
import { NotCompleted, arrived as fromCompany } from "/demo/company.js";
import { button, by, make } from "/demo/dom.js";
import { EventStream } from "/demo/events.js";
import { calmly, whyEnded } from "/demo/findings.js";
import { Proof, TimeOver } from "/demo/proof.js";
import { SignIn } from "/demo/signin.js";
import { Visit } from "/demo/visit.js";
import { icon } from "./icons.js";
import { pagesFor } from "./pages.js";
import { Router, address } from "./router.js";
import { text } from "/demo/strings.js";

const visit = new Visit({ took, ended, incomplete });
const signIn = new SignIn(new Proof("login"), { token: () => visit.token, arrived }, text("sign-in.why"));
let stream = null;
const router = new Router(by("page-root"), { context, drawn, missing });

/** What a page is given. */
function context(signal, { args, query }) {
  const ask = async (method, path, body) =>
    (await visit.patiently(() => persist(() => visit.ask(method, path, body), { tries: method === "GET" ? 4 : 1 }))).body;
  return {
    args, query, signal, visit, text, address, tell, quiet, guarded, ask,
    get: (path) => ask("GET", path),
    may: (...roles) => roles.some((role) => visit.session?.principal.roles.includes(role)),
    go: (...where) => location.assign(address(...where)),
    titled: (title) => (document.title = text("page.titled", { title })),
    /** Calls `act` every `seconds` while the page is shown and looked at, one call at a time. */
    every: (seconds, act) => {
      let busy = false;
      const timer = setInterval(async () => {
        if (busy || document.hidden || visit.session?.state !== "active") return;
        busy = true;
        await guarded(act).finally(() => (busy = false));
      }, seconds * 1_000);
      signal.addEventListener("abort", () => clearInterval(timer));
    },
  };
}

async function begin() {
  await guarded(async () => {
    const body = await fromCompany(visit.token);
    if (body) visit.begin(body);
    else if (visit.token) await visit.look();
    open();
  });
  if (!visit.session) nobody();
}

async function arrived(body) {
  quiet();
  visit.begin(body);
  open();
}

/** What happens to the visit is told at once. The desk has a stream of its own that tells it too. */
function follow() {
  stream?.stop();
  stream = null;
  if (!visit.session || visit.session.principal.roles.includes("agent")) return;
  stream = new EventStream("/session/events", visit.token, {
    event: (type, data) => {
      if (type === "session.prompt" && data?.challenge) visit.prompt.ask(data.challenge, data.now);
      else if (type === "session.ended") visit.end(data.reason);
    },
    open: () => {}, closed: () => {}, refused: (problem) => visit.refused(problem),
  });
}

/** What is for whoever is here. */
function open() {
  if (visit.session?.principal.kind !== "person") return nobody();
  if (visit.session.incomplete) return incomplete();
  const pages = pagesFor(visit.session.principal.roles);
  if (pages.length === 0) return nobody(text("nobody.other.title"), text("nobody.other.why"));
  by("nobody").hidden = true;
  follow();
  by("nav").replaceChildren(make("ul", {}, ...pages.map(({ name }) =>
    make("li", {}, make("a", { class: "item", href: address(name), "data-page": name }, icon(name), make("span", {}, text(`page.${name}`)))))));
  return guarded(() => router.start(pages));
}

function missing() {
  by("page-title").textContent = document.querySelector(".where").textContent = "";
  here("");
  tell(text("no-page"));
}

/** Marks in the menu where somebody is. */
function here(name) {
  for (const link of by("nav").querySelectorAll("a")) {
    if (link.dataset.page === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function drawn(name, page) {
  quiet();
  menu(false);
  const title = text(page.title);
  document.title = text("page.titled", { title });
  by("page").hidden = false;
  document.body.classList.toggle("wide", page.wide === true);
  by("page-title").textContent = title;
  document.querySelector(".where").textContent = title;
  here(name);
  by("page-title").focus({ preventScroll: true });
}

function took(session) {
  const person = session.principal.kind === "person";
  by("out").hidden = by("account").hidden = !person;
  by("account").replaceChildren(icon("account"), make("span", {}, person ? session.principal.name : ""));
  by("account").setAttribute("aria-label", text("account.of", { name: session.principal.name }));
}

function nobody(title = text("nobody.title"), why = text("nobody.why")) {
  router.stop();
  stream?.stop();
  by("page").hidden = true;
  by("nav").replaceChildren();
  document.body.classList.remove("wide");
  const person = visit.session?.principal.kind === "person";
  by("nobody").hidden = false;
  by("nobody-title").textContent = title;
  by("nobody-why").textContent = why;
  by("in").hidden = person;
  by("to-account").hidden = !person;
  by("out").hidden = by("account").hidden = !person;
  document.title = text("page.titled", { title });
}

function incomplete() {
  nobody(text("nobody.incomplete.title"), text("nobody.incomplete"));
}

function ended(reason) {
  quiet();
  nobody(text("ended.title"), text("ended.why", { why: whyEnded(reason) }));
  by("nobody-title").focus();
}

/** Runs `act`; a refusal is told, and one that concerns the session is dealt with. */
async function guarded(act) {
  try {
    return await act();
  } catch (error) {
    if (visit.refused(error) || error.name === "AbortError") return undefined;
    if (![Problem, Unreachable, TimeOver, NotCompleted].some((kind) => error instanceof kind)) throw error;
    tell(calmly(error));
    return undefined;
  }
}

/** A line for the person, with an act where there is one. */
function tell(what, label = text("close"), act = () => {}) {
  by("notice").replaceChildren(make("span", {}, what), button(label, "link", () => (quiet(), act())));
  by("notice").hidden = false;
}

function quiet() {
  by("notice").replaceChildren();
  by("notice").hidden = true;
}

function menu(open) {
  by("menu").setAttribute("aria-expanded", String(open));
}

by("out").append(icon("out"), make("span", {}, text("sign-out")));
by("in").addEventListener("click", () => signIn.open());
by("out").addEventListener("click", () => visit.leave());
by("menu").addEventListener("click", () => menu(by("menu").getAttribute("aria-expanded") !== "true"));
by("menu-items").addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || by("menu").getAttribute("aria-expanded") !== "true") return;
  menu(false);
  by("menu").focus();
});
by("skip").addEventListener("click", (event) => {
  event.preventDefault(); // the part of the address behind # belongs to the pages
  by("main").focus();
});

// Looking does not count as being here. It is often enough that a question is seen long before its time is over.
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
