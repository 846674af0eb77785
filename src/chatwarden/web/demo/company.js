// The company's login: there and back again. The code that comes back is worth nothing without the verifier, which never
// leaves this tab (RFC 7636).

import { call } from "./api.js";
import { keep, recall } from "./store.js";

const VERIFIER = "verifier";

/** The logins that this gateway knows: `[{name, title}]`. */
export async function list() {
  try {
    const response = await fetch("/login", { headers: { Accept: "application/json" }, credentials: "omit", redirect: "error" });
    return response.ok ? ((await response.json()).logins ?? []) : [];
  } catch {
    return [];
  }
}

function base64url(buffer) {
  const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Leaves for the company's login. */
export async function begin(name) {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const challenge = base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
  keep(VERIFIER, verifier);
  const query = new URLSearchParams({ challenge, return: location.pathname });
  location.assign(`/login/${encodeURIComponent(name)}?${query}`);
}

/** What came back in the address: the answer of a login, or null. Raises a Problem when it was refused. */
export async function arrived(token) {
  const code = /^#login=([A-Za-z0-9_-]+)$/.exec(location.hash)?.[1];
  if (!code) return null;
  history.replaceState(null, "", location.pathname + location.search);
  const verifier = recall(VERIFIER);
  keep(VERIFIER, "");
  return verifier ? (await call("POST", "/session", { token, body: { code, verifier } })).body : null;
}
