"""One recorded text, three eyes: the record, screens and the bot. Pure.

The record never holds what is removed. Screens see masks. The bot sees placeholders, and what a person typed that only
looks like a placeholder is defused, so that nobody can have another's value put in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from chatwarden.classes import Action, DataClass, Finding
from chatwarden.conversations.model import Item, Message

# Linear: a fixed alternation, then digits and letters.
_LOOKALIKE = re.compile(
    r"\[(" + "|".join(re.escape(c.value) for c in DataClass) + r")-([0-9]{1,12}[a-z]{0,4})\]", re.IGNORECASE
)


def record(text: str, treated: Iterable[tuple[Finding, Action, str]]) -> tuple[str, tuple[Item, ...]]:
    """The text that may be stored and the items on it, from findings in order with their action and mask.

    Removed spans are replaced by their mask here, so that what follows never holds them.
    """
    parts: list[str] = []
    items: list[Item] = []
    at = length = 0
    for finding, action, mask in treated:
        before = text[at : finding.start]
        shown = mask if action is Action.REMOVED else text[finding.start : finding.end]
        start = length + len(before)
        items.append(Item(finding.data_class, start, start + len(shown), action, mask=mask))
        parts += (before, shown)
        length = start + len(shown)
        at = finding.end
    return "".join(parts) + text[at:], tuple(items)


def screen_view(message: Message) -> tuple[str, list[tuple[Item, int, int]]]:
    """What a screen shows: the text with masks, and each item with its span in that text."""
    if not message.items:
        return message.text, []
    parts: list[str] = []
    spans: list[tuple[Item, int, int]] = []
    at = length = 0
    for item in message.items:
        before = message.text[at : item.start]
        shown = message.text[item.start : item.end]
        if item.action in {Action.MASKED, Action.HELD}:
            shown = item.mask
        start = length + len(before)
        spans.append((item, start, start + len(shown)))
        parts += (before, shown)
        length = start + len(shown)
        at = item.end
    return "".join(parts) + message.text[at:], spans


def bot_view(text: str, items: tuple[Item, ...]) -> str:
    """What the bot sees: placeholders for what has one, look-alikes defused."""
    if not items:
        return defuse(text)
    parts: list[str] = []
    at = 0
    for item in items:
        parts.append(defuse(text[at : item.start]))
        parts.append(item.placeholder or text[item.start : item.end])
        at = item.end
    parts.append(defuse(text[at:]))
    return "".join(parts)


def defuse(text: str) -> str:
    """Turns ``[email-1]`` typed by a person into ``(email-1)``: no decoder takes it for a placeholder."""
    return _LOOKALIKE.sub(r"(\1-\2)", text) if "[" in text else text
