"""Numbers of many countries behind their words; without a word, mere digits are nothing."""

import random

import pytest
from tests.world.personal import values

from chatwarden.classes import DataClass
from chatwarden.detection.families.nationals import NATIONAL_NUMBERS, NATIONALS
from chatwarden.detection.pattern import LIKELY
from chatwarden.detection.scan import Scanner

SCANNER = Scanner(NATIONALS)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("my SIN is 123 456 782", "123 456 782"), ("TFN: 123 456 782", "123 456 782"),
        ("my tax id is 12-3456789", "12-3456789"), ("Steuer-ID 36 574 261 809", "36 574 261 809"), ("mein PESEL 44051401359", "44051401359"),
        ("TC kimlik no: 19191919190", "19191919190"), ("OIB 33392005961", "33392005961"), ("cnp 1630615123457", "1630615123457"), ("fødselsnummer 151086 95088", "151086 95088"),
        ("身份证号 11010519491231002X", "11010519491231002X"), ("マイナンバー 1234 5678 9018", "1234 5678 9018"), ("снилс 112-233-445 95", "112-233-445 95"), ("aadhaar card: 2341 2341 2346", "2341 2341 2346"),
        ("my medicare number is 2123 45670 1", "2123 45670 1"), ("teudat zehut 039337423", "039337423"), ("NIN 12345678901", "12345678901"), ("South African ID 7503305044089", "7503305044089"),
    ],
)  # fmt: skip
def test_a_number_is_found_behind_its_word(text: str, value: str) -> None:
    assert [text[f.start : f.end] for f in SCANNER.scan(text).findings] == [value]


@pytest.mark.parametrize(
    "text",
    [
        "123 456 782", "44051401359", "order 33392005961", "my SIN is 123 456 783", "BSN for order 111222333", "the PESEL form has 11 fields", "tin of beans 12345",
        "What is a national id? 44051401359 items", "sin embargo, 2026", "NHS waiting list: 14 weeks",
    ],
)  # fmt: skip
def test_mere_digits_wrong_digits_and_numbers_of_things_are_none(text: str) -> None:
    assert SCANNER.scan(text).findings == ()


def test_every_form_can_be_found_and_names_its_country() -> None:
    for form in NATIONAL_NUMBERS.forms:
        assert form.country == "*" or (len(form.country) == 2 and form.country.isupper())
        assert form.worth + 0.5 >= LIKELY, form.name
        assert form.words


def test_no_check_fails_on_what_its_shape_lets_through() -> None:
    """A check that raises would make the whole text unknown."""
    source = random.Random(7)
    for _ in range(4_000):
        word = source.choice(
            [form.words.split("|")[0].replace("[", "").replace("]", "") for form in NATIONAL_NUMBERS.forms]
        )
        value = values.drawn(
            source,
            source.choice(
                [
                    "#" * source.randint(4, 16),
                    "@@#######",
                    "#######@",
                    "@@@@######@@@@@@##",
                    "###-###-####",
                    "##/####",
                    "(#######)",
                    "@######(#)",
                ]
            ),
        )
        assert not Scanner.scan(SCANNER, f"{word} {value}").unknown


def test_the_class_is_one() -> None:
    assert {pattern.data_class for pattern in NATIONALS} == {DataClass.NATIONAL_ID}
