// The page behind a one-time enrolment link. The token stands after the #, which browsers never send, and is taken out
// of the address at once. What a password must be is the gateway's rule: the page asks for it and shows it.

import { Unreachable, call } from "./api.js";
import { by } from "./dom.js";
import { calmly } from "./findings.js";
import { revealable } from "./password.js";
import { text as say } from "./strings.js";

const token = decodeURIComponent(location.hash.slice(1));
history.replaceState(null, "", location.pathname);
const save = (password) => call("POST", "/enrolments", { body: { token, password } });

/** No password is refused as too short, with the rule of this account in the answer; nothing is used up by that. */
async function rule() {
  if (!token) return finish(say("enrol.no-link"), say("enrol.no-link.why"));
  try {
    await save("");
  } catch (problem) {
    if (problem.name === "not-found") finish(say("enrol.over"), say("enrol.used"));
    else if (problem.name === "invalid-request") by("rule").textContent = `${calmly(problem)} ${by("rule").textContent}`;
    // Anything else is told when the password is saved.
  }
  return undefined;
}

function complain(text) {
  by("error").textContent = text;
  by("password").setAttribute("aria-invalid", String(text !== ""));
  if (text) by("password").focus();
}

by("password").addEventListener("input", () => {
  const n = Array.from(by("password").value).length;
  by("count").textContent = say("enrol.count", { n });
  by("count").hidden = n === 0;
});

by("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const password = by("password").value;
  complain(password === by("repeat").value ? "" : say("enrol.differ"));
  if (by("error").textContent) return;
  const submit = by("form").querySelector("button[type=submit]");
  submit.disabled = true;
  try {
    const { body } = await save(password);
    finish(say("enrol.saved"), say("enrol.saved.why", { name: body.username }));
    by("on").href = `/account#name=${encodeURIComponent(body.username)}`;
    by("on").hidden = false;
  } catch (problem) {
    if (problem.name === "not-found") complain(say("enrol.used"));
    else if (problem instanceof Unreachable) complain(say("enrol.unknown", { why: problem.message }));
    else complain(calmly(problem));
  } finally {
    submit.disabled = false;
  }
});

function finish(title, text) {
  by("form").hidden = true;
  by("password").value = by("repeat").value = "";
  by("title").textContent = title;
  by("lead").textContent = text;
  by("title").focus();
}

revealable(by("password"));
revealable(by("repeat"));
rule();
