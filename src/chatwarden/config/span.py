"""Hours of the week, for whom the configuration gives hours."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """Hours of one weekday (Monday is 0), in minutes since midnight; the end is not part of it."""

    day: int
    begin: int
    end: int
