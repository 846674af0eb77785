"""Hours of the week in a time zone: when people of a role may be signed in, when the desk is open. Pure: ``now`` is an
argument.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from chatwarden.clock import SECOND, Instant
from chatwarden.config.span import Span


def closes_at(spans: tuple[Span, ...], zone: str, now: Instant) -> Instant | None:
    """When the hours that *now* lies in are over; None outside of all hours. No spans are all hours and have no end:
    the caller asks only where there are some. Spans that touch (midnight) are one.
    """
    local = datetime.fromtimestamp(now // SECOND, UTC).astimezone(ZoneInfo(zone))
    end: datetime | None = None
    day = local.replace(hour=0, minute=0, second=0, microsecond=0)
    for _ in range(8):  # a week of touching spans, and this day once more
        for span in sorted(spans, key=lambda one: one.begin):
            if span.day != day.weekday():
                continue
            begins, ends = _at(day, span.begin), _at(day, span.end)
            reached = end or local
            if begins <= reached < ends or (end is not None and begins == reached):
                end = ends
        day += timedelta(days=1)
        if end is None or end < _at(day, 0):
            break
    return None if end is None else int(end.timestamp()) * SECOND


def opens_at(spans: tuple[Span, ...], zone: str, now: Instant) -> Instant:
    """When hours that *now* lies in, or the next ones, begin to count: *now* itself within them, and without any."""
    if not spans or closes_at(spans, zone, now) is not None:
        return now
    local = datetime.fromtimestamp(now // SECOND, UTC).astimezone(ZoneInfo(zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    days = (midnight + timedelta(days=ahead) for ahead in range(8))
    return min(
        opening
        for day in days
        for span in spans
        if span.day == day.weekday() and (opening := int(_at(day, span.begin).timestamp()) * SECOND) > now
    )


def _at(day: datetime, minutes: int) -> datetime:
    # Wall time: on the day of a change of clocks a span keeps the hours that the staff read on the wall.
    return (day + timedelta(days=minutes // 1440)).replace(hour=minutes % 1440 // 60, minute=minutes % 60)
