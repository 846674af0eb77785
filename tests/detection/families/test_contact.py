"""Addresses and telephone numbers."""

import pytest

from chatwarden.detection.families.contact import CONTACT
from chatwarden.detection.scan import Scanner

SCANNER = Scanner(CONTACT)


@pytest.mark.parametrize(
    ("text", "data_class", "value"),
    [
        ("write to ada@example.org.", "email", "ada@example.org"), ("ada (at) example (dot) org", "email", "ada (at) example (dot) org"), ("+49 30 901820", "phone", "+49 30 901820"), ("call me on 020 7946 0018", "phone", "020 7946 0018"),
        ("my number is (415) 555-0132", "phone", "(415) 555-0132"), ("mi teléfono es 626913634", "phone", "626913634"), ("Telefonnummer: 030 901820", "phone", "030 901820"), ("020 7946 0018 is my mobile", "phone", "020 7946 0018"),
    ],
)  # fmt: skip
def test_a_person_can_be_reached_there(text: str, data_class: str, value: str) -> None:
    assert [(f.data_class, text[f.start : f.end]) for f in SCANNER.scan(text).findings] == [(data_class, value)]


@pytest.mark.parametrize(
    "text",
    [
        "020 7946 0018", "call the shop about 626913634", "I told you on the phone: contract 724902007", "Bestellung 315274168", "the hotel has 120 rooms", "192.168.22.26\n\nSent from my phone",
        "on 24/05/2026 I sent it from my phone", "call 12345", "@home", "me at home",
    ],
)  # fmt: skip
def test_a_number_that_no_word_announces_is_none(text: str) -> None:
    assert SCANNER.scan(text).findings == ()
