"""What is split over messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.classes import DataClass, Finding
from chatwarden.detection.scan import Scanner
from chatwarden.detection.split import TAIL, Crossing, Earlier, Mark, crossing, mark, merged, parts_before

SCANNER = Scanner()


def seen(*parts: str) -> list[list[tuple[str, str]]]:
    """What is found in each part when the last one has come, as (class, value)."""
    *before, last = parts
    found = crossing(SCANNER, [Earlier(part, ()) for part in before], last)
    return [
        [(one.data_class.value, part[one.start : one.end]) for one in spans]
        for part, spans in zip(parts, (*found.earlier, found.new), strict=True)
    ]


CARD, IBAN, EMAIL = "payment-card", "iban", "email"


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (["my card is", "4111 1111", "1111 1111"], [[], [(CARD, "4111 1111")], [(CARD, "1111 1111")]]),
        (["4111", "1111", "1111", "1111"], [[(CARD, "4111")], [(CARD, "1111")], [(CARD, "1111")], [(CARD, "1111")]]),
        (["it is 4111 1111, \n", " 1111 1111 thanks"], [[(CARD, "4111 1111")], [(CARD, "1111 1111")]]),
        (["DE89 3704 0044", "0532 0130 00"], [[(IBAN, "DE89 3704 0044")], [(IBAN, "0532 0130 00")]]),
        (["cvv", "123"], [[], [("card-code", "123")]]),
        (["my pin is", "4821"], [[], [("card-code", "4821")]]),
        (["mo@", "house.example"], [[(EMAIL, "mo@")], [(EMAIL, "house.example")]]),
        (["mo", "@house.example"], [[(EMAIL, "mo")], [(EMAIL, "@house.example")]]),
        (["my password is", "swordfish99"], [[], [("credential", "swordfish99")]]),
    ],
)  # fmt: skip
def test_what_crosses_is_given_back_to_each_part(parts: list[str], expected: list[list[tuple[str, str]]]) -> None:
    assert seen(*parts) == expected
    marks = [mark(part) for part in parts]
    assert parts_before(marks[-1], marks[:-1]) == list(range(len(parts) - 1))


@pytest.mark.parametrize(
    "parts",
    [
        ["I ordered 4111 things", "1111 of them broke"], ["at 9:30", "room 12"], ["my order is 4111 1111", "and 12"],
        ["4111 1111 1111 1112", "0000"], ["see you on the 4th", "of 2026"],
    ],
)  # fmt: skip
def test_two_numbers_are_not_one(parts: list[str]) -> None:
    assert seen(*parts) == [[] for _ in parts]


def test_what_was_found_before_is_not_found_again_nor_joined_with_what_follows() -> None:
    card = "4111 1111 1111 1111"
    found = crossing(SCANNER, [Earlier(f"card {card}", [(5, 24)])], "4111 1111")
    assert found == Crossing((), ((),))


@pytest.mark.parametrize(
    ("new", "before", "places"),
    [
        (Mark(value=True, word=False), [Mark(value=True, word=False)], [0]),
        (Mark(value=True, word=False), [Mark(value=False, word=True), Mark(value=False, word=False)], [0]),
        (Mark(value=False, word=False), [Mark(value=True, word=False)], []),
        (Mark(value=False, word=False), [Mark(value=False, word=True)], [0]),
        (Mark(value=False, word=False), [Mark(value=False, word=True), Mark(value=False, word=False)], []),
        (Mark(value=True, word=False, goes_on=True), [Mark(value=False, word=False)], [0]),
        (Mark(value=True, word=False), [Mark(value=False, word=False)], []),
        (Mark(value=True, word=True), [], []),
    ],
)
def test_only_what_may_be_a_part_is_looked_at(new: Mark, before: list[Mark], places: list[int]) -> None:
    assert parts_before(new, before) == places


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("When do you open?", Mark(value=False, word=False)),
        ("my card is", Mark(value=False, word=True)),
        ("PIN:", Mark(value=False, word=True)),
        ("٤١١١", Mark(value=True, word=False)),
        ("@house.example", Mark(value=True, word=False, goes_on=True)),
        ("\ud800", Mark(value=True, word=True)),
    ],
)
def test_what_is_open_in_a_text(text: str, expected: Mark) -> None:
    assert mark(text) == expected


def test_a_check_that_fails_is_told() -> None:
    assert crossing(Scanner(length_max=5), [Earlier("4111", ())], "1111 1111").unknown


def test_only_the_end_of_a_long_message_is_joined() -> None:
    text = "word " * 3_000 + "4111 1111"
    found = crossing(Scanner(length_max=TAIL + 100), [Earlier(text, ())], "1111 1111")
    assert [text[one.start : one.end] for one in found.earlier[0]] == ["4111 1111"]


def test_what_was_found_in_a_text_alone_is_never_lost() -> None:
    text = "4111 2222 3333 4444, anna@house.example, 12"
    alone = [Finding(DataClass.PHONE, 0, 19, 0.9), Finding(DataClass.EMAIL, 21, 39, 0.9)]
    across = [Finding(DataClass.PAYMENT_CARD, 0, 4, 0.9)]
    assert merged(alone, across, text) == (across[0], Finding(DataClass.PHONE, 5, 19, 0.9), alone[1])


def test_a_number_across_a_joint_does_not_uncover_the_address_behind_it() -> None:
    text = "12 Baker Street, London NW1 6XE"
    alone = SCANNER.scan(text).findings
    across = crossing(SCANNER, [Earlier("cvv 4111", ())], text)
    covered = {at for one in merged(alone, across.new, text) for at in range(one.start, one.end)}
    assert {at for one in alone for at in range(one.start, one.end) if text[at].isalnum()} <= covered


@given(st.lists(st.text(alphabet="4111 @.ab:x•¦\n", max_size=30), min_size=2, max_size=5), st.data())
def test_spans_lie_in_their_parts_and_say_something(parts: list[str], data: st.DataObject) -> None:
    *before, last = parts
    covered = [[(0, data.draw(st.integers(0, len(part))))] for part in before]
    found = crossing(SCANNER, [Earlier(p, c) for p, c in zip(before, covered, strict=True)], last)
    for part, spans in zip(parts, (*found.earlier, found.new), strict=True):
        for one in spans:
            assert part[one.start : one.end].strip()
    for spans, (hidden,) in zip(found.earlier, covered, strict=True):
        assert all(one.start >= hidden[1] for one in spans)
