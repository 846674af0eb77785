"""Where a person is reached: RFC 5321 as people write it, ITU-T E.164."""

from __future__ import annotations

from chatwarden.classes import DataClass
from chatwarden.detection import validators as v
from chatwarden.detection.pattern import ANY_LETTER as L
from chatwarden.detection.pattern import Pattern

_PHONE_WORDS = (
    r"phone\b|\btel\b|t[eé]l[eé]?fon|t[eé]l\.|\bcall|\bmobil|m[oó]vil\b|\bcell|reach me|\bring me|\bsms\b|whatsapp|\bsignal\b|\bhandy|\bfax|\bcontact|"
    r"rufnummer|\bportable|cellulare|gsm|ll[aá]mame|appelez|ruf|\b(?:my|the|new|our|best|work|home) number is|(?:meine|die|neue) nummer"
)

CONTACT: tuple[Pattern, ...] = (
    Pattern(
        DataClass.EMAIL,
        rf"[{L}0-9][{L}0-9._%+'\-]{{0,63}}@[{L}0-9](?:[{L}0-9\-]{{0,62}}\.){{1,5}}[{L}]{{2,24}}", 0.95, counter=False,
    ),
    Pattern(
        DataClass.EMAIL,
        r"(?i)[A-Z0-9][A-Z0-9._%+\-]{0,63} ?(?:\(at\)|\[at\]|\{at\}|<at>) ?[A-Z0-9\-]{1,63}(?: ?(?:\.|\(dot\)|\[dot\]|\{dot\}) ?[A-Z0-9\-]{1,63}){0,3} ?(?:\.|\(dot\)|\[dot\]|\{dot\}) ?[A-Z]{2,24}\b",
        0.9, counter=False,
    ),
    Pattern(DataClass.EMAIL, r"(?i)\b[A-Z0-9][A-Z0-9._%+\-]{1,63} at [A-Z0-9\-]{2,63} dot (?:com|org|net|info|biz|eu|uk|de|fr|es|nl|ch|pl|io|edu|gov|dev|app|example)\b", 0.8, counter=False),
    Pattern(DataClass.PHONE, r"(?:\+|\b00)\d(?:[ ().\-/]{0,2}\d){7,16}\b", 0.9, v.phone_international, keywords=_PHONE_WORDS, most=128, what="numbers with a country code, by the plan of their country (libphonenumber)"),
    Pattern(
        DataClass.PHONE, r"(?:\(\d{2,5}\)|\b\d{3,5})[ .\-/]?\d(?:[ .\-/]?\d){5,9}\b", 0.4, v.phone_national,
        keywords=_PHONE_WORDS, needed=True, most=128, what="national numbers behind a word for them, by the plans of twelve countries",
    ),
)  # fmt: skip
