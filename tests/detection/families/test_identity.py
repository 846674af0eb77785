"""Numbers that need no word: their form says what they are, and their check digits agree."""

import pytest

from chatwarden.detection.families.identity import IDENTITY
from chatwarden.detection.scan import Scanner

SCANNER = Scanner(IDENTITY)


@pytest.mark.parametrize(
    "value",
    [
        "536-90-4399", "AB 12 34 56 C", "54362315K", "X-2482300W", "RCCMNL83S18D969H", "2 95 10 99 126 111 93", "85.07.30-033.28", "880320-0016", "131052-308T", "390.533.447-05", "16.727.230/0001-97",
        "756.9217.0769.85", "12.531.909-2", "20-05536168-2", "BOXW310820HNERXN09", "11010519491231002X", "850730-1099260", "S1234567D", "ACUPA7085R", "770305-02-1234", "1-2345-45678-78-1", "34201-0891231-8",
        "112-233-445 95", "710319/2745", "15070649C103", "A123456(3)",
    ],
)  # fmt: skip
def test_it_is_found_in_a_sentence_without_a_word_for_it(value: str) -> None:
    text = f"please change it to {value}, thanks"
    assert [text[f.start : f.end] for f in SCANNER.scan(text).findings] == [value]


@pytest.mark.parametrize(
    "text",
    [
        "000-12-3456", "54362315A", "85.07.30-033.29", "131052-308A", "390.533.447-06", "756.9217.0769.86", "12.531.909-3", "11010519491231002Y", "S1234567A", "112-233-445 96", "A123456(4)", "ticket 880320-0017",
        "2026-11-28", "10.0.19045.3803", "978-3-16-148410-0",
    ],
)  # fmt: skip
def test_a_wrong_check_digit_makes_it_none(text: str) -> None:
    assert SCANNER.scan(text).findings == ()


def test_every_row_says_what_it_is() -> None:
    assert all(pattern.what for pattern in IDENTITY)
