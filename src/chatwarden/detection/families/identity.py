"""Numbers that a state gives to people: national rules as in python-stdnum."""

from __future__ import annotations

from chatwarden.classes import DataClass
from chatwarden.detection import validators as v
from chatwarden.detection.pattern import Pattern

_ID_WORDS = r"ssn|social|security|tax|steuer|idnr|national|insurance|nhs|bsn|pesel|personnummer|cpr|cpf|aadhaar|dni|nie|nif|nir|codice|fiscal|ahv|avs|\bid\b|identi|rijksregister|national number|henkil"


def _id(regex: str, score: float, check: str | None = None, *, needed: bool = False) -> Pattern:
    return Pattern(
        DataClass.NATIONAL_ID, regex, score, v.stdnum(check) if check else None, keywords=_ID_WORDS, needed=needed
    )


IDENTITY: tuple[Pattern, ...] = (
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
