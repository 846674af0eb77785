// The gateway's first-party interface. Every refusal is a Problem (RFC 9457), whose sentences are for programs: what a person is
// told of it, calmly() says (findings.js). A lost network is Unreachable.

import { setRoughNow } from "./clock.js";
import { text as say } from "./strings.js";

export class Problem extends Error {
  constructor(status, document, retryAfter) {
    super(document.detail || document.title);
    this.status = status;
    this.name = String(document.type ?? "").replace("urn:chatwarden:problem:", "") || "unknown";
    this.document = document;
    this.retryAfter = retryAfter;
  }

  /** Whether the same request may succeed a little later. */
  get passing() {
    return this.name === "too-many-requests" || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

export class Unreachable extends Error {}

export async function problemOf(response) {
  let document = {};
  try {
    document = await response.json();
  } catch {
    // A proxy in between may answer without a problem document.
  }
  return new Problem(response.status, document ?? {}, Number(response.headers.get("Retry-After")) || 0);
}

/** One request. Returns `{status, body}`; `body` is null for 204. */
export async function call(method, path, { token = "", body, signal } = {}) {
  const headers = { Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  const asked = Date.now();
  try {
    response = await fetch(`/api/v1${path}`, {
      method, headers, signal,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store", credentials: "omit", redirect: "error", referrerPolicy: "no-referrer",
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Unreachable(say("network.unreachable"));
  }
  setRoughNow(response.headers.get("Date"), asked);
  if (!response.ok) throw await problemOf(response);
  try {
    return { status: response.status, body: response.status === 204 ? null : await response.json() };
  } catch {
    // The head came and the body was cut: not known whether it was done, so it counts as not answered.
    throw new Unreachable(say("network.cut"));
  }
}

export const wait = (ms) => new Promise((done) => setTimeout(done, ms));

/** Waiting time before try number `n` (from 0): doubling, capped, with jitter so that many pages do not march in step. */
export function backoff(n, first = 500, most = 15_000) {
  return Math.min(most, first * 2 ** n) * (0.6 + 0.4 * Math.random());
}

/** Repeats `act` while the network or the gateway is in passing trouble. `act` must be safe to repeat. */
export async function persist(act, { tries = 6, waiting = () => {} } = {}) {
  for (let n = 0; ; n++) {
    try {
      return await act();
    } catch (error) {
      const passing = error instanceof Unreachable || (error instanceof Problem && error.passing);
      if (!passing || n + 1 >= tries) throw error;
      waiting(error);
      await wait(Math.max(backoff(n), Math.min(error.retryAfter ?? 0, 30) * 1_000));
    }
  }
}
