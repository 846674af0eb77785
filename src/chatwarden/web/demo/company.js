// The company's login: there and back again. The code that comes back is worth nothing without the verifier, which never
// leaves this tab (RFC 7636).

import { Problem, call } from "./api.js";
import { base64url } from "./passkey.js";
import { keep, recall } from "./store.js";
import { text as say } from "./strings.js";

const VERIFIER = "verifier";

/** Thrown when somebody came back with a code that is good for nothing here. */
export class NotCompleted extends Error {}

/** The logins that this gateway knows: `[{name, title}]`. */
export async function list() {
  try {
    const response = await fetch("/login", { headers: { Accept: "application/json" }, credentials: "omit", redirect: "error" });
    return response.ok ? await response.json() : [];
  } catch {
    return []; // the other ways in still work
  }
}

/** Leaves for the company's login. */
export async function begin(name) {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const challenge = base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
  keep(VERIFIER, verifier);
  const query = new URLSearchParams({ challenge, return: location.pathname });
  location.assign(`/login/${encodeURIComponent(name)}?${query}`);
}

/** What came back in the address: the answer of a login, or null. Raises NotCompleted, Problem or Unreachable. */
export async function arrived(token) {
  const code = /^#login=([A-Za-z0-9_-]+)$/.exec(location.hash)?.[1];
  if (!code) return null;
  history.replaceState(null, "", location.pathname + location.search);
  const verifier = recall(VERIFIER);
  keep(VERIFIER, "");
  try {
    if (verifier) return (await call("POST", "/session", { token, body: { code, verifier } })).body;
  } catch (error) {
    if (!(error instanceof Problem && error.name === "invalid-credentials")) throw error;
  }
  throw new NotCompleted(say("signin.company.lost"));
}
