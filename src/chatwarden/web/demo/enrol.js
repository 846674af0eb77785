// The page behind a one-time enrolment link. The token stands after the #, which browsers never send, and is taken out
// of the address at once. What a password must be is the gateway's rule: the page asks for it and shows it.

import { Unreachable, call } from "./api.js";
import { by } from "./dom.js";
import { calmly } from "./findings.js";
import { revealable, sentence } from "./password.js";

const USED = "This link was used already, or its time is over. Please ask for a new one.";

const token = decodeURIComponent(location.hash.slice(1));
history.replaceState(null, "", location.pathname);
const save = (password) => call("POST", "/enrolments", { body: { token, password } });

/** No password is refused as too short, with the rule of this account in the answer; nothing is used up by that. */
async function rule() {
  if (!token) return finish("This link is not complete", "Please open the whole link that you were given.");
  try {
    await save("");
  } catch (problem) {
    if (problem.name === "not-found") finish("This link works no longer", USED);
    else if (problem.name === "invalid-request") by("rule").textContent = `${sentence(problem.document.detail)} ${by("rule").textContent}`;
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
  by("count").textContent = `${n} ${n === 1 ? "character" : "characters"} so far.`;
  by("count").hidden = n === 0;
});

by("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const password = by("password").value;
  complain(password === by("repeat").value ? "" : "The two are not the same.");
  if (by("error").textContent) return;
  const submit = by("form").querySelector("button[type=submit]");
  submit.disabled = true;
  try {
    const { body } = await save(password);
    finish("Your password is saved", `You can sign in as ${body.username} now. If your work here needs a second factor, you set it up next.`);
    by("on").href = `/account#name=${encodeURIComponent(body.username)}`;
    by("on").hidden = false;
  } catch (problem) {
    if (problem.name === "not-found") complain(USED);
    else if (problem.name === "invalid-request") complain(sentence(problem.document.detail));
    else if (problem instanceof Unreachable) complain(`${problem.message} It is not known whether the password was saved: try to sign in before you ask for a new link.`);
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
