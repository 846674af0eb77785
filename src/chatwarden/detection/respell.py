"""Text written so that it is not recognised: digits in words, letters for digits, digits one by one, addresses in words,
base64. Each way has a gate, a pattern of the scanner's set; only behind an open gate the text is written anew, and what is
found in the new text stands for the place from which it was made.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

_WORDS = {
    "zero oh nought null zéro cero nul": "0",
    "one eins un une uno een één": "1",
    "two zwei zwo deux dos due twee": "2",
    "three drei trois tres tre drie": "3",
    "four vier quatre cuatro quattro": "4",
    "five fünf fuenf cinq cinco cinque vijf": "5",
    "six sechs seis sei zes": "6",
    "seven sieben sept siete sette zeven": "7",
    "eight acht huit ocho otto": "8",
    "nine neun neuf nueve nove negen": "9",
}
_DIGITS = {word: digit for words, digit in _WORDS.items() for word in words.split()}
_TIMES = {"double": 2, "triple": 3, "treble": 3, "doppel": 2, "dreifach": 3, "doble": 2, "dubbel": 2}
LIKE_DIGITS = "OoQDlIiıL|!ZzSsB"  # in a number that has one digit at least
_LETTERS = str.maketrans("OoQDlIiıL|!ZzASsGbTBgq", "0000111111122455667899")
_PLUS = {"plus", "+"}
NUMBER_WORD = "|".join(sorted([*_DIGITS, *_TIMES], key=len, reverse=True))
_AT = "at|ät|arobase|arobas|arroba|chiocciola|apenstaartje|klammeraffe"
_DOT = "dot|punkt|point|punto|punt|ponto"
# In words, an address ends in one of these: a domain that is also a word of a sentence ("in", "it", "is") is none here.
_ENDS = "com|org|net|info|biz|eu|uk|de|fr|es|nl|ch|pl|dk|fi|ie|cz|pt|ca|au|nz|us|io|edu|gov|mil|app|dev|example|test"

_SPLIT = re.compile(rf"(?i)\b(?:{NUMBER_WORD}|plus)\b|\d+|\+")
_BETWEEN = re.compile(r"[\s,.\-*|/:;+_]{1,3}|")
_SWAPPED = re.compile(rf"(?<![^\W_])[\d{LIKE_DIGITS}](?:[ .\-/]?[\d{LIKE_DIGITS}]){{8,}}(?![^\W_])")
# "is", "so": words before and behind a number, not digits of it.
_WORDS_AROUND = re.compile(
    r"^(?:(?=[A-Za-z]*[^OolI ])[A-Za-z]+ |I (?=\d\d))+|(?: (?=[A-Za-z]*[^OolI ])[A-Za-z]+)+$|(?<=\d\d) I$"
)
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_-]{16,4096}={0,2}(?![A-Za-z0-9+/_=-])")
_SPACED = re.compile(r"(?<!\S)(?:\S ){5,}\S(?!\S)")
_SIGN = re.compile(
    rf"(?i)(?P<at>\s*[(\[{{<]\s*(?:{_AT}|a|@)\s*[)\]}}>]\s*|(?<=\w)\s+(?:{_AT})\s+(?=\w)|\s*@\s*)"
    rf"|(?P<dot>\s*[(\[{{<]\s*(?:{_DOT}|\.)\s*[)\]}}>]\s*|(?<=\w)\s+(?:{_DOT})\s+(?=\w))"
)
_ADDRESS = re.compile(rf"(?i)[\w.%+'-]{{2,64}}@(?:[\w-]{{1,63}}\.){{1,5}}(?:{_ENDS})\b")
_TOKENS_MIN, _PLAIN_MIN, _LENGTH_MIN, _LENGTH_MAX = 5, 3, 7, 64


class Gate(NamedTuple):
    """A pattern for the scanner's set, and what is done behind it."""

    regex: str
    respell: Callable[[str], Iterable[Respelled]]


@dataclass(frozen=True, slots=True)
class Respelled:
    """A text that was made from parts of another: character ``i`` stands for ``starts[i]`` to ``ends[i]`` there."""

    text: str
    starts: list[int]
    ends: list[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where *start* to *end* came from."""
        return self.starts[start], self.ends[end - 1]


class _Writer:
    """Writes a text anew: pieces as they are, others by something else."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._text: list[str] = []
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._at = 0
        self.changed = False

    def put(self, new: str, start: int, end: int, *, joined: bool = False) -> None:
        """*new* stands for *start* to *end*. What was before it stays as it is, or is left out where it is *joined*."""
        if not joined:
            self.keep(start)
        self._text.append(new)
        self._starts += [start] * len(new)
        self._ends += [end] * len(new)
        self._at = end
        self.changed = True

    def keep(self, end: int) -> None:
        """As it is, up to *end*."""
        self._text.append(self._source[self._at : end])
        self._starts += range(self._at, end)
        self._ends += range(self._at + 1, end + 1)
        self._at = end

    def done(self) -> list[Respelled]:
        """The new text, if anything changed."""
        self.keep(len(self._source))
        return [Respelled("".join(self._text), self._starts, self._ends)] if self.changed else []


def _numbers(text: str) -> list[Respelled]:
    """Digits that are written as words or one by one become one number."""
    writer = _Writer(text)
    run: list[re.Match[str]] = []
    for match in _SPLIT.finditer(text):
        apart = run and not _BETWEEN.fullmatch(text, run[-1].end(), match.start())
        if apart or match[0].casefold() in _PLUS:
            _number(writer, run)
            run = []
        run.append(match)
    _number(writer, run)
    return writer.done()


def _number(writer: _Writer, run: list[re.Match[str]]) -> None:
    plain = sum(1 for one in run if not one[0].isdigit() or len(one[0]) == 1)
    plus = bool(run) and run[0][0].casefold() in _PLUS
    if len(run) < _TOKENS_MIN or (plain < _PLAIN_MIN and not plus):
        return
    places: list[tuple[str, int, int]] = []
    times, begun = 1, -1
    for one in run:
        word = one[0].casefold()
        if word in _PLUS:
            places.append(("+", *one.span()))
            continue
        if word in _TIMES:
            times, begun = _TIMES[word], one.start()
            continue
        digits = _DIGITS.get(word, word)
        places.append((digits * times if len(digits) == 1 else digits, one.start() if begun < 0 else begun, one.end()))
        times, begun = 1, -1
    if not _LENGTH_MIN <= sum(len(digits) for digits, _, _ in places) <= _LENGTH_MAX:
        return
    for number, (digits, start, end) in enumerate(places):
        writer.put(digits, start, end, joined=number > 0)


def _letters(text: str) -> list[Respelled]:
    """Letters that look like digits, in a number."""
    writer = _Writer(text)
    for match in _SWAPPED.finditer(text):
        if any(c.isdigit() for c in match[0]):
            number = _WORDS_AROUND.sub("", match[0])
            if number.translate(_LETTERS) == number:
                continue
            for at, char in enumerate(number, start=match.start() + match[0].index(number)):
                digit = char.translate(_LETTERS)
                if digit != char:
                    writer.put(digit, at, at + 1)
    return writer.done()


def _addresses(text: str) -> list[Respelled]:
    """Addresses whose signs are words, or stand apart."""
    writer = _Writer(text)
    for match in _SIGN.finditer(text):
        writer.put("@" if match["at"] else ".", *match.span())
    made = writer.done()
    found = [one for one in made if _ADDRESS.search(one.text)]
    return found + _spaced(text)


def _spaced(text: str) -> list[Respelled]:
    """``j a n e @ …``: characters one by one."""
    writer = _Writer(text)
    for match in _SPACED.finditer(text):
        for at in range(match.start(), match.end()):
            if text[at] == " ":
                writer.put("", at, at + 1)
    return writer.done()


def _encoded(text: str) -> list[Respelled]:
    """Base64, once: what it says, where that is text."""
    found: list[Respelled] = []
    for match in _BASE64.finditer(text):
        body = match[0].rstrip("=").replace("-", "+").replace("_", "/")
        try:
            said = base64.b64decode(body + "=" * (-len(body) % 4), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
        if said.isprintable():
            found.append(Respelled(said, [match.start()] * len(said), [match.end()] * len(said)))
    return found


GATES: tuple[Gate, ...] = (
    Gate(rf"(?i)(?:(?:\b(?:{NUMBER_WORD})|\d)[\s,.\-*|/:;+_]{{1,3}}){{4}}|\bplus\s\d", _numbers),
    Gate(rf"[\d{LIKE_DIGITS}](?:[ .\-/]?[\d{LIKE_DIGITS}]){{8}}", _letters),
    Gate(rf"(?i)\s@|@\s|[(\[{{<]\s*(?:{_AT}|a)\s*[)\]}}>]|\s(?:{_AT})\s+[\w\-]+(?:\.|\s+(?:{_DOT})\s)", _addresses),
    Gate(r"[A-Za-z0-9+/_\-]{16}", _encoded),
)
