"""National numbers whose written form tells what they are, before any word does: letters, fixed points, dates within.

What is mere digits is in `nationals`, behind the words that announce it. National rules as in python-stdnum.
"""

from __future__ import annotations

from collections.abc import Callable

from chatwarden.classes import DataClass
from chatwarden.detection import national_checks as own
from chatwarden.detection.pattern import Pattern
from chatwarden.detection.validators import stdnum

_ID_WORDS = r"ssn|social|security|tax|steuer|idnr|national|insurance|personnummer|cpr|cpf|dni|nie|nif|nir|codice|fiscal|ahv|avs|\bid\b|identi|rijksregister|national number|henkil|curp|rut|cuit|nric|snils|cnic"


def _id(what: str, regex: str, score: float, check: Callable[[str], bool] | None = None) -> Pattern:
    return Pattern(DataClass.NATIONAL_ID, regex, score, check, keywords=_ID_WORDS, what=what)


IDENTITY: tuple[Pattern, ...] = (
    _id("US Social Security number", r"\b\d{3}-\d{2}-\d{4}\b", 0.75, stdnum("us.ssn")),
    _id("GB National Insurance number", r"(?i)\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b", 0.7),
    _id("ES DNI", r"(?i)\b\d{8}[ \-]?[A-Z]\b", 0.7, stdnum("es.dni")),
    _id("ES NIE", r"(?i)\b[XYZ][ \-]?\d{7}[ \-]?[A-Z]\b", 0.8, stdnum("es.nie")),
    _id("IT codice fiscale", r"(?i)\b[A-Z]{6}\d{2}[A-EHLMPR-T]\d{2}[A-Z]\d{3}[A-Z]\b", 0.95, stdnum("it.codicefiscale")),
    _id("FR NIR", r"\b[12] ?\d{2} ?\d{2} ?(?:\d{2}|2[ABab]) ?\d{3} ?\d{3} ?\d{2}\b", 0.8, stdnum("fr.nir")),
    _id("BE national register number", r"\b\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}\b", 0.95, stdnum("be.nn")),
    _id("SE personal identity number", r"\b(?:19|20)?\d{6}[+\-]\d{4}\b", 0.75, stdnum("se.personnummer")),
    _id("FI personal identity code", r"(?i)\b\d{6}[+\-A-FU-Y]\d{3}[0-9A-Y]\b", 0.8, stdnum("fi.hetu")),
    _id("BR CPF", r"\b\d{3}\.\d{3}\.\d{3}-\d{2}\b", 0.9, stdnum("br.cpf")),
    _id("BR CNPJ", r"\b\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}\b", 0.8, stdnum("br.cnpj")),
    _id("CH AHV number", r"\b756\.\d{4}\.\d{4}\.\d{2}\b", 0.95, stdnum("ch.ssn")),
    _id("CL RUT", r"(?i)\b\d{1,2}\.\d{3}\.\d{3}-[\dK]\b", 0.75, stdnum("cl.rut")),
    _id("AR CUIT and CUIL", r"\b(?:2[0347]|3[034])-\d{8}-\d\b", 0.75, stdnum("ar.cuit")),
    _id("MX CURP", r"(?i)\b[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d\b", 0.9, stdnum("mx.curp")),
    _id("CN resident identity number", r"\b[1-8]\d{5}(?:19|20)\d{2}[01]\d[0-3]\d{4}[\dXx]\b", 0.7, stdnum("cn.ric")),
    _id("KR resident number", r"\b\d{2}[01]\d[0-3]\d-[1-8]\d{6}\b", 0.6, own.kr_rrn),
    _id("SG NRIC and FIN", r"(?i)\b[STFGM]\d{7}[A-Z]\b", 0.7, own.sg_nric),
    _id("TW identity number", r"\b[A-Z][12]\d{8}\b", 0.45, own.tw_id),
    _id("IN PAN", r"\b[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]\b", 0.6, stdnum("in_.pan")),
    _id("IE PPS number", r"\b\d{7}[A-W][A-IW]?\b", 0.4, stdnum("ie.pps")),
    _id("MY MyKad", r"\b\d{2}[01]\d[0-3]\d-\d{2}-\d{4}\b", 0.6, stdnum("my.nric")),
    _id("TH citizen number", r"\b\d-\d{4}-\d{5}-\d{2}-\d\b", 0.8, stdnum("th.pin")),
    _id("PK CNIC", r"\b\d{5}-\d{7}-\d\b", 0.6, stdnum("pk.cnic")),
    _id("RU SNILS", r"\b\d{3}-\d{3}-\d{3} \d{2}\b", 0.8, own.ru_snils),
    _id("CZ and SK birth number", r"\b\d{2}[0-8]\d[0-3]\d/\d{3,4}\b", 0.6, stdnum("cz.rc")),
    _id("AE Emirates ID", r"\b784-?(?:19|20)\d{2}-?\d{7}-?\d\b", 0.7, own.luhn_of),
    _id("DE pension insurance number", r"\b\d{2} ?[0-3]\d[01]\d{3} ?[A-Z] ?\d{3}\b", 0.7, own.de_pension),
    _id("HK identity card", r"\b[A-Z]{1,2}\d{6}\([0-9A]\)", 0.8, own.hk_id),
)  # fmt: skip
