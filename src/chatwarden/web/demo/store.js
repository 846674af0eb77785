// What this tab remembers: sessionStorage, gone when the tab closes. Nothing is kept anywhere else.

const PREFIX = "chatwarden.";

export function recall(name) {
  return sessionStorage.getItem(PREFIX + name) ?? "";
}

export function keep(name, value) {
  if (value) sessionStorage.setItem(PREFIX + name, value);
  else sessionStorage.removeItem(PREFIX + name);
}

/** Keeps the draft, except while it holds what looks like a card number: that should not lie anywhere. */
export function keepDraft(text) {
  keep("draft", looksLikeCard(text) ? "" : text);
}

/** Whether 13 to 19 digits with a right check digit (Luhn, ISO/IEC 7812-1) stand in the text. The gateway decides;
 * this only tells the person early. */
export function looksLikeCard(text) {
  for (const [run] of text.matchAll(/\d(?:[ -]?\d){12,18}/g)) {
    const digits = run.replace(/\D/g, "");
    let sum = 0;
    for (let i = 0; i < digits.length; i++) {
      const d = Number(digits[digits.length - 1 - i]) * (i % 2 ? 2 : 1);
      sum += d > 9 ? d - 9 : d;
    }
    if (sum % 10 === 0 && !/^(\d)\1+$/.test(digits)) return true;
  }
  return false;
}
