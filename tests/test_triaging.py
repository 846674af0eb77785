"""Inquiries are screened once a turn on the road, from what the bot may see; the log gets reasons and nothing else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from chatwarden.answering import Answered
from chatwarden.audit.model import Entry, Lane
from chatwarden.clock import DAY, SECOND
from chatwarden.config.inquiries import TOPICS
from chatwarden.config.parse import parse
from chatwarden.conversations.model import Conversation, Source
from chatwarden.erasure import By as Eraser
from chatwarden.routing.model import SYSTEM, By, Handoff, Reason, Why
from chatwarden.sessions.model import Session
from chatwarden.storage.model import StorageFailed, Transaction
from tests.world.house import HEAD, House, Open

KNOWN, UNKNOWN = "How do I return a parcel?", "Which colour has the moon on Tuesdays?"
Commit = Callable[[Transaction], Awaitable[None]]
CARD = "4111 1111 1111 1111"


@dataclass
class Talk:
    """A visitor with the help desk."""

    house: House
    session: Session
    conversation: Conversation

    async def say(self, text: str) -> Answered:
        gateway = self.house.node.services.gateway
        return await gateway.answer(await gateway.receive(self.session, Lane.CLIENT, self.conversation, text))

    async def stream(self, text: str) -> list[str | Answered]:
        gateway = self.house.node.services.gateway
        received = await gateway.receive(self.session, Lane.CLIENT, self.conversation, text)
        return [piece async for piece in gateway.stream(received)]

    @property
    def handoff(self) -> Handoff:
        found = self.house.node.services.desk.book.of(self.conversation)
        assert found is not None
        return found

    async def turn_down(self) -> None:
        services = self.house.node.services
        told = await services.desk.turn_down(
            self.conversation, By(self.session.principal.id, Lane.CLIENT), services.clock.now()
        )
        assert told == "bot"

    async def entries(self) -> list[Entry]:
        return [entry async for _, entry in self.house.node.services.audit.read()]


async def begin(house: House) -> Talk:
    services = house.node.services
    now = services.clock.now()
    session, _ = await services.sessions.visitor(now)
    return Talk(house, session, await services.conversations.open(session.principal, "helpdesk", now, lane=Lane.CLIENT))


async def test_who_asks_in_their_own_words_waits_for_a_person_and_the_bot_goes_on(open_house: Open) -> None:
    async with open_house(HEAD + '[triage.bot.helpdesk]\nskill = "shop"\n') as house:
        talk = await begin(house)
        assert (await talk.say(KNOWN)).handoff == ""
        answered = await talk.say("I would like to talk to a person, please")
        assert (answered.handoff, answered.reply.source) == ("queued", Source.BOT)
        assert talk.handoff.why == Why(Reason.ASKED, skill="shop")
        received = [one for one in await talk.entries() if one.event == "message:received"][-1]
        asked = (await talk.entries())[-1]
        assert (asked.event, asked.reason, asked.cause) == ("conversation:handoff-requested", "asked", received.id)
        assert (asked.lane, asked.actor) == (Lane.SYSTEM, "system")
        assert (await talk.say(KNOWN)).reply.source is Source.BOT
        assert talk.conversation.state == "queued"


async def test_a_topic_with_a_line_is_not_for_the_bot_streamed_or_not(open_house: Open) -> None:
    async with open_house(HEAD) as house:
        for way in ("say", "stream"):
            talk = await begin(house)
            told = await getattr(talk, way)("i dont want to live anymore")
            answered = told if way == "say" else told[0]
            assert (answered.reply.source, answered.reply.text) == (Source.SYSTEM, TOPICS["self-harm"].line)
            assert answered.handoff == "queued"
            assert talk.handoff.why == Why(Reason.TOPIC, "self-harm", "", 100)
            assert "message:answered" not in [one.event for one in (await talk.entries())[-4:]]


async def test_a_paused_bot_leaves_both_lines(open_house: Open) -> None:
    async with open_house(HEAD) as house:
        talk = await begin(house)
        services = house.node.services
        await services.gateway.pauses.pause("helpdesk", services.clock.now(), actor="test")
        told = (await talk.say("I want to die")).reply.text
        assert told.startswith(TOPICS["self-harm"].line)
        assert talk.handoff.why.detail == "self-harm"
        calm = await begin(house)
        assert told.endswith((await calm.say(KNOWN)).reply.text)
        assert calm.handoff.why.reason is Reason.PAUSED


async def test_what_is_declined_is_not_offered_again_and_another_reason_is(open_house: Open) -> None:
    async with open_house(HEAD) as house:
        talk = await begin(house)
        assert (await talk.say(UNKNOWN)).handoff == "offered"
        assert talk.handoff.why.reason is Reason.BOT_DID_NOT_KNOW
        await talk.turn_down()
        assert (await talk.say("And which one on Fridays?")).handoff == ""
        assert (await talk.say("My card was stolen")).handoff == "offered"
        assert talk.handoff.why == Why(Reason.TOPIC, "fraud", "", 50)
        await talk.turn_down()
        assert (await talk.say("And the wallet was stolen too")).handoff == ""
        assert (await talk.say("agent")).handoff == "queued"


async def test_a_question_comes_again_as_long_as_it_lives(open_house: Open) -> None:
    async with open_house(HEAD) as house:
        talk = await begin(house)
        first = await talk.say(KNOWN)
        assert (await talk.say("so how do i return a parcel??")).handoff == "offered"
        assert talk.handoff.why.reason is Reason.REPEATED
        gone = await begin(house)
        services = house.node.services
        await gone.say(KNOWN)
        messages = await services.conversations.since(gone.conversation, 0, 9, services.clock.now())
        mine = next(one for one in messages if one.source is Source.CLIENT)
        await services.conversations.endings.destroy(
            gone.conversation, mine.id, services.clock.now(), reason="person", actor="test", lane=Lane.CLIENT
        )
        assert (await gone.say(KNOWN)).handoff == ""
        assert first.handoff == ""


async def test_the_rules_see_what_the_bot_sees_and_the_log_and_the_row_see_none_of_it(open_house: Open) -> None:
    toml = HEAD + '[triage.topic.numbers]\nwords = ["4111", "1111"]\n[triage.topic.moon]\nwords = ["zanzibar"]\n'
    async with open_house(toml) as house:
        talk = await begin(house)
        await talk.say(f"My card is {CARD}. How do I return a parcel?")
        assert talk.conversation.state == "bot"
        await talk.say("How do I return a parcel from Zanzibar with the qwertz?")
        assert talk.handoff.why == Why(Reason.TOPIC, "moon")
        written = json.dumps([repr(one) for one in await talk.entries()]).casefold()
        rows = repr(await house.node.database.fetch("SELECT * FROM handoffs")).casefold()
        for word in ("zanzibar", "qwertz", "4111"):
            assert word not in written
            assert word not in rows
        assert "moon" in rows
        assert "moon" not in written  # what it is about can be erased with its person


async def test_a_bot_that_is_observed_is_handed_over_when_it_gives_up_and_for_no_word(open_house: Open) -> None:
    async with open_house(HEAD + '[bots.helpdesk]\nmode = "observe"\n') as house:
        talk = await begin(house)
        assert (await talk.say("I want to die. How do I return a parcel?")).reply.source is Source.BOT
        assert talk.conversation.state == "bot"
        assert (await talk.say(UNKNOWN)).handoff == "offered"


async def test_rules_are_taken_over_by_a_reload(open_house: Open) -> None:
    async with open_house(HEAD) as house:
        talk = await begin(house)
        gateway = house.node.services.gateway
        gateway.reconfigure(parse(HEAD + "[triage]\nenabled = false\n"))
        assert (await talk.say("I want to talk to a person. How do I return a parcel?")).handoff == ""
        gateway.reconfigure(parse(HEAD))
        assert (await talk.say("I want to talk to a person. How do I return a parcel?")).handoff == "queued"


async def test_clients_of_both_interfaces_are_told(open_house: Open) -> None:
    async with open_house(HEAD) as house:
        token = await house.visitor()
        name = await house.conversation(token)
        told = await house.ask("POST", f"/api/v1/conversations/{name}/messages", {"text": "agent please"}, token)
        assert told.json["handoff"] == "queued"
        body = {"model": "helpdesk", "messages": [{"role": "user", "content": "my card was stolen"}]}
        headers = {"chatwarden-conversation": await house.conversation(token)}
        told = await house.ask("POST", "/bots/helpdesk/openai/v1/chat/completions", body, token, headers)
        assert (told.status, told.headers["chatwarden-handoff"]) == (200, "offered")


async def test_what_was_declined_is_on_record_over_a_restart_until_it_is_old_or_destroyed(open_house: Open) -> None:
    async with open_house(HEAD) as house:
        talks = [await begin(house) for _ in range(3)]
        for talk in talks:
            assert (await talk.say("My card was stolen")).handoff == "offered"
            await talk.turn_down()
    async with open_house(HEAD) as house:
        services = house.node.services
        for talk in talks:
            talk.house = house
            talk.conversation = await services.conversations.look_up(talk.conversation.id, services.clock.now())
        first, erased, old = talks
        assert (await first.say("And the wallet was stolen too")).handoff == ""
        by = Eraser(erased.session.principal.id, Lane.CLIENT)
        await services.erasure.everything(erased.conversation, services.clock.now(), by)
        assert await services.desk.book.declined(erased.conversation) == {"topic"}
        assert (await erased.say("And the wallet was stolen too")).handoff == "offered"
        assert await services.desk.book.declined(old.conversation) == {"topic:fraud"}
        await services.desk.book.forget(services.clock.now() - DAY)
        assert await services.desk.book.declined(old.conversation) == {"topic:fraud"}
        await services.desk.book.forget(services.clock.now() + 1)
        assert await services.desk.book.declined(old.conversation) == {"topic"}


async def test_who_waits_and_says_something_more_urgent_is_served_sooner(open_house: Open) -> None:
    async with open_house(HEAD + '[triage.topic.fraud]\nskill = "fraud"\n') as house:
        other, talk = await begin(house), await begin(house)
        for one in (other, talk):
            assert (await one.say("I would like to talk to a person, please")).handoff == "queued"
            house.clock.advance(SECOND)
        before = talk.handoff
        desk = house.node.services.desk
        assert desk.position(talk.conversation) == 2
        assert (await talk.say("My card was stolen")).handoff == "queued"
        assert talk.handoff.why == Why(Reason.TOPIC, "fraud", "fraud", 50)
        assert (talk.handoff.queued_at, talk.handoff.due_at) == (before.queued_at, before.due_at)
        raised = (await talk.entries())[-1]
        assert (raised.event, raised.reason) == ("conversation:handoff-raised", "topic")
        assert desk.position(talk.conversation) == 1
        told = await talk.say("i dont want to live anymore")
        assert (told.reply.text, told.handoff) == (TOPICS["self-harm"].line, "queued")
        assert talk.handoff.why == Why(Reason.TOPIC, "self-harm", "fraud", 100)
        count = len(await talk.entries())
        await talk.say("My card was stolen, I said")  # nothing more urgent
        assert talk.handoff.why.detail == "self-harm"
        assert [one.event for one in (await talk.entries())[count:]] == ["message:received", "message:answered"]


async def test_who_takes_up_an_offer_is_served_for_what_it_was_made_for(open_house: Open) -> None:
    async with open_house(HEAD + '[triage.topic.fraud]\nskill = "fraud"\n') as house:
        talk = await begin(house)
        assert (await talk.say("My card was stolen")).handoff == "offered"
        services = house.node.services
        await services.gateway.request_handoff(talk.session, Lane.CLIENT, talk.conversation)
        assert talk.handoff.why == Why(Reason.TOPIC, "fraud", "fraud", 50)


async def test_the_answer_and_the_request_for_people_are_one_transaction(open_house: Open) -> None:
    """Whatever the process dies behind: no answer is on record without the request that came of it."""
    shut = '[desk]\nhours = "Mon 08:00-08:01"\n'
    for toml, said, lines in (
        (HEAD, "I would like to talk to a person, please", 1),
        (HEAD, "i dont want to live anymore", 1),
        (HEAD + shut, "I would like to talk to a person, please", 2),
    ):
        async with open_house(toml) as house:
            talk, died = await begin(house), asyncio.Event()
            commit = house.node.database.commit

            async def once(tx: Transaction, commit: Commit = commit, died: asyncio.Event = died) -> None:
                if died.is_set():
                    raise StorageFailed("the process is gone")
                await commit(tx)
                if any(
                    "INSERT INTO messages" in one.sql and {"bot", "system"} & set(one.params) for one in tx.statements
                ):
                    died.set()

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(type(house.node.database), "commit", lambda _self, tx: once(tx))
                await talk.say(said)
            assert died.is_set()
        async with open_house(toml) as house:
            services = house.node.services
            conversation = await services.conversations.look_up(talk.conversation.id, services.clock.now())
            assert conversation.state == "queued"
            assert services.desk.position(conversation) is not None
            found = await services.conversations.since(conversation, 0, 9, services.clock.now())
            assert len([one for one in found if one.source is not Source.CLIENT]) == lines
            await services.desk.turn_down(conversation, SYSTEM, services.clock.now())
