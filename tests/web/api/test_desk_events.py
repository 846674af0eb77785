"""The stream of an agent's page: what happens, to whom it is told, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from tests.web.api.test_desk_messages import proven
from tests.world.agents import TALK, Floor
from tests.world.house import House

from chatwarden.clock import MINUTE, SECOND
from chatwarden.sessions.model import Why


@pytest.fixture
def floor(house: House) -> Floor:
    return Floor(house)


async def test_a_conversation_comes_changes_hands_and_leaves(floor: Floor) -> None:
    bea, cem = await floor.agent("bea"), await floor.agent("cem")
    async with floor.page(bea) as seen, floor.page(cem) as elsewhere:
        token, talk = await floor.asking("hello")
        for page in (seen, elsewhere):
            came = await page.until("desk", lambda one: one["conversation"] == talk)
            assert (came["entry"]["state"], came["entry"]["summary"]) == ("queued", "hello")
        await floor.act("take", talk, bea)
        taken = await elsewhere.until("desk", lambda one: one["entry"]["state"] == "assigned")
        assert (taken["entry"]["assigned_to"]["name"], taken["entry"]["summary"]) == ("bea", "")
        await floor.say(token, talk, "are you there?")
        told = await seen.until("message", lambda one: one["message"]["text"] == "are you there?")
        assert told["conversation"] == talk
        await floor.tell(bea, talk, "yes")
        await seen.until("message", lambda one: one["message"]["from"] == "agent")
        await floor.act("finish", talk, bea)
        await floor.act("return", talk, bea)
        await seen.until("desk", lambda one: one["entry"] is None)
        assert [one["message"]["from"] for one in elsewhere.events("message")] == []


async def test_the_person_sees_who_answers_and_their_place_in_the_queue(floor: Floor) -> None:
    bea = await floor.agent("bea")
    _, first = await floor.asking("hello")
    floor.house.clock.advance(SECOND)
    token = await floor.house.visitor()
    talk = await floor.house.conversation(token)
    async with floor.page(token, f"{TALK}{talk}/events") as own:
        await floor.house.ask("POST", f"{TALK}{talk}/handoff", None, token)
        asked = {"state": "queued", "reason": "asked", "position": 2}
        assert await own.until("handoff") == asked
        await floor.act("take", first, bea)
        await own.until("handoff", lambda one: one.get("position") == 1)
        await floor.act("take", talk, bea)
        taken = await own.until("handoff", lambda one: one["state"] == "assigned")
        assert taken["agent"] == {"name": "bea"}
        assert "usr_" not in own.told.body.decode()
        await floor.act("finish", talk, bea)
        await floor.act("return", talk, bea)
        assert await own.until("handoff", lambda one: one["state"] == "bot") == {"state": "bot"}


async def test_who_is_told_that_nobody_took_over_is_told_in_words(floor: Floor) -> None:
    token = await floor.house.visitor()
    talk = await floor.house.conversation(token)
    async with floor.page(token, f"{TALK}{talk}/events") as own:
        await floor.house.ask("POST", f"{TALK}{talk}/handoff", None, token)
        await floor.later(5 * MINUTE)
        told = await own.until("handoff", lambda one: one["state"] == "bot")
        assert told["notice"].startswith("Nobody could take over")
        assert (await own.until("message"))["from"] == "system"


async def test_a_presence_is_told_to_every_agent(floor: Floor) -> None:
    bea = await floor.agent("bea")
    async with floor.page(bea) as seen:
        await floor.agent("cem", "away")
        told = await seen.until("presence")
        assert (told["conversation"], told["agent"]["name"], told["agent"]["presence"]) == (None, "cem", "away")


async def test_the_end_of_the_session_ends_the_stream_and_says_why(floor: Floor) -> None:
    bea = await floor.agent("bea")
    async with floor.page(bea) as seen:
        await floor.house.ask("DELETE", "/api/v1/session", None, bea)
        assert await seen.until("session.ended") == {"reason": "logout"}
        await seen.told.end()


async def until(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not so():  # noqa: ASYNC110  the queue has no event for this
            await asyncio.sleep(0)


async def test_while_an_agent_must_prove_who_they_are_nothing_is_told_and_then_the_page_begins_again(
    floor: Floor,
) -> None:
    bea, _ = await proven(floor)
    sessions = floor.house.node.services.sessions
    session = await sessions.authenticate(bea, floor.house.clock.now())
    async with floor.page(bea) as seen:
        sessions.ask(session, Why.ADDRESS, floor.house.clock.now())
        await floor.asking("nobody reads this")
        await seen.until("session.prompt")
        [listener] = floor.house.node.services.agents._open
        await until(listener.queue.empty)
        sessions.confirm(session, floor.house.clock.now())
        await seen.told.end()
        assert "nobody reads" not in seen.told.body.decode()
        assert seen.events("desk") == []


async def test_the_prompt_of_a_person_is_shown_to_who_answers(floor: Floor) -> None:
    bea = await floor.agent("bea")
    async with floor.page(bea) as seen:
        _, talk = await floor.taken(bea, "hello")
        await floor.tell(bea, talk, "yes?")
        await floor.later(14 * MINUTE)
        assert await seen.until("session.prompt", lambda one: "challenge" not in one) == {"conversation": talk}
