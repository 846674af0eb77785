"""Machine readable zones: the specimens of ICAO Doc 9303 in each size, and what only looks like one."""

import pytest

from chatwarden.detection.mrz import check_digit
from chatwarden.detection.scan import Scanner

SCANNER = Scanner()
TD3 = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
TD2 = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6"
TD1 = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"


def test_check_digits_of_the_standard() -> None:
    assert check_digit("520727") == "3"
    assert check_digit("AB2134<<<") == "5"


@pytest.mark.parametrize("zone", [TD3, TD2, TD1], ids=["TD3", "TD2", "TD1"])
@pytest.mark.parametrize("form", ["{}", "the scanner reads\n{}\nis that enough?"])
def test_a_zone_is_found_from_its_first_line_to_its_last(zone: str, form: str) -> None:
    text = form.format(zone)
    verdict = SCANNER.scan(text)
    assert [(f.data_class, text[f.start : f.end]) for f in verdict.findings] == [("passport", zone)]


@pytest.mark.parametrize(
    "text",
    [
        TD3.replace("L898902C36", "L898902C37"),
        TD3.splitlines()[0],
        "x << 3; y << 4; zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz<<<<<<<<<<",
        "<" * 90,
    ],
)
def test_without_its_check_digits_it_is_none(text: str) -> None:
    assert [f for f in SCANNER.scan(text).findings if f.data_class == "passport"] == []


def test_one_line_with_the_number_is_enough() -> None:
    line = TD3.splitlines()[1]
    text = f"only this is readable: {line}"
    assert [text[f.start : f.end] for f in SCANNER.scan(text).findings] == [line]
