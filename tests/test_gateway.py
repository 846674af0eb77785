"""The road of one message: what is refused leaves nothing behind, what is shown is on record, silence is no answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest

from chatwarden.answering import Answered, Received
from chatwarden.audit.model import Entry, Lane
from chatwarden.classes import DataClass
from chatwarden.clock import MINUTE
from chatwarden.conversations.model import Conversation, Message, MessageState, Source
from chatwarden.errors import (
    ConfirmationRequired,
    InvalidRequest,
    NotFound,
    Problem,
    SessionEnded,
    TooManyRequests,
)
from chatwarden.sessions.model import EndReason, Session
from chatwarden.storage.model import StorageFailed, Transaction
from tests.world.disk import no_file_longer_than
from tests.world.house import HEAD, House, Open
from tests.world.upstream import (
    TEXT,
    Asked,
    Behaviour,
    Upstream,
    Writer,
    chunk,
    completion,
    delta,
    event,
    events,
    head,
    honest,
    serving,
    whole,
)

TOML = """
[bots.shop]
connector = "openai"
url = "{url}"
model = "m"
total_timeout = "5s"
[bots.staff]
connector = "builtin"
who = ["agent"]
"""
CARD = "4111 1111 1111 1111"


class Bot:
    """A bot that behaves as it is told to, once it may."""

    def __init__(self) -> None:
        self.behaviour: Behaviour = honest
        self.asked: list[Asked] = []
        self.arrived, self.may = asyncio.Event(), asyncio.Event()
        self.may.set()

    async def __call__(self, upstream: Upstream, asked: Asked, writer: Writer) -> None:
        self.asked.append(asked)
        self.arrived.set()
        await self.may.wait()
        await self.behaviour(upstream, asked, writer)


@dataclass
class Talk:
    """A visitor in conversation with the shop's bot."""

    house: House
    session: Session
    conversation: Conversation

    async def receive(self, text: str = "hello", client_id: str = "") -> Received:
        return await self.house.node.services.gateway.receive(
            self.session, Lane.CLIENT, self.conversation, text, client_id
        )

    async def answer(self, text: str = "hello") -> Answered:
        return await self.house.node.services.gateway.answer(await self.receive(text))

    async def record(self) -> list[Message]:
        services = self.house.node.services
        return await services.conversations.since(self.conversation, 0, 100, services.clock.now())

    async def entries(self) -> list[Entry]:
        return [entry async for _, entry in self.house.node.services.audit.read()]

    async def end(self) -> None:
        services = self.house.node.services
        await services.sessions.end(self.session, EndReason.REVOKED, services.clock.now(), actor="test")


@pytest.fixture
def bot() -> Bot:
    return Bot()


@pytest.fixture
def begin(open_house: Open) -> Callable[[House, str], Awaitable[Talk]]:
    async def beginning(house: House, name: str = "shop") -> Talk:
        services = house.node.services
        now = services.clock.now()
        session, _ = await services.sessions.visitor(now)
        return Talk(house, session, await services.conversations.open(session.principal, name, now, lane=Lane.CLIENT))

    return beginning


@pytest.fixture
async def talk(open_house: Open, bot: Bot, begin: Callable[[House, str], Awaitable[Talk]]) -> AsyncIterator[Talk]:
    async with serving(bot) as server, open_house(HEAD + TOML.format(url=server.url)) as house:
        yield await begin(house, "shop")


async def broken(upstream: Upstream, asked: Asked, writer: Writer) -> None:
    """Hangs up."""
    writer.close()


async def test_a_turn_leaves_two_sealed_messages_and_a_chain_of_entries(talk: Talk, bot: Bot) -> None:
    received = await talk.receive(f"my card is {CARD}")
    assert received.bot_text == "my card is [payment-card-1]"
    answered = await talk.house.node.services.gateway.answer(received)
    assert (answered.reply.text, answered.handoff, answered.finish) == (TEXT, "", "stop")
    assert [(m.source, m.state) for m in await talk.record()] == [
        (Source.CLIENT, MessageState.LIVE),
        (Source.BOT, MessageState.LIVE),
    ]
    assert CARD.encode() not in bot.asked[0].raw
    asked, told = (await talk.entries())[-2:]
    assert (asked.event, asked.lane, asked.actor) == ("message:received", "client", talk.session.principal.id)
    assert (asked.object, asked.reason, asked.decision) == (received.message.id, "payment-card", "allow")
    assert (told.event, told.lane, told.actor, told.cause) == ("message:answered", "bot", "shop", asked.id)
    assert asked.commitment == received.message.commitment != told.commitment == answered.reply.commitment


@pytest.mark.parametrize(
    ("text", "problem", "status"),
    [
        ("", InvalidRequest, 422),
        (" \n\t\u3000", InvalidRequest, 422),
        ("x" * 16_385, InvalidRequest, 413),
    ],
    ids=["nothing", "blanks", "too long"],
)
async def test_what_is_refused_leaves_nothing_behind(
    talk: Talk, bot: Bot, text: str, problem: type[Problem], status: int
) -> None:
    before = len(await talk.entries())
    deadline = talk.session.idle_deadline
    talk.house.clock.advance(MINUTE)
    with pytest.raises(problem) as refused:
        await talk.receive(text)
    assert refused.value.status == status
    assert (await talk.record(), len(await talk.entries()), bot.asked) == ([], before, [])
    assert talk.session.idle_deadline == deadline


async def test_whoever_is_asked_or_gone_is_not_heard(talk: Talk, bot: Bot) -> None:
    talk.house.clock.advance(14 * MINUTE)
    with pytest.raises(ConfirmationRequired):
        await talk.receive()
    talk.house.clock.advance(MINUTE)
    with pytest.raises(SessionEnded):
        await talk.receive()
    assert await talk.record() == []


async def test_a_bot_that_is_not_for_this_person_looks_absent(
    talk: Talk, begin: Callable[[House, str], Awaitable[Talk]]
) -> None:
    staff = await begin(talk.house, "staff")
    gateway = talk.house.node.services.gateway
    for name in ("staff", "none"):
        with pytest.raises(NotFound) as refused:
            gateway.bot_for(talk.session, name)
        assert str(refused.value) == str(NotFound())
    with pytest.raises(NotFound):
        await staff.receive()
    assert await staff.record() == []


async def test_who_writes_too_much_is_told_when_to_come_back(
    open_house: Open, begin: Callable[[House, str], Awaitable[Talk]]
) -> None:
    async with open_house('[storage]\nurl = "sqlite"\n[limits]\nmessages = "6/m burst 3"\n') as house:
        talk = await begin(house, "helpdesk")
        for _ in range(3):
            await talk.receive()
        with pytest.raises(TooManyRequests) as refused:
            await talk.receive()
        assert 0 < int(refused.value.headers["Retry-After"]) <= 10
        assert len(await talk.record()) == 3


async def test_the_bot_hears_nothing_that_is_not_on_record(talk: Talk, bot: Bot) -> None:
    await talk.answer()
    with no_file_longer_than(0), pytest.raises(StorageFailed):
        await talk.answer("lost")
    assert len(bot.asked) == 1
    assert [m.text for m in await talk.record()] == ["hello", TEXT]
    await talk.answer("and now")
    assert [m.text for m in await talk.record()] == ["hello", TEXT, "and now", TEXT]
    heard = [line["content"] for line in bot.asked[-1].body["messages"]]
    assert heard == ["hello", TEXT, "and now"]


async def test_an_answer_that_cannot_be_recorded_is_not_shown(talk: Talk, bot: Bot) -> None:
    bot.may.clear()
    received = await talk.receive()
    going = asyncio.create_task(talk.house.node.services.gateway.answer(received))
    await bot.arrived.wait()
    with no_file_longer_than(0):
        bot.may.set()
        with pytest.raises(StorageFailed):
            await going
    assert [m.text for m in await talk.record()] == ["hello"]


async def test_an_answer_that_comes_after_the_end_is_recorded_and_not_revealed(talk: Talk, bot: Bot) -> None:
    bot.may.clear()
    going = asyncio.create_task(talk.answer())
    await bot.arrived.wait()
    await talk.end()
    bot.may.set()
    with pytest.raises(SessionEnded):
        await going
    assert [m.text for m in await talk.record()] == ["hello", TEXT]


async def streamed(talk: Talk, text: str = "hello") -> list[str | Answered]:
    received = await talk.receive(text)
    return [piece async for piece in talk.house.node.services.gateway.stream(received)]


async def test_what_is_streamed_is_what_is_recorded(talk: Talk) -> None:
    *pieces, answered = await streamed(talk)
    assert len(pieces) > 1
    assert isinstance(answered, Answered)
    assert "".join(str(piece) for piece in pieces) == answered.reply.text == TEXT
    assert [m.text for m in await talk.record()] == ["hello", TEXT]


async def test_a_bot_that_breaks_off_in_mid_answer_is_recorded_as_far_as_it_came(talk: Talk, bot: Bot) -> None:
    async def breaks_off(upstream: Upstream, asked: Asked, writer: Writer) -> None:
        writer.write(head("text/event-stream", None) + chunk(event(delta("Good day. Our office "))))
        await writer.drain()
        writer.close()

    bot.behaviour = breaks_off
    *pieces, answered = await streamed(talk)
    assert isinstance(answered, Answered)
    assert (answered.handoff, answered.finish) == ("offered", "length")
    assert "".join(str(piece) for piece in pieces) == answered.reply.text == "Good day. Our office"
    assert "bot:failed" in [entry.event for entry in await talk.entries()]
    assert talk.conversation.state == "offered"


IBAN = "DE89 3704 0044 0532 0130 00"


def says(*pieces: str) -> Behaviour:
    """Says these pieces, whole or streamed."""

    async def behave(upstream: Upstream, asked: Asked, writer: Writer) -> None:
        if asked.streamed:
            parts = [event(delta(piece)) for piece in pieces]
            await events(*parts, event(delta(None, "stop")), b"data: [DONE]\n\n")(upstream, asked, writer)
        else:
            await whole(json.dumps(completion("".join(pieces))).encode())(upstream, asked, writer)

    return behave


@pytest.fixture
async def strict(open_house: Open, bot: Bot, begin: Callable[[House, str], Awaitable[Talk]]) -> AsyncIterator[Talk]:
    toml = HEAD + TOML + '[bots.shop.policy]\niban = "block"\n'
    async with serving(bot) as server, open_house(toml.format(url=server.url)) as house:
        yield await begin(house, "shop")


async def test_an_answer_ends_at_what_must_not_go_out(strict: Talk, bot: Bot) -> None:
    bot.behaviour = says("Of course. ", f"It is {IBAN}", " and more.")
    *pieces, answered = await streamed(strict)
    assert isinstance(answered, Answered)
    assert (answered.stopped, answered.finish, answered.handoff) == (DataClass.IBAN, "content_filter", "offered")
    assert "".join(str(piece) for piece in pieces) == answered.reply.text == "Of course. It is "
    failed = [entry for entry in await strict.entries() if entry.event == "bot:failed"]
    assert [entry.reason for entry in failed] == ["blocked"]


@pytest.mark.parametrize("way", ["answer", "stream"])
async def test_of_an_answer_that_must_not_go_out_nothing_is_shown_where_nothing_was(
    strict: Talk, bot: Bot, way: str
) -> None:
    bot.behaviour = says(f"{IBAN} it is, and more.")
    answered = await strict.answer() if way == "answer" else (await streamed(strict))[-1]
    assert isinstance(answered, Answered)
    assert (answered.reply.source, answered.handoff, answered.stopped) == (Source.SYSTEM, "offered", None)
    assert "3704" not in str(await strict.record())


async def test_a_streamed_answer_is_recorded_as_the_same_answer_whole(talk: Talk, bot: Bot) -> None:
    text = f"Dear Mrs Miller, we deliver to 12 Baker Street, London NW1 6XE, paid from {IBAN}. You have diabetes."
    bot.behaviour = says(*[text[at : at + 3] for at in range(0, len(text), 3)])
    await streamed(talk)
    await talk.answer("again")
    first, second = [one for one in await talk.record() if one.source is Source.BOT]
    assert first.text == second.text
    assert first.items == second.items
    assert (first.destroy_at - first.at, len(first.items) > 2) == (second.destroy_at - second.at, True)


@pytest.mark.parametrize("way", ["answer", "stream"])
async def test_a_failing_bot_gives_a_calm_line_and_an_offer(talk: Talk, bot: Bot, way: str) -> None:
    bot.behaviour = broken
    answered = await talk.answer() if way == "answer" else (await streamed(talk))[-1]
    assert isinstance(answered, Answered)
    assert answered.handoff
    assert answered.reply.source is Source.SYSTEM
    assert answered.reply.text
    events = [(entry.event, entry.decision) for entry in await talk.entries()][-2:]
    assert events == [("bot:failed", "deny"), ("conversation:handoff-offered", "allow")]


async def test_turns_that_fail_at_once_all_get_a_calm_line_and_an_offer(talk: Talk, bot: Bot) -> None:
    bot.behaviour = broken
    bot.may.clear()
    going = [asyncio.create_task(talk.answer(f"line {n}")) for n in range(4)]
    while len(bot.asked) < 4:
        bot.arrived.clear()
        await bot.arrived.wait()
    bot.may.set()
    told = await asyncio.gather(*going)
    assert [answered.handoff for answered in told] == ["offered"] * 4
    assert len(await talk.record()) == 8
    assert talk.conversation.state == "offered"
    services = talk.house.node.services
    await services.gateway.request_handoff(talk.session, Lane.CLIENT, talk.conversation)
    assert talk.conversation.state == "queued"


async def test_a_person_may_ask_for_a_person_while_the_bot_fails(
    talk: Talk, bot: Bot, open_house: Open, begin: Callable[[House, str], Awaitable[Talk]]
) -> None:
    bot.behaviour = broken
    services = talk.house.node.services
    talks = [talk, *[await begin(talk.house, "shop") for _ in range(5)]]
    for one in talks:
        received = await one.receive()
        asking = services.gateway.request_handoff(one.session, Lane.CLIENT, one.conversation)
        answered, _ = await asyncio.gather(services.gateway.answer(received), asking)
        assert answered.handoff
        assert one.conversation.state == "queued"
        rows = await talk.house.node.database.fetch(
            "SELECT state FROM conversations WHERE no = ?", (one.conversation.no,)
        )
        assert rows == [("queued",)]


async def test_an_offer_whose_listener_left_does_not_silence_the_next(talk: Talk, bot: Bot) -> None:
    """Who waits for the calm line goes away in the instant in which it is written."""
    bot.behaviour = broken
    received = await talk.receive()
    answering = talk.house.node.services.gateway.answering
    commit, written = answering.database.commit, asyncio.Event()

    async def leaving(tx: Transaction) -> None:
        if any("handoffs" in one.sql for one in tx.statements):
            waiting.cancel()
        await commit(tx)
        written.set()

    answering.database.commit = leaving  # type: ignore[method-assign]
    waiting = asyncio.create_task(answering.answer(received))
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await written.wait()
    answering.database.commit = commit  # type: ignore[method-assign]
    assert (await talk.answer("still there?")).reply.source is Source.SYSTEM
    assert talk.conversation.state == "offered"


async def test_a_paused_bot_is_not_asked(talk: Talk, bot: Bot) -> None:
    gateway = talk.house.node.services.gateway
    await gateway.pauses.pause("shop", talk.house.clock.now(), actor="test")
    assert (await talk.answer()).reply.source is Source.SYSTEM
    (only,) = await streamed(talk)
    assert isinstance(only, Answered)
    assert bot.asked == []
    await gateway.pauses.resume("shop", talk.house.clock.now(), actor="test")
    assert (await talk.answer()).reply.text == TEXT


async def test_many_messages_at_once_each_have_their_place_and_their_answer(talk: Talk, bot: Bot) -> None:
    told = await asyncio.gather(*(talk.answer(f"line {n}") for n in range(20)))
    assert {answered.reply.text for answered in told} == {TEXT}
    messages = await talk.record()
    assert len({m.seq for m in messages}) == len({m.id for m in messages}) == 40
    said = {m.seq: m for m in messages}
    assert sorted(said[m.reply_to].text for m in messages if m.reply_to) == sorted(f"line {n}" for n in range(20))


async def test_an_answer_that_was_not_begun_when_the_session_ended_leaves_no_empty_message(
    talk: Talk, bot: Bot
) -> None:
    bot.may.clear()
    going = asyncio.create_task(streamed(talk))
    await bot.arrived.wait()
    await talk.end()
    bot.may.set()
    with pytest.raises(SessionEnded):
        await going
    assert [m.text for m in await talk.record()] == ["hello"]
