"""Text as it is matched: compatibility forms, digits and look-alike letters folded, invisible characters gone.

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
