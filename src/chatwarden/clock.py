"""The only file that asks the machine for the time.

Instants are UTC microseconds since 1970 as ``int``; durations are microseconds as ``int``. Rules take ``now`` as an
argument. The clock never runs backwards: it starts at the later of the wall clock and the stored floor and then moves
with ``CLOCK_BOOTTIME``, so that a wall clock set back or forward while running neither revives nor destroys anything.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol

Instant = int
Duration = int

SECOND: Duration = 1_000_000
MINUTE: Duration = 60 * SECOND
HOUR: Duration = 60 * MINUTE
DAY: Duration = 24 * HOUR

_BOOTTIME = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Clock(Protocol):
    """Where ``now`` comes from at the edges."""

    def now(self) -> Instant:
        """The present instant."""
        ...


class SystemClock:
    """Wall time at start, then elapsed boot time (it includes suspend). Never before *floor*."""

    def __init__(self, floor: Instant = 0) -> None:
        self._base = max(time.time_ns() // 1000, floor) - time.clock_gettime_ns(_BOOTTIME) // 1000

    def now(self) -> Instant:
        """The present instant."""
        return self._base + time.clock_gettime_ns(_BOOTTIME) // 1000


class ManualClock:
    """A clock that moves only when told: for tests and simulations."""

    def __init__(self, now: Instant = 1_800_000_000 * SECOND) -> None:
        self._now = now

    def now(self) -> Instant:
        """The present instant."""
        return self._now

    def advance(self, by: Duration) -> None:
        """Moves time forward by *by* microseconds."""
        self._now += by


def rfc3339(at: Instant) -> str:
    """*at* as RFC 3339 UTC with milliseconds, for example ``2026-11-23T19:20:00.123Z``."""
    whole = datetime.fromtimestamp(at // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{at % SECOND // 1000:03d}Z"
