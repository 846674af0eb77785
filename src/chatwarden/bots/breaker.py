"""A circuit breaker as a table (Nygard, "Release It!"): after failures in a row a bot is left alone for a while, then
asked once. Pure but for its own state; ``now`` is an argument.
"""

from __future__ import annotations

from enum import StrEnum

from chatwarden.clock import SECOND, Duration, Instant

FAILURES = 5
REST: Duration = 10 * SECOND


class Circuit(StrEnum):
    """Where it stands."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class Breaker:
    """Counts failures in a row. ``permits`` before a request, then exactly one of ``succeeded``, ``failed`` or
    ``abandoned``.
    """

    __slots__ = ("_failures", "_opened_at", "_probing", "state")

    def __init__(self) -> None:
        self.state = Circuit.CLOSED
        self._failures = 0
        self._opened_at: Instant = 0
        self._probing = False

    def permits(self, now: Instant) -> bool:
        """Whether a request may go out at *now*. Half open, one at a time."""
        if self.state is Circuit.OPEN and now - self._opened_at >= REST:
            self.state = Circuit.HALF_OPEN
            self._probing = False
        if self.state is Circuit.HALF_OPEN:
            if self._probing:
                return False
            self._probing = True
            return True
        return self.state is Circuit.CLOSED

    def succeeded(self) -> None:
        """The bot answered."""
        self.state = Circuit.CLOSED
        self._failures = 0
        self._probing = False

    def failed(self, now: Instant) -> None:
        """The bot did not answer as it should."""
        self._failures += 1
        if self.state is Circuit.HALF_OPEN or self._failures >= FAILURES:
            self.state = Circuit.OPEN
            self._opened_at = now
        self._probing = False

    def abandoned(self) -> None:
        """The person went away before the bot answered: neither good nor bad."""
        self._probing = False
