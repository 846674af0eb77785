"""Recovery phrases of wallets: BIP-39, English. Twelve to twenty-four words of the list in a row, numbered or not.

The last word carries a check of four to eight bits: evidence beside the words themselves, which alone are ordinary ones.
Other languages' lists are not known here.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache

from chatwarden.detection import gazetteer

Spans = list[tuple[int, int, float]]

_WORD = re.compile(r"[A-Za-z]+")
_BETWEEN = re.compile(r"[\s,;|/]*(?:\d{1,2}\s?[.):\-]?\s*)?")
_SIZES = (24, 21, 18, 15, 12)
_REACH = 400
_RUN_MAX = 48  # a longer run of such words is a text of its own
_SAYS = re.compile(r"(?i)seed|mnemonic|recovery|phrase|wallet|backup|metamask|ledger|trezor|secret")


@cache
def _places() -> dict[str, int]:
    return {word: place for place, word in enumerate(" ".join(gazetteer.entries("seed-words.txt")).split())}


def phrase(text: str, start: int, end: int) -> Spans:
    """The phrases of listed words that begin at or behind *start*; up to *end* there is a run of short words."""
    places = _places()
    found: Spans = []
    run: list[re.Match[str]] = []
    for word in _WORD.finditer(text, start, min(len(text), end + _REACH)):
        if word[0].casefold() not in places or (run and not _BETWEEN.fullmatch(text, run[-1].end(), word.start())):
            found += _closed(text, run)
            run = []
            if word.start() >= end:
                return found
        if word[0].casefold() in places:
            run.append(word)
    return found + _closed(text, run)


def _closed(text: str, run: list[re.Match[str]]) -> Spans:
    """What a run of listed words is worth: right by its check, or said to be one."""
    if len(run) < _SIZES[-1]:
        return []
    said = _SAYS.search(text, max(0, run[0].start() - 60), run[0].start()) is not None
    for size in _SIZES if len(run) <= _RUN_MAX else ():
        for at in range(len(run) - size + 1):
            if checked([word[0].casefold() for word in run[at : at + size]]):
                return [(run[0].start(), run[-1].end(), 0.95)]
    return [(run[0].start(), run[-1].end(), 0.9 if said else 0.4)]


def checked(words: list[str]) -> bool:
    """Whether the bits behind the entropy are the first of its SHA-256."""
    number = 0
    for word in words:
        number = number << 11 | _places()[word]
    extra = len(words) // 3
    entropy = (number >> extra).to_bytes(extra * 4, "big")
    return hashlib.sha256(entropy).digest()[0] >> 8 - extra == number & (1 << extra) - 1
