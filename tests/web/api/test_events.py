"""What an open screen is told, and what it is told after it was away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.world.house import HEAD, House, Open, Told
from tests.world.upstream import delta, event, serving
from tests.world.upstream import events as streamed

from chatwarden.audit.model import Lane
from chatwarden.clock import HOUR, MINUTE
from chatwarden.conversations.model import Source
from chatwarden.principal import Role
from chatwarden.storage.model import Transaction

RIGHT = "a long and quiet afternoon"


def events(told: Told) -> list[tuple[str, str, Any]]:
    """Name, id and data of every event so far."""
    found = []
    for block in told.body.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "event" in fields:
            found.append((fields["event"], fields["id"], json.loads(fields["data"])))
    return found


def names(told: Told) -> list[str]:
    return [name for name, _, _ in events(told)]


@asynccontextmanager
async def following(house: House, token: str, conversation: str, last: str = "") -> AsyncIterator[Told]:
    """An open stream, left at the end: the gateway must notice, or this never ends."""
    told = Told()
    path = f"/api/v1/conversations/{conversation}/events"
    headers = {"Last-Event-ID": last} if last else {}
    going = asyncio.create_task(house.ask("GET", path, None, token, headers, told))
    try:
        await told.until(b"retry:")
        yield told
    finally:
        told.leave()
        await asyncio.wait_for(going, 20)


async def say(house: House, token: str, conversation: str, text: str) -> Any:
    told = await house.ask("POST", f"/api/v1/conversations/{conversation}/messages", {"text": text}, token)
    assert told.status == 201, told.body
    return told.json


async def test_a_turn_is_told_as_it_happens_and_in_order(house: House) -> None:
    token = await house.visitor()
    conversation = await house.conversation(token)
    async with following(house, token, conversation) as told:
        assert told.headers["content-type"] == "text/event-stream"
        assert told.body == b"id: 0-0\nretry: 2000\n\n"
        turn = await say(house, token, conversation, "hello, my mail is a@b.example")
        await told.until(turn["replies"][0]["id"].encode())
        seen = events(told)
        assert seen[0] == ("message", "1-0", turn["message"])
        assert seen[1][:2] == ("typing", "1-0")
        assert {name for name, _, _ in seen[2:-1]} == {"message.delta"}
        pieces = "".join(data["text"] for name, _, data in seen if name == "message.delta")
        assert pieces == turn["replies"][0]["text"]
        assert seen[-1] == ("message", "2-0", turn["replies"][0])


async def test_whoever_leaves_is_forgotten_at_once(house: House) -> None:
    token = await house.visitor()
    conversation = await house.conversation(token)
    hub = house.node.services.hub
    async with following(house, token, conversation), following(house, token, conversation):
        assert hub.count == 2
    assert hub.count == 0
    assert not hub.listening(conversation)


async def test_who_comes_back_is_told_what_was_said_and_what_was_destroyed_meanwhile(house: House) -> None:
    token = await house.visitor()
    conversation = await house.conversation(token)
    first = await say(house, token, conversation, "one")
    second = await say(house, token, conversation, "two")
    gone = first["message"]["id"]
    path = f"/api/v1/conversations/{conversation}/messages/{gone}"
    assert (await house.ask("DELETE", path, None, token)).status == 200
    async with following(house, token, conversation, "2-0") as told:
        await told.until(second["replies"][0]["id"].encode())
        assert [(name, data.get("id")) for name, _, data in events(told)] == [
            ("message.destroyed", gone),
            ("handoff", None),
            ("message", second["message"]["id"]),
            ("message", second["replies"][0]["id"]),
        ]
        _, last, _ = events(told)[-1]
    async with following(house, token, conversation, last) as told:
        await told.until(b"handoff")
        assert names(told) == ["handoff"]


async def test_whoever_looks_is_told_at_once_who_answers_and_what_they_missed_of_it(house: House) -> None:
    token = await house.visitor()
    conversation = await house.conversation(token)
    async with following(house, token, conversation) as told:
        assert names(told) == []
    path = f"/api/v1/conversations/{conversation}/handoff"
    assert (await house.ask("POST", path, None, token)).status == 202
    async with following(house, token, conversation) as told:
        await told.until(b"handoff")
        assert events(told) == [("handoff", "0-0", {"state": "queued", "reason": "asked", "position": 1})]
    assert (await house.ask("DELETE", path, None, token)).status == 202
    async with following(house, token, conversation, "0-0") as told:
        await told.until(b"handoff")
        assert events(told) == [("handoff", "0-0", {"state": "bot"})]


async def test_who_was_away_for_very_long_misses_nothing(house: House) -> None:
    token = await house.visitor()
    conversation = await house.conversation(token)
    services = house.node.services
    now = services.clock.now()
    session = await services.sessions.authenticate(token, now)
    talk = await services.conversations.access(session.principal, conversation, now)
    tx = Transaction()
    count = 2_100
    for number in range(1, count + 1):
        await services.conversations.rows.write(
            tx, talk, source=Source.CLIENT, text=f"line {number}.", items=(), at=now,
            destroy_at=now // MINUTE * MINUTE + HOUR,
        )  # fmt: skip
    await house.node.database.commit(tx)
    async with following(house, token, conversation, "3-0") as told:
        await told.until(b'"line %d."' % count)
        assert [data["text"] for _, _, data in events(told)[1:]] == [f"line {n}." for n in range(4, count + 1)]


async def test_a_person_who_is_asked_is_asked_on_the_stream_too(house: House) -> None:
    token = await house.visitor()
    conversation = await house.conversation(token)
    async with following(house, token, conversation) as told:
        house.clock.advance(14 * MINUTE)
        await house.node.sweep()
        await told.until(b"session.prompt")
        (_, _, asked), *_ = events(told)
        assert (asked["challenge"]["kind"], asked["challenge"]["purpose"]) == ("tap", "still-there")
    async with following(house, token, conversation) as again:
        await again.until(b"session.prompt")
        assert events(again)[0][2]["challenge"]["id"] == asked["challenge"]["id"]


@pytest.mark.parametrize("reason", ["logout", "idle"])
async def test_the_end_of_the_session_is_the_last_thing_told(house: House, reason: str) -> None:
    token = await house.visitor()
    conversation = await house.conversation(token)
    async with following(house, token, conversation) as told:
        if reason == "idle":
            house.clock.advance(15 * MINUTE)
            await house.node.sweep()
        else:
            await house.ask("DELETE", "/api/v1/session", None, token)
        await told.until(b"session.ended")
        await told.end()
        assert events(told)[-1][::2] == ("session.ended", {"reason": reason})
    after = await house.ask("GET", f"/api/v1/conversations/{conversation}/events", None, token)
    assert (after.status, after.problem) == (401, "session-ended")


async def test_a_keep_alive_is_a_comment_and_a_drain_ends_the_stream(house: House) -> None:
    token = await house.visitor()
    conversation = await house.conversation(token)
    async with following(house, token, conversation) as told:
        house.node.services.hub.keep_alive()
        await told.until(b": still here\n\n")
        house.node.services.hub.close()
        await told.end()
        assert events(told) == []
    assert house.node.services.hub.count == 0


@pytest.mark.parametrize("last", ["1", "1-", "-1", "1-1-1", "1" * 16 + "-1", "x-y", "1-1 OR 1"])
async def test_an_id_that_is_none_of_ours_is_refused(house: House, last: str) -> None:
    token = await house.visitor()
    path = f"/api/v1/conversations/{await house.conversation(token)}/events"
    told = await house.ask("GET", path, None, token, {"Last-Event-ID": last})
    assert (told.status, told.problem) == (400, "invalid-request")


async def test_while_a_factor_is_asked_for_nobody_reads_on_and_then_everything_comes(open_house: Open) -> None:
    """The stream of whoever holds the token: it may be somebody else's since."""
    async with open_house(HEAD + "[session]\nrecheck_on_change = true\n") as house:
        services = house.node.services
        await services.identity.add("anna", Role.CUSTOMER, house.clock.now(), actor="control", password=RIGHT)
        login = await house.ask("POST", "/api/v1/session", {"username": "anna", "password": RIGHT})
        token = login.json["token"]
        conversation = await house.conversation(token)
        first = await say(house, token, conversation, "my secret is blue")
        async with following(house, token, conversation) as told:
            asked = await house.ask("GET", "/api/v1/conversations", None, token, {"User-Agent": "another"})
            assert asked.problem == "confirmation-required"
            await told.until(b"session.prompt")
            thief = Told()
            stolen = asyncio.create_task(house.ask(
                "GET", f"/api/v1/conversations/{conversation}/events", None, token,
                {"User-Agent": "another", "Last-Event-ID": "0-0"}, thief,
            ))  # fmt: skip
            await thief.until(b"session.prompt")
            found = await services.conversations.find(conversation)
            tx = Transaction()
            message = await services.conversations.rows.write(
                tx, found, source=Source.BOT, text="a late answer", items=(), at=house.clock.now(),
                destroy_at=house.clock.now() + HOUR,
            )  # fmt: skip
            await house.node.database.commit(tx)
            services.gateway.publish(found, message)
            services.hub.keep_alive()
            await told.until(b": still here")
            await thief.until(b": still here")
            assert b"late answer" not in told.body
            assert b"blue" not in thief.body
            assert b"late answer" not in thief.body
            thief.leave()
            await asyncio.wait_for(stolen, 20)
            challenge = asked.json["challenge"]["id"]
            right = await house.ask("POST", f"/api/v1/challenges/{challenge}/answer", {"answer": RIGHT}, token)
            assert right.status == 200
            await told.until(b"a late answer")
            assert first["message"]["id"] not in told.body.decode()  # told before, not again


async def test_nobody_without_the_second_factor_that_they_must_have_reads_anything(house: House) -> None:
    services = house.node.services
    await services.identity.add("ada", Role.ADMIN, house.clock.now(), actor="control", password=RIGHT)
    user = await services.identity.find("ada")
    conversation = (
        await services.conversations.open(user.principal, "helpdesk", house.clock.now(), lane=Lane.STAFF)
    ).id
    login = await house.ask("POST", "/api/v1/session", {"username": "ada", "password": RIGHT})
    told = await house.ask("GET", f"/api/v1/conversations/{conversation}/events", None, login.json["token"])
    assert (told.status, told.problem) == (401, "second-factor-required")


async def test_an_answer_that_ends_at_what_must_not_go_out_is_told_as_a_problem(open_house: Open) -> None:
    iban = "DE89 3704 0044 0532 0130 00"
    parts = [event(delta(piece)) for piece in ("Of course. ", f"It is {iban}", " and more.")]
    async with serving(streamed(*parts, event(delta(None, "stop")), b"data: [DONE]\n\n")) as bot:
        toml = (
            f'[bots.shop]\nconnector = "openai"\nurl = "{bot.url}"\nmodel = "m"\n[bots.shop.policy]\niban = "block"\n'
        )
        async with open_house(HEAD + toml) as house:
            token = await house.visitor()
            conversation = await house.conversation(token, "shop")
            async with following(house, token, conversation) as told:
                turn = await say(house, token, conversation, "What is your IBAN?")
                await told.until(b"event: problem")
    (name, _, problem) = events(told)[-1]
    assert (name, problem["type"]) == ("problem", "urn:chatwarden:problem:answer-stopped")
    assert (problem["classes"], problem["reply_to"]) == (["iban"], turn["message"]["id"])
    assert turn["replies"][0]["text"] == "Of course. It is "
    assert turn["notice"] == "The answer ends here: this bot may not say what comes next (IBAN)."
    assert turn["handoff"] == "offered"
    assert "3704" not in told.body.decode()
