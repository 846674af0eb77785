"""A change is durable with its entry, or is not; and of two that were decided on the same, one happens."""

from __future__ import annotations

import pytest
from tests.world.agents import Floor
from tests.world.disk import no_file_longer_than
from tests.world.house import House, Open

from chatwarden.audit.model import Event, Lane
from chatwarden.errors import Conflict
from chatwarden.routing.book import _EVENTS
from chatwarden.routing.model import SYSTEM, By, Reason, Why
from chatwarden.routing.rules import Happening
from chatwarden.storage.model import StorageFailed, Transaction

STAFF = By("usr_a", Lane.STAFF)


def test_everything_that_happens_has_an_event_of_its_own() -> None:
    assert set(_EVENTS) == set(Happening)
    assert len(set(_EVENTS.values())) == len(Happening)


async def test_of_two_changes_that_were_decided_on_the_same_one_happens(house: House) -> None:
    floor = Floor(house)
    _, talk = await floor.asking("hello")
    book, now = house.node.services.desk.book, house.clock.now()
    conversation = await floor.conversation(talk)
    waiting = book.of(conversation)
    first, second = Transaction(), Transaction()
    mine = book.plan(first, conversation, waiting, Happening.TAKE, STAFF, now, agent="usr_a")
    book.plan(second, conversation, waiting, Happening.TAKE, STAFF, now, agent="usr_b")
    await book.commit(first)
    book.done(mine)
    with pytest.raises(Conflict):
        await book.commit(second)
    assert (await floor.what()) == ["requested", "taken"]
    held = book.of(conversation)
    assert held is not None
    assert held.agent == "usr_a"


async def test_what_could_not_be_written_did_not_happen(house: House) -> None:
    floor = Floor(house)
    _, talk = await floor.asking("hello")
    book, conversation = house.node.services.desk.book, await floor.conversation(talk)
    with no_file_longer_than(0), pytest.raises(StorageFailed):
        async with book.turn(conversation):
            await book.change(conversation, Happening.WITHDRAW, SYSTEM, house.clock.now())
    assert conversation.state == "queued"
    assert book.of(conversation) is not None


async def test_what_it_is_about_is_sealed_beside_the_log_and_goes_with_its_person(house: House) -> None:
    floor = Floor(house)
    token = await house.visitor()
    talk = await floor.conversation(await house.conversation(token))
    desk = house.node.services.desk
    await desk.request(talk, Why(Reason.TOPIC, "self-harm", "", 9), SYSTEM, house.clock.now())
    [entry] = await floor.entries()
    assert (entry.event, entry.reason) == (Event.CONVERSATION_HANDOFF_REQUESTED, "topic")
    log = house.node.services.audit
    assert await log.detail(entry) == {"about": "self-harm"}
    assert log.details is not None
    await log.details.erase(talk.owner)
    assert await log.detail(entry) is None


async def test_what_is_under_way_outlives_a_restart(open_house: Open) -> None:
    async with open_house() as house:
        floor = Floor(house)
        agent = await floor.agent("bea")
        _, talk = await floor.taken(agent, "hello")
        before = await floor.handoff(talk)
    async with open_house() as house:
        assert await Floor(house).handoff(talk) == before
        assert await Floor(house).state(talk) == "assigned"
