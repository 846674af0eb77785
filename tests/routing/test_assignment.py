"""Who gets what: skill, room, order, turn."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from chatwarden.config.desk import DeskConfig
from chatwarden.routing.assignment import Free, fits, in_order, next_for, pairs
from chatwarden.routing.model import Handoff, Reason, Why
from chatwarden.routing.moves import begun
from chatwarden.routing.rules import Happening


def waits(name: str, since: int = 0, skill: str = "", priority: int = 0) -> Handoff:
    why = Why(Reason.ASKED, "", skill, priority)
    return begun(name, int(name[4:]), name, "shop", why, Happening.REQUEST, since, DeskConfig())


def names(given: list[tuple[Handoff, str]]) -> list[tuple[str, str]]:
    return [(handoff.id, agent) for handoff, agent in given]


QUEUE = [waits("hnd_1", 30), waits("hnd_2", 10), waits("hnd_3", 20, "fraud"), waits("hnd_4", 40, "", 9)]


def test_the_highest_priority_goes_first_then_who_asked_first() -> None:
    assert [one.id for one in in_order(QUEUE)] == ["hnd_4", "hnd_2", "hnd_3", "hnd_1"]


def test_a_second_wait_does_not_lose_the_place() -> None:
    back = replace(waits("hnd_9", 5), waiting_since=99)
    assert in_order([*QUEUE[:2], back])[0] is back


def test_only_who_has_the_skill_takes_what_needs_it() -> None:
    assert not fits(QUEUE[2], ())
    assert fits(QUEUE[2], ("cards", "fraud"))
    assert next_for((), QUEUE[:3]) is QUEUE[1]
    assert next_for((), [QUEUE[2]]) is None


def test_by_hand_nothing_is_given_to_anybody() -> None:
    assert pairs(QUEUE, [Free("a", (), 9, 0, 0)], "manual") == []


def test_the_longest_wait_goes_to_who_has_the_fewest_and_was_free_longest() -> None:
    agents = [Free("a", (), 9, 1, 0), Free("b", (), 9, 0, 7), Free("c", (), 9, 0, 3)]
    assert names(pairs(QUEUE[:2], agents, "longest-wait")) == [("hnd_2", "c"), ("hnd_1", "b")]


def test_round_robin_gives_each_their_turn_whatever_they_have() -> None:
    agents = [Free("a", (), 9, 5, 1), Free("b", (), 9, 0, 2)]
    queue = [waits(f"hnd_{n}", n) for n in range(1, 5)]
    assert [agent for _, agent in pairs(queue, agents, "round-robin")] == ["a", "b", "a", "b"]


def test_who_has_no_room_gets_nothing_and_what_nobody_can_take_waits() -> None:
    agents = [Free("a", (), 2, 1, 0), Free("b", ("fraud",), 1, 1, 0)]
    assert names(pairs(QUEUE, agents, "longest-wait")) == [("hnd_4", "a")]


@given(
    st.lists(st.tuples(st.integers(0, 50), st.sampled_from(["", "x", "y"]), st.integers(0, 3)), max_size=12),
    st.lists(st.tuples(st.sampled_from([(), ("x",), ("x", "y")]), st.integers(1, 3), st.integers(0, 3)), max_size=5),
    st.sampled_from(["longest-wait", "round-robin"]),
)
def test_nobody_gets_more_than_they_can_and_nothing_is_given_twice(
    waiting: list[tuple[int, str, int]], working: list[tuple[tuple[str, ...], int, int]], strategy: str
) -> None:
    queue = [waits(f"hnd_{n}", since, skill, priority) for n, (since, skill, priority) in enumerate(waiting)]
    agents = [Free(f"a{n}", skills, room, has, n) for n, (skills, room, has) in enumerate(working)]
    given_now = pairs(queue, agents, strategy)
    assert len({one.id for one, _ in given_now}) == len(given_now)
    for agent in agents:
        own = [one for one, to in given_now if to == agent.id]
        assert agent.assigned + len(own) <= max(agent.room, agent.assigned)
        assert all(fits(one, agent.skills) for one in own)
    left = [one for one in queue if one not in [given for given, _ in given_now]]
    for one in left:  # nobody who could have had it has room for it
        for agent in agents:
            has = agent.assigned + sum(to == agent.id for _, to in given_now)
            assert has >= agent.room or not fits(one, agent.skills)
