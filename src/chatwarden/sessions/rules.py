"""The life of a session: pure rules, ``now`` is an argument.

The table below is the law: what is not in it does not happen; ``docs/session-life.md`` draws it. Deadlines are compared
at every use; a timer only tells people what is true already (house plan, decision 1). Reaching a deadline ends a session
(NIST SP 800-63B-4, section 5.2); only the person's own input moves the idle deadline, and nothing moves the absolute one.
"""

from __future__ import annotations

from enum import StrEnum

from chatwarden.assurance import two_factors
from chatwarden.challenge import Means
from chatwarden.clock import Duration, Instant
from chatwarden.sessions.model import EndReason, Session, State, Why


class Happening(StrEnum):
    """What can happen to a session."""

    INPUT = "input"
    QUIET = "quiet"
    RECHECK = "recheck"
    CONFIRMED = "confirmed"
    WRONG = "wrong"
    DEADLINE = "deadline"
    END = "end"


LIFE: dict[State, dict[Happening, State]] = {
    State.ACTIVE: {
        Happening.INPUT: State.ACTIVE,
        Happening.QUIET: State.PROMPTED,
        Happening.RECHECK: State.PROMPTED,
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

_STRONG = (Means.PASSKEY.value, Means.TOTP.value)


def allows(state: State, happening: Happening) -> bool:
    """Whether *happening* may happen in *state*."""
    return happening in LIFE[state]


def ends_at(session: Session) -> Instant:
    """The first of its deadlines."""
    until = min(session.idle_deadline, session.absolute_deadline)
    return until if session.answer_deadline is None else min(until, session.answer_deadline)


def state_of(session: Session, now: Instant) -> State:
    """Where *session* stands at *now*."""
    if session.ended_at is not None or now >= ends_at(session):
        return State.ENDED
    if session.asked or now >= prompt_at(session):
        return State.PROMPTED
    return State.ACTIVE


def prompt_at(session: Session) -> Instant:
    """When the person is asked. A session whose absolute limit comes first is not asked: an answer could not help."""
    if session.absolute_deadline <= session.idle_deadline:
        return session.absolute_deadline
    return session.idle_deadline - session.answer_within


def reason_of(session: Session, now: Instant) -> EndReason | None:
    """Why *session* is over at *now*, or None while it lives. What was recorded wins over a later deadline; who gave
    wrong answers until the time was up ended it by them.
    """
    if session.end_reason is not None:
        return session.end_reason
    until = ends_at(session)
    if now < until:
        return None
    if until == session.absolute_deadline and until <= session.idle_deadline:
        return EndReason.ABSOLUTE
    if until == session.answer_deadline and session.attempts_left < session.attempts:
        return EndReason.WRONG_ANSWERS
    return EndReason.IDLE


def ended_instant(session: Session, now: Instant) -> Instant:
    """When it ended: the deadline itself, not the moment somebody looked."""
    if session.ended_at is not None:
        return session.ended_at
    return min(now, ends_at(session))


def next_deadline(session: Session) -> Instant:
    """The next instant at which *session* changes by itself."""
    until = ends_at(session)
    return until if session.prompt_told else min(until, prompt_at(session))


def after_input(session: Session, now: Instant) -> Instant:
    """The idle deadline that an input at *now* gives."""
    return now + session.idle


def confirmation(session: Session) -> tuple[str, ...]:
    """How a silent person is asked: as configured; who has no such factor taps."""
    if session.asked:
        return proof(session)
    return (session.confirmation,) if session.confirmation in session.means else ("tap",)


def proof(session: Session) -> tuple[str, ...]:
    """The factors that prove a person in the middle of a session: the strong ones, or the password of who has none.
    Empty for somebody who has said no name, or whose company says who they are.
    """
    strong = tuple(means for means in _STRONG if means in session.means)
    return strong or tuple(means for means in session.means if means == Means.PASSWORD)


def recheck_due(session: Session, now: Instant) -> Why:
    """Why an active person is asked for a factor now, if so."""
    if session.recheck_at is not None and now >= session.recheck_at and proof(session):
        return Why.INTERVAL
    return Why.NOTHING


def jittered(interval: Duration, random: bytes) -> Duration:
    """*interval*, a fifth shorter to a fifth longer, so that nobody can wait for it."""
    return interval * 4 // 5 + interval * 2 // 5 * int.from_bytes(random, "big") // (1 << 8 * len(random))


def is_strong(factors: tuple[str, ...]) -> bool:
    """Whether these are enough where two factors are needed: a program's token needs none, an administrator gave it."""
    return two_factors(factors) or "issued" in factors
