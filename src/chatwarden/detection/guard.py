"""What stands between an answer and its person: pieces go in as they come, and what may be shown comes out."""

from __future__ import annotations

from typing import Protocol

from chatwarden.classes import DataClass


class Guard(Protocol):
    """Checks one answer: a `StreamGuard`, a `WordGuard`, or an `Onlooker` where a bot is only observed. ``blocked``: why it
    ended.
    """

    blocked: DataClass | None

    def feed(self, piece: str) -> str:
        """Takes a piece; returns what may be shown now."""
        ...

    def finish(self) -> str:
        """The rest, when the answer has ended."""
        ...

    def whole(self, text: str) -> str:
        """A whole answer at once."""
        ...


class Onlooker:
    """Stands where a guard stands and holds nothing back."""

    blocked: DataClass | None = None

    def feed(self, piece: str) -> str:
        """The piece."""
        return piece

    def finish(self) -> str:
        """Nothing was held back."""
        return ""

    def whole(self, text: str) -> str:
        """The text."""
        return text
