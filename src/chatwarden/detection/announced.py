"""Numbers that a word announces: "passport no. X1234567", "my BSN is 111222333", "routing 021000021, account 12345678".

Most national numbers are a few digits, and a check digit fits any number one time in ten. The word is looked for first:
only behind it, or right before it, a number of its shape is looked at. What the word, the shape and the check say is
summed; a counter-word between the two takes away. Linear: the word decides where to look, and looking is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

from chatwarden.detection.pattern import COUNTERS
from chatwarden.normalise import normalise

Spans = list[tuple[int, int, float]]

_AHEAD = 64
_BEHIND = 56
MOST = 400  # words in one text behind which a number is looked for
_CANDIDATES = 3  # of one shape behind one word
# What may stand between the word and its number without saying anything else.
_LINK = re.compile(
    r"(?i)[\s:=#.,;\-–—()\"'“”„/|*]*(?:(?:is|are|was|it's|its|number|numbers|num|no|nr|nº|n°|num[eé]ro|numero|nummer|number's|code|id|"
    r"ist|lautet|war|est|es|[eéè]|jest|är|er|on|with|the|my|mein|meine|mon|ma|mi|mijn|of|und|and|ends?|which|here|hier|voici|"
    r"card|karte|carte|holder|full|current|digits?|please|should|correct|actual|[^\W\d_]{1,3})\b[\s:=#.,;\-–—()\"'“”„/|*]*){0,6}"
)
_LINK_BEFORE = re.compile(
    r"(?i)[\s,;:()\"'“”\-–]*(?:(?:is|was|as|for|ist|als|est|comme|es|como|my|the|a|mein|meine|mon|ma|mi|our|their|his|her)\b\s*){0,3}[(]?\s*$"
)
_COUNTER = re.compile(rf"(?i)\b(?:{COUNTERS})\b")
_DIGIT = re.compile(r"\d")
# Right beside its word, in the same sentence, beyond it.
_TIGHT, _NEAR, _FAR, _SHARED = 0.5, 0.4, 0.25, -0.1
_SENTENCE = re.compile(r"\.\s+[A-ZÀ-Þ]|[!?]\s|\n\s*\n")
_BREAK = re.compile(r"[.!?]\s|\n")


@dataclass(frozen=True, slots=True)
class Form:
    """A number of a country (ISO 3166-1, or ``*``). ``words`` announce it, parted by ``|``; those in ``shared`` announce
    others too and are worth less. In ``shape``, ``#`` is a digit, ``@`` a letter, ``~`` a separator or none; the rest is a
    regular expression. ``worth``: what shape and check say together.
    """

    country: str
    name: str
    words: str
    shape: str
    worth: float
    check: Callable[[str], bool] | None = None
    shared: str = ""


class Announced:
    """What a table of forms finds. ``regex`` is the pattern of all their words, ``find`` what stands behind one."""

    def __init__(self, forms: Iterable[Form]) -> None:
        self.forms = tuple(forms)
        self._by_word: dict[str, list[tuple[Form, bool]]] = {}
        written: set[str] = set()
        for form in self.forms:
            for words, shared in ((form.words, False), (form.shared, True)):
                for word in (variant for one in filter(None, words.split("|")) for variant in _variants(one)):
                    self._by_word.setdefault(_bare(word), []).append((form, shared))
                    written.add(word)
        longest = sorted(written, key=lambda word: (-len(word), word))
        # RE2's \\b knows ASCII: a word of another script is looked for as it is.
        plain = "|".join(_phrase(word) for word in longest if word.isascii() or (word[0] + word[-1]).isascii())
        other = [_phrase(word) for word in longest if not (word[0] + word[-1]).isascii()]
        self.keywords = "|".join([rf"\b(?:{plain})\b", *other])
        self.regex = f"(?i)(?:{self.keywords})"

    def find(self, text: str, start: int, end: int) -> Spans:
        """The numbers that the word at *start* to *end* announces."""
        ahead, before = text[end : end + _AHEAD], text[max(0, start - _BEHIND) : start]
        if _DIGIT.search(ahead) is None and _DIGIT.search(before) is None:
            return []
        found: Spans = []
        for form, shared in self._by_word[_bare(text[start:end])]:
            shape = _shape(form.shape)
            worth = form.worth + (_SHARED if shared else 0.0)
            for match in _first(shape, ahead):
                if form.check is None or form.check(match[0]):
                    between = ahead[: match.start()]
                    score = worth + (_TIGHT if _LINK.fullmatch(between) else _place(between))
                    score -= 0.35 if _COUNTER.search(between) else 0.0
                    found.append((end + match.start(), end + match.end(), round(score, 2)))
            for match in _first(shape, before):
                between = before[match.end() :]
                if _BREAK.search(between) is None and (form.check is None or form.check(match[0])):
                    base = start - len(before)
                    score = worth + (_TIGHT if _LINK_BEFORE.fullmatch(between) else _NEAR)
                    score -= 0.35 if _COUNTER.search(before) else 0.0
                    found.append((base + match.start(), base + match.end(), round(score, 2)))
        return found


def _place(between: str) -> float:
    return _FAR if _SENTENCE.search(between) else _NEAR


def _first(shape: re.Pattern[str], text: str) -> Sequence[re.Match[str]]:
    return [match for match, _ in zip(shape.finditer(text), range(_CANDIDATES), strict=False)]


@cache  # not at the start: most are never asked for
def _shape(shape: str) -> re.Pattern[str]:
    written = shape.replace("#", r"\d").replace("@", "[A-Z]").replace("~", r"[ .\-/]?")
    return re.compile(rf"(?i)(?<![^\W_])(?<!\d[.,\-/])(?:{written})(?![^\W_]|[.,\-/]\d|[%€$£])")


def _variants(word: str) -> list[str]:
    """``c[eé]dula`` in each of its spellings, as texts have them when they are matched."""
    choices = [part[1:-1] if part[0] == "[" else [part] for part in re.findall(r"\[[^\]]+\]|[^\[]+", word)]
    return [normalise("".join(letters)).text for letters in product(*choices)]


def _phrase(word: str) -> str:
    return re.sub(r"[ \-]", r"[ \-]?", word.replace(".", r"\."))


def _bare(word: str) -> str:
    return re.sub(r"[ \-]", "", word.casefold())
