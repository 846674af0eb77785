"""What this gateway hands out, known by its shape: a prefix and 256 random bits. Pure; whether one counts says nobody here.

The prefixes are there so that scanners find what leaked. The same shapes say at every door which kind of principal a
request comes from, before anything is looked up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

PERSON, BOT, TURN = "session-token", "bot-token", "turn-token"
BOT_SECRET, BOT_ID = "bot-secret", "bot-id"
_BY_LETTER = {"s": PERSON, "b": BOT, "t": TURN, "k": BOT_SECRET}
_TOKEN = re.compile(r"cw([sbtk])_[0-9a-f]{64}(?![0-9a-f])")
_ID = re.compile(r"bin_[0-9a-f]{32}")
_BOTS = frozenset({BOT, BOT_SECRET, BOT_ID})


def kinds(text: str) -> frozenset[str]:
    """What of ours stands in *text*; ``bot-id`` where it is the id of a bot's instance."""
    found = {_BY_LETTER[letter] for letter in _TOKEN.findall(text)} if "cw" in text else set()
    return frozenset(found | {BOT_ID}) if _ID.fullmatch(text) else frozenset(found)


def first(text: str) -> str:
    """The first token in *text*, or an empty string."""
    found = _TOKEN.search(text)
    return "" if found is None else found[0]


def mixed(values: Iterable[str]) -> bool:
    """Whether a person's and a bot's credential stand in what one request carries."""
    found = frozenset[str]().union(*map(kinds, values))
    return PERSON in found and not _BOTS.isdisjoint(found)


def without(text: str, instead: str) -> str:
    """*text* with *instead* in place of everything that this gateway hands out."""
    return _TOKEN.sub(instead, text) if "cw" in text else text
