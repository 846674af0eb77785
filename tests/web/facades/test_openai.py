"""The OpenAI-compatible front, from inside: what the bot is told, what a client that leaves leaves behind."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.world import upstream as world
from tests.world.house import HEAD, House, Open, Told
from tests.world.upstream import TEXT, Upstream, Writer, chunk, delta, event, head, serving

from chatwarden.sessions.model import EndReason

PATH = "/bots/shop/openai/v1/chat/completions"
BOT = '[bots.shop]\nconnector = "openai"\nurl = "{url}"\nmodel = "m"\n[policy.class]\nemail = "placeholder"\n'
CARD = "4111 1111 1111 1111"


async def begins(upstream: Upstream, asked: world.Asked, writer: Writer) -> None:
    """Says a few words and breaks off when it may."""
    if not asked.streamed:
        await world.honest(upstream, asked, writer)
        return
    writer.write(head("text/event-stream", None) + chunk(event(delta("Good day. Our office "))))
    await writer.drain()
    upstream.begun.set()
    await upstream.hung_up.wait()
    writer.close()


@pytest.fixture
async def bot() -> AsyncIterator[Upstream]:
    async with serving(begins) as started:
        yield started


@pytest.fixture
async def shop(open_house: Open, bot: Upstream) -> AsyncIterator[House]:
    async with open_house(HEAD + BOT.format(url=bot.url)) as house:
        yield house


def said(*texts: str, **more: object) -> dict[str, Any]:
    """A request: people and bot in turns, a person last."""
    roles = ("user", "assistant")
    messages = [{"role": roles[n % 2], "content": text} for n, text in enumerate(texts)]
    return {"model": "any", "messages": messages, **more}


async def record(house: House, token: str, conversation: str) -> list[dict[str, Any]]:
    told = await house.ask("GET", f"/api/v1/conversations/{conversation}/messages", None, token)
    messages: list[dict[str, Any]] = told.json["messages"]
    return messages


async def test_only_the_new_turn_and_the_answer_are_recorded(shop: House, bot: Upstream) -> None:
    token = await shop.visitor()
    told = await shop.ask("POST", PATH, said("earlier", f"card {CARD}", "When do you open?"), token)
    assert told.status == 200
    assert told.json["choices"][0]["message"]["content"] == TEXT
    messages = await record(shop, token, told.headers["chatwarden-conversation"])
    assert [(m["from"], m["text"]) for m in messages] == [("client", "When do you open?"), ("bot", TEXT)]
    (asked,) = bot.asked
    assert [m["content"] for m in asked.body["messages"]] == ["earlier", "card [payment-card-1]", "When do you open?"]


async def test_what_is_split_over_the_history_is_hidden_too(shop: House, bot: Upstream) -> None:
    token = await shop.visitor()
    first, second = CARD[:9], CARD[10:]
    told = await shop.ask("POST", PATH, said(f"my card is {first}", "go on", second, "and?", "that was it"), token)
    assert told.status == 200
    (asked,) = bot.asked
    contents = [m["content"] for m in asked.body["messages"]]
    assert not any(part in content for part in (first, second) for content in contents)
    assert contents[1::2] == ["go on", "and?"]


async def test_what_was_done_is_told_in_one_calm_line(shop: House) -> None:
    token = await shop.visitor()
    told = await shop.ask("POST", PATH, said(f"card {CARD}"), token)
    assert told.headers["chatwarden-notice"] == "The bot does not see your card number."
    told = await shop.ask("POST", PATH, said("When do you open?"), token)
    assert "chatwarden-notice" not in told.headers


async def test_a_message_that_the_bot_does_not_take_is_refused_in_openais_form(open_house: Open, bot: Upstream) -> None:
    toml = HEAD + BOT.format(url=bot.url) + '[bots.shop.policy]\npayment-card = "block"\n'
    async with open_house(toml) as house:
        token = await house.visitor()
        told = await house.ask("POST", PATH, said(f"card {CARD}"), token)
        assert (told.status, told.json["error"]["code"]) == (422, "message-blocked")
        assert "4111" not in told.body.decode()
        assert bot.asked == []


@pytest.mark.parametrize("ended", [False, True], ids=["living session", "ended session"])
async def test_whoever_leaves_a_stream_hangs_up_on_the_bot_and_what_they_saw_is_recorded(
    shop: House, bot: Upstream, *, ended: bool
) -> None:
    token = await shop.visitor()
    services = shop.node.services
    session = await services.sessions.authenticate(token, services.clock.now())
    told = Told()
    going = asyncio.create_task(shop.ask("POST", PATH, said("hello", stream=True), token, told=told))
    await told.until(b"Our office")
    if ended:
        await services.sessions.end(session, EndReason.LOGOUT, services.clock.now(), actor=session.principal.id)
    told.leave()
    await asyncio.wait_for(going, 20)
    await asyncio.wait_for(bot.hung_up.wait(), 20)
    (talk,) = await services.conversations.owned(session.principal, 10)
    messages = await services.conversations.since(talk, 0, 10, services.clock.now())
    pieces = [json.loads(line[6:]) for line in told.body.decode().split("\n\n") if line]
    seen = "".join(piece["choices"][0]["delta"].get("content") or "" for piece in pieces)
    assert [m.text for m in messages] == ["hello", seen] == ["hello", "Good day. Our office"]


async def test_a_session_that_ends_in_mid_answer_is_told_in_openais_form(shop: House, bot: Upstream) -> None:
    token = await shop.visitor()
    services = shop.node.services
    session = await services.sessions.authenticate(token, services.clock.now())
    told = Told()
    going = asyncio.create_task(shop.ask("POST", PATH, said("hello", stream=True), token, told=told))
    await told.until(b"Our office")
    await services.sessions.end(session, EndReason.REVOKED, services.clock.now(), actor="test")
    bot.hung_up.set()  # the bot breaks off: now the stream is looked at again
    await asyncio.wait_for(going, 20)
    last = json.loads(told.pieces[-2].removeprefix(b"data: "))
    assert (last["error"]["code"], last["error"]["reason"]) == ("session-ended", "revoked")
    assert b"[DONE]" not in told.body


async def test_what_a_client_says_besides_is_screened_too(shop: House, bot: Upstream) -> None:
    token = await shop.visitor()
    for stop in (CARD, [CARD, "end"], ["a@b.example"]):
        told = await shop.ask("POST", PATH, said(f"my card is {CARD}", stop=stop, seed=7), token)
        assert told.status == 200
    stops = [asked.body["stop"] for asked in bot.asked]
    assert stops == ["[payment-card-1]", ["[payment-card-1]", "end"], ["[email-6]"]]
    assert [asked.body["seed"] for asked in bot.asked] == [7, 7, 7]
    assert not any(CARD.encode() in asked.raw or b"a@b.example" in asked.raw for asked in bot.asked)


async def test_the_models_of_a_bot_are_that_bot_and_refusals_take_openais_form(shop: House) -> None:
    token = await shop.visitor()
    path = PATH.replace("chat/completions", "models")
    told = await shop.ask("GET", path, None, token)
    assert told.json == {
        "object": "list", "data": [{"id": "shop", "object": "model", "created": 0, "owned_by": "chatwarden"}],
    }  # fmt: skip
    for method, where, status, code in (
        ("GET", path.replace("shop", "none"), 404, "not-found"),
        ("POST", PATH.replace("shop", "none"), 404, "not-found"),
        ("PUT", PATH, 405, "invalid-request"),
    ):
        refused = await shop.ask(method, where, None, token)
        assert (refused.status, refused.json["error"]["code"]) == (status, code)


async def test_a_conversation_is_named_by_its_owner_and_belongs_to_its_bot(shop: House) -> None:
    token, stranger = await shop.visitor(), await shop.visitor()
    mine = await shop.conversation(token, "shop")
    headers = {"Chatwarden-Conversation": mine}
    told = await shop.ask("POST", PATH, said("hello"), token, headers)
    assert told.headers["chatwarden-conversation"] == mine
    absent = await shop.ask("POST", PATH, said("x"), stranger, {"Chatwarden-Conversation": "cnv_" + "0" * 32})
    theirs = await shop.ask("POST", PATH, said("x"), stranger, headers)
    assert (theirs.status, theirs.body) == (404, absent.body)
    again = [(await shop.ask("POST", PATH, said("x"), token)).headers["chatwarden-conversation"] for _ in range(2)]
    assert again[0] == again[1] != mine
