"""Inquiries are screened once a turn on the road, from what the bot may see; the log gets reasons and nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass

from chatwarden.answering import Answered
from chatwarden.audit.model import Entry, Lane
from chatwarden.config.inquiries import TOPICS, TriageConfig
from chatwarden.config.parse import parse
from chatwarden.conversations.model import Conversation, Source
from chatwarden.routing.model import SYSTEM, By, Handoff, Move, Reason, Why
from chatwarden.routing.rules import Happening
from chatwarden.sessions.model import Session
from chatwarden.triaging import DECLINED_MAX, Triaging
from tests.world.house import HEAD, House, Open

KNOWN, UNKNOWN = "How do I return a parcel?", "Which colour has the moon on Tuesdays?"
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


def test_only_so_many_declined_offers_are_remembered() -> None:
    triaging = Triaging(TriageConfig(), lambda _bot: False)
    before = Handoff("h", 0, "c", "b", Why(Reason.TONE), 0, "offered")  # type: ignore[arg-type]
    for no in range(DECLINED_MAX + 5):
        talk = Conversation(no, "c", "b", "o", "s", "bot", 0)
        triaging.moved(Move(talk, Happening.DECLINE, SYSTEM, "", before, None))
    assert len(triaging._declined) == DECLINED_MAX
    assert DECLINED_MAX + 4 in triaging._declined
