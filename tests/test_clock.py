"""Time runs forward, across restarts too."""

import time

import pytest

from chatwarden.clock import DAY, HOUR, MINUTE, SECOND, ManualClock, SystemClock, rfc3339


def test_the_clock_starts_at_the_wall_and_never_before_its_floor() -> None:
    before = time.time_ns() // 1000
    assert SystemClock().now() >= before
    floor = before + 400 * DAY
    assert SystemClock(floor).now() >= floor


def test_a_wall_clock_that_is_set_back_or_forward_moves_nothing() -> None:
    clock = SystemClock()
    first = clock.now()
    real = time.time_ns
    try:
        time.time_ns = lambda: 0
        assert clock.now() >= first
        time.time_ns = lambda: real() + 400 * DAY * 1_000
        assert clock.now() < first + DAY
    finally:
        time.time_ns = real


def test_it_never_runs_backwards() -> None:
    clock = SystemClock()
    seen = [clock.now() for _ in range(1_000)]
    assert seen == sorted(seen)


def test_a_manual_clock_moves_only_when_told() -> None:
    clock = ManualClock(5)
    assert clock.now() == clock.now() == 5
    clock.advance(7)
    assert clock.now() == 12


def test_an_instant_is_written_in_utc_with_milliseconds() -> None:
    assert rfc3339(0) == "1970-01-01T00:00:00.000Z"
    assert rfc3339(1_795_456_800 * SECOND + 123_999) == "2026-11-23T18:00:00.123Z"


def test_a_clock_that_is_set_back_while_stopped_is_not_believed_as_long_as_the_machine_runs() -> None:
    """Also for the time in which nobody wrote anything: it goes on with the boot."""
    earlier = SystemClock(time.time_ns() // 1000 + DAY)
    seen = earlier.now()
    assert seen <= SystemClock(0, earlier.mark).now() < seen + MINUTE
    other_boot = "another-boot " + earlier.mark.partition(" ")[2]
    assert SystemClock(0, other_boot).now() < earlier.now() - DAY // 2
    behind = SystemClock()
    assert SystemClock(seen, behind.mark).now() >= seen


def test_it_goes_on_in_suspend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Boot time counts it (clock_gettime(2)), monotonic time does not."""
    clock, real = SystemClock(), time.clock_gettime_ns
    before = clock.now()
    monkeypatch.setattr(
        time, "clock_gettime_ns", lambda which: real(which) + (HOUR * 1_000 if which == time.CLOCK_BOOTTIME else 0)
    )
    assert clock.now() >= before + HOUR
