"""Record numbers, places and links."""

import pytest

from chatwarden.detection import places


def test_the_number_of_a_german_insured_person_has_a_check_digit() -> None:
    assert places.kvnr("A123456780")
    assert places.kvnr("T021791995") is False
    assert [digit for digit in "0123456789" if places.kvnr(f"A12345678{digit}")] == ["0"]


def test_an_american_provider_is_a_luhn_number_behind_80840() -> None:
    assert places.npi("1234567893")
    assert [digit for digit in "0123456789" if places.npi(f"123456789{digit}")] == ["3"]


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("52.5200, 13.4050", 0.8),
        ("-33.8688 151.2093", 0.8),
        ("48.137N, 11.575E", 0.8),
        ("52.520, 13.405", 0.4),
        ("91.5200, 13.4050", None),
        ("52.5200, 190.4050", None),
    ],
)
def test_coordinates_are_as_exact_as_a_house_and_on_this_earth(text: str, score: float | None) -> None:
    assert [found[2] for found in places.coordinates(text, 0, len(text))] == ([] if score is None else [score])


def test_three_decimals_are_a_place_if_somebody_says_so() -> None:
    text = "my location 52.520, 13.405"
    assert places.coordinates(text, 12, len(text)) == [(12, len(text), 0.8)]


def test_degrees_stay_within_their_ranges() -> None:
    assert places.degrees("40°26'46\"N")
    assert not places.degrees("440°26'46\"N")


@pytest.mark.parametrize(
    ("text", "found"), [("8FVC9G8F+6X", True), ("XXVC9G8F+6X", False), ("9G8F+6X", False), ("plus code 9G8F+6X", True)]
)
def test_plus_codes_are_whole_or_have_their_town(text: str, *, found: bool) -> None:
    start = text.index("+")
    start = text.rfind(" ", 0, start) + 1
    assert bool([one for one in places.plus_code(text, start, len(text)) if one[2] >= 0.5]) is found


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://a.example/x.", "https://a.example/x"),
        ("https://a.example/(x)", "https://a.example/(x)"),
        ("https://a.example/x)", "https://a.example/x"),
        ("https://a.example/x]}", "https://a.example/x"),
        ("https://", None),
    ],
)
def test_a_link_ends_where_the_sentence_goes_on(text: str, link: str | None) -> None:
    assert [text[low:high] for low, high, _ in places.link(text, 0, len(text))] == ([] if link is None else [link])
    assert [score for _, _, score in places.map_link(text, 0, len(text))] == ([] if link is None else [0.85])
