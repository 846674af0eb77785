"""Hours of the week in a time zone, to the microsecond and over changes of clocks."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.clock import SECOND
from chatwarden.config.span import Span
from chatwarden.config.values import hours
from chatwarden.hours import closes_at, opens_at

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = hours("Mon-Fri 07:00-19:00")


def at(text: str, zone: ZoneInfo = BERLIN) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * SECOND


@pytest.mark.parametrize(
    ("now", "closes"),
    [
        ("2026-11-23 07:00", "2026-11-23 19:00"),
        ("2026-11-23 18:59", "2026-11-23 19:00"),
        ("2026-11-23 19:00", None),
        ("2026-11-23 06:59", None),
        ("2026-11-28 12:00", None),  # a Saturday
    ],
)
def test_the_hours_are_those_on_the_wall(now: str, closes: str | None) -> None:
    assert closes_at(OFFICE, "Europe/Berlin", at(now)) == (at(closes) if closes else None)


def test_hours_hold_to_the_microsecond() -> None:
    end = at("2026-11-23 19:00")
    assert closes_at(OFFICE, "Europe/Berlin", end - 1) == end
    assert closes_at(OFFICE, "Europe/Berlin", end) is None


def test_hours_that_touch_at_midnight_are_one() -> None:
    night = hours("Mon 20:00-24:00, Tue 00:00-06:00")
    assert closes_at(night, "UTC", at("2026-11-23 21:00", ZoneInfo("UTC"))) == at("2026-11-24 06:00", ZoneInfo("UTC"))


def test_all_week_never_closes_within_a_week() -> None:
    week = hours("Mon-Sun 00:00-24:00")
    now = at("2026-11-23 12:00", ZoneInfo("UTC"))
    closing = closes_at(week, "UTC", now)
    assert closing is not None
    assert closing >= now + 6 * 86_400 * SECOND


def test_the_day_of_a_change_of_clocks_keeps_the_hours_on_the_wall() -> None:
    sunday = hours("Sun 00:00-12:00")
    morning = at("2026-10-25 01:00")  # twenty-five hours long
    assert closes_at(sunday, "Europe/Berlin", morning) == at("2026-10-25 12:00")
    assert at("2026-10-25 12:00") - morning == 12 * 3600 * SECOND


@given(st.integers(0, 366 * 86_400), st.sampled_from(["UTC", "Europe/Berlin", "Asia/Tokyo"]))
def test_open_says_an_end_after_now_within_a_span(seconds: int, zone: str) -> None:
    now = at("2026-01-01 00:00", ZoneInfo("UTC")) + seconds * SECOND
    local = datetime.fromtimestamp(now // SECOND, ZoneInfo(zone))
    minutes = local.hour * 60 + local.minute
    closing = closes_at((Span(2, 600, 700),), zone, now)
    assert (closing is not None) is (local.weekday() == 2 and 600 <= minutes < 700)
    if closing is not None:
        assert now < closing <= now + int(timedelta(minutes=100).total_seconds()) * SECOND


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-23 07:00", "2026-11-23 07:00"),
        ("2026-11-23 12:34", "2026-11-23 12:34"),
        ("2026-11-23 06:59", "2026-11-23 07:00"),
        ("2026-11-23 19:00", "2026-11-24 07:00"),
        ("2026-11-28 12:00", "2026-11-30 07:00"),  # a Saturday
        ("2026-11-27 19:00", "2026-11-30 07:00"),
    ],
)
def test_hours_open_now_or_with_their_next_beginning(now: str, opens: str) -> None:
    assert opens_at(OFFICE, "Europe/Berlin", at(now)) == at(opens)


def test_without_hours_it_is_always_open() -> None:
    assert opens_at((), "Europe/Berlin", at("2026-11-28 12:00")) == at("2026-11-28 12:00")


def test_hours_of_one_day_open_again_a_week_later() -> None:
    assert opens_at(hours("Mon 08:00-09:00"), "Europe/Berlin", at("2026-11-23 09:00")) == at("2026-11-30 08:00")


@given(st.integers(0, 3 * 7 * 24 * 60))
def test_what_opens_is_open_then_and_not_before(minutes: int) -> None:
    now = at("2026-10-12 00:00") + minutes * 60 * SECOND  # the clocks change in these weeks
    opening = opens_at(OFFICE, "Europe/Berlin", now)
    assert closes_at(OFFICE, "Europe/Berlin", opening) is not None
    assert opening == now or closes_at(OFFICE, "Europe/Berlin", opening - 1) is None
