"""A circuit breaker as a table (Nygard, "Release It!"): after failures in a row, within a while, a bot is left alone for
a rest, then asked once. Pure but for its own state; ``now`` is an argument.

A result belongs to the request that brought it: what began before the circuit moved says nothing about the bot since,
so a late success does not close it and a late failure does not open it again.
"""

from __future__ import annotations

from collections import deque
from enum import StrEnum

from chatwarden.clock import MINUTE, SECOND, Duration, Instant

FAILURES = 5
# Longer than five waits of twenty seconds, one after the other: what a bot that never answers costs a single person.
WINDOW: Duration = 5 * MINUTE
REST: Duration = 10 * SECOND


class Circuit(StrEnum):
    """Where it stands."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class Breaker:
    """``permits`` before a request; then, with what it returned, exactly one of ``succeeded``, ``failed`` or
    ``abandoned``.
    """

    __slots__ = ("_failed_at", "_moves", "_opened_at", "_probing", "state")

    def __init__(self) -> None:
        self.state = Circuit.CLOSED
        self._failed_at: deque[Instant] = deque(maxlen=FAILURES)
        self._moves = 1
        self._opened_at: Instant = 0
        self._probing = False

    def permits(self, now: Instant) -> int:
        """The mark of a request that may go out at *now*, or 0: none may. Half open, one at a time."""
        if self.state is Circuit.OPEN:
            if now - self._opened_at < REST:
                return 0
            self._move(Circuit.HALF_OPEN)
        if self.state is Circuit.HALF_OPEN:
            if self._probing:
                return 0
            self._probing = True
        return self._moves

    def succeeded(self, mark: int) -> None:
        """The bot answered."""
        if mark != self._moves:
            return
        self._failed_at.clear()
        if self.state is Circuit.HALF_OPEN:
            self._move(Circuit.CLOSED)

    def failed(self, mark: int, now: Instant) -> None:
        """The bot did not answer as it should."""
        if mark != self._moves:
            return
        self._failed_at.append(now)
        many = len(self._failed_at) == FAILURES and now - self._failed_at[0] <= WINDOW
        if self.state is Circuit.HALF_OPEN or many:
            self._opened_at = now
            self._move(Circuit.OPEN)

    def abandoned(self, mark: int) -> None:
        """The person went away before the bot answered: neither good nor bad."""
        if mark == self._moves:
            self._probing = False

    def _move(self, state: Circuit) -> None:
        self.state = state
        self._moves += 1
        self._probing = False
        self._failed_at.clear()
