"""Lists of names, cities and words, and how sure each makes us. Sources and licences stand in the head of each file.

A list is read when it is first asked. Its entries are folded: small letters without marks, so that "Müller", "MÜLLER" and
"muller" are one; names with an umlaut stand there as "mueller" too. No list is complete, and none is meant to be: a name
that stands in none is found by the words around it.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files

_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th", "’": "'"}
)


def fold(text: str) -> str:
    """*text* as the lists have it."""
    small = text.casefold()
    if small.isascii():
        return small
    plain = unicodedata.normalize("NFKD", small.translate(_LETTERS))
    return "".join(c for c in plain if not unicodedata.combining(c))


def entries(name: str) -> list[str]:
    """The lines of a list, without its head."""
    text = (files("chatwarden.detection") / "gazetteers" / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@cache
def words(*names: str) -> frozenset[str]:
    """The single words of some lists."""
    return frozenset(word for name in names for line in entries(name) for word in line.split())


def given(folded: str) -> bool:
    """A given name of the list, or several joined by hyphens."""
    names = words("given-names.txt")
    return folded in names or ("-" in folded and all(part in names for part in folded.split("-")))


def family(folded: str) -> bool:
    """A family name of the list, or a double name with one of them."""
    names = words("surnames.txt")
    return folded in names or ("-" in folded and any(part in names for part in folded.split("-")))


def ordinary(folded: str) -> bool:
    """A word of the language, whatever else it is."""
    return folded in words("common-words.txt", "own-words.txt")


def word_and_name(folded: str) -> bool:
    """A given name, for all that it is an ordinary word."""
    return folded in words("names-that-are-words.txt")


@cache
def _cities() -> frozenset[str]:
    return frozenset(entries("cities.txt"))


def city(folded: str) -> bool:
    """A city or country of the list; it may be several words."""
    return folded in _cities()


@cache
def _brands() -> frozenset[str]:
    return frozenset(entries("brands.txt"))


def brand(folded: str) -> bool:
    """A company or a famous thing with the shape of a name."""
    return folded in _brands()
