"""Slots: no peer above its share, no house above its size or pace, nothing lost or given back twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatwarden.clock import SECOND
from chatwarden.config.model import Rate
from chatwarden.edge.gate import ConnectionGate, Pace, Slot


def test_a_peer_gets_its_share_and_no_more() -> None:
    gate = ConnectionGate(2, 10)
    slots = [gate.admit("203.0.113.7") for _ in range(3)]
    assert [slot is not None for slot in slots] == [True, True, False]
    assert gate.admit("203.0.113.8") is not None


def test_addresses_of_one_ipv6_64_are_one_peer() -> None:
    gate = ConnectionGate(1, 10)
    assert gate.admit("2001:db8::1") is not None
    assert gate.admit("2001:db8::2") is None
    assert gate.admit("2001:db8:0:1::1") is not None


def test_loopback_counts_like_any_other_peer() -> None:
    gate = ConnectionGate(1, 10)
    assert gate.admit("127.0.0.1") is not None
    assert gate.admit("127.0.0.1") is None


def test_a_full_house_refuses_everyone() -> None:
    gate = ConnectionGate(10, 2)
    assert gate.admit("203.0.113.1") is not None
    assert gate.admit("203.0.113.2") is not None
    assert gate.admit("203.0.113.3") is None


def test_a_unix_socket_is_not_limited() -> None:
    gate = ConnectionGate(1, 1)
    slots = [gate.admit(None) for _ in range(5)]
    assert None not in slots
    assert gate.open == 0


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=80))
def test_slots_always_balance(acts: list[tuple[int, bool]]) -> None:
    gate = ConnectionGate(3, 8)
    held: list[Slot] = []
    for which, leaves in acts:
        if leaves and held:
            slot = held.pop(which % len(held))
            slot.release()
            slot.release()
        elif (admitted := gate.admit(f"203.0.113.{which}")) is not None:
            held.append(admitted)
        assert gate.open == len(held) <= 8
    for slot in held:
        slot.release()
    assert (gate.open, gate.peers) == (0, 0)


def test_a_proxy_takes_places_but_nobodys_share() -> None:
    gate = ConnectionGate(1, 3)
    slots = [gate.admit_proxy() for _ in range(4)]
    assert [slot is not None for slot in slots] == [True, True, True, False]
    assert (gate.open, gate.peers) == (3, 0)
    assert gate.admit("203.0.113.7") is None


def test_whom_a_proxy_speaks_for_has_the_share_of_a_peer() -> None:
    gate = ConnectionGate(2, 10)
    first, second = gate.admit_proxy(), gate.admit_proxy()
    assert first is not None
    assert second is not None
    assert first.claim("2001:db8::1")
    assert not first.claim("2001:db8::1")
    assert gate.admit("2001:db8::2") is not None
    assert not second.claim("2001:db8::3")
    assert gate.share("2001:db8::4") is None
    first.release()
    assert second.claim("2001:db8::3")
    assert not first.claim("2001:db8::1")


def test_a_share_takes_no_place() -> None:
    gate = ConnectionGate(2, 1)
    shares = [gate.share("203.0.113.7") for _ in range(3)]
    assert [share is not None for share in shares] == [True, True, False]
    assert gate.open == 0
    for share in shares:
        if share is not None:
            share.release()
            share.release()
    assert gate.peers == 0


def test_a_peer_opens_connections_at_its_own_pace_and_the_house_at_its() -> None:
    pace = Pace(Rate(SECOND, 2), Rate(SECOND // 10, 3))
    assert [pace.permits("203.0.113.7", 0) for _ in range(3)] == [True, True, False]
    assert pace.permits("203.0.113.8", 0)
    assert not pace.permits("203.0.113.9", 0)  # the house has had its burst
    assert not pace.permits_any(0)
    assert pace.permits("203.0.113.8", SECOND // 10)
    assert pace.permits("203.0.113.7", SECOND)


def test_who_is_above_their_own_pace_does_not_spend_the_houses() -> None:
    pace = Pace(Rate(SECOND, 1), Rate(SECOND, 2))
    assert [pace.permits("2001:db8::1", 0) for _ in range(9)] == [True] + [False] * 8
    assert pace.permits_any(0)


def test_a_pace_that_is_off_permits_everything() -> None:
    pace = Pace(None, None)
    assert all(pace.permits("203.0.113.7", 0) for _ in range(1_000))
