"""Rates: the bound holds in every window, whatever the sequence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.clock import SECOND
from chatwarden.config.model import Rate
from chatwarden.edge.gcra import MemoryThrottle, peer_key

RATES = st.builds(Rate, st.integers(1, 5_000), st.integers(1, 12))


@given(rate=RATES, steps=st.lists(st.tuples(st.integers(0, 20_000), st.integers(1, 4)), max_size=60))
def test_no_window_ever_holds_more_than_burst_plus_elapsed(rate: Rate, steps: list[tuple[int, int]]) -> None:
    throttle = MemoryThrottle()
    now = 1_000_000
    allowed: list[tuple[int, int]] = []
    for step, cost in steps:
        now += step
        if throttle.take("k", rate, now, cost) == 0:
            allowed.append((now, cost))
    for first, (begin, _) in enumerate(allowed):
        total = 0
        for at, cost in allowed[first:]:
            total += cost
            assert total * rate.interval <= rate.burst * rate.interval + (at - begin)


@given(rate=RATES, steps=st.lists(st.integers(0, 3_000), min_size=1, max_size=60))
def test_the_wait_that_is_told_is_exact(rate: Rate, steps: list[int]) -> None:
    throttle = MemoryThrottle()
    now = 1_000_000
    for step in steps:
        now += step
        wait = throttle.take("k", rate, now)
        if wait:
            assert throttle.peek("k", rate, now + wait - 1) > 0
            assert throttle.peek("k", rate, now + wait) == 0


@given(rate=RATES, steps=st.lists(st.integers(0, 3_000), max_size=40))
def test_peek_says_what_take_does_and_charges_nothing(rate: Rate, steps: list[int]) -> None:
    peeked, plain = MemoryThrottle(), MemoryThrottle()
    now = 1_000_000
    for step in steps:
        now += step
        expected = peeked.peek("k", rate, now)
        assert peeked.peek("k", rate, now) == expected
        assert peeked.take("k", rate, now) == expected == plain.take("k", rate, now)


def test_a_burst_is_allowed_at_once_and_then_one_per_interval() -> None:
    throttle, rate = MemoryThrottle(), Rate(SECOND, 3)
    assert [throttle.take("k", rate, 0) for _ in range(4)] == [0, 0, 0, SECOND]
    assert throttle.take("k", rate, SECOND) == 0
    assert throttle.take("k", rate, SECOND) == SECOND


def test_a_cost_above_the_burst_is_never_allowed() -> None:
    throttle, rate = MemoryThrottle(), Rate(SECOND, 3)
    assert throttle.take("k", rate, 0, 4) == SECOND
    assert throttle.take("k", rate, 1000 * SECOND, 4) == SECOND


def test_keys_do_not_share() -> None:
    throttle, rate = MemoryThrottle(), Rate(SECOND, 1)
    assert throttle.take("a", rate, 0) == 0
    assert throttle.take("b", rate, 0) == 0
    assert throttle.take("a", rate, 0) == SECOND


def test_a_full_table_forgets_the_key_unused_for_longest() -> None:
    throttle, rate = MemoryThrottle(capacity=2), Rate(SECOND, 1)
    throttle.take("a", rate, 0)
    throttle.take("b", rate, 0)
    assert throttle.take("a", rate, 0) == SECOND
    throttle.take("c", rate, 0)
    assert len(throttle) == 2
    assert throttle.peek("a", rate, 0) == SECOND
    assert throttle.peek("b", rate, 0) == 0


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:0db8:0001:0002::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("::1", "::/64"),
        ("not an address", "not an address"),
    ],
)
def test_one_peer_is_an_ipv4_address_or_an_ipv6_64(address: str, key: str) -> None:
    assert peer_key(address) == key
