"""Cards of the Bot Framework as calm text: hero and thumbnail cards, and adaptive cards (Adaptive Cards schema 1.6).

Pure. A card is the bot's and may have any shape: what is not as the schemas say is passed over. Left out as well: inputs
(nobody could fill them in), media, hidden elements, and what lies deeper than any real card.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chatwarden.bots import plain

_DEPTH = 24
_HERO = {"application/vnd.microsoft.card.hero", "application/vnd.microsoft.card.thumbnail"}
_ADAPTIVE = "application/vnd.microsoft.card.adaptive"
_INSIDE = ("items", "columns", "images", "rows", "cells")


def parts(content_type: str, content: object) -> Iterator[str]:
    """What a card says, in its order."""
    card = content if isinstance(content, dict) else {}
    if content_type in _HERO:
        for name in ("title", "subtitle", "text"):
            yield _string(card, name)
        yield actions(card.get("buttons"))
    elif content_type == _ADAPTIVE:
        yield from _said(card.get("body"), _DEPTH)
        yield actions(card.get("actions"))


def actions(found: object) -> str:
    """Buttons as a list: what stands on them, and where they lead if that is an address on the web."""
    some = found if isinstance(found, list) else ()
    return plain.choices((_string(one, "title"), _string(one, "url") or _string(one, "value")) for one in some)


def _said(node: object, depth: int) -> Iterator[str]:
    if isinstance(node, list):
        for one in node:
            yield from _said(one, depth - 1)
    if not isinstance(node, dict) or depth <= 0 or node.get("isVisible") is False:
        return
    match node.get("type"):
        case "TextBlock":
            yield _string(node, "text")
        case "RichTextBlock":
            yield "".join(one if isinstance(one, str) else _string(one, "text") for one in _list(node, "inlines"))
        case "FactSet":
            facts = [(_string(fact, "title"), _string(fact, "value")) for fact in _list(node, "facts")]
            yield "\n".join(f"{title}: {value}" for title, value in facts if title or value)
        case "Image":
            yield plain.picture(_string(node, "url"))
        case "ActionSet":
            yield actions(node.get("actions"))
        case _:
            for name in _INSIDE:
                yield from _said(node.get(name), depth - 1)


def _list(node: dict[str, Any], name: str) -> list[Any]:
    found = node.get(name)
    return found if isinstance(found, list) else []


def _string(node: object, name: str) -> str:
    found = node.get(name) if isinstance(node, dict) else None
    return found if isinstance(found, str) else ""
