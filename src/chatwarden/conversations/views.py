"""One recorded text, three eyes: the record, screens and the bot. Pure.

The record never holds what is removed. Screens see masks. The bot sees placeholders, and what a person typed that only
looks like a placeholder is defused, so that nobody can have another's value put in its place. What opens this gateway
reaches no bot, whatever policy says of secrets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from chatwarden import tokens
from chatwarden.classes import Action, Finding
from chatwarden.conversations.model import Item, Message
from chatwarden.conversations.placeholder import defuse

OURS = "(a token of this gateway)"


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


def record_again(message: Message, treated: Iterable[tuple[Finding, Action, str]]) -> tuple[str, tuple[Item, ...]]:
    """The same for a recorded message in which more was found later. What was found before stays as it was treated."""
    known = [(Finding(i.data_class, i.start, i.end, 1.0), i.action, i.mask, i) for i in message.items]
    more = [
        (finding, action, mask, None)
        for finding, action, mask in treated
        if not any(finding.start < item.end and item.start < finding.end for item in message.items)
    ]
    everything = sorted([*known, *more], key=lambda one: one[0].start)
    text, items = record(message.text, [one[:3] for one in everything])
    return text, tuple(
        item if old is None else replace(item, placeholder=old.placeholder, would=old.would)
        for item, (*_, old) in zip(items, everything, strict=True)
    )


def screen_view(message: Message) -> tuple[str, list[tuple[Item, int, int]]]:
    """What a screen shows: the text with masks, and each item with its span in that text."""
    return _drawn(message, lambda item: item.mask if item.action in {Action.MASKED, Action.HELD} else None)


def staff_view(message: Message) -> tuple[str, list[tuple[Item, int, int]]]:
    """The same for who is neither the person nor the bot: of no finding is the value shown, whatever policy lets pass."""
    return _drawn(message, lambda item: item.mask or item.placeholder or f"[{item.data_class.value}]")


def _drawn(message: Message, hidden: Callable[[Item], str | None]) -> tuple[str, list[tuple[Item, int, int]]]:
    """The text with what *hidden* says in the place of an item; None leaves it."""
    parts: list[str] = []
    spans: list[tuple[Item, int, int]] = []
    at = length = 0
    for item in message.items:
        before = message.text[at : item.start]
        instead = hidden(item)
        shown = message.text[item.start : item.end] if instead is None else instead
        start = length + len(before)
        spans.append((item, start, start + len(shown)))
        parts += (before, shown)
        length = start + len(shown)
        at = item.end
    return "".join(parts) + message.text[at:], spans


def bot_view(text: str, items: tuple[Item, ...]) -> str:
    """What the bot sees: placeholders for what has one, look-alikes in all that was typed defused."""
    parts: list[str] = []
    at = 0
    for item in items:
        if item.placeholder:
            parts += (_typed(text[at : item.start]), item.placeholder)
            at = item.end
    parts.append(_typed(text[at:]))
    return "".join(parts)


def _typed(text: str) -> str:
    return tokens.without(defuse(text), OURS)
