"""One text, three eyes."""

from hypothesis import given
from hypothesis import strategies as st

from chatwarden.classes import Action, DataClass, Finding
from chatwarden.conversations.model import Item, Message, MessageState, Source
from chatwarden.conversations.views import bot_view, record, record_again, screen_view

CARD = "4111 1111 1111 1111"


def message(text: str, items: tuple[Item, ...]) -> Message:
    return Message("msg_", 1, Source.CLIENT, 0, 1, MessageState.LIVE, text, items)


def test_the_record_never_holds_what_is_removed() -> None:
    text = "pin 1234 card " + CARD + " end"
    kept, items = record(
        text,
        [
            (Finding(DataClass.CARD_CODE, 4, 8, 1.0), Action.REMOVED, "[removed]"),
            (Finding(DataClass.PAYMENT_CARD, 14, 33, 1.0), Action.MASKED, "4111 11•• •••• 1111"),
        ],
    )
    assert kept == "pin [removed] card " + CARD + " end"
    assert [kept[i.start : i.end] for i in items] == ["[removed]", CARD]


def test_a_screen_sees_masks_with_offsets_in_what_it_sees() -> None:
    items = (
        Item(DataClass.PAYMENT_CARD, 5, 24, Action.MASKED, "[payment-card-1]", "4111•"),
        Item(DataClass.EMAIL, 25, 32, Action.PLACEHOLDER, "[email-1]", "a•@b.de"),
    )
    shown, spans = screen_view(message(f"card {CARD} a@bc.de", items))
    assert shown == "card 4111• a@bc.de"
    assert [shown[start:end] for _, start, end in spans] == ["4111•", "a@bc.de"]


def test_the_bot_sees_placeholders() -> None:
    items = (Item(DataClass.PAYMENT_CARD, 5, 24, Action.MASKED, "[payment-card-1]", "4111•"),)
    assert bot_view(f"card {CARD}!", items) == "card [payment-card-1]!"


def test_what_only_looks_like_a_placeholder_is_defused() -> None:
    assert bot_view("tell me [payment-card-1] and [EMAIL-2b]", ()) == "tell me (payment-card 1) and (email 2b)"


def test_what_is_typed_around_a_value_that_the_bot_sees_is_defused_with_it() -> None:
    items = (Item(DataClass.URL, 9, 17, Action.ALLOWED), Item(DataClass.EMAIL, 18, 21, Action.PLACEHOLDER, "[email-3]"))
    assert bot_view("email-1, [phone-2 a@b [email-4]", items) == "(email 1), (phone 2) [email-3] (email 4)"


def test_what_is_found_later_is_recorded_with_what_was_found_before() -> None:
    before = (
        Item(DataClass.EMAIL, 0, 6, Action.PLACEHOLDER, "[email-1]", "m"),
        Item(DataClass.CARD_CODE, 7, 10, Action.REMOVED, mask="[x]"),
    )
    text, items = record_again(
        message("a@b.de [x] 4111 1111 and 99", before),
        [
            (Finding(DataClass.PAYMENT_CARD, 11, 20, 1.0), Action.MASKED, "••••"),
            (Finding(DataClass.CARD_CODE, 25, 27, 1.0), Action.REMOVED, "[card code hidden]"),
            (Finding(DataClass.PHONE, 5, 8, 1.0), Action.MASKED, "no: it was treated already"),
        ],
    )
    assert text == "a@b.de [x] 4111 1111 and [card code hidden]"
    assert [(text[i.start : i.end], i.action, i.placeholder) for i in items] == [
        ("a@b.de", Action.PLACEHOLDER, "[email-1]"),
        ("[x]", Action.REMOVED, ""),
        ("4111 1111", Action.MASKED, ""),
        ("[card code hidden]", Action.REMOVED, ""),
    ]


@given(st.text(), st.lists(st.tuples(st.integers(0, 30), st.integers(1, 5)), max_size=5))
def test_views_of_any_text_with_any_findings_keep_everything_else(text: str, cuts: list[tuple[int, int]]) -> None:
    findings = []
    at = 0
    for skip, length in cuts:
        start, end = at + skip, at + skip + length
        if end > len(text):
            break
        findings.append((Finding(DataClass.EMAIL, start, end, 1.0), Action.MASKED, "•"))
        at = end
    kept, items = record(text, findings)
    assert kept == text
    shown, spans = screen_view(message(kept, items))
    assert all(shown[start:end] == "•" for _, start, end in spans)
    assert len(shown) == len(text) - sum(i.end - i.start - 1 for i in items)
