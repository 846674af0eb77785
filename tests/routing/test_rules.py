"""The hand-off as a table."""

import itertools

import pytest

from chatwarden.routing.rules import OWNERS, STATES, Happening, Owner, State, after, bot_answers


def test_an_offer_does_not_take_back_a_request() -> None:
    assert after(State.QUEUED, Happening.OFFER) is None


def test_a_person_may_ask_before_and_after_an_offer() -> None:
    assert after(State.BOT, Happening.REQUEST) == after(State.OFFERED, Happening.REQUEST) == State.QUEUED


def test_every_state_is_in_the_table_and_has_one_owner() -> None:
    assert set(STATES) == set(State) == set(OWNERS)


def test_every_state_can_be_reached_and_left() -> None:
    reached = {state for moves in STATES.values() for state in moves.values()}
    assert reached == set(State)
    assert all(STATES.values())


def test_everything_that_can_happen_happens_somewhere() -> None:
    assert {happening for moves in STATES.values() for happening in moves} == set(Happening)


@pytest.mark.parametrize("state", State)
def test_the_bot_answers_where_no_agent_does(state: State) -> None:
    assert bot_answers(state) == (OWNERS[state] is not Owner.AGENT)


def test_an_agent_has_a_conversation_only_from_the_queue_or_from_themselves() -> None:
    into = {
        (state, happening)
        for state, happening in itertools.product(State, Happening)
        if after(state, happening) is State.ASSIGNED
    }
    assert into == {
        (State.QUEUED, Happening.TAKE),
        (State.QUEUED, Happening.ASSIGN),
        (State.ASSIGNED, Happening.TRANSFER),
        (State.WRAP_UP, Happening.RESUME),
    }
