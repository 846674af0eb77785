// The address behind `#`: `#/sessions/ses_1?state=active` is the page `sessions`, with what follows. A page is a module
// `page-NAME.js` that is loaded when it is first wanted:
//
//   export const title = "page.sessions";         the key of its title
//   export const wide = true;                     optional: it takes the whole window, and its title is only heard
//   export async function show(root, context) {}  draws into the empty element `root`
//
// What show() returns may have moved(args, query), called when only the rest of the address changed; without it the page is
// shown anew. When the page is left `context.signal` is aborted: timers, streams and listeners end with it.

const ADDRESS = /^#\/([a-z]+)((?:\/[^/?#]+)*)(?:\?(.*))?$/;

/** `{name, args, query}` of an address, or null where there is none. */
export function parse(hash) {
  const found = ADDRESS.exec(hash);
  if (!found) return null;
  try {
    return { name: found[1], args: found[2].split("/").filter(Boolean).map(decodeURIComponent), query: new URLSearchParams(found[3] ?? "") };
  } catch {
    return null; // a broken escape
  }
}

/** The address of a page: `address("sessions", ["ses_1"], {state: "active"})`. */
export function address(name, args = [], query = {}) {
  const rest = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined)).toString();
  return `#/${[name, ...args.map(encodeURIComponent)].join("/")}${rest && `?${rest}`}`;
}

export class Router {
  #root;
  #allowed = [];
  #act;
  #shown = null; // {name, leave, moved}

  /** `act` has context(signal, place) -> context, drawn(name, module), missing(). */
  constructor(root, act) {
    this.#root = root;
    this.#act = act;
    addEventListener("hashchange", () => this.#allowed.length && this.follow());
  }

  /** Begins with these pages; the first one where the address names none. */
  start(pages) {
    this.#allowed = pages.map((page) => page.name);
    return this.follow();
  }

  /** Leaves whatever is shown. */
  stop() {
    this.#allowed = [];
    this.#leave();
  }

  async follow() {
    const place = parse(location.hash) ?? { name: this.#allowed[0], args: [], query: new URLSearchParams() };
    if (!this.#allowed.includes(place.name)) {
      this.#leave();
      return this.#act.missing();
    }
    if (this.#shown?.name === place.name && this.#shown.moved) return this.#shown.moved(place.args, place.query);
    this.#leave();
    const leaving = new AbortController();
    const shown = { name: place.name, leave: () => leaving.abort(), moved: null };
    this.#shown = shown;
    const page = await import(`./page-${place.name}.js`).catch(() => null); // the network, or another version of us
    if (this.#shown !== shown) return undefined; // somebody went on before it was here
    if (!page) return this.#act.missing();
    this.#act.drawn(place.name, page);
    const kept = await page.show(this.#root, this.#act.context(leaving.signal, place));
    if (this.#shown === shown && kept?.moved) shown.moved = kept.moved;
    return undefined;
  }

  #leave() {
    this.#shown?.leave();
    this.#shown = null;
    this.#root.replaceChildren();
  }
}
