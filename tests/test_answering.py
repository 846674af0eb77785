"""The bot never talks over a human: not before, not late, not in the middle of a word."""

from __future__ import annotations

import asyncio
import json

import pytest

from chatwarden.answering import AGENT_SAID, TakenOver
from chatwarden.audit.model import Lane
from tests.world.agents import TALK, Floor
from tests.world.house import HEAD, House, Open
from tests.world.upstream import Asked, Upstream, Writer, chunk, completion, delta, event, head, serving, whole

SHOP = HEAD + '[bots.shop]\nconnector = "openai"\nurl = "{}"\nmodel = "m"\ntotal_timeout = "20s"\n'
SAID, REST = "First things first, my friend, listen. ", "And this is what comes too late."


class Slow:
    """A bot that answers when it may; streamed, it says something at once and the rest then."""

    def __init__(self) -> None:
        self.arrived, self.may, self.count = asyncio.Event(), asyncio.Event(), 0

    async def __call__(self, upstream: Upstream, asked: Asked, writer: Writer) -> None:
        self.count += 1
        if asked.streamed:
            writer.write(head("text/event-stream", None) + chunk(event(delta(SAID))))
            await writer.drain()
        self.arrived.set()
        await self.may.wait()
        if not asked.streamed:
            await whole(json.dumps(completion(REST)).encode())(upstream, asked, writer)
            return
        writer.write(chunk(event(delta(REST))) + chunk(event(delta(None, "stop"))) + chunk(b"data: [DONE]\n\n"))
        writer.write(b"0\r\n\r\n")
        await writer.drain()


async def texts(floor: Floor, talk: str) -> list[tuple[str, str]]:
    services, conversation = floor.house.node.services, await floor.conversation(talk)
    page = await services.conversations.since(conversation, 0, 100, services.clock.now())
    return [(one.source.value, one.text) for one in page]


async def asking(floor: Floor) -> tuple[str, str]:
    token = await floor.house.visitor()
    talk = await floor.house.conversation(token, "shop")
    await floor.house.ask("POST", f"{TALK}{talk}/handoff", None, token)
    return token, talk


@pytest.mark.parametrize("state", ["assigned", "wrap-up"])
async def test_while_an_agent_has_it_the_bot_is_not_asked(house: House, state: str) -> None:
    floor = Floor(house)
    agent = await floor.agent("bea")
    token, talk = await floor.taken(agent, "hello")
    if state == "wrap-up":
        await floor.act("finish", talk, agent)
    told = await floor.say(token, talk, "How do I return a parcel?")
    assert (told.status, told.json["replies"]) == (201, [])
    assert [source for source, _ in await texts(floor, talk)] == ["client", "bot", "client"]


async def test_a_whole_answer_that_comes_too_late_is_neither_shown_nor_recorded(open_house: Open) -> None:
    bot = Slow()
    async with serving(bot) as upstream, open_house(SHOP.format(upstream.url)) as house:
        floor = Floor(house)
        agent = await floor.agent("bea")
        token, talk = await asking(floor)
        saying = asyncio.create_task(floor.say(token, talk, "hello", client_id="1"))
        await bot.arrived.wait()
        assert (await floor.act("take", talk, agent)).status == 200
        bot.may.set()
        told = await saying
        assert (told.status, told.json["replies"]) == (201, [])
        assert await texts(floor, talk) == [("client", "hello")]
        again = await floor.say(token, talk, "hello", client_id="1")
        assert (again.json["replies"], bot.count) == ([], 1)


async def test_of_an_answer_in_mid_stream_what_was_shown_is_recorded_and_nothing_more_is_said(open_house: Open) -> None:
    bot = Slow()
    async with serving(bot) as upstream, open_house(SHOP.format(upstream.url)) as house:
        floor = Floor(house)
        agent = await floor.agent("bea")
        token, talk = await asking(floor)
        async with floor.page(token, f"{TALK}{talk}/events") as own:
            saying = asyncio.create_task(floor.say(token, talk, "hello"))
            first = (await own.until("message.delta"))["text"]
            assert (await floor.act("take", talk, agent)).status == 200
            bot.may.set()
            told = await saying
            assert REST not in own.told.body.decode()
            shown = "".join(one["text"] for one in own.events("message.delta"))
        [reply] = told.json["replies"]
        assert reply["text"] == shown
        assert shown.startswith(first.strip()[:5])
        assert await texts(floor, talk) == [("client", "hello"), ("bot", shown)]


async def test_a_failure_that_comes_too_late_is_no_calm_line_over_a_human(open_house: Open) -> None:
    bot = Slow()

    async def failing(upstream: Upstream, asked: Asked, writer: Writer) -> None:
        bot.arrived.set()
        await bot.may.wait()
        await whole(b"{}", status="500 Sorry")(upstream, asked, writer)

    async with serving(failing) as upstream, open_house(SHOP.format(upstream.url)) as house:
        floor = Floor(house)
        agent = await floor.agent("bea")
        token, talk = await asking(floor)
        saying = asyncio.create_task(floor.say(token, talk, "hello"))
        await bot.arrived.wait()
        await floor.act("take", talk, agent)
        bot.may.set()
        assert (await saying).json["replies"] == []
        assert await texts(floor, talk) == [("client", "hello")]


async def test_an_openai_client_is_told_that_a_person_answers(house: House) -> None:
    floor = Floor(house)
    agent = await floor.agent("bea")
    token, talk = await floor.taken(agent, "hello")
    for stream in (False, True):
        body = {"model": "m", "stream": stream, "messages": [{"role": "user", "content": "are you there?"}]}
        told = await house.ask(
            "POST", "/bots/helpdesk/openai/v1/chat/completions", body, token, {"Chatwarden-Conversation": talk}
        )
        assert (told.status, told.headers["chatwarden-handoff"]) == (200, "assigned")
        assert "A person answers this conversation now" in told.body.decode()
    assert [source for source, _ in await texts(floor, talk)] == ["client", "bot", "client", "client"]


async def test_whoever_asks_the_bot_all_the_same_is_refused(house: House) -> None:
    floor = Floor(house)
    agent = await floor.agent("bea")
    token, talk = await floor.taken(agent, "hello")
    services = house.node.services
    session = await services.sessions.authenticate(token, house.clock.now())
    received = await services.gateway.receive(session, Lane.CLIENT, await floor.conversation(talk), "hello?")
    with pytest.raises(TakenOver):
        await services.gateway.answer(received)
    with pytest.raises(TakenOver):
        await anext(services.gateway.stream(received))


async def test_who_has_it_back_knows_what_the_agent_said_and_no_value_and_no_note(open_house: Open) -> None:
    bot = whole(json.dumps(completion("I see.")).encode())
    async with serving(bot) as upstream, open_house(SHOP.format(upstream.url)) as house:
        floor = Floor(house)
        agent = await floor.agent("bea")
        token, talk = await asking(floor)
        await floor.say(token, talk, "mail me at ada@example.org")
        await floor.act("take", talk, agent)
        await floor.tell(agent, talk, "You get 20 percent back. I write to ada@example.org, not ben@example.org.")
        await floor.act("notes", talk, agent, {"text": "difficult customer"})
        await floor.say(token, talk, "thank you")
        await floor.act("finish", talk, agent)
        await floor.act("return", talk, agent)
    async with serving(bot) as upstream, open_house(SHOP.format(upstream.url)) as house:
        floor = Floor(house)  # read from the record again
        assert (await floor.say(token, talk, "What do I get back?")).json["replies"][0]["from"] == "bot"
    [asked] = upstream.asked
    lines = [(one["role"], one["content"]) for one in asked.body["messages"]]
    own = lines[0][1].removeprefix("mail me at ")
    assert [role for role, _ in lines] == ["user", "assistant", "assistant", "user", "user"]
    begins = f"{AGENT_SAID}You get 20 percent back. I write to {own}, not [email-"
    assert lines[2][1].startswith(begins)
    assert not any(word in asked.raw for word in (b"ada@", b"ben@", b"difficult"))
    assert asked.raw
