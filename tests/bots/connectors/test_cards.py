"""A card is text, whatever its shape."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.bots import plain
from chatwarden.bots.connectors import cards

HERO = "application/vnd.microsoft.card.hero"
ADAPTIVE = "application/vnd.microsoft.card.adaptive"


def shown(content: object, kind: str = ADAPTIVE) -> str:
    return plain.joined(cards.parts(kind, content))


def block(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "TextBlock", "text": text, **more}


def test_a_hero_card_is_its_texts_and_its_buttons() -> None:
    buttons = [{"type": "openUrl", "title": "Site", "value": "https://e.com/"}, {"type": "imBack", "title": "Yes"}]
    card = {"title": "Tariff", "subtitle": "Small", "text": "Nine euros.", "buttons": buttons}
    assert shown(card, HERO) == "Tariff\n\nSmall\n\nNine euros.\n\n- Site: https://e.com/\n- Yes"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ([block("one"), block("two")], "one\n\ntwo"),
        ([{"type": "RichTextBlock", "inlines": ["a ", {"type": "TextRun", "text": "b"}, 7]}], "a b"),
        ([{"type": "FactSet", "facts": [{"title": "From", "value": "Berlin"}, {"title": "To"}, 7]}], "From: Berlin\nTo: "),
        ([{"type": "Container", "items": [block("in"), {"type": "Container", "items": [block("deeper")]}]}], "in\n\ndeeper"),
        ([{"type": "ColumnSet", "columns": [{"items": [block("left")]}, {"items": [block("right")]}]}], "left\n\nright"),
        ([{"type": "Table", "rows": [{"cells": [{"items": [block("a")]}, {"items": [block("b")]}]}]}], "a\n\nb"),
        ([{"type": "ImageSet", "images": [{"type": "Image", "url": "https://e.com/a.png"}]}], "Picture: https://e.com/a.png"),
        ([{"type": "ActionSet", "actions": [{"type": "Action.Submit", "title": "Send"}]}], "- Send"),
        ([block("seen"), block("hidden", isVisible=False), {"type": "Input.Text", "label": "Name"}], "seen"),
    ],
)  # fmt: skip
def test_an_adaptive_card_is_what_its_elements_say(body: list[Any], text: str) -> None:
    assert shown({"type": "AdaptiveCard", "body": body}) == text.strip()


def test_its_actions_come_last_and_say_where_they_lead() -> None:
    actions = [
        {"type": "Action.OpenUrl", "title": "Open", "url": "https://e.com/"},
        {"title": "Run", "url": "file:///x"},
    ]
    assert shown({"actions": actions, "body": [block("Hi.")]}) == "Hi.\n\n- Open: https://e.com/\n- Run"


def test_what_lies_deeper_than_any_real_card_is_left_out() -> None:
    deep: dict[str, Any] = block("bottom")
    for _ in range(10_000):
        deep = {"type": "Container", "items": [deep]}
    assert shown({"body": [block("top"), deep]}) == "top"


def test_other_attachments_say_nothing() -> None:
    assert shown({"title": "x", "text": "x", "body": [block("x")]}, "application/vnd.microsoft.card.oauth") == ""


names = st.sampled_from(
    ["type", "text", "body", "items", "facts", "actions", "inlines", "title", "value", "url", "buttons", "rows", "x"]
)
kinds = st.sampled_from(["TextBlock", "RichTextBlock", "FactSet", "Container", "Image", "ActionSet", "Other"])
json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | kinds,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=5),
)


@given(json, st.sampled_from([HERO, ADAPTIVE]))
def test_a_card_of_any_shape_is_no_harm(content: object, kind: str) -> None:
    assert isinstance(shown(content, kind), str)
