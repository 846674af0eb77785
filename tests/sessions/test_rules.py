"""The life of a session."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.clock import MINUTE, SECOND
from chatwarden.principal import Kind, Principal, Role
from chatwarden.sessions.model import EndReason, Session, State
from chatwarden.sessions.rules import (
    LIFE,
    Happening,
    after_input,
    allows,
    ended_instant,
    is_strong,
    next_deadline,
    prompt_at,
    reason_of,
    state_of,
)

START = 1_000 * MINUTE
SESSION = Session(
    id="ses_" + "0" * 32,
    token_hash=b"",
    principal=Principal("vis_" + "0" * 32, Kind.VISITOR, "visitor", (Role.VISITOR,)),
    created_at=START,
    last_input_at=START,
    idle=15 * MINUTE,
    idle_deadline=START + 15 * MINUTE,
    absolute_deadline=START + 60 * MINUTE,
    answer_within=MINUTE,
    confirmation="tap",
    attempts=5,
    attempts_left=5,
    factors=(),
    authenticated_at=START,
    origin="visitor",
)


@pytest.mark.asvs("7.3.1")
@pytest.mark.parametrize(
    ("after", "state", "reason"),
    [
        (0, State.ACTIVE, None),
        (14 * MINUTE - 1, State.ACTIVE, None),
        (14 * MINUTE, State.PROMPTED, None),
        (15 * MINUTE - 1, State.PROMPTED, None),
        (15 * MINUTE, State.ENDED, EndReason.IDLE),
        (60 * MINUTE, State.ENDED, EndReason.IDLE),
    ],
)
def test_each_deadline_holds_to_the_microsecond(after: int, state: State, reason: EndReason | None) -> None:
    assert state_of(SESSION, START + after) is state
    assert reason_of(SESSION, START + after) is reason


@pytest.mark.asvs("7.3.2")
def test_the_absolute_limit_ends_a_busy_session() -> None:
    busy = replace(SESSION, idle_deadline=START + 70 * MINUTE)
    assert state_of(busy, START + 60 * MINUTE - 1) is State.ACTIVE
    assert reason_of(busy, START + 60 * MINUTE) is EndReason.ABSOLUTE


def test_nobody_is_asked_when_the_absolute_limit_comes_first() -> None:
    busy = replace(SESSION, idle_deadline=START + 61 * MINUTE)
    assert prompt_at(busy) == busy.absolute_deadline


def test_what_was_recorded_wins_over_a_later_deadline() -> None:
    revoked = replace(SESSION, ended_at=START + 5, end_reason=EndReason.REVOKED)
    assert state_of(revoked, START) is State.ENDED
    assert reason_of(revoked, START + 99 * MINUTE) is EndReason.REVOKED
    assert ended_instant(revoked, START + 99 * MINUTE) == START + 5


def test_a_session_ended_at_its_deadline_and_not_when_somebody_looked() -> None:
    assert ended_instant(SESSION, START + 999 * MINUTE) == START + 15 * MINUTE


def test_an_input_moves_the_idle_deadline_by_the_idle_period() -> None:
    assert after_input(SESSION, START + 3 * SECOND) == START + 3 * SECOND + 15 * MINUTE


def test_nothing_happens_to_an_ended_session() -> None:
    assert LIFE[State.ENDED] == {}
    assert not any(allows(State.ENDED, happening) for happening in Happening)


@given(st.integers(0, 120 * MINUTE), st.integers(0, 120 * MINUTE))
def test_time_only_moves_a_session_towards_its_end(a: int, b: int) -> None:
    order = [State.ACTIVE, State.PROMPTED, State.ENDED]
    earlier, later = sorted((a, b))
    assert order.index(state_of(SESSION, START + earlier)) <= order.index(state_of(SESSION, START + later))


@given(st.integers(0, 120 * MINUTE))
def test_state_and_reason_agree_and_move_along_the_table(after: int) -> None:
    now = START + after
    state = state_of(SESSION, now)
    assert (state is State.ENDED) == (reason_of(SESSION, now) is not None)
    if state is not State.ENDED:
        assert next_deadline(SESSION) > now or state is State.PROMPTED


@pytest.mark.parametrize(
    ("factors", "strong"),
    [
        ("", False), ("password", False), ("company", False), ("assertion", False), ("mfa", False), ("totp", False),
        ("passkey-presence", False), ("assertion mfa", False), ("assertion totp", False), ("passkey", True),
        ("issued", True), ("password totp", True), ("password recovery", True), ("password passkey-presence", True),
        ("company mfa", True), ("company totp", True), ("company recovery", True), ("company passkey", True),
    ],
)  # fmt: skip
def test_two_factors_are_two_that_were_shown_or_one_that_is_two(factors: str, strong: bool) -> None:
    assert is_strong(tuple(factors.split())) is strong
