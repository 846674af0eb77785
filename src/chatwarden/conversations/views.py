"""One recorded text, three eyes: the record, screens and the bot. Pure.

The record never holds what is removed. Screens see masks. The bot sees placeholders, and what a person typed that only
looks like a placeholder is defused, so that nobody can have another's value put in its place. What opens this gateway
reaches no bot, whatever policy says of secrets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from chatwarden import tokens
from chatwarden.classes import Action, DataClass, Finding
from chatwarden.conversations.model import Item, Message
from chatwarden.conversations.placeholder import defuse

OURS = "(a token of this gateway)"
_VEIL = "•••"
_NAME_PARTS = re.compile(r"[^\W\d_]+")


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


View = tuple[str, list[tuple[Item, int, int]]]


def screen_view(message: Message) -> View:
    """What its person's screen shows: the text with masks, and each item with its span in that text."""
    return _veiled(message, lambda item: item.action in {Action.MASKED, Action.HELD})


def agent_view(message: Message, hidden: Collection[DataClass], own: str = "") -> View:
    """What an agent's screen shows: everything of these classes is masked, whatever was done towards the bot. *own*: their
    own name, which is not hidden from them in what they wrote themselves.
    """

    def veiled(item: Item) -> bool:
        if own and item.data_class is DataClass.PERSON_NAME and _is_of(message.text[item.start : item.end], own):
            return False
        return item.action is not Action.REMOVED and item.data_class in hidden

    return _veiled(message, veiled)


def _is_of(text: str, name: str) -> bool:
    parts = set(_NAME_PARTS.findall(text.casefold()))
    return bool(parts) and parts <= set(_NAME_PARTS.findall(name.casefold()))


def _veiled(message: Message, veiled: Callable[[Item], bool]) -> View:
    if not message.items:
        return message.text, []
    parts: list[str] = []
    spans: list[tuple[Item, int, int]] = []
    at = length = 0
    for item in message.items:
        before = message.text[at : item.start]
        shown = message.text[item.start : item.end]
        if veiled(item):
            shown = item.mask or _VEIL
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
