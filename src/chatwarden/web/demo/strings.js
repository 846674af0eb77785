// The words of our pages, by key, in the language of the page. The table is a script of the gateway's own that runs before
// (web/languages.py); what is said stands in files, strings/LANGUAGE/AREA.json.

const table = window.chatwardenStrings;
const { lang } = document.documentElement;
const languageOf = (tag) => tag.toLowerCase().split("-")[0];

/** How numbers and dates are written: as in this reader's region, where that speaks the language of the page. */
export const locale = (navigator.languages ?? []).find((one) => languageOf(one) === languageOf(lang)) ?? lang;

const plural = new Intl.PluralRules(lang);
const number = new Intl.NumberFormat(locale);
const and = new Intl.ListFormat(locale, { type: "conjunction" });

/** Whether there is a text of this key. */
export const known = (key) => Object.hasOwn(table, key);

/** A number as it is written. */
export const count = (value) => number.format(value);

/** `a, b and c`. */
export const list = (words) => and.format(words);

const written = (value) => (typeof value === "number" ? count(value) : String(value));

/**
 * The text of a key, with `{name}` filled in: a number as numbers are written, anything else as it is. Where a key has forms,
 * `values.n` chooses (CLDR plural categories).
 */
export function text(key, values = {}) {
  const found = known(key) ? table[key] : key;
  const form = typeof found === "string" ? found : (found[plural.select(values.n ?? 0)] ?? found.other);
  return form.replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(values, name) ? written(values[name]) : whole));
}
