"""The desk as a service: one owner, nobody waits for ever, what is due happens first."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.world.agents import TALK, Floor
from tests.world.house import HEAD, House, Open

from chatwarden.app import apply_reload
from chatwarden.clock import MINUTE, SECOND
from chatwarden.config.desk import CLOSED_LINE, NOBODY_LINE
from chatwarden.config.home import Home
from chatwarden.config.parse import parse
from chatwarden.routing.model import SYSTEM, Reason, Why
from chatwarden.storage.model import Transaction

GIVEN = HEAD + '[desk]\nassign = "{}"\ncapacity = 2\n[desk.agents.bea]\nskills = ["fraud"]\n'
SHUT = HEAD + '[desk]\nhours = "{} 08:00-18:00"\n'


@pytest.fixture
async def floor(house: House) -> Floor:
    return Floor(house)


async def test_two_agents_take_the_same_and_one_of_them_has_it(floor: Floor) -> None:
    agents = [await floor.agent(name) for name in ("bea", "cem", "dia")]
    _, talk = await floor.asking("hello")
    told = await asyncio.gather(*(floor.act("take", talk, one) for one in agents))
    assert sorted(one.status for one in told) == [200, 409, 409]
    assert {one.problem for one in told if one.status == 409} == {"conflict"}
    assert (await floor.what()).count("taken") == 1


async def test_taking_what_one_has_already_is_no_second_time(floor: Floor) -> None:
    agent = await floor.agent("bea")
    _, talk = await floor.taken(agent, "hello")
    assert (await floor.act("take", talk, agent)).status == 200
    assert (await floor.what()) == ["requested", "taken"]


async def test_nobody_took_it_in_time_is_told_and_the_bot_goes_on(floor: Floor) -> None:
    token, talk = await floor.asking("hello")
    await floor.later(5 * MINUTE - 1)
    assert await floor.state(talk) == "queued"
    await floor.later(1)
    assert await floor.state(talk) == "bot"
    page = (await floor.house.ask("GET", f"{TALK}{talk}/messages", None, token)).json["messages"]
    assert (page[-1]["from"], page[-1]["text"]) == ("system", NOBODY_LINE)
    assert (await floor.what()) == ["requested", "not-taken"]
    told = await floor.say(token, talk, "How do I return a parcel?")
    assert told.json["replies"][0]["from"] == "bot"


async def test_what_is_due_happens_before_a_late_agent_takes_it(floor: Floor) -> None:
    """The sweep has not been there yet: the instant counts."""
    agent = await floor.agent("bea")
    _, talk = await floor.asking("hello")
    floor.house.clock.advance(5 * MINUTE)
    assert (await floor.act("take", talk, agent)).problem == "not-found"
    assert await floor.state(talk) == "bot"


async def test_outside_of_the_hours_a_message_is_left_and_waits_until_they_begin(open_house: Open) -> None:
    async with open_house(SHUT.format("Mon")) as house:
        floor = Floor(house)
        while house.node.services.clock.now() // (86_400 * SECOND) % 7 != 0:  # the first day of 1970 was a Thursday
            house.clock.advance(86_400 * SECOND)
        token, talk = await floor.asking("hello")
        page = (await house.ask("GET", f"{TALK}{talk}/messages", None, token)).json["messages"]
        assert (page[-1]["from"], page[-1]["text"]) == ("system", CLOSED_LINE)
        handoff = await floor.handoff(talk)
        assert handoff is not None
        assert handoff.due_at is not None
        assert handoff.due_at > house.clock.now() + 86_400 * SECOND
        agent = await floor.agent("bea")
        assert (await floor.act("take", talk, agent)).status == 200


async def test_who_waits_may_think_better_of_it(floor: Floor) -> None:
    token, talk = await floor.asking("hello")
    told = await floor.house.ask("DELETE", f"{TALK}{talk}/handoff", None, token)
    assert (told.status, told.json) == (202, {"state": "bot"})
    assert (await floor.what()) == ["requested", "withdrawn"]


async def test_an_offer_is_declined_or_taken_up(floor: Floor) -> None:
    token = await floor.house.visitor()
    talk = await floor.house.conversation(token)
    conversation, desk = await floor.conversation(talk), floor.house.node.services.desk
    for answer, state in (("DELETE", "bot"), ("POST", "queued")):
        await offered(floor, talk)
        assert conversation.state == "offered"
        told = await floor.house.ask(answer, f"{TALK}{talk}/handoff", None, token)
        assert told.json["state"] == state
    assert (await floor.what()) == ["offered", "declined", "offered", "requested"]
    assert desk.position(conversation) == 1


async def offered(floor: Floor, talk: str) -> None:
    services, conversation = floor.house.node.services, await floor.conversation(talk)
    tx = Transaction()
    async with services.desk.book.turn(conversation):
        move = services.desk.offer(tx, conversation, Why(Reason.TONE), floor.house.clock.now())
        assert move is not None
        await services.gateway.database.commit(tx)
        services.desk.book.done(move)


async def test_an_agent_may_take_what_was_only_offered(floor: Floor) -> None:
    agent = await floor.agent("bea")
    token = await floor.house.visitor()
    talk = await floor.house.conversation(token)
    await offered(floor, talk)
    assert (await floor.act("take", talk, agent)).json["reason"] == "agent"
    assert (await floor.what()) == ["offered", "requested", "taken"]
    assert (await floor.house.ask("DELETE", f"{TALK}{talk}/handoff", None, token)).problem == "conflict"


async def test_an_agent_who_owes_an_answer_and_is_idle_loses_it_to_the_queue(floor: Floor) -> None:
    agent = await floor.agent("bea")
    async with floor.page(agent):
        _, talk = await floor.taken(agent, "hello")
        await floor.later(9 * MINUTE)
        await floor.act("typing", talk, agent)
        await floor.later(9 * MINUTE)
        assert await floor.state(talk) == "assigned"
        await floor.later(MINUTE)
        assert await floor.state(talk) == "queued"
        assert (await floor.entries())[-1].reason == "idle"
        [me] = (await floor.ask("GET", "", None, agent)).json["agents"]
        assert me["presence"] == "away"


async def test_an_agent_who_answered_is_not_idle_while_the_person_is_silent(floor: Floor) -> None:
    agent = await floor.agent("bea")
    async with floor.page(agent):
        token, talk = await floor.taken(agent, "hello")
        assert (await floor.tell(agent, talk, "Which parcel?")).status == 201
        await floor.later(13 * MINUTE)
        assert await floor.state(talk) == "assigned"
        await floor.say(token, talk, "the red one")
        await floor.later(10 * MINUTE)
        assert await floor.state(talk) == "queued"


async def test_an_agent_who_is_cut_off_loses_all_of_them(floor: Floor) -> None:
    agent = await floor.agent("bea")
    async with floor.page(agent):
        talks = [(await floor.taken(agent, "hello"))[1] for _ in range(2)]
        await floor.later(31 * SECOND)
        assert {await floor.state(talk) for talk in talks} == {"assigned"}
    await floor.later(29 * SECOND)
    assert {await floor.state(talk) for talk in talks} == {"assigned"}
    await floor.later(SECOND)
    assert {await floor.state(talk) for talk in talks} == {"queued"}
    assert [one.reason for one in await floor.entries()][-2:] == ["cut-off", "cut-off"]


async def test_the_end_of_an_agents_session_is_the_end_of_what_they_have(floor: Floor) -> None:
    agent = await floor.agent("bea")
    async with floor.page(agent):
        _, talk = await floor.taken(agent, "hello")
        assert (await floor.house.ask("DELETE", "/api/v1/session", None, agent)).status == 204
        await floor.later(0)
        assert await floor.state(talk) == "queued"


async def test_after_a_restart_agents_have_time_to_come_back(open_house: Open) -> None:
    async with open_house() as house:
        agent = await Floor(house).agent("bea")
        _, talk = await Floor(house).taken(agent, "hello")
    async with open_house() as house:
        floor = Floor(house)
        await floor.later(29 * SECOND)
        assert await floor.state(talk) == "assigned"
        assert (await floor.handoff(talk)) is not None
        await floor.later(SECOND)
        assert await floor.state(talk) == "queued"


async def test_who_wrote_in_the_wrap_up_is_answered_and_the_end_of_it_is_the_bots(floor: Floor) -> None:
    agent = await floor.agent("bea")
    async with floor.page(agent):
        token, talk = await floor.taken(agent, "hello")
        await floor.act("finish", talk, agent)
        assert (await floor.say(token, talk, "one more thing")).json["replies"] == []
        assert await floor.state(talk) == "assigned"
        await floor.act("finish", talk, agent)
        await floor.later(10 * MINUTE)
        assert await floor.state(talk) == "bot"
        assert (await floor.entries())[-1].reason == "wrap-up-over"


async def test_a_closed_conversation_begins_again_with_the_bot(floor: Floor) -> None:
    agent = await floor.agent("bea")
    token, talk = await floor.taken(agent, "hello")
    await floor.act("finish", talk, agent)
    assert (await floor.act("close", talk, agent)).status == 204
    assert await floor.state(talk) == "closed"
    told = await floor.say(token, talk, "How do I return a parcel?")
    assert told.json["replies"][0]["from"] == "bot"
    assert (await floor.what())[-2:] == ["closed", "reopened"]


async def test_who_waits_and_whose_last_session_ends_does_not_wait_any_more(floor: Floor) -> None:
    token, talk = await floor.asking("hello")
    await floor.house.ask("DELETE", "/api/v1/session", None, token)
    await floor.later(0)
    assert await floor.state(talk) == "bot"
    assert (await floor.entries())[-1].reason == "session-ended"


@pytest.mark.parametrize("strategy", ["longest-wait", "round-robin"])
async def test_the_gateway_gives_what_waits_to_who_is_free(open_house: Open, strategy: str) -> None:
    async with open_house(GIVEN.format(strategy)) as house:
        floor = Floor(house)
        waiting = []
        for _ in range(5):
            waiting.append((await floor.asking("hello"))[1])
            house.clock.advance(SECOND)
        await floor.agent("cem", "away")
        await floor.agent("bea")
        cem = await floor.agent("dia")
        held = [await floor.handoff(talk) for talk in waiting]
        names = [await floor.id_of(name) for name in ("bea", "dia")]
        assert sorted(one.agent for one in held if one and one.agent) == sorted(names * 2)
        assert await floor.state(waiting[-1]) == "queued"
        mine = (await floor.ask("GET", "", None, cem)).json["mine"]
        assert {one["state"] for one in mine} == {"assigned"}
        await floor.act("finish", mine[0]["conversation"], cem)
        assert await floor.state(waiting[-1]) == "assigned"  # room again


async def test_what_needs_a_skill_waits_for_who_has_it(open_house: Open) -> None:
    async with open_house(GIVEN.format("longest-wait")) as house:
        floor = Floor(house)
        await floor.agent("cem")
        token = await house.visitor()
        talk = await floor.conversation(await house.conversation(token))
        await house.node.services.desk.request(talk, Why(Reason.TOPIC, "fraud", "fraud"), SYSTEM, house.clock.now())
        assert talk.state == "queued"
        await floor.agent("bea")
        assert talk.state == "assigned"


async def test_next_is_what_waits_longest_and_nothing_beyond_ones_room(floor: Floor) -> None:
    agent = await floor.agent("bea")
    assert (await floor.ask("POST", "/next", None, agent)).status == 204
    talks = []
    for _ in range(4):
        talks.append((await floor.asking("hello"))[1])
        floor.house.clock.advance(SECOND)
    got = [await floor.ask("POST", "/next", None, agent) for _ in range(4)]
    assert [one.json["conversation"] for one in got[:3]] == talks[:3]
    assert got[3].problem == "conflict"


async def test_an_erasure_works_in_every_state(floor: Floor) -> None:
    agent = await floor.agent("bea")
    for steps in ([], ["take"], ["take", "finish"]):
        token, talk = await floor.asking("hello")
        for step in steps:
            await floor.act(step, talk, agent)
        state = await floor.state(talk)
        gone = await floor.house.ask("DELETE", TALK + talk, None, token)
        assert (gone.status, len(gone.json["receipts"])) == (200, 2)
        assert await floor.state(talk) == state
        assert (await floor.say(token, talk, "still here")).status == 201


async def test_a_conversation_that_cannot_be_changed_does_not_keep_the_others(floor: Floor) -> None:
    _, stuck = await floor.asking("hello")
    _, other = await floor.asking("hello")
    tx = Transaction()
    tx.add("UPDATE handoffs SET version = 99 WHERE talk = ?", (stuck,), expect=1)
    await floor.house.node.services.gateway.database.commit(tx)
    await floor.later(5 * MINUTE)
    assert (await floor.state(stuck), await floor.state(other)) == ("queued", "bot")
    tx = Transaction()
    tx.add("UPDATE handoffs SET version = 1 WHERE talk = ?", (stuck,), expect=1)
    await floor.house.node.services.gateway.database.commit(tx)
    await floor.later(0)
    assert await floor.state(stuck) == "bot"


async def test_what_the_operator_writes_anew_holds_from_the_reload_on(floor: Floor) -> None:
    desk, config = floor.house.node.services.desk, parse(SHUT.format("Mon"))
    apply_reload(floor.house.node.services, config, Home(Path("/nowhere")))
    assert (desk.config.hours, desk.config.take_within) == (config.desk.hours, config.desk.take_within)
