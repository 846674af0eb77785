"""Where a person is reached: RFC 5321 as people write it, ITU-T E.164."""

from __future__ import annotations

from chatwarden.classes import DataClass
from chatwarden.detection import validators as v
from chatwarden.detection.announced import Announced, Form
from chatwarden.detection.pattern import ANY_LETTER as L
from chatwarden.detection.pattern import Pattern

WORDS = (
    "phone|phone number|phone no|telephone|telephone number|tel|call|call me|mobile|mobile number|mobile no|cell|cell number|cell phone|reach me|ring|ring me|sms|text me|whatsapp|signal|handy|handynummer|"
    "fax|contact|contact number|my number|new number|rufnummer|telefon|telefonnummer|mobil|mobilnummer|meine nummer|neue nummer|ruf|rufen|anrufen|t[eé]l[eé]phone|num[eé]ro de t[eé]l[eé]phone|portable|appelez|appelez-moi|mon num[eé]ro|"
    "m[oó]vil|tel[eé]fono|n[uú]mero de tel[eé]fono|ll[aá]mame|mi n[uú]mero|cellulare|telefono|numero di telefono|mio numero|telefoon|telefoonnummer|gsm|bel me|mijn nummer|telefone|telem[oó]vel|celular|numer telefonu|kom[oó]rka|telefonnummer"
)
_PHONE_WORDS = r"phone|\btel|t[eé]l|\bcall|\bmobil|\bcell|reach me|\bring me|\bsms\b|whatsapp|\bhandy|\bfax|rufnummer"

PHONE_NUMBERS = Announced(
    (
        Form("*", "national numbers, by the plans of twelve countries", WORDS, r"(?<!\+)(?<!\+# )(?<!\+## )(?<!\+### )(?:0[1-9]#?(?:~#){6,9}|\(0?#{2,4}\)[ \-]?#(?:~#){5,8}|#{2,4}[ \-/.]#(?:~#){5,8})", 0.2, v.phone_national),
        Form("*", "national numbers written without a space", WORDS, "[1-9]#{7,10}", 0.05, v.phone_national),
    )
)  # fmt: skip

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
    Pattern(DataClass.PHONE, PHONE_NUMBERS.regex, 0.95, keywords=PHONE_NUMBERS.keywords, find=PHONE_NUMBERS.find, digit=True, most=128),
)  # fmt: skip
