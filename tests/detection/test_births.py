"""Dates of birth in every notation, and dates that are none."""

import pytest

from chatwarden.detection import births

KEY = "born "


def told(text: str) -> list[tuple[str, float]]:
    """What stands behind the word of *text*."""
    start = text.index(KEY)
    return [(text[low:high], score) for low, high, score in births.born(text, start, start + len(KEY))]


@pytest.mark.parametrize(
    "date",
    [
        "12/03/1985", "3.12.1985", "1985-03-12", "12-03-85", "12 03 1985", "19850312", "12031985", "31/12/1999", "12/31/1999", "29.02.2000",
        "12 March 1985", "12th of March 1985", "March 12, 1985", "March 12th 1985", "12-Mar-85", "mar 12 '85", "1985 March 12", "12. März 1985",
        "1er mars 1985", "12 de marzo de 1985", "12 marzo 1985", "12 maart 1985", "12 marca 1985", "12 de março de 1985", "12 Mart 1985",
    ],
)  # fmt: skip
@pytest.mark.parametrize("between", ["", "on ", "on the ", "am: ", "is\n", "le "])
def test_every_notation_is_read(date: str, between: str) -> None:
    assert told(f"born {between}{date}, ok") == [(date, 0.9)]


@pytest.mark.parametrize(
    "date",
    [
        "30.02.1985",
        "12/03/1822",
        "12/03/2050",
        "13/13/1985",
        "1985-00-12",
        "12 Marchember 1985",
        "29.02.1985",
        "0.1.1985",
    ],
)
def test_what_is_no_day_of_anybodys_birth_is_left_alone(date: str) -> None:
    assert [found for found in told(f"born {date}") if found[1] >= 0.5] == []


def test_a_date_before_the_word_counts_too() -> None:
    text = "12.03.1985 is when I was born "
    assert births.born(text, 26, 30) == []
    text = "12.03.1985 (born "
    assert births.born(text, 12, 16) == [(0, 10, 0.8)]


def test_a_year_alone_is_possible_and_no_more() -> None:
    assert told("born in 1985 there") == [("1985", 0.4)]


def test_a_day_without_its_year_is_enough_behind_the_word() -> None:
    assert told("born 12 May") == [("12 May", 0.55)]


@pytest.mark.parametrize(
    ("text", "found"),
    [("John Smith, 12/03/1985", True), ("Order Number, 12/03/1985", False), ("John Smith, 45/45/1985", False)],
)
def test_a_date_beside_a_name_is_possible(text: str, *, found: bool) -> None:
    spans = births.beside_a_name(text, 0, len(text))
    assert [(text[low:high], score) for low, high, score in spans] == ([("12/03/1985", 0.4)] if found else [])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("born as my papers say since ever, on 12.03.1985", ["12.03.1985"]),
        ("born here. Later, on 12.03.1985, the shop opened", []),
        ("born leaders met the whole staff on 12.03.2024", []),
        ("born \n\nInvoice of 12.03.1985", []),
    ],
)
def test_a_date_further_on_in_the_same_sentence_is_one_of_birth(text: str, found: list[str]) -> None:
    assert [value for value, _ in told(text)] == found
