// The channel to the page that shows this frame. What comes through it is never trusted with anything: it may open and close
// the chat, and bring a website's word about who its visitor is, which the gateway checks. Nothing that is typed or read here
// goes out through it: how many messages are unread is all that the page is told.

const HELLO = "chatwarden hello 1";
const PORT = "chatwarden port 1";
const ASSERTION = /^assertion ([\w-]{1,4096}\.[\w-]{1,6144}\.[\w-]{1,2048})$/;
const VOUCHES_WITHIN = 5_000;

export class Host {
  #port = null;
  #act;
  #sites;
  #vouched = null;
  #ready;

  /** `sites`: the exact origins that may hold the other end; `act` has open() and close(). */
  constructor(sites, act) {
    this.#act = act;
    this.#sites = sites;
    this.#ready = new Promise((done) => addEventListener("message", (event) => this.#take(event, done)));
    if (window.parent === window) return;
    // Only who is named hears it: browsers deliver a message to the named origin and to nobody else.
    const above = location.ancestorOrigins?.[0];
    for (const site of above ? sites.filter((one) => one === above) : sites) window.parent.postMessage(HELLO, site);
  }

  // The first port of the page above, if that page is registered; never a second one.
  #take(event, done) {
    if (this.#port || event.source !== window.parent || !this.#sites.includes(event.origin)) return;
    if (event.data !== PORT || event.ports.length !== 1) return;
    [this.#port] = event.ports;
    this.#port.onmessage = ({ data }) => this.#heard(data);
    done();
  }

  #heard(text) {
    if (text === "open") this.#act.open();
    else if (text === "close") this.#act.close();
    else if (typeof text === "string" && text.startsWith("assertion ")) this.#vouched?.(ASSERTION.exec(text)?.[1] ?? "");
  }

  tell(text) {
    this.#port?.postMessage(text);
  }

  unread(count) {
    this.tell(`unread ${Math.min(count, 99)}`);
  }

  /** What the website says of its visitor (RFC 7523), or nothing. Only an answer to this question is looked at. */
  async vouched() {
    const late = new Promise((done) => setTimeout(done, VOUCHES_WITHIN, ""));
    await Promise.race([this.#ready, late]);
    if (!this.#port) return "";
    const answer = new Promise((done) => (this.#vouched = done));
    this.tell("identify");
    const text = await Promise.race([answer, late]);
    this.#vouched = null;
    return text;
  }
}
