"""Sessions in memory: found again, and brought up in the instant in which they change, never late."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from tests.sessions.test_store import NOW, session

from chatwarden.clock import DAY, MINUTE
from chatwarden.sessions.model import Session
from chatwarden.sessions.register import Register
from chatwarden.sessions.rules import next_deadline


def register(capacity: int = 1_000, *, droppable: bool = True) -> Register:
    return Register(capacity, lambda _session: droppable)


def test_a_session_is_found_by_token_and_by_id_and_the_first_object_stays() -> None:
    kept, one = register(), session()
    assert kept.add(one) is one
    assert kept.add(replace(one)) is one
    assert kept.by_token(one.token_hash) is kept.by_id(one.id) is one
    kept.drop(one)
    assert kept.by_token(one.token_hash) is kept.by_id(one.id) is None
    assert (len(kept), kept.living) == (0, 0)


def test_a_session_comes_up_in_its_instant_and_once() -> None:
    kept, one = register(), session()
    kept.add(one)
    at = next_deadline(one)
    assert kept.next_due() == at
    assert kept.due(at - 1) == []
    assert kept.due(at) == [one]
    assert kept.due(at + DAY) == []
    kept.schedule(one)
    assert kept.due(at + DAY) == [one]


def test_an_input_puts_it_off_and_a_shorter_deadline_brings_it_forward() -> None:
    kept, one = register(), session()
    kept.add(one)
    one.idle_deadline += 10 * MINUTE
    assert kept.due(NOW + 14 * MINUTE) == []
    one.answer_deadline = NOW + 15 * MINUTE
    one.prompt_told = True
    kept.schedule(one)
    assert kept.due(NOW + 15 * MINUTE) == [one]


def test_what_ended_is_kept_as_long_as_its_reason_is_told() -> None:
    kept, one = register(), session()
    kept.add(one)
    one.ended_at = NOW
    kept.note_end(one)
    assert kept.living == 0
    kept.due(NOW + DAY)
    assert kept.by_id(one.id) is one
    assert kept.due(NOW + DAY + 1) == [one]


def test_a_full_register_forgets_only_what_the_rows_know() -> None:
    for droppable, left in ((True, 2), (False, 5)):
        kept = register(2, droppable=droppable)
        for number in range(1, 6):
            kept.add(session(number))
        assert len(kept) == kept.living == left


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 20)), max_size=40))
def test_nobody_ever_comes_up_late(moves: list[tuple[int, int]]) -> None:
    kept = register()
    sessions: list[Session] = [kept.add(session(number)) for number in range(1, 6)]
    now = NOW
    for who, minutes in moves:
        now += MINUTE
        one = sessions[who]
        one.idle_deadline = max(one.idle_deadline, now + minutes * MINUTE)
        for found in kept.due(now):
            assert next_deadline(found) <= now
            found.idle_deadline = now + 16 * MINUTE  # as if they had answered
            kept.schedule(found)
        assert all(next_deadline(one) > now for one in sessions)
