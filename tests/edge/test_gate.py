"""Slots: no peer above its share, no house above its size, nothing lost or given back twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatwarden.edge.gate import ConnectionGate, Slot


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
