"""Passports and driving licences behind their words, and what needs none."""

import pytest

from chatwarden.detection.families.documents import DOCUMENTS
from chatwarden.detection.scan import Scanner

SCANNER = Scanner(DOCUMENTS)


@pytest.mark.parametrize(
    ("text", "data_class", "value"),
    [
        ("my passport number is L01X00T47", "passport", "L01X00T47"), ("Passport: 533380006", "passport", "533380006"), ("Reisepass C01X00T478", "passport", "C01X00T478"), ("passeport 12AB34567", "passport", "12AB34567"),
        ("pasaporte AAA123456", "passport", "AAA123456"), ("US passport A12345678", "passport", "A12345678"), ("Indian passport J8369854", "passport", "J8369854"),
        ("driver's license D1234567", "driver-licence", "D1234567"), ("DL# 123456789", "driver-licence", "123456789"), ("Führerschein B072RRE2I55", "driver-licence", "B072RRE2I55"), ("permis de conduire 12AB34567", "driver-licence", "12AB34567"),
        ("patente di guida U1A123456B", "driver-licence", "U1A123456B"), ("prawo jazdy 12345/06/2019", "driver-licence", "12345/06/2019"), ("it says MORGA657054SM9IJ there", "driver-licence", "MORGA657054SM9IJ"), ("CNH 97625655678", "driver-licence", "97625655678"),
    ],
)  # fmt: skip
def test_a_document_is_found(text: str, data_class: str, value: str) -> None:
    assert [(f.data_class, text[f.start : f.end]) for f in SCANNER.scan(text).findings] == [(data_class, value)]


@pytest.mark.parametrize(
    "text",
    [
        "533380006", "L01X00T47", "is a passport enough?", "passport photos 35x45 mm cost 12.50", "my passport ends 2027", "license for 250 users", "Führerschein Klasse B seit 2019", "the license fee is 12345.00 EUR",
        "passport for order 533380006", "permis B", "patente di guida scaduta il 12/05/2024",
    ],
)  # fmt: skip
def test_questions_and_other_numbers_are_none(text: str) -> None:
    assert SCANNER.scan(text).findings == ()
