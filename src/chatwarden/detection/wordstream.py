"""A bot's answer, checked before it is released, where policy hides what only the words around it show: names, addresses,
dates of birth, health, places, links, addresses of mail in words.

Nearly every word may begin such a thing, and what follows decides. So the text is released a few words at a time, each
once the next 224 characters are known; the scanner sees them and the 256 characters before. As in `stream`, where units
and windows end depends on the text alone, and no more than 512 characters are held back: what a longer word leaves no
room for is decided without it.
"""

from __future__ import annotations

from chatwarden.detection.stream import HOLD_MAX, StreamGuard

_UNIT = 32
_AHEAD = 224  # the longest address of a street with all that belongs to it is shorter


class WordGuard(StreamGuard):
    """A `StreamGuard` that holds back what the words to come may still change."""

    _context_max = 256

    def feed(self, piece: str) -> str:
        """Takes a piece; returns what may be shown now."""
        out = super().feed(piece)
        # A word in the making for which there is no room any more. What may be the header of a key waits for its end.
        while self._held and not self._header and len(self._held) + len(self._pending) > HOLD_MAX:
            out += self._next(self._first())
        return out

    def whole(self, text: str) -> str:
        """A whole answer at once: the same as feeding and finishing."""
        return self.feed(text) + self.finish()

    def _take(self, word: str, _bare: str) -> str:
        self._held += word
        self._header = self._header and "-----BEGIN" in self._held
        out: list[str] = []
        while self._held and self._known(self._first()):
            out.append(self._next(self._first()))
        return "".join(out)

    def _close(self, _ahead: str = "") -> str:
        self._header = False
        out: list[str] = []
        while self._held:
            out.append(self._next(self._first(), _ahead))
        return "".join(out)

    def _first(self) -> int:
        """Where the next unit ends."""
        return self._end(_UNIT) or len(self._held)

    def _known(self, unit: int) -> bool:
        return self._end(unit + _AHEAD) > 0

    def _end(self, least: int) -> int:
        """Where the first word ends that ends at *least* or behind; 0 if none does."""
        if len(self._held) < least:
            return 0
        at = least
        while at < len(self._held) and (self._held[at - 1].isspace() or not self._held[at].isspace()):
            at += 1
        return at

    def _next(self, unit: int, ahead: str = "") -> str:
        """Releases one unit."""
        until = self._end(unit + _AHEAD) or len(self._held)
        if until > HOLD_MAX:  # without the word that is too long
            until = max(unit, self._before(until))
        beyond = ahead[: max(0, unit + _AHEAD - len(self._held))] if until == len(self._held) else ""
        out, taken = self._judged(self._held[:unit], self._held[unit:until] + beyond)
        self._held = self._held[taken:]
        return out

    def _before(self, end: int) -> int:
        """Where the last word ends before the one that ends at *end*."""
        at = end
        while at and not self._held[at - 1].isspace():
            at -= 1
        return len(self._held[:at].rstrip())
