// Replies that are said often: `/hi` and Tab in the message box. Pure: text in, text out.

const WORD = /(^|\s)(\/[\p{L}\p{N}_-]*)$/u;

/** The word with a slash that ends at `caret`, or null: `{word, start}`. */
export function wordAt(text, caret) {
  const found = WORD.exec(text.slice(0, caret));
  return found ? { word: found[2], start: caret - found[2].length } : null;
}

/** The replies whose shortcut begins with `word`, the one that is meant exactly first. */
export function matching(replies, word) {
  const wanted = word.toLowerCase();
  const found = replies.filter((one) => one.shortcut.toLowerCase().startsWith(wanted));
  return found.sort((a, b) => a.shortcut.length - b.shortcut.length || a.shortcut.localeCompare(b.shortcut));
}

/** A reply with its variables filled in. One that is not known goes with the blank before it: "Hello {name}," is "Hello,". */
export function filled(reply, values) {
  return reply.text.replace(/ ?\{(\w+)\}/g, (whole, name) => {
    if (!Object.hasOwn(values, name)) return whole;
    return values[name] ? `${whole.startsWith(" ") ? " " : ""}${values[name]}` : "";
  });
}

/** The text with the word at `caret` replaced: `{text, caret}`. */
export function putIn(text, caret, { start }, said) {
  return { text: text.slice(0, start) + said + text.slice(caret), caret: start + said.length };
}
