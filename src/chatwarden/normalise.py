"""Text as it is matched, by detection and by the words that inquiries are looked at with: compatibility forms, digits and
look-alike letters folded, invisible characters gone; of words on request also what stands for letters in them.

Only the copy that is matched changes; the original stays as it is, with its emoji and its joiners. Every character of
the copy knows where it came from (Unicode UAX #15, UTS #39 for the idea of skeletons).
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

# Cyrillic and Greek letters that stand in for Latin ones in addresses and account numbers.
_LOOKALIKES = str.maketrans(
    "АВЕКМНОРСТУХІЈЅаеорсухіјѕԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧονικ",
    "ABEKMHOPCTYXIJSaeopcyxijsdqwABEZHIKMNOPTYXovik",
)
_DASHES = {ord(c): "-" for c in "‐‑‒–—―−﹣－"}
_SPACES = {
    ord(c): " "
    for c in "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
}
# Controls show as nothing or as a space. Tabs and the ends of lines stay what they are.
_CONTROLS = {code: " " for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n\f\r"}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_STOPS = {ord(c): "." for c in "。｡"}
_FOLD: dict[int, str | int] = {**_LOOKALIKES, **_DASHES, **_CONTROLS, **_SPACES, **_STOPS}
# Signs that are written for letters, before a letter and in a word of some length: "hum4n", "@gent", and no "mp3" or "1st".
_WRITTEN_FOR = re.compile(r"[013457@$](?=[a-z])(?:(?<=[a-z][013457@$])|(?=[a-z]{3}))")
_LETTERS = str.maketrans("013457@$", "oieastas")


class Normalised(NamedTuple):
    """``text`` to match; ``offsets[i]`` is where its character i begins in the original, with one more entry for the
    end. None means that nothing moved.
    """

    text: str
    offsets: list[int] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original that ``text[start:end]`` stands for, with what is invisible inside it
        and behind it.
        """
        if self.offsets is None:
            return start, end
        if end <= start:
            return self.offsets[start], self.offsets[start]
        return self.offsets[start], max(self.offsets[end - 1] + 1, self.offsets[end])


def normalise(text: str) -> Normalised:
    """The copy to match. ASCII is its own copy, but for control characters."""
    if not text.isprintable() and _CONTROL.search(text):  # the first is quicker, and mostly enough
        text = text.translate(_CONTROLS)  # one for one: nothing moves
    if text.isascii():
        return Normalised(text, None)
    parts: list[str] = []
    offsets: list[int] = []
    for at, original in enumerate(text):
        if original < "\x80":
            folded = original
        else:
            if _invisible(original):
                continue
            folded = "".join(_digit(c) for c in unicodedata.normalize("NFKC", original).translate(_FOLD))
        parts.append(folded)
        offsets += [at] * len(folded)
    offsets.append(len(text))
    return Normalised("".join(parts), offsets)


def _digit(char: str) -> str:
    value = unicodedata.digit(char, -1)  # of all scripts; in circles, too
    return char if value < 0 else str(value)


def _invisible(char: str) -> bool:
    # Formats (zero width, bidi, tags), variation selectors, combining marks over digits (keycaps), fillers.
    category = unicodedata.category(char)
    return category in {"Cf", "Mn", "Me"} or char in "\u3164\u115f\u1160\uffa0\u2800"


def spelled(text: str) -> str:
    """Small letters with signs that are written for letters (leetspeak) as the letters. For words only: it is no copy to
    look for numbers in.
    """
    return _WRITTEN_FOR.sub(lambda sign: sign[0].translate(_LETTERS), text)
