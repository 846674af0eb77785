// Card numbers in a text, told before anything leaves this tab: 13 to 19 digits with a right check digit (Luhn, ISO/IEC 7812-1
// annex B) in the range of an issuer. The gateway finds more (numbers in words, over several messages) and decides.

const ISSUERS = [
  [/^4/, [13, 16, 19]], // Visa
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]], // Mastercard
  [/^3[47]/, [15]], // American Express
  [/^(?:30[0-5]|3095|3[689])/, [14, 16, 17, 18, 19]], // Diners Club
  [/^(?:6011|64[4-9]|65|62)/, [16, 17, 18, 19]], // Discover, UnionPay
  [/^(?:352[89]|35[3-8])/, [16, 17, 18, 19]], // JCB
  [/^(?:50|5[6-9]|6[0379])/, [13, 14, 15, 16, 17, 18, 19]], // Maestro and national debit cards
];
// What may stand between two digits of one number: spaces, dots, dashes, slashes, and what nobody sees.
const RUN = /\p{Nd}(?:[\s\p{Cf}.\-\u2010-\u2015_/]{0,3}\p{Nd}){12,}/gu;
const LONGEST = 19;

function luhn(digits) {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const d = Number(digits[digits.length - 1 - i]) * (i % 2 ? 2 : 1);
    sum += d > 9 ? d - 9 : d;
  }
  return sum % 10 === 0;
}

function isCard(digits) {
  return !/^(\d)\1+$/.test(digits) && luhn(digits) &&
    ISSUERS.some(([prefix, lengths]) => prefix.test(digits) && lengths.includes(digits.length));
}

// Digits of every script that has ten in a row, as 0 to 9: NFKC knows the wide ones, the rest is counted from their zero.
function plain(character) {
  const folded = character.normalize("NFKC");
  if (/^\d$/.test(folded)) return folded;
  for (let back = 0; back < 10; back++) {
    if (!/\p{Nd}/u.test(String.fromCodePoint(folded.codePointAt(0) - back - 1))) return String(back);
  }
  return "";
}

/** Where card numbers stand in `text`: `[{start, end}]`, in UTF-16 units, from left to right. */
export function cardsIn(text) {
  const found = [];
  for (const run of text.matchAll(RUN)) {
    const places = [...run[0].matchAll(/\p{Nd}/gu)].map((one) => ({ at: run.index + one.index, size: one[0].length, digit: plain(one[0]) }));
    for (let from = 0; from < places.length; ) {
      const size = longestAt(places, from);
      if (size) found.push({ start: places[from].at, end: places[from + size - 1].at + places[from + size - 1].size });
      from += size || 1;
    }
  }
  return found;
}

function longestAt(places, from) {
  for (let size = Math.min(LONGEST, places.length - from); size >= 13; size--) {
    if (isCard(places.slice(from, from + size).map((one) => one.digit).join(""))) return size;
  }
  return 0;
}

/** The text with `instead` in the place of every card number. */
export function withoutCards(text, instead) {
  let [rest, at] = ["", 0];
  for (const { start, end } of cardsIn(text)) {
    rest += text.slice(at, start) + instead;
    at = end;
  }
  return rest + text.slice(at);
}
