// Every word of the console, by key. Another language is another table beside strings-en.js, chosen here by the language of
// the document; what it lacks stays English.

import { table as en } from "./strings-en.js";

const TABLES = { en };
const language = document.documentElement.lang.split("-")[0];
const table = { ...en, ...TABLES[language] };
const plural = new Intl.PluralRules(document.documentElement.lang);

/** The string of a key, with `{name}` filled in. Where a key has forms, `values.n` chooses (CLDR plural categories). */
export function text(key, values = {}) {
  const found = Object.hasOwn(table, key) ? table[key] : key;
  const form = typeof found === "string" ? found : (found[plural.select(values.n ?? 0)] ?? found.other);
  return form.replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(values, name) ? String(values[name]) : whole));
}

/** Whether there is a string of this key. */
export const known = (key) => Object.hasOwn(table, key);
