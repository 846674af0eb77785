"""What is new about a client, and what pace is sudden."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.clock import SECOND
from chatwarden.sessions.model import Client, Pace, Why
from chatwarden.sessions.watch import SIZE, after, block_of, change, fingerprint, sudden, with_known

KEY = b"k" * 32


def seen(address: str, agent: str = "Browser/1") -> bytes:
    return fingerprint(KEY, Client(address, agent))


@pytest.mark.parametrize(
    ("address", "block"),
    [
        ("203.0.113.7", "203.0.113.0/24"), ("::ffff:203.0.113.7", "203.0.113.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"), ("fe80::1%eth0", "fe80::/48"), ("local", "local"),
    ],
)  # fmt: skip
def test_one_household_or_site_is_one_block(address: str, block: str) -> None:
    assert block_of(address) == block


def test_what_is_new_is_named() -> None:
    known = with_known(b"", seen("203.0.113.7"))
    assert change(known, seen("203.0.113.9")) is Why.NOTHING
    assert change(known, seen("198.51.100.1")) is Why.ADDRESS
    assert change(known, seen("203.0.113.7", "curl")) is Why.CLIENT
    assert change(known, seen("198.51.100.1", "curl")) is Why.CLIENT
    assert change(b"", seen("198.51.100.1")) is Why.NOTHING  # nothing to compare with yet


def test_four_clients_are_known_and_the_one_unused_for_longest_goes() -> None:
    known = b""
    for number in range(6):
        known = with_known(known, seen(f"10.0.{number}.1"))
    known = with_known(known, seen("10.0.3.1"))
    assert len(known) == 4 * SIZE
    assert [n for n in range(6) if change(known, seen(f"10.0.{n}.1")) is Why.NOTHING] == [2, 3, 4, 5]


def test_without_the_key_a_fingerprint_says_nothing() -> None:
    assert fingerprint(b"K" * 32, Client("203.0.113.7", "Browser/1")) != seen("203.0.113.7")


def paced(*gaps: int) -> Pace:
    pace = Pace()
    for gap in gaps:
        pace = after(pace, gap)
    return pace


def test_a_machine_in_the_place_of_a_person_is_sudden() -> None:
    assert not sudden(paced(*[20 * SECOND] * 30))
    assert sudden(paced(*[20 * SECOND] * 30, *[SECOND // 10] * 5))


def test_somebody_who_is_always_quick_is_not_sudden() -> None:
    assert not sudden(paced(*[SECOND] * 100))


@given(st.lists(st.integers(2 * SECOND, 600 * SECOND), max_size=60))
def test_nobody_is_sudden_at_the_pace_of_a_person(gaps: list[int]) -> None:
    assert not sudden(paced(*gaps))
