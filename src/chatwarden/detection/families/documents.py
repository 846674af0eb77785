"""Passports and driving licences: announced numbers of each country's form, machine readable zones, the British licence.

Few of them carry a check digit in what is printed for people; the word before them is what counts.
"""

from __future__ import annotations

from chatwarden.classes import DataClass
from chatwarden.detection import licences, mrz
from chatwarden.detection.announced import MOST, Announced, Form
from chatwarden.detection.pattern import Pattern
from chatwarden.detection.validators import stdnum

_PASSPORT = (
    "passport|passport number|passport no|passport id|passport #|passports|travel document|travel document number|reisepass|reisepassnummer|passnummer|pass-nr|pass nr|"
    "passeport|num[eé]ro de passeport|pasaporte|n[uú]mero de pasaporte|passaporto|numero di passaporto|paspoort|paspoortnummer|passaporte|paszport|numer paszportu|"
    "pas|pasnummer|passi|passin numero|passinumero|pasaport|пасп[оo]рт|護照|护照|パスポート|여권"
)
_LICENCE = (
    "driver's license|drivers license|driver license|driver's licence|drivers licence|driving licence|driving license|driver licence|driver’s license|driver’s licence|licence number|license number|driver's license number|dl number|dl no|dln|dl|dl#|"
    "f[uü]hrerschein|f[uü]hrerscheinnummer|fuehrerschein|f[uü]hrerausweis|permis|permis de conduire|num[eé]ro de permis|carnet de conducir|permiso de conducir|licencia de conducir|licencia|patente|patente di guida|"
    "rijbewijs|rijbewijsnummer|carta de condu[cç][aã]o|carteira de motorista|cnh|prawo jazdy|k[oö]rkort|k[oø]rekort|f[oø]rerkort|ajokortti|ehliyet"
)

PASSPORT_NUMBERS = Announced(
    (
        Form("US", "passport book and card", _PASSPORT, "[A-Z]########|[CX]?########|#########", 0.15),
        Form("GB", "passport", _PASSPORT, "###~###~###|#########", 0.15),
        Form("DE", "passport, with its check digit where that is written", _PASSPORT, "[CFGHJKLMNPRTVWXYZ][0-9CFGHJKLMNPRTVWXYZ]{8}#?D?", 0.15, licences.some_digits),
        Form("FR", "passport", _PASSPORT, "##~?@@~?#####", 0.2),
        Form("IN", "passport", _PASSPORT, "[A-PR-WY][1-9]#~?####[1-9]", 0.2),
        Form("*", "passports of Italy, Spain, the Netherlands, Poland, Canada, Australia, Japan, China and others: one to three letters and six to eight digits, or as printed", _PASSPORT, "@{1,3}[ \\-]?#{6,8}|@@[A-Z0-9]{6}#|@##@@####|#{8,9}|## ?#######|@#{6}@", 0.12, licences.some_digits),
    )
)  # fmt: skip
LICENCE_NUMBERS = Announced(
    (
        Form("GB", "driving licence: name, date of birth and initials within it", _LICENCE, licences.BRITISH, 0.35),
        Form("DE", "driving licence, with its check digit", _LICENCE, "[A-Z0-9]##[A-Z0-9]{6}#[A-Z0-9]", 0.2, licences.german),
        Form("US", "licences of the states: a letter or two and digits (California, New York, Texas, Florida, Illinois and the others)", _LICENCE, licences.STATES, 0.12),
        Form("CA", "licences of the provinces", _LICENCE, "@####[ \\-]?#####[ \\-]?#####|@####[ \\-]?######[ \\-]?##|######[ \\-]?###|#######|@#{9,12}|[A-Z]{5}[0-9A-Z]{7}", 0.12, licences.some_digits),
        Form("FR", "licence", _LICENCE, "##~?##~?##~?#{5,6}|##@@#####", 0.15),
        Form("IT", "licence", _LICENCE, "@@~?#######~?@|U1[A-Z0-9]{7}@", 0.2, licences.some_digits),
        Form("ES", "licence (the number of the DNI)", _LICENCE, "########~?@", 0.3, stdnum("es.dni")),
        Form("NL", "licence", _LICENCE, "#{10}", 0.12),
        Form("PL", "licence", _LICENCE, "#####/##/####", 0.2),
        Form("AU", "licences of the states", _LICENCE, "#{6,10}|@#####|#{3} ?#{3} ?#{3}", 0.1),
        Form("NZ", "licence", _LICENCE, "@@#{6}", 0.15),
        Form("IE", "licence", _LICENCE, "#{3} ?#{3} ?#{3}", 0.1),
        Form("IN", "licence", _LICENCE, "@@[ \\-]?##[ \\-]?(?:19|20)##[ \\-]?#{7}", 0.25),
        Form("BR", "licence (CNH), with its check digits", _LICENCE, "#{11}", 0.2, licences.brazilian),
        Form("ZA", "licence", _LICENCE, "#{8}[A-Z0-9]{4}", 0.15),
        Form("SG", "licence (the number of the NRIC)", _LICENCE, "[STFG]#######@", 0.25),
        Form("*", "others: five to sixteen letters and digits, most of them digits", _LICENCE, "(?=(?:[A-Z\\-]*#){5})[A-Z0-9](?:[\\-]?[A-Z0-9]){4,15}", 0.1),
    )
)  # fmt: skip

DOCUMENTS: tuple[Pattern, ...] = (
    Pattern(DataClass.PASSPORT, PASSPORT_NUMBERS.regex, 0.95, keywords=PASSPORT_NUMBERS.keywords, find=PASSPORT_NUMBERS.find, digit=True, most=MOST),
    Pattern(DataClass.PASSPORT, r"[A-Za-z0-9]<[A-Za-z0-9<]*<", 0.95, find=mrz.zone, what="machine readable zones of passports, identity cards and visas (ICAO 9303: TD1, TD2, TD3), by their check digits"),
    Pattern(DataClass.DRIVER_LICENCE, LICENCE_NUMBERS.regex, 0.95, keywords=LICENCE_NUMBERS.keywords, find=LICENCE_NUMBERS.find, digit=True, most=MOST),
    Pattern(DataClass.DRIVER_LICENCE, rf"\b{licences.BRITISH}\b", 0.85, what="the British licence number, by its structure, without a word before it"),
)  # fmt: skip
