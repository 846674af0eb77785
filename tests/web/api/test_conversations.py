"""Conversations and messages over HTTP: turns that come twice, pages, and what is held, destroyed or refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.world.house import HEAD, House, Open, Told
from tests.world.upstream import TEXT, Asked, Upstream, Writer, honest, serving

from chatwarden.clock import HOUR, MINUTE
from chatwarden.conversations.model import Source
from chatwarden.storage.model import Transaction

CARD = "4111 1111 1111 1111"


async def say(house: House, token: str, conversation: str, text: str, **more: Any) -> Told:
    return await house.ask(
        "POST", f"/api/v1/conversations/{conversation}/messages", {"text": text, **more}, token
    )  # fmt: skip


async def page(house: House, token: str, conversation: str, query: str = "") -> Told:
    return await house.ask("GET", f"/api/v1/conversations/{conversation}/messages?{query}", None, token)


async def filled(house: House, token: str, conversation: str, count: int) -> None:
    """So many lines."""
    services = house.node.services
    now = services.clock.now()
    session = await services.sessions.authenticate(token, now)
    talk = await services.conversations.access(session.principal, conversation, now)
    tx = Transaction()
    for number in range(1, count + 1):
        await services.conversations.rows.write(
            tx, talk, source=Source.CLIENT, text=f"line {number}", items=(), at=now,
            destroy_at=now // MINUTE * MINUTE + HOUR,
        )  # fmt: skip
    await house.node.database.commit(tx)


async def test_pages_follow_each_other_without_gap_or_overlap(house: House) -> None:
    token = await house.visitor()
    conversation = await house.conversation(token)
    await filled(house, token, conversation, 120)
    seen, after = [], ""
    for size in (50, 50, 20):
        told = (await page(house, token, conversation, after)).json
        assert len(told["messages"]) == size
        seen += [message["text"] for message in told["messages"]]
        after = f"after={told['next']}"
    assert told["next"] is None
    assert seen == [f"line {n}" for n in range(1, 121)]


@pytest.mark.parametrize("limit", ["0", "201", "-1", "+5", "1.0", "00020099999", "000001" + "9" * 3_000, "x", ""])
async def test_no_page_is_longer_than_the_longest_however_it_is_asked_for(house: House, limit: str) -> None:
    token = await house.visitor()
    conversation = await house.conversation(token)
    await filled(house, token, conversation, 201)
    told = await page(house, token, conversation, f"limit={limit}")
    assert (told.status, told.problem) == (400, "invalid-request")
    assert len((await page(house, token, conversation, "limit=200")).json["messages"]) == 200
    assert len((await page(house, token, conversation, "limit=1")).json["messages"]) == 1


async def test_conversations_are_listed_newest_first_and_only_ones_own(house: House) -> None:
    token, stranger = await house.visitor(), await house.visitor()
    mine = []
    for _ in range(3):
        house.clock.advance(1)
        mine.append(await house.conversation(token))
        await house.conversation(stranger)
    told = (await house.ask("GET", "/api/v1/conversations", None, token)).json["conversations"]
    assert [one["id"] for one in told] == mine[::-1]
    assert {one["bot"] for one in told} == {"helpdesk"}
    assert told[0]["notice"]["protects"] is True


class Patient:
    """A bot that answers when it may."""

    def __init__(self) -> None:
        self.arrived, self.may = asyncio.Event(), asyncio.Event()
        self.asked: list[Asked] = []

    async def __call__(self, upstream: Upstream, asked: Asked, writer: Writer) -> None:
        self.asked.append(asked)
        self.arrived.set()
        await self.may.wait()
        await honest(upstream, asked, writer)


@pytest.fixture
def bot() -> Patient:
    return Patient()


@pytest.fixture
async def shop(open_house: Open, bot: Patient) -> AsyncIterator[House]:
    async with serving(bot) as server:
        toml = f'[bots.shop]\nconnector = "openai"\nurl = "{server.url}"\nmodel = "m"\n[policy.class]\nemail = "hold"\n'
        async with open_house(HEAD + toml) as house:
            yield house


async def test_the_same_client_id_is_one_turn_however_often_and_early_it_comes(shop: House, bot: Patient) -> None:
    token = await shop.visitor()
    conversation = await shop.conversation(token, "shop")
    going = [asyncio.create_task(say(shop, token, conversation, "hello", client_id="one")) for _ in range(5)]
    await bot.arrived.wait()
    bot.may.set()
    told = [(await one).body for one in going]
    told.append((await say(shop, token, conversation, "another text", client_id="one")).body)
    assert len(set(told)) == 1
    assert len(bot.asked) == 1
    assert [m["text"] for m in (await page(shop, token, conversation)).json["messages"]] == ["hello", TEXT]
    other = await say(shop, token, await shop.conversation(token, "shop"), "hello", client_id="one")
    assert (other.status, len(bot.asked)) == (201, 2)


async def test_a_turn_whose_client_left_is_found_by_a_retry(shop: House, bot: Patient) -> None:
    token = await shop.visitor()
    conversation = await shop.conversation(token, "shop")
    going = asyncio.create_task(say(shop, token, conversation, "hello", client_id="one"))
    await bot.arrived.wait()
    going.cancel()
    await asyncio.gather(going, return_exceptions=True)
    bot.may.set()
    again = await say(shop, token, conversation, "hello", client_id="one")
    assert (again.status, again.json["replies"][0]["text"]) == (201, TEXT)
    assert len(bot.asked) == 1


async def test_a_held_message_waits_for_its_person(shop: House, bot: Patient) -> None:
    token = await shop.visitor()
    bot.may.set()
    conversation = await shop.conversation(token, "shop")
    held = await say(shop, token, conversation, "mail a@b.example", client_id="one")
    assert (held.status, held.json["message"]["state"], held.json["replies"]) == (202, "held", [])
    again = await say(shop, token, conversation, "mail a@b.example", client_id="one")
    assert (again.status, again.json) == (202, held.json)
    assert bot.asked == []
    path = f"/api/v1/conversations/{conversation}/messages/{held.json['message']['id']}"
    released = await shop.ask("POST", path + "/release", None, token)
    assert (released.status, released.json["message"]["state"], released.json["replies"][0]["text"]) == (
        201, "live", TEXT,
    )  # fmt: skip
    assert bot.asked[0].body["messages"][-1]["content"] == "mail [email-1]"
    for act in ("/release", "/withdraw"):
        assert (await shop.ask("POST", path + act, None, token)).problem == "not-found"


async def test_a_withdrawn_message_is_gone_and_the_bot_never_heard_it(shop: House, bot: Patient) -> None:
    token = await shop.visitor()
    conversation = await shop.conversation(token, "shop")
    held = (await say(shop, token, conversation, "mail a@b.example")).json["message"]
    path = f"/api/v1/conversations/{conversation}/messages/{held['id']}"
    assert (await shop.ask("POST", path + "/withdraw", None, token)).status == 204
    (left,) = (await page(shop, token, conversation)).json["messages"]
    assert (left["id"], left["state"]) == (held["id"], "destroyed")
    assert not {"text", "findings"} & set(left)
    assert bot.asked == []


async def test_a_destroyed_message_gives_a_receipt_once(house: House) -> None:
    token = await house.visitor()
    conversation = await house.conversation(token)
    message = (await say(house, token, conversation, f"card {CARD}")).json["message"]
    assert CARD not in message["text"]
    path = f"/api/v1/conversations/{conversation}/messages/{message['id']}"
    receipt = (await house.ask("DELETE", path, None, token)).json
    assert (receipt["id"], receipt["reason"]) == (message["id"], "person")
    entries = [entry async for _, entry in house.node.services.audit.read() if entry.id == receipt["receipt"]]
    assert [(entry.event, entry.object) for entry in entries] == [("message:destroyed", message["id"])]
    assert (await house.ask("DELETE", path, None, token)).problem == "not-found"


async def test_asking_for_a_person_twice_is_asking_once(house: House) -> None:
    token = await house.visitor()
    conversation = await house.conversation(token)
    path = f"/api/v1/conversations/{conversation}/handoff"
    told = [await house.ask("POST", path, None, token) for _ in range(2)]
    assert [one.status for one in told] == [202, 202]
    assert told[0].json == told[1].json != {"state": "bot"}
    entries = [entry async for _, entry in house.node.services.audit.read() if "handoff" in entry.event]
    assert len(entries) == 1


async def test_files_are_refused_and_not_read(house: House) -> None:
    token = await house.visitor()
    told = await house.ask(
        "POST", f"/api/v1/conversations/{await house.conversation(token)}/attachments", b"\x00" * 100, token
    )
    assert (told.status, told.problem) == (422, "attachment-refused")
