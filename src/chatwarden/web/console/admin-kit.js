// What the pages for administrators and auditors share: tables, filters that live in the address, words for what the gateway
// names, and a question before something is done. There is no way to pass markup.

import { dateAndTime, day as dayOf, lasting, timeOfDay } from "/demo/clock.js";
import { button, make } from "/demo/dom.js";
import { choice, field } from "./form.js";
import { address } from "./router.js";
import { known, text } from "/demo/strings.js";

const BEHIND = ["found", "inquiries", "handoffs"]; // lists that belong to the overview

/** A name of the gateway in words: the string of `KIND.NAME`, or the name itself, readable. */
export function word(kind, name) {
  if (known(`${kind}.${name}`)) return text(`${kind}.${name}`);
  return name.replace(/[:_-]/g, " ").replace(/^./, (first) => first.toUpperCase());
}

/** `message:blocked iban` in words: the event, then what is said about it. */
export function refusal(name) {
  const [event, ...rest] = name.split(" ");
  return rest.length ? text("refusal.of", { event: word("event", event), reason: rest.join(" ").replaceAll("-", " ") }) : word("event", event);
}

export const chip = (label, kind = null) => make("span", { class: "chip", "data-kind": kind }, label);
export const mono = (what) => make("span", { class: "mono" }, what);
export const brief = (id) => make("span", { class: "mono brief", title: id }, id.length > 20 ? `${id.slice(0, 12)}…` : id);
export const link = (label, href) => make("a", { href }, label);
export const when = (instant) => (instant ? make("time", { datetime: instant, title: instant }, nearby(instant)) : "–");

/** Only the day, for what ends or began long from now. */
export const day = (instant) => (instant ? make("time", { datetime: instant, title: instant }, dayOf(instant)) : "–");

function nearby(instant) {
  return new Date(instant).toDateString() === new Date().toDateString() ? timeOfDay(instant, true) : dateAndTime(instant);
}

/** Seconds in the largest unit that fits: `15 min`, `30 d`. */
export function span(seconds) {
  return seconds ? lasting(seconds, { brief: true }) : text("off");
}

/** How long something took: `40 s`, `1:30 min`, `2:05 h`. */
export function took(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  const [s, m] = [Math.round(seconds), Math.floor(Math.round(seconds) / 60)];
  const two = (value) => String(value).padStart(2, "0");
  if (s < 60) return text("time.second", { n: s });
  return m < 60 ? text("took.min", { time: `${m}:${two(s % 60)}` }) : text("took.h", { time: `${Math.floor(m / 60)}:${two(m % 60)}` });
}

/** The address in the console of a list that the gateway names (`audit?event=…`, `sessions?role=…`, `found?class=…`). */
export function toList(list) {
  const [name, query = ""] = list.split("?");
  const place = BEHIND.includes(name) ? ["overview", name] : [name];
  return `#/${place.join("/")}${query && `?${query}`}`; // as it is: an empty value means something
}

/**
 * A table in a box that scrolls by itself. `columns` are `[title, cell(row), kind]`; a cell is a node or text, `kind` is
 * "number" or nothing. Returns `{element, add(rows), clear()}`.
 */
export function table(caption, columns, { empty = text("none"), hideCaption = false } = {}) {
  const body = make("tbody", {});
  const nothing = make("tr", {}, make("td", { class: "empty", colspan: String(columns.length) }, empty));
  const head = make("tr", {}, ...columns.map(([title, , kind]) => make("th", { scope: "col", class: kind ?? null }, title)));
  const made = make("table", {}, make("caption", { class: hideCaption ? "hidden" : null }, caption), make("thead", {}, head), body);
  const element = make("div", { class: "table stacking", role: "region", "aria-label": caption, tabindex: "0" }, made);
  const row = (one) => {
    const cells = columns.map(([, cell, kind], at) => {
      const shown = cell(one);
      const nodes = (Array.isArray(shown) ? shown : [shown ?? ""]).filter((node) => node !== null);
      return at === 0 ? make("th", { scope: "row" }, ...nodes) : make("td", { class: kind ?? null, "data-label": columns[at][0] }, make("div", {}, ...nodes));
    });
    return make("tr", {}, ...cells);
  };
  const settle = () => (body.rows.length ? nothing.remove() : body.append(nothing));
  const add = (rows) => (nothing.remove(), body.append(...rows.map(row)), settle()); // before the gateway answered nobody knows that there is nothing
  return { element, add, clear: () => (body.replaceChildren(), settle()) };
}

/**
 * Filters whose values are those of the address. `fields` are `{name, label, options?, type?}`; changing one goes to the
 * address with it, so that a list can be linked to and gone back to.
 */
export function filters(page, args, query, fields) {
  const go = () => {
    const given = Object.fromEntries([...query].filter(([name]) => !fields.some((one) => one.name === name)));
    for (const one of fields) given[one.name] = controls.get(one.name).value.trim();
    location.assign(address(page, args, given));
  };
  const controls = new Map();
  const form = make("form", { class: "filters", role: "search" });
  for (const one of fields) {
    const value = query.get(one.name) ?? "";
    const listed = one.options && (!value || one.options.some(([known_]) => known_ === value));
    const control = listed ? choice([["", text("all")], ...one.options]) : make("input", { type: one.type ?? "text", class: "input", maxlength: "512", spellcheck: "false", autocapitalize: "none", placeholder: one.hint ?? null });
    control.value = value;
    control.addEventListener("change", go);
    controls.set(one.name, control);
    form.append(field(one.label, control));
  }
  if (fields.some((one) => query.get(one.name))) form.append(make("a", { class: "soft", href: address(page, args) }, text("clear")));
  form.addEventListener("submit", (event) => (event.preventDefault(), go()));
  return form;
}

/** A button that reads the next page of a list; `read()` says whether there is more. */
export function more(label, read) {
  const row = make("div", { class: "row more" });
  const again = button(label, "soft", async () => {
    again.disabled = true;
    const yes = await read();
    again.disabled = false;
    row.hidden = !yes;
  });
  row.append(again);
  row.hidden = true;
  return row;
}

/** A button that asks once more in its own place before it acts. */
export function careful(label, question, act, named) {
  const place = make("span", { class: "sure" });
  const rest = (focus) => {
    const first = button(label, "link danger", ask);
    first.setAttribute("aria-label", named);
    place.replaceChildren(first);
    if (focus) first.focus();
  };
  const ask = () => {
    const yes = button(text("yes"), "link danger", async () => {
      place.querySelectorAll("button").forEach((one) => (one.disabled = true));
      if (!(await act())) rest(true);
    });
    yes.setAttribute("aria-label", text("button.of", { act: text("yes"), what: named }));
    place.replaceChildren(make("span", {}, question), yes, button(text("no"), "link", () => rest(true)));
    yes.focus();
  };
  place.addEventListener("keydown", (event) => event.key === "Escape" && rest(true));
  rest(false);
  return place;
}

/** A list of facts: `[[name, value], …]`; what has no value is left out. */
export function facts(pairs) {
  const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return make("dl", { class: "facts" }, ...shown.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, ...(Array.isArray(value) ? value : [value]))]));
}

export const chips = (labels) => make("ul", { class: "chips" }, ...labels.map((label) => make("li", { class: "chip" }, label)));
