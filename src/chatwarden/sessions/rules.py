"""The life of a session: pure rules, ``now`` is an argument.

The table below is the law: what is not in it does not happen. Deadlines are compared at every use; a timer only tells
people what is true already (house plan, decision 1). Reaching either deadline ends a session (NIST SP 800-63B-4,
section 5.2); only the person's own input moves the idle deadline, and nothing moves the absolute one.
"""

from __future__ import annotations

from enum import StrEnum

from chatwarden.clock import Instant
from chatwarden.sessions.model import EndReason, Session, State


class Happening(StrEnum):
    """What can happen to a session."""

    INPUT = "input"
    QUIET = "quiet"
    CONFIRMED = "confirmed"
    WRONG = "wrong"
    DEADLINE = "deadline"
    END = "end"


LIFE: dict[State, dict[Happening, State]] = {
    State.ACTIVE: {
        Happening.INPUT: State.ACTIVE,
        Happening.QUIET: State.PROMPTED,
        Happening.DEADLINE: State.ENDED,
        Happening.END: State.ENDED,
    },
    State.PROMPTED: {
        Happening.CONFIRMED: State.ACTIVE,
        Happening.WRONG: State.PROMPTED,
        Happening.DEADLINE: State.ENDED,
        Happening.END: State.ENDED,
    },
    State.ENDED: {},
}


def allows(state: State, happening: Happening) -> bool:
    """Whether *happening* may happen in *state*."""
    return happening in LIFE[state]


def state_of(session: Session, now: Instant) -> State:
    """Where *session* stands at *now*."""
    if session.ended_at is not None or now >= session.idle_deadline or now >= session.absolute_deadline:
        return State.ENDED
    if now >= prompt_at(session):
        return State.PROMPTED
    return State.ACTIVE


def prompt_at(session: Session) -> Instant:
    """When the person is asked. A session whose absolute limit comes first is not asked: an answer could not help."""
    if session.absolute_deadline <= session.idle_deadline:
        return session.absolute_deadline
    return session.idle_deadline - session.answer_within


def reason_of(session: Session, now: Instant) -> EndReason | None:
    """Why *session* is over at *now*, or None while it lives. What was recorded wins over a later deadline."""
    if session.end_reason is not None:
        return session.end_reason
    if now >= session.absolute_deadline and session.absolute_deadline <= session.idle_deadline:
        return EndReason.ABSOLUTE
    if now >= session.idle_deadline:
        return EndReason.IDLE
    if now >= session.absolute_deadline:
        return EndReason.ABSOLUTE
    return None


def ended_instant(session: Session, now: Instant) -> Instant:
    """When it ended: the deadline itself, not the moment somebody looked."""
    if session.ended_at is not None:
        return session.ended_at
    return min(now, session.idle_deadline, session.absolute_deadline)


def next_deadline(session: Session) -> Instant:
    """The next instant at which *session* changes by itself."""
    until = min(session.idle_deadline, session.absolute_deadline)
    return until if session.prompt_told else min(until, prompt_at(session))


def after_input(session: Session, now: Instant) -> Instant:
    """The idle deadline that an input at *now* gives."""
    return now + session.idle
