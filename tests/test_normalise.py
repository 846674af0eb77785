"""The copy that is matched knows where it came from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.normalise import normalise, spelled


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("４１１１", "4111"),
        ("٤١١١", "4111"),
        ("𝟒𝟏𝟏𝟏", "4111"),
        ("①②", "12"),
        ("4\u200b1\u200d1\u20601", "4111"),
        ("4\ufe0f\u20e31", "41"),
        ("jаne", "jane"),
        ("DЕ89", "DE89"),
        ("a＠b．c", "a@b.c"),
        ("1–2—3", "1-2-3"),
        ("1\u00a02\u20093", "1 2 3"),
        ("1\u16802\u20283\u20294\u205f5\u00856", "1 2 3 4 5 6"),
        ("4111\x001111\x0b1111\x1f1111\x7f", "4111 1111 1111 1111 "),
        ("é\x004\t1\r\n1", "é 4\t1\r\n1"),
        ("\u202e4111", "4111"),
        ("\u3164x", "x"),
        ("ﬁ", "fi"),
    ],
)
def test_disguises_come_off(text: str, expected: str) -> None:
    assert normalise(text).text == expected


@given(st.text())
def test_every_character_of_the_copy_has_a_place_in_the_original(text: str) -> None:
    copy = normalise(text)
    if copy.offsets is None:
        assert len(copy.text) == len(text)
        return
    assert len(copy.offsets) == len(copy.text) + 1
    assert copy.offsets == sorted(copy.offsets)
    for at in range(len(copy.text)):
        start, end = copy.span(at, at + 1)
        assert 0 <= start < end <= len(text)


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126)))
def test_ascii_is_its_own_copy(text: str) -> None:
    assert normalise(text).text is text


def test_a_span_takes_what_is_invisible_inside_with_it() -> None:
    text = "é 4\u200b1\u200b1 é"
    copy = normalise(text)
    start = copy.text.index("411")
    low, high = copy.span(start, start + 3)
    assert text[low:high] == "4\u200b1\u200b1"


def test_an_empty_span_is_empty() -> None:
    assert normalise("é4").span(1, 1) == (1, 1)
    assert normalise("ab").span(1, 1) == (1, 1)


def test_a_character_that_becomes_several_is_one_place() -> None:
    copy = normalise("xﬃy")
    assert copy.text == "xffiy"
    assert copy.span(1, 4) == copy.span(2, 3) == (1, 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hum4n", "human"),
        ("@gent", "agent"),
        ("k1ll mys3lf", "kill myself"),
        ("p3rs0n", "person"),
        ("$tupid", "stupid"),
        ("mp3 4711 1st 2nd 10am 4g 12.50$", "mp3 4711 1st 2nd 10am 4g 12.50$"),
        ("order 4711", "order 4711"),
    ],
)
def test_signs_that_are_written_for_letters_are_letters(text: str, expected: str) -> None:
    assert spelled(text) == expected


@given(st.text())
def test_what_is_spelled_has_its_length_and_no_sign_stands_behind_another(text: str) -> None:
    told = spelled(text)
    assert len(told) == len(text)
    assert all(new == old or old in "013457@$" for old, new in zip(text, told, strict=True))
