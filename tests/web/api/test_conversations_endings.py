"""Timers, tombstones and whole conversations over HTTP: who may, when it ends, and what is told."""

from __future__ import annotations

from typing import Any

import pytest
from tests.web.api.test_conversations import CARD, say
from tests.world.house import HEAD, House, Open, Told

from chatwarden.clock import DAY, MINUTE, SECOND, Instant, rfc3339

EDGE = MINUTE


async def turn(house: House, token: str, conversation: str, text: str, **more: Any) -> tuple[Any, Any]:
    told = await say(house, token, conversation, text, **more)
    assert told.status == 201, told.body
    return told.json["message"], told.json["replies"][0]


async def one(house: House, token: str, conversation: str, message: str) -> Told:
    return await house.ask("GET", f"/api/v1/conversations/{conversation}/messages/{message}", None, token)


async def timer(house: House, token: str, conversation: str, message: str, after: object) -> Told:
    path = f"/api/v1/conversations/{conversation}/messages/{message}"
    return await house.ask("PATCH", path, {"destroy_after": after}, token)


def edge(house: House, after: int) -> str:
    """The bucket's edge at which something ends that may live so many seconds."""
    return rfc3339((house.clock.now() + after * SECOND) // EDGE * EDGE)


def at_edge(house: House) -> Instant:
    """Begins right behind an edge, so that a test can count on."""
    house.clock.advance(EDGE - house.clock.now() % EDGE)
    return house.clock.now()


async def begun(house: House) -> tuple[str, str]:
    at_edge(house)
    token = await house.visitor()
    return token, await house.conversation(token)


async def test_a_message_may_be_sent_with_an_earlier_end_and_its_answer_ends_as_early(house: House) -> None:
    token, talk = await begun(house)
    message, reply = await turn(house, token, talk, "hello", destroy_after=300)
    assert (message["destroy_at"], reply["destroy_at"]) == (edge(house, 300), edge(house, 300))
    house.clock.advance(5 * MINUTE)
    told = [(await one(house, token, talk, each["id"])).json for each in (message, reply)]
    assert [each["state"] for each in told] == ["destroyed", "destroyed"]
    assert told[0]["destroyed"] == {"at": message["destroy_at"], "reason": "expired"}
    assert "text" not in told[0]


async def test_policy_is_never_outlived_and_a_bucket_is_the_least(house: House) -> None:
    token, talk = await begun(house)
    message, _ = await turn(house, token, talk, f"card {CARD}", destroy_after=30 * 86_400)
    assert message["destroy_at"] == edge(house, 15 * 60)
    house.clock.advance(10 * SECOND)
    message, _ = await turn(house, token, talk, "hello", destroy_after=1)
    assert message["destroy_at"] == edge(house, 60)  # the next edge there is
    house.clock.advance(50 * SECOND)
    assert (await one(house, token, talk, message["id"])).json["state"] == "destroyed"


async def test_a_timer_brings_the_end_nearer_and_never_farther(house: House) -> None:
    token, talk = await begun(house)
    message, _ = await turn(house, token, talk, f"card {CARD}")
    told = await timer(house, token, talk, message["id"], 120)
    assert (told.status, told.json["destroy_at"]) == (200, edge(house, 120))
    assert (told.json["id"], told.json["text"], told.json["findings"]) == (
        message["id"], message["text"], message["findings"]
    )  # fmt: skip
    later = await timer(house, token, talk, message["id"], 3_600)
    assert (later.status, later.json["destroy_at"]) == (200, told.json["destroy_at"])
    house.clock.advance(2 * MINUTE - 1)
    assert (await one(house, token, talk, message["id"])).json["state"] == "live"
    house.clock.advance(1)
    assert (await one(house, token, talk, message["id"])).json["state"] == "destroyed"
    await house.node.sweep()
    told = await one(house, token, talk, message["id"])
    assert told.json["destroyed"] == {"at": told.json["destroy_at"], "reason": "expired"}
    entries = [entry async for _, entry in house.node.services.audit.read() if entry.object == message["id"]]
    assert [entry.event for entry in entries] == ["message:received", "message:shortened", "message:destroyed"]
    assert entries[0].commitment != entries[1].commitment != ""


async def test_the_key_that_a_shortened_message_had_dies_at_once(house: House) -> None:
    token, talk = await begun(house)
    message, _ = await turn(house, token, talk, "hello")
    ring = house.node.ring
    before = {key.key for key in ring.export()}
    assert (await timer(house, token, talk, message["id"], 120)).status == 200
    after = {key.key for key in ring.export()}
    assert not before & after  # the page's key gave way to that of the answer alone
    assert (await one(house, token, talk, message["id"])).json["text"] == "hello"


async def test_a_bot_is_not_told_again_what_a_timer_ended(house: House) -> None:
    token, talk = await begun(house)
    message, _ = await turn(house, token, talk, "hello")
    assert (await timer(house, token, talk, message["id"], 60)).status == 200
    found = await house.node.services.conversations.find(talk)
    assert rfc3339(found.lines[0].destroy_at) == edge(house, 60)


async def test_open_screens_are_told_of_the_earlier_end(house: House) -> None:
    token, talk = await begun(house)
    message, _ = await turn(house, token, talk, "hello")
    listener = house.node.services.hub.listen(talk, "ses_1")
    assert (await timer(house, token, talk, message["id"], 60)).status == 200
    event = listener.queue.get_nowait()
    assert event is not None
    assert event.name == "message"
    assert edge(house, 60).encode() in event.data


@pytest.mark.parametrize("after", [0, -1, 1.5, "300", "5m", None, True, 400 * 86_400 + 1])
async def test_a_timer_is_whole_seconds_of_at_most_400_days(house: House, after: object) -> None:
    token, talk = await begun(house)
    message, _ = await turn(house, token, talk, "hello")
    refused = await timer(house, token, talk, message["id"], after)
    assert (refused.status, refused.problem) == (422, "invalid-request")
    if after is not None:
        assert (await say(house, token, talk, "again", destroy_after=after)).status == 422
    assert (await one(house, token, talk, message["id"])).json["destroy_at"] == message["destroy_at"]


async def test_nobody_else_reads_shortens_or_destroys(house: House) -> None:
    token, talk = await begun(house)
    message, _ = await turn(house, token, talk, "hello")
    stranger = await house.visitor()
    theirs = await house.conversation(stranger)
    at = f"/api/v1/conversations/{talk}"
    for method, path, body in [
        ("GET", f"{at}/messages/{message['id']}", None),
        ("PATCH", f"{at}/messages/{message['id']}", {"destroy_after": 60}),
        ("DELETE", f"{at}/messages/{message['id']}", None),
        ("DELETE", at, None),
        ("GET", f"/api/v1/conversations/{theirs}/messages/{message['id']}", None),
        ("PATCH", f"/api/v1/conversations/{theirs}/messages/{message['id']}", {"destroy_after": 60}),
    ]:
        refused = await house.ask(method, path, body, stranger)
        assert (refused.status, refused.problem) == (404, "not-found"), (method, path)
        assert (await house.ask(method, path, body)).problem == "invalid-token"
    assert (await one(house, token, talk, message["id"])).json == message


async def test_a_whole_conversation_is_destroyed_with_a_receipt_for_each_message(house: House) -> None:
    token, talk = await begun(house)
    for text in ("one", "two"):
        await turn(house, token, talk, text)
    other = await house.conversation(token)
    await turn(house, token, other, "stays")
    told = await house.ask("DELETE", f"/api/v1/conversations/{talk}", None, token)
    assert (told.status, told.json["id"], told.json["kept"]) == (200, talk, [])
    assert len({receipt["receipt"] for receipt in told.json["receipts"]}) == 4
    assert {receipt["reason"] for receipt in told.json["receipts"]} == {"person"}
    page = (await house.ask("GET", f"/api/v1/conversations/{talk}/messages", None, token)).json["messages"]
    assert [message["destroyed"]["reason"] for message in page] == ["person"] * 4
    page = (await house.ask("GET", f"/api/v1/conversations/{other}/messages", None, token)).json["messages"]
    assert [message["state"] for message in page] == ["live", "live"]
    again = await house.ask("DELETE", f"/api/v1/conversations/{talk}", None, token)
    assert again.json == {"id": talk, "receipts": [], "kept": []}
    await turn(house, token, talk, "and it goes on")


async def test_what_the_law_wants_kept_neither_timer_nor_wish_ends(open_house: Open) -> None:
    async with open_house(HEAD + '[bots.helpdesk.keep]\ndefault = "6d"\n') as house:
        token, talk = await begun(house)
        message, reply = await turn(house, token, talk, "hello", destroy_after=60)
        assert message["destroy_at"] == reply["destroy_at"] == rfc3339(house.clock.now() + 6 * DAY)
        refused = await timer(house, token, talk, message["id"], 5 * 86_400)
        assert (refused.status, refused.problem) == (403, "forbidden")
        assert refused.json["kept_until"] == message["destroy_at"]
        told = await house.ask("DELETE", f"/api/v1/conversations/{talk}", None, token)
        assert (told.status, told.json["receipts"]) == (200, [])
        assert [one["id"] for one in told.json["kept"]] == [message["id"], reply["id"]]
        assert (await one(house, token, talk, message["id"])).json["state"] == "live"


async def test_whoever_is_asked_may_destroy_and_not_read(house: House) -> None:
    """While somebody must show who they are nothing is revealed to them, and what takes away still works."""
    token, talk = await begun(house)
    message, _ = await turn(house, token, talk, "hello")
    house.clock.advance(14 * MINUTE + 30 * SECOND)
    assert (await one(house, token, talk, message["id"])).problem == "confirmation-required"
    assert (await timer(house, token, talk, message["id"], 60)).problem == "confirmation-required"
    assert len((await house.ask("DELETE", f"/api/v1/conversations/{talk}", None, token)).json["receipts"]) == 2


async def test_the_reasons_of_an_end_are_told_apart(open_house: Open) -> None:
    async with open_house(HEAD + '[policy.class]\nemail = "hold"\n') as house:
        token, talk = await begun(house)
        first, _ = await turn(house, token, talk, "hello")
        held = await say(house, token, talk, "write to a@b.example")
        assert held.status == 202
        path = f"/api/v1/conversations/{talk}/messages"
        await house.ask("POST", f"{path}/{held.json['message']['id']}/withdraw", None, token)
        await house.ask("DELETE", f"{path}/{first['id']}", None, token)
        page = (await house.ask("GET", path, None, token)).json["messages"]
        assert [message.get("destroyed", {}).get("reason") for message in page] == ["person", None, "withdrawn"]
        assert page[0]["destroyed"]["at"] == page[0]["destroy_at"] == rfc3339(house.clock.now())
