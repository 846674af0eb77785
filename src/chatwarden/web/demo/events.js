// The event stream over fetch: EventSource cannot send an Authorization header. Parsing follows WHATWG HTML 9.2.6;
// after a cut the stream resumes with Last-Event-ID, sooner or later as the network allows.

import { Problem, backoff, problemOf } from "./api.js";

const SILENCE = 90_000; // the gateway sends a comment well before this

/** Cuts text into events; keeps what is incomplete. */
export class EventParser {
  #rest = "";
  #type = "";
  #data = [];
  lastEventId = "";
  retry = 0;

  /** The events that `chunk` completes, each `{type, data}`. */
  feed(chunk) {
    const lines = (this.#rest + chunk).split("\n");
    this.#rest = lines.pop();
    return lines.map((line) => this.#line(line.replace(/\r$/, ""))).filter(Boolean);
  }

  #line(line) {
    if (line === "") return this.#dispatch();
    const at = line.indexOf(":");
    if (at === 0) return null; // a comment
    const field = at < 0 ? line : line.slice(0, at);
    const value = at < 0 ? "" : line.slice(at + 1).replace(/^ /, "");
    if (field === "event") this.#type = value;
    else if (field === "data") this.#data.push(value);
    else if (field === "id" && !value.includes("\0")) this.lastEventId = value;
    else if (field === "retry" && /^\d+$/.test(value)) this.retry = Number(value);
    return null;
  }

  #dispatch() {
    const event = { type: this.#type || "message", data: this.#data.join("\n") };
    const whole = this.#data.length > 0;
    this.#type = "";
    this.#data = [];
    return whole ? event : null;
  }
}

/**
 * Follows one conversation until stop(). `on` has: event(type, data), open(resumed), closed(), refused(problem).
 * A refusal that time does not heal ends the stream; everything else is tried again.
 */
export class EventStream {
  #stopped = false;
  #abort = new AbortController();
  #wake = () => {};
  #resume;

  constructor(path, token, on, lastEventId = "") {
    this.path = path;
    this.token = token;
    this.on = on;
    this.lastEventId = lastEventId;
    this.#resume = () => this.#wake();
    addEventListener("online", this.#resume);
    this.#run();
  }

  stop() {
    this.#stopped = true;
    removeEventListener("online", this.#resume);
    this.#abort.abort();
    this.#wake();
  }

  async #run() {
    for (let failures = 0; !this.#stopped; failures++) {
      let least = 0;
      try {
        if (await this.#once()) failures = 0;
      } catch (error) {
        if (this.#stopped) return;
        if (error instanceof Problem) {
          if (!error.passing && error.status < 500) return this.on.refused(error);
          least = error.retryAfter * 1_000;
        }
      }
      if (this.#stopped) return;
      this.on.closed();
      await this.#pause(Math.max(least, backoff(failures)));
    }
  }

  #pause(ms) {
    return new Promise((done) => {
      this.#wake = done;
      setTimeout(done, ms);
    });
  }

  /** One connection; whether anything came. */
  async #once() {
    this.#abort = new AbortController();
    const headers = { Accept: "text/event-stream", Authorization: `Bearer ${this.token}` };
    if (this.lastEventId) headers["Last-Event-ID"] = this.lastEventId;
    const response = await fetch(`/api/v1${this.path}`, {
      headers, signal: this.#abort.signal, cache: "no-store", credentials: "omit", redirect: "error",
    });
    if (!response.ok) throw await problemOf(response);
    if (!(response.headers.get("Content-Type") ?? "").startsWith("text/event-stream")) throw new TypeError("content-type");
    const resumed = this.lastEventId !== "";
    const parser = new EventParser();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    this.on.open(resumed);
    let came = false;
    for (;;) {
      const silent = setTimeout(() => this.#abort.abort(), SILENCE);
      const { value, done } = await reader.read().finally(() => clearTimeout(silent));
      if (done || this.#stopped) return came;
      came = true;
      for (const event of parser.feed(value)) this.#tell(event);
      this.lastEventId = parser.lastEventId || this.lastEventId;
    }
  }

  #tell(event) {
    let data;
    try {
      data = JSON.parse(event.data);
    } catch {
      return; // not ours; the record has the whole message
    }
    this.on.event(event.type, data);
  }
}
