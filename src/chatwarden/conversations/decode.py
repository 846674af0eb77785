"""Finds in what a bot says, piece by piece or whole, the placeholders that may be given their values back. Pure.

One pass, and linear. It decides where values belong and never holds one: who asks puts them there. However a text is
cut into pieces, the same comes out: a name that is cut in two is held back, and nothing longer than a name is.

A placeholder inside an address (of a link, a picture, a tag) stays as it is: a screen that fetches or opens such an
address would carry the value to whoever it names.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from chatwarden.classes import Action, DataClass
from chatwarden.conversations.model import Item, Message
from chatwarden.conversations.placeholder import NAME, begun, fold, spot, spots


class Named(NamedTuple):
    """A known placeholder: its name, and how it is written there."""

    name: str
    written: str


Part = str | Named


class Value(NamedTuple):
    """What stands behind a placeholder: the value itself, and what its person's own screen shows of it."""

    data_class: DataClass
    text: str
    shown: str
    action: Action


class Decoder:
    """Feed it pieces, take the parts, finish it. ``known`` are the names that stand for something. ``addresses``: whether
    they are found inside addresses too, for what no screen shows.
    """

    def __init__(self, known: Container[str], *, addresses: bool = False) -> None:
        self._known = known
        self._addresses = addresses
        self._held = ""
        self._behind = ""  # the character before what is held
        self._left: list[str] = []
        self._where = _Where()

    def feed(self, piece: str) -> list[Part]:
        """Takes a piece; returns what is decided now."""
        return self._decide(self._held + piece, last=False)

    def finish(self) -> list[Part]:
        """The rest, when the text has ended."""
        return self._decide(self._held, last=True)

    def _decide(self, text: str, *, last: bool) -> list[Part]:
        folded = fold(self._behind + text)
        base = at = len(self._behind)
        until = None if last else begun(folded, at)
        parts: list[Part] = []
        while found := NAME.search(folded, at):
            if until is not None and until <= found.start():
                break
            name, start, end = spot(found)
            self._plain(parts, text[at - base : start - base])
            written = text[start - base : end - base]
            if name in self._known and (self._addresses or not self._inside()):
                parts.append(Named(name, written))
                self._left.append(written)
            else:
                self._plain(parts, written)
            self._plain(parts, text[end - base : found.end() - base])
            at = found.end()
            if until is not None and until < at:
                until = begun(folded, at)
        stop = len(folded) if until is None else until
        self._plain(parts, text[at - base : stop - base])
        self._held = text[stop - base :]
        self._behind = folded[stop - 1 : stop] if stop else ""
        return parts

    def _plain(self, parts: list[Part], text: str) -> None:
        if text:
            self._left.append(text)
            parts.append(text)

    def _inside(self) -> bool:
        """Whether an address has begun and not ended before this place."""
        text = "".join(self._left)
        self._left = []
        return self._where.after(text)


class _Where:
    """Whether a place is inside an address: the target of a Markdown link, a tag, or a word that is one."""

    _SIGN = re.compile(
        r"(?P<target>\]\()|(?P<tag><(?=[a-z/!]))|(?P<word>https?:|//|\\\\|www\.|&(?:#|sol;|bsol;|colon;))"
        r"|(?P<open>\()|(?P<close>\))|(?P<end>>)|(?P<line>\n[ \t]*\n)|(?P<space>\s)",
        re.IGNORECASE,
    )

    def __init__(self) -> None:
        self._in = ""
        self._depth = 0

    def after(self, text: str) -> bool:
        """The same, after *text* more."""
        for sign in self._SIGN.finditer(text):
            kind = sign.lastgroup
            if kind == "line" or (kind == "space" and self._in == "word") or (kind == "end" and self._in == "tag"):
                self._in = ""
            elif self._in == "target" and kind in {"open", "close"}:
                self._depth += 1 if kind == "open" else -1
                self._in = "target" if self._depth else ""
            elif kind == "tag":
                self._in = "tag"
            elif kind == "target" and self._in in {"", "word"}:
                self._in, self._depth = "target", 1
            elif kind == "word" and not self._in:
                self._in = "word"
        return bool(self._in)


def decoded(text: str, known: Container[str], *, addresses: bool = False) -> list[Part]:
    """A whole text at once."""
    decoder = Decoder(known, addresses=addresses)
    return decoder.feed(text) + decoder.finish()


def named(text: str) -> set[str]:
    """The name of every placeholder in *text*, known or not."""
    return {one.name for one in spots(text)}


def joined(parts: Iterable[Part], values: Mapping[str, str]) -> str:
    """The text of *parts* with *values* in their places; a name without one stays as it is written."""
    return "".join(part if isinstance(part, str) else values.get(part.name, part.written) for part in parts)


def restored(message: Message, values: Mapping[str, Value]) -> Message:
    """*message* as its person's screen shows it. What was found in it moves along, and what was put back is a finding,
    in the place of any other that was seen there.
    """
    parts = decoded(message.text, values)
    if all(isinstance(part, str) for part in parts):
        return message
    text = ""
    back: list[Item] = []
    moves: list[tuple[int, int, int]] = []  # where a name began and ended, and by how much all behind it has moved
    at = 0
    for part in parts:
        if isinstance(part, str):
            text += part
            at += len(part)
            continue
        value = values[part.name]
        back.append(Item(value.data_class, len(text), len(text) + len(value.shown), value.action, mask=value.shown))
        text += value.shown
        moves.append((at, at + len(part.written), len(text) - at - len(part.written)))
        at += len(part.written)
    kept = []
    for item in message.items:
        if not any(item.start < end and start < item.end for start, end, _ in moves):
            by = next((by for _, end, by in reversed(moves) if end <= item.start), 0)
            kept.append(replace(item, start=item.start + by, end=item.end + by))
    return replace(message, text=text, items=tuple(sorted(kept + back, key=lambda item: item.start)))
