"""The only file that asks the machine for the time.

Instants are UTC microseconds since 1970 as ``int``; durations are microseconds as ``int``. Rules take ``now`` as an
argument. The clock never runs backwards: it starts at the latest of the wall clock, the stored floor and what an earlier
clock of the same boot would say, and then moves with ``CLOCK_BOOTTIME``. So a wall clock that is set back or forward while
running neither revives nor destroys anything, and one that is set back while stopped revives nothing.
"""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

Instant = int
Duration = int

SECOND: Duration = 1_000_000
MINUTE: Duration = 60 * SECOND
HOUR: Duration = 60 * MINUTE
DAY: Duration = 24 * HOUR

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_BOOTTIME = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Clock(Protocol):
    """Where ``now`` comes from at the edges."""

    def now(self) -> Instant:
        """The present instant."""
        ...


class SystemClock:
    """Wall time at start, then elapsed boot time (it includes suspend). Never before *floor*, nor behind the clock whose
    ``mark`` was *earlier*.
    """

    def __init__(self, floor: Instant = 0, earlier: str = "") -> None:
        self._base = max(time.time_ns() // 1000, floor) - _since_boot()
        self._boot = ""
        with contextlib.suppress(OSError):
            self._boot = _BOOT_ID.read_text("ascii").strip()
        boot, _, base = earlier.partition(" ")
        if boot and boot == self._boot:
            self._base = max(self._base, int(base))

    @property
    def mark(self) -> str:
        """What this clock says as long as the machine is not started anew: the boot, and the instant at its begin."""
        return f"{self._boot} {self._base}"

    def now(self) -> Instant:
        """The present instant."""
        return self._base + _since_boot()


def _since_boot() -> Duration:
    return time.clock_gettime_ns(_BOOTTIME) // 1000


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
