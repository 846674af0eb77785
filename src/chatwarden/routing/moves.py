"""What a hand-off becomes by what happens to it: states, owners, and the instants at which something happens by itself. Pure."""

from __future__ import annotations

from dataclasses import replace

from chatwarden.clock import Instant
from chatwarden.config.desk import DeskConfig
from chatwarden.hours import opens_at
from chatwarden.routing.model import Handoff, Passed, Why
from chatwarden.routing.rules import Happening, State, after

_BY_ITSELF = {State.QUEUED: Happening.GIVE_UP, State.ASSIGNED: Happening.REQUEUE, State.WRAP_UP: Happening.RETURN}
_PASSES = frozenset({Happening.TRANSFER, Happening.REQUEUE})
PASSED_MAX = 50
_ENDS = frozenset({Happening.DECLINE, Happening.WITHDRAW, Happening.GIVE_UP, Happening.RETURN, Happening.CLOSE})


def begun(
    handoff_id: str, conversation: int, talk: str, bot: str, why: Why, what: Happening, now: Instant,
    config: DeskConfig,
) -> Handoff:  # fmt: skip
    """A new hand-off: offered or asked for."""
    new = Handoff(handoff_id, conversation, talk, bot, why, now, State.BOT)
    return moved(new, what, now, config)


def moved(
    before: Handoff, what: Happening, now: Instant, config: DeskConfig, *, agent: str = "", why: Why | None = None,
    reason: str = "",
) -> Handoff:  # fmt: skip
    """*before* after *what*, which must be in the table. ``agent`` takes it, with TAKE, ASSIGN and TRANSFER; ``why`` is
    new where it is asked for, has become more urgent, or needs another skill. A hand-off that ended keeps its numbers
    and not what it was about, unless that was declined and is not to be offered again.
    """
    state = after(before.state, what)
    assert state is not None, f"{what} does not happen in {before.state}"
    new = replace(before, state=state, why=why or before.why, version=before.version + 1, due_at=None)
    if what is Happening.RAISE:  # the same wait, with the same end
        return replace(new, due_at=before.due_at)
    if what in _PASSES:
        passed = Passed(now, before.agent, agent, "" if agent else reason)
        new = replace(new, passed=(*before.passed, passed)[-PASSED_MAX:])
    if what in _ENDS:
        bare = Why(new.why.reason, new.why.detail if what is Happening.DECLINE else "")
        return replace(new, why=bare, answer_due=None, resolve_due=None, ended_at=now, outcome=what.value)
    if state is State.QUEUED:
        due = opens_at(config.hours, config.time_zone, now) + config.take_within
        return replace(
            new, queued_at=before.queued_at or now, waiting_since=now, agent="", assigned_at=None, answer_due=None,
            due_at=due,
        )  # fmt: skip
    if state is State.ASSIGNED:
        holder = agent or before.agent
        assert holder, "somebody has what is assigned"
        return replace(
            new, agent=holder, taken_at=before.taken_at or now, finished_at=None,
            assigned_at=before.assigned_at if what is Happening.RESUME else now,
            answer_due=now + config.answer_within, resolve_due=before.resolve_due or now + config.resolve_within,
            due_at=now + config.agent_idle,
        )  # fmt: skip
    if state is State.WRAP_UP:
        return replace(new, answer_due=None, finished_at=now, due_at=now + config.wrap_up)
    return new


def said(before: Handoff, now: Instant, config: DeskConfig) -> Handoff:
    """The person wrote to their agent, who owes an answer from the first unanswered message on."""
    if before.answer_due is not None:
        return before
    return replace(
        before, answer_due=now + config.answer_within, due_at=now + config.agent_idle, version=before.version + 1
    )


def answered(before: Handoff) -> Handoff:
    """The agent wrote to the person, and owes nothing."""
    if before.answer_due is None and before.due_at is None:
        return before
    return replace(before, answer_due=None, due_at=None, version=before.version + 1)


def busy(before: Handoff, now: Instant, config: DeskConfig) -> Handoff:
    """The agent does something about it: it stays theirs for as long again."""
    if before.state is not State.ASSIGNED or before.due_at is None:
        return before
    return replace(before, due_at=now + config.agent_idle)


def by_itself(handoff: Handoff, now: Instant) -> Happening | None:
    """What happens because its time has come."""
    if handoff.due_at is None or now < handoff.due_at:
        return None
    return _BY_ITSELF[handoff.state]


def is_open(config: DeskConfig, now: Instant) -> bool:
    """Whether people answer at this hour."""
    return opens_at(config.hours, config.time_zone, now) == now
