// A closed subset of Markdown, drawn with createElement: paragraphs, lists, bold, italics, inline code and links.
// Everything else, HTML and images included, stays the text that it is. Spans of findings are code points of the source.

const LINK = /^https?:\/\//i;
const BARE = /^https?:\/\/[^\s<>"'`\\[\]{}|^]+/i;
// Invisible direction marks could make a link read as another; they are shown as what they are: nothing readable.
const MARKS = /[\u202a-\u202e\u2066-\u2069\u200e\u200f]/g;
const DEPTH = 4;
let way = "";

/** Links lead through this page of ours, which gets the address behind `#`. */
export function through(page) {
  way = page;
}

/** `{href, host}` of a web address that may be a link, or null: no other scheme, no user part, nothing unparsable. */
export function webAddress(text) {
  if (!LINK.test(text) || text.search(MARKS) >= 0) return null;
  try {
    const url = new URL(text);
    return url.username || url.password || !url.hostname ? null : { href: url.href, host: url.host };
  } catch {
    return null;
  }
}

/** Draws source text with its findings. One writer per message. */
export class Writer {
  constructor(text, findings = []) {
    this.points = Array.from(text);
    this.findings = findings.filter((f) => f.action !== "allowed" && f.end > f.start).sort((a, b) => a.start - b.start);
  }

  /** What a person typed: line breaks and findings, nothing else. */
  plain(parent) {
    this.#text(parent, 0, this.points.length);
  }

  /** What a machine wrote. */
  markdown(parent) {
    let paragraph = null;
    let list = null;
    for (const { start, end } of this.#lines()) {
      const item = this.#itemAt(start, end);
      if (start === end || item) paragraph = null;
      if (item) {
        if (!list || list.localName !== item.list) {
          list = parent.appendChild(document.createElement(item.list));
          if (item.first !== 1) list.setAttribute("start", String(item.first));
        }
        this.#inline(list.appendChild(document.createElement("li")), item.start, end, 0);
      } else if (start < end) {
        list = null;
        if (paragraph) paragraph.append(document.createElement("br"));
        else paragraph = parent.appendChild(document.createElement("p"));
        this.#inline(paragraph, start, end, 0);
      }
    }
  }

  *#lines() {
    let start = 0;
    for (let at = 0; at <= this.points.length; at++) {
      if (at === this.points.length || this.points[at] === "\n") {
        let [from, to] = [start, at];
        while (to > from && this.points[to - 1].trim() === "") to--;
        while (from < to && this.points[from].trim() === "") from++;
        yield { start: from, end: to };
        start = at + 1;
      }
    }
  }

  #itemAt(start, end) {
    const head = this.points.slice(start, Math.min(end, start + 6)).join("");
    const bullet = /^[-*+] +(?=\S)/.exec(head);
    if (bullet) return { list: "ul", first: 1, start: start + bullet[0].length };
    const number = /^(\d{1,3})[.)] +(?=\S)/.exec(head);
    return number && { list: "ol", first: Number(number[1]), start: start + number[0].length };
  }

  #inline(parent, start, end, depth) {
    let plain = start;
    for (let at = start; at < end; ) {
      const found = depth < DEPTH ? this.#spanAt(at, start, end) : null;
      if (!found) {
        at++;
        continue;
      }
      this.#text(parent, plain, at);
      this.#span(parent, found, depth);
      at = plain = found.next;
    }
    this.#text(parent, plain, end);
  }

  #span(parent, found, depth) {
    if (found.tag === "a") return this.#link(parent, found);
    const element = parent.appendChild(document.createElement(found.tag));
    if (found.tag === "code") this.#text(element, found.start, found.end);
    else this.#inline(element, found.start, found.end, depth + 1);
    return undefined;
  }

  #link(parent, { address, start, end, bare }) {
    const link = parent.appendChild(document.createElement("a"));
    link.href = way ? `${way}#${encodeURIComponent(address.href)}` : address.href;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    this.#text(link, start, end);
    if (bare) return;
    const host = parent.appendChild(document.createElement("span"));
    host.className = "host";
    host.textContent = ` (${address.host})`;
  }

  #spanAt(at, from, end) {
    const here = this.points[at];
    if (here === "`") return this.#closed("code", at, end, "`", 1);
    if (here === "*" || here === "_") return this.#emphasis(at, from, end, here);
    if (here === "[" && this.points[at - 1] !== "!") return this.#linkAt(at, end);
    if ((here === "h" || here === "H") && !/\w/.test(this.points[at - 1] ?? "")) return this.#bareAt(at, end);
    return null;
  }

  #emphasis(at, from, end, mark) {
    const size = this.points[at + 1] === mark ? 2 : 1;
    // An underscore inside a word is part of the word.
    if (mark === "_" && at > from && /\w/.test(this.points[at - 1])) return null;
    return this.#closed(size === 2 ? "strong" : "em", at, end, mark, size);
  }

  #closed(tag, at, end, mark, size) {
    const start = at + size;
    const spaced = (point) => point === undefined || point.trim() === "";
    if (start >= end || (tag !== "code" && spaced(this.points[start]))) return null;
    for (let to = start; to + size <= end; to++) {
      if (this.points[to] !== mark || (size === 2 && this.points[to + 1] !== mark)) continue;
      if (size === 1 && tag !== "code" && (this.points[to + 1] === mark || this.points[to - 1] === mark)) continue;
      if (to === start || (tag !== "code" && spaced(this.points[to - 1]))) continue;
      return { tag, start, end: to, next: to + size };
    }
    return null;
  }

  #linkAt(at, end) {
    const close = this.points.indexOf("]", at);
    if (close < 0 || close >= end || close === at + 1 || this.points[close + 1] !== "(") return null;
    const last = this.points.indexOf(")", close);
    if (last < 0 || last >= end) return null;
    const address = webAddress(this.points.slice(close + 2, last).join("").trim());
    return address && { tag: "a", address, start: at + 1, end: close, next: last + 1, bare: false };
  }

  #bareAt(at, end) {
    // The address of what was no link above (an image, a refused one) stays text as well.
    if (this.points[at - 1] === "(" && this.points[at - 2] === "]") return null;
    const match = BARE.exec(this.points.slice(at, Math.min(end, at + 2048)).join(""));
    const text = match?.[0].replace(/[.,:;!?)*_]+$/, "");
    const address = text && webAddress(text);
    if (!address) return null;
    const next = at + Array.from(text).length;
    return { tag: "a", address, start: at, end: next, next, bare: true };
  }

  /** A stretch of source as text nodes, findings as <mark>. */
  #text(parent, start, end) {
    let at = start;
    for (const finding of this.findings) {
      const from = Math.max(finding.start, at);
      const to = Math.min(finding.end, end);
      if (from >= to) continue;
      this.#put(parent, at, from);
      const mark = parent.appendChild(document.createElement("mark"));
      mark.dataset.action = finding.action;
      mark.dataset.class = finding.class;
      this.#put(mark, from, to);
      at = to;
    }
    this.#put(parent, at, end);
  }

  #put(parent, start, end) {
    if (start < end) parent.append(this.points.slice(start, end).join("").replace(MARKS, "\ufffd"));
  }
}
