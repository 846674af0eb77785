"""The hand-off."""

from chatwarden.routing.rules import STATES, Handoff, after, before


def test_an_offer_does_not_take_back_a_request() -> None:
    assert after("queued", Handoff.OFFER) is None


def test_a_person_may_ask_before_and_after_an_offer() -> None:
    assert after("bot", Handoff.REQUEST) == after("offered", Handoff.REQUEST) == "queued"


def test_every_state_that_can_be_reached_is_in_the_table() -> None:
    assert {state for moves in STATES.values() for state in moves.values()} <= set(STATES)


def test_the_way_back_agrees_with_the_way_on() -> None:
    assert before("offered") == ("bot",)
    assert before("queued") == ("bot", "offered")
    assert before("bot") == ()
    for state in STATES:
        for happening in Handoff:
            following = after(state, happening)
            assert following is None or state in before(following)
