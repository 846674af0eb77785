"""Cards and accounts: ISO/IEC 7812, ISO 13616."""

from __future__ import annotations

from chatwarden.classes import DataClass
from chatwarden.detection import validators as v
from chatwarden.detection.pattern import Pattern

_CARD_WORDS = r"card|visa|master|amex|credit|debit|karte|carte|tarjeta|carta"

MONEY: tuple[Pattern, ...] = (
    Pattern(DataClass.PAYMENT_CARD, r"\d(?:[ .\-/_]{0,2}\d){11,}", 0.9, keywords=_CARD_WORDS, spans=v.card_spans),
    # In groups of four, whatever stands between them.
    Pattern(
        DataClass.PAYMENT_CARD, r"\d{4}(?:[\s.,*|:()•·\-/_]{1,3}\d{4}){2,3}(?:[\s.,*|:()•·\-/_]{1,3}\d{1,3})?", 0.8,
        keywords=_CARD_WORDS, spans=v.card_spans,
    ),
    Pattern(
        DataClass.CARD_CODE,
        r"(?i)\b(?:cvv2?|cvc2?|cvn|csc|security code|card code|verification value|pr(?:ü|u|ue)fziffer|kartenpr(?:ü|u|ue)fnummer)\b[^0-9\n]{0,16}(\d{3,4})\b",
        0.9, group=1, counter=False,
    ),
    Pattern(DataClass.CARD_CODE, r"(?i)\bpin(?: code| number|-nummer)?\b[^0-9\n]{0,12}(\d{4,6})\b", 0.8, group=1, counter=False),
    Pattern(DataClass.IBAN, r"(?i)\b[A-Z]{2}\d{2}(?:[ \-]?[A-Z0-9]){11,}", 0.95, spans=v.iban_spans, counter=False),
)  # fmt: skip
