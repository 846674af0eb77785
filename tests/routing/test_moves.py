"""What a hand-off becomes: one owner at any time, and always an instant at which something happens by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.clock import MINUTE, SECOND
from chatwarden.config.desk import DeskConfig
from chatwarden.config.values import hours
from chatwarden.routing.model import Handoff, Reason, Why
from chatwarden.routing.moves import answered, begun, busy, by_itself, is_open, moved, said
from chatwarden.routing.rules import OWNERS, STATES, Happening, Owner, State, after

CONFIG = DeskConfig()
WHY = Why(Reason.TOPIC, "fraud", "fraud", 5)
NOW = 1_700_000_000 * SECOND


def queued() -> Handoff:
    return begun("hnd_1", 1, "cnv_1", "shop", WHY, Happening.REQUEST, NOW, CONFIG)


def assigned() -> Handoff:
    return moved(queued(), Happening.TAKE, NOW + SECOND, CONFIG, agent="usr_a")


@given(st.lists(st.tuples(st.sampled_from(Happening), st.sampled_from(["usr_a", "usr_b"]), st.integers(0, 10**9))))
def test_whatever_happens_there_is_exactly_one_owner(happenings: list[tuple[Happening, str, int]]) -> None:
    handoff = begun("hnd_1", 1, "cnv_1", "shop", WHY, Happening.OFFER, NOW, CONFIG)
    now = NOW
    for what, agent, later in happenings:
        if after(handoff.state, what) is None:
            with pytest.raises(AssertionError):
                moved(handoff, what, now, CONFIG, agent=agent)
            continue
        now += later
        before, handoff = handoff, moved(handoff, what, now, CONFIG, agent=agent)
        assert handoff.version == before.version + 1
        if handoff.ended_at is not None:
            kept = "fraud" if what is Happening.DECLINE else ""  # what was declined is not offered again
            assert (handoff.due_at, handoff.why.detail, handoff.outcome) == (None, kept, what.value)
            return
        owner = OWNERS[handoff.state]
        assert (owner is Owner.AGENT) == bool(handoff.agent)
        assert (handoff.due_at is not None) == (handoff.state is not State.OFFERED)
        assert handoff.state is STATES[before.state][what]


def test_who_waits_is_told_in_time_and_keeps_the_place_over_a_second_wait() -> None:
    waiting = queued()
    assert waiting.due_at == NOW + CONFIG.take_within
    again = moved(assigned(), Happening.REQUEUE, NOW + MINUTE, CONFIG)
    assert (again.queued_at, again.waiting_since) == (NOW, NOW + MINUTE)
    assert (again.agent, again.answer_due, again.due_at) == ("", None, NOW + MINUTE + CONFIG.take_within)


def test_outside_of_the_hours_waiting_ends_after_the_next_opening() -> None:
    config = DeskConfig(hours=hours("Mon-Fri 08:00-18:00"))  # NOW is a Tuesday, 22:13
    assert not is_open(config, NOW)
    waiting = begun("hnd_1", 1, "cnv_1", "shop", WHY, Happening.REQUEST, NOW, config)
    opening = 1_700_035_200 * SECOND  # Wednesday, 08:00
    assert waiting.due_at == opening + config.take_within
    assert is_open(config, opening)


def test_an_agent_owes_an_answer_from_the_first_message_on() -> None:
    handoff = answered(assigned())
    assert (handoff.answer_due, handoff.due_at) == (None, None)
    assert answered(handoff) is handoff
    owing = said(handoff, NOW + MINUTE, CONFIG)
    assert owing.answer_due == NOW + MINUTE + CONFIG.answer_within
    assert owing.due_at == NOW + MINUTE + CONFIG.agent_idle
    assert said(owing, NOW + 2 * MINUTE, CONFIG) is owing


def test_who_does_something_is_not_idle_and_who_owes_nothing_is_not_waited_for() -> None:
    assert busy(assigned(), NOW + 9 * MINUTE, CONFIG).due_at == NOW + 9 * MINUTE + CONFIG.agent_idle
    free = answered(assigned())
    assert busy(free, NOW + 9 * MINUTE, CONFIG) is free
    waiting = queued()
    assert busy(waiting, NOW, CONFIG) is waiting


@pytest.mark.parametrize(
    ("handoff", "what"),
    [
        (queued(), Happening.GIVE_UP),
        (assigned(), Happening.REQUEUE),
        (moved(assigned(), Happening.FINISH, NOW, CONFIG), Happening.RETURN),
    ],
)
def test_what_happens_by_itself_happens_in_its_instant(handoff: Handoff, what: Happening) -> None:
    assert handoff.due_at is not None
    assert by_itself(handoff, handoff.due_at - 1) is None
    assert by_itself(handoff, handoff.due_at) is what
    assert by_itself(replace(handoff, due_at=None), handoff.due_at) is None


def test_in_the_wrap_up_writing_goes_on_with_the_same_agent() -> None:
    over = moved(assigned(), Happening.FINISH, NOW + MINUTE, CONFIG)
    assert over.finished_at == NOW + MINUTE
    on = moved(over, Happening.RESUME, NOW + 2 * MINUTE, CONFIG)
    assert (on.agent, on.finished_at, on.assigned_at) == ("usr_a", None, NOW + SECOND)
    assert on.answer_due == NOW + 2 * MINUTE + CONFIG.answer_within
    assert on.resolve_due == over.resolve_due


def test_who_waits_and_is_more_urgent_waits_no_longer_and_no_shorter() -> None:
    why = Why(Reason.TOPIC, "self-harm", "", 100)
    raised = moved(queued(), Happening.RAISE, NOW + MINUTE, CONFIG, why=why)
    assert raised == replace(queued(), why=why, version=queued().version + 1)
