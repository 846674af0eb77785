"""Hours in which people of a role may be signed in, in a time zone. Pure: ``now`` is an argument."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from chatwarden.clock import SECOND, Instant
from chatwarden.config.model import Span


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


def _at(day: datetime, minutes: int) -> datetime:
    # Wall time: on the day of a change of clocks a span keeps the hours that the staff read on the wall.
    return (day + timedelta(days=minutes // 1440)).replace(hour=minutes % 1440 // 60, minute=minutes % 60)
