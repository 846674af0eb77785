// The page behind a one-time enrolment link. The token stands after the #, which browsers never send, and is taken out
// of the address at once.

import { call } from "./api.js";
import { by } from "./dom.js";
import { calmly } from "./findings.js";

const LEAST = 15;
const token = decodeURIComponent(location.hash.slice(1));
history.replaceState(null, "", location.pathname);
if (!token) finish("This link is not complete", "Please open the whole link that you were given.");

by("password").addEventListener("input", () => {
  const missing = LEAST - Array.from(by("password").value).length;
  by("rule").textContent = missing > 0 ? `At least ${LEAST} characters: ${missing} more.` : "Long enough.";
});

by("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const password = by("password").value;
  const error = by("error");
  error.textContent = "";
  if (Array.from(password).length < LEAST) error.textContent = `Please take at least ${LEAST} characters.`;
  else if (password !== by("repeat").value) error.textContent = "The two are not the same.";
  if (error.textContent) return;
  const save = by("form").querySelector("button");
  save.disabled = true;
  try {
    const { body } = await call("POST", "/enrolments", { body: { token, password } });
    finish("Done", `You can sign in as ${body.username} now. You may close this page.`);
  } catch (problem) {
    error.textContent = problem.name === "not-found" ? "This link was used already, or its time is over. Ask for a new one." : calmly(problem);
  } finally {
    save.disabled = false;
  }
});

function finish(title, text) {
  by("form").hidden = true;
  by("password").value = by("repeat").value = "";
  by("title").textContent = title;
  by("lead").textContent = text;
  by("title").focus();
}
