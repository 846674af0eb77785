"""The patterns, in one table: what a class looks like, how much that is worth, what else must hold.

One RE2 set says in a single linear pass which patterns occur at all; only those are looked at again for their spans.
``score`` is the evidence of shape and check together; a keyword before it adds, a counter-word takes away, and what
stays below the threshold is no finding. Sources: ISO 7812, ISO 13616, national rules as in python-stdnum, vendors'
documentation of key prefixes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chatwarden.classes import DataClass
from chatwarden.detection import validators as v

THRESHOLD = 0.5
_CARD_WORDS = r"card|visa|master|amex|credit|debit|karte|carte|tarjeta|carta"
_ID_WORDS = r"ssn|social|security|tax|steuer|idnr|national|insurance|nhs|bsn|pesel|personnummer|cpr|cpf|aadhaar|dni|nie|nif|nir|codice|fiscal|ahv|avs|\bid\b|identi|rijksregister|national number|henkil"
_PHONE_WORDS = r"phone|tel|call|mobile|cell|number is|reach me|ring|sms|whatsapp|handy|fax|nummer|contact"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way in which a class is written. ``group`` is the part that is personal; ``keywords`` must (``needed``) or may
    stand within the 48 characters before it. ``spans`` finds several within one match.
    """

    data_class: DataClass
    regex: str
    score: float
    check: Callable[[str], bool] | None = None
    group: int = 0
    keywords: str = ""
    needed: bool = False
    spans: Callable[[str], list[tuple[int, int]]] | None = None
    counter: bool = True


def _id(regex: str, score: float, check: str | None = None, *, needed: bool = False) -> Pattern:
    return Pattern(
        DataClass.NATIONAL_ID, regex, score, v.stdnum(check) if check else None, keywords=_ID_WORDS, needed=needed
    )


def _key(regex: str, group: int = 0, check: Callable[[str], bool] | None = None) -> Pattern:
    return Pattern(DataClass.CREDENTIAL, regex, 0.95, check, group, counter=False)


PATTERNS: tuple[Pattern, ...] = (
    Pattern(DataClass.PAYMENT_CARD, r"\d(?:[ .\-/_]{0,2}\d){12,}", 0.9, keywords=_CARD_WORDS, spans=v.card_spans),
    Pattern(
        DataClass.CARD_CODE,
        r"(?i)\b(?:cvv2?|cvc2?|cvn|csc|security code|card code|verification value|pr(?:ü|u|ue)fziffer|kartenpr(?:ü|u|ue)fnummer)\b[^0-9\n]{0,16}(\d{3,4})\b",
        0.9, group=1, counter=False,
    ),
    Pattern(DataClass.CARD_CODE, r"(?i)\bpin(?: code| number|-nummer)?\b[^0-9\n]{0,12}(\d{4,6})\b", 0.8, group=1, counter=False),
    Pattern(DataClass.IBAN, r"(?i)\b[A-Z]{2}\d{2}(?:[ \-]?[A-Z0-9]){11,}", 0.95, spans=v.iban_spans, counter=False),
    Pattern(
        DataClass.EMAIL,
        r"(?i)[A-Z0-9][A-Z0-9._%+'\-]{0,63}@[A-Z0-9](?:[A-Z0-9\-]{0,62}\.){1,5}[A-Z]{2,24}\b", 0.95, counter=False,
    ),
    Pattern(
        DataClass.EMAIL,
        r"(?i)[A-Z0-9][A-Z0-9._%+\-]{0,63} ?(?:\(at\)|\[at\]|\{at\}|<at>) ?[A-Z0-9\-]{1,63}(?: ?(?:\.|\(dot\)|\[dot\]|\{dot\}) ?[A-Z0-9\-]{1,63}){0,3} ?(?:\.|\(dot\)|\[dot\]|\{dot\}) ?[A-Z]{2,24}\b",
        0.9, counter=False,
    ),
    Pattern(DataClass.EMAIL, r"(?i)\b[A-Z0-9][A-Z0-9._%+\-]{1,63} at [A-Z0-9\-]{2,63} dot [A-Z]{2,10}\b", 0.8, counter=False),
    Pattern(DataClass.PHONE, r"(?:\+|\b00)\d(?:[ ().\-/]{0,2}\d){7,16}\b", 0.9, v.phone_international, keywords=_PHONE_WORDS),
    Pattern(
        DataClass.PHONE, r"(?:\(\d{2,5}\)|\b\d{3,5})[ .\-/]?\d(?:[ .\-/]?\d){5,9}\b", 0.4, v.phone_national,
        keywords=_PHONE_WORDS, needed=True,
    ),
    Pattern(DataClass.IP_ADDRESS, r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b", 0.8, v.public_ip),
    Pattern(DataClass.IP_ADDRESS, r"(?i)\b[0-9A-F]{1,4}:(?:[0-9A-F]{0,4}:){1,6}[0-9A-F]{1,4}\b", 0.8, v.public_ip),
    _key(r"(?i)\b(?:password|passwd|passphrase|passwort|kennwort|pwd|contraseña|mot de passe)(?: is| was| ist| lautet|:|=| =| :)+ ?[\"'`«]?([^\s\"'`»\[\]]{4,64})", 1, v.secret_word),
    _key(r"(?i)\b(?:one[ \-]?time (?:code|password)|otp|verification code|login code|sms code|2fa code|mfa code|auth code|tan)\b[^0-9\n]{0,16}(\d{4,8})\b", 1),
    _key(r"\b(?:sk|pk|rk)[_\-](?:live|test|proj|ant|or)?[_\-]?[A-Za-z0-9_\-]{16,200}"),
    _key(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    _key(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255}|glpat-[A-Za-z0-9_\-]{20,64})"),
    _key(r"\bxox[abprs]-[A-Za-z0-9\-]{10,250}"),
    _key(r"\bAIza[0-9A-Za-z_\-]{35}"),
    _key(r"\bcws_[0-9a-f]{64}\b"),
    _key(r"\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*"),
    _key(r"(?i)\bbearer +([A-Z0-9._~+/\-]{20,}=*)", 1),
    _key(r"(?s)-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\z)"),
    _id(r"\b\d{3}-\d{2}-\d{4}\b", 0.75, "us.ssn"),
    _id(r"\b\d{3} ?\d{2} ?\d{4}\b", 0.3, "us.ssn", needed=True),
    _id(r"(?i)\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b", 0.7),
    _id(r"\b\d{3}[ \-]?\d{3}[ \-]?\d{4}\b", 0.35, "gb.nhs", needed=True),
    _id(r"(?i)\b\d{8}[ \-]?[A-Z]\b", 0.7, "es.dni"),
    _id(r"(?i)\b[XYZ][ \-]?\d{7}[ \-]?[A-Z]\b", 0.8, "es.nie"),
    _id(r"(?i)\b[A-Z]{6}\d{2}[A-EHLMPR-T]\d{2}[A-Z]\d{3}[A-Z]\b", 0.95, "it.codicefiscale"),
    _id(r"\b[12] ?\d{2} ?\d{2} ?\d{2} ?\d{3} ?\d{3} ?\d{2}\b", 0.8, "fr.nir"),
    _id(r"\b\d{4}[. ]?\d{2}[. ]?\d{3}\b", 0.35, "nl.bsn", needed=True),
    _id(r"\b\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}\b", 0.95, "be.nn"),
    _id(r"\b\d{2} ?\d{3} ?\d{3} ?\d{3}\b", 0.4, "de.idnr", needed=True),
    _id(r"\b\d{11}\b", 0.4, "pl.pesel", needed=True),
    _id(r"\b(?:19|20)?\d{6}[+\-]\d{4}\b", 0.75, "se.personnummer"),
    _id(r"(?i)\b\d{6}[+\-A-FU-Y]\d{3}[0-9A-Y]\b", 0.8, "fi.hetu"),
    _id(r"\b\d{6}-?\d{4}\b", 0.35, "dk.cpr", needed=True),
    _id(r"\b\d{3}\.\d{3}\.\d{3}-\d{2}\b", 0.9, "br.cpf"),
    _id(r"\b[2-9]\d{3} ?\d{4} ?\d{4}\b", 0.4, "in_.aadhaar", needed=True),
    _id(r"\b756\.\d{4}\.\d{4}\.\d{2}\b", 0.95, "ch.ssn"),
)  # fmt: skip

# Within the 32 characters before a number: it is the number of a thing, not of a person.
COUNTER_WORDS = r"(?i)\b(?:order|ticket|track\w*|invoice|version|release|build|ref(?:erence)?|parcel|booking|case|serial|hash|commit|isbn|ean|sku|part|article|model|timestamp|v)\b[^a-z]{0,12}$"
