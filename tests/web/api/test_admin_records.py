"""Sessions and conversations of everybody: who sees what, who ends one, and what is in the log about it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.web.api.test_admin import issued, signed_in
from tests.web.test_operations import RIGHT, run, say
from tests.world.house import HEAD, House, Open

from chatwarden.audit.model import Entry
from chatwarden.clock import MINUTE
from chatwarden.storage.model import StorageFailed, Transaction
from chatwarden.web.api.admin import BASE

SESSIONS, TALKS = BASE + "/sessions", BASE + "/conversations"


async def entries(house: House, event: str) -> list[Entry]:
    return [entry async for _, entry in house.node.services.audit.read() if entry.event == event]


async def test_sessions_are_listed_by_what_they_are_page_by_page(house: House) -> None:
    token = await issued(house, "auditor")
    visitors = [await house.visitor() for _ in range(3)]
    await run(house, "user.add", name="anna", role="customer", password=RIGHT)
    await house.ask("POST", "/api/v1/session", {"username": "anna", "password": RIGHT})

    async def asked(query: str) -> Any:
        told = await house.ask("GET", f"{SESSIONS}?{query}", None, token)
        assert told.status == 200, told.body
        return told.json

    whole = await asked("")
    assert (whole["total"], len(whole["sessions"]), whole["next"]) == (5, 5, None)
    assert [one["principal"]["name"] for one in whole["sessions"] if one.get("current")] == ["auditor"]
    for query, count in (
        ("role=visitor", 3),
        ("kind=person", 2),
        ("user=anna", 1),
        ("origin=issued", 1),
        ("state=active", 5),
    ):
        assert (await asked(query))["total"] == count, query
    first = await asked("role=visitor&limit=2")
    second = await asked(f"role=visitor&limit=2&skip={first['next']}")
    assert (len(first["sessions"]), len(second["sessions"]), second["next"]) == (2, 1, None)
    assert all(one not in str(whole) for one in (*visitors, token))
    house.clock.advance(9 * MINUTE + 30_000_000)
    assert (await asked("state=prompted"))["total"] == 0  # a program's token is not asked, and the rest has time
    for wrong in ("role=king", "kind=x", "state=ended", "limit=0", "skip=-1", "who=anna"):
        assert (await house.ask("GET", f"{SESSIONS}?{wrong}", None, token)).status == 400, wrong


async def test_an_administrator_ends_a_session_at_once_and_the_log_says_who(house: House) -> None:
    token, _ = await signed_in(house)
    me = (await house.ask("GET", "/api/v1/session", None, token)).json["principal"]["id"]
    visitor = await house.visitor()
    session = (await house.ask("GET", "/api/v1/session", None, visitor)).json["id"]
    assert (await house.ask("DELETE", f"{SESSIONS}/{session}", None, token)).status == 204
    assert (await house.ask("GET", "/api/v1/session", None, visitor)).json["reason"] == "revoked"
    [ended] = await entries(house, "session:ended")
    assert (ended.actor, ended.lane, ended.object, ended.reason) == (me, "staff", session, "revoked")
    assert (await house.ask("DELETE", f"{SESSIONS}/{session}", None, token)).problem == "not-found"


async def test_an_auditor_ends_no_session(house: House) -> None:
    token = await issued(house, "auditor")
    visitor = await house.visitor()
    session = (await house.ask("GET", "/api/v1/session", None, visitor)).json["id"]
    assert (await house.ask("DELETE", f"{SESSIONS}/{session}", None, token)).problem == "forbidden"
    assert (await house.ask("GET", "/api/v1/session", None, visitor)).status == 200


async def test_conversations_are_listed_by_bot_state_and_owner(house: House) -> None:
    token = await issued(house, "auditor")
    await run(house, "user.add", name="anna", role="customer", password=RIGHT)
    anna = (await house.ask("POST", "/api/v1/session", {"username": "anna", "password": RIGHT})).json["token"]
    visitor = await house.visitor()
    talks = [await house.conversation(one) for one in (visitor, anna, visitor)]
    await house.ask("POST", f"/api/v1/conversations/{talks[0]}/handoff", None, visitor)

    async def asked(query: str) -> Any:
        told = await house.ask("GET", f"{TALKS}?{query}", None, token)
        assert told.status == 200, told.body
        return told.json

    whole = await asked("")
    assert [one["id"] for one in whole["conversations"]] == talks[::-1]
    assert [one["name"] for one in whole["conversations"]] == [None, "anna", None]
    moved = (await asked(""))["conversations"][-1]["state"]
    assert moved != "bot"
    for query, found in (
        ("bot=helpdesk", 3), ("bot=other", 0), (f"state={moved}", 1), ("state=bot", 2), ("owner=anna", 1),
        (f"owner={whole['conversations'][0]['owner']}", 2),
    ):  # fmt: skip
        assert len((await asked(query))["conversations"]) == found, query
    first = await asked("limit=2")
    assert [one["id"] for one in (await asked(f"limit=2&after={first['next']}"))["conversations"]] == talks[:1]
    for wrong, status in (("after=cnv_1", 400), ("after=cnv_" + "0" * 32, 404), ("owner=nobody", 404)):
        assert (await house.ask("GET", f"{TALKS}?{wrong}", None, token)).status == status


async def test_a_conversation_shows_no_value_and_tombstones_for_what_is_gone(house: House) -> None:
    token = await issued(house, "auditor")
    visitor = await house.visitor()
    talk = await house.conversation(visitor)
    said = await say(house, visitor, talk, "I am at a@b.example with 4111 1111 1111 1111, see https://x.example/y")
    gone = (await say(house, visitor, talk, "not any more")).json["message"]["id"]
    await house.ask("DELETE", f"/api/v1/conversations/{talk}/messages/{gone}", None, visitor)
    told = await house.ask("GET", f"{TALKS}/{talk}", None, token)
    first, _, dead, _ = told.json["messages"]
    assert "a@b.example" in said.json["message"]["text"]  # their own person sees it
    for never in ("a@b.example", "4111 1111 1111 1111", "x.example", "not any more"):
        assert never not in told.body.decode()
    assert first["text"].startswith("I am at ")
    assert {one["class"] for one in first["findings"]} == {"email", "payment-card", "url"}
    for one in first["findings"]:
        assert first["text"][one["start"] : one["end"]]
    assert (dead["state"], dead["destroyed"]["reason"], "text" in dead) == ("destroyed", "person", False)
    assert told.json["conversation"]["id"] == talk


async def test_a_look_into_a_conversation_is_in_the_log_before_it_is_shown(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await issued(house, "auditor")
    visitor = await house.visitor()
    talk = await house.conversation(visitor)
    await say(house, visitor, talk, "quiet words")
    await house.ask("GET", f"{TALKS}/{talk}", None, token)
    [shown] = await entries(house, "conversation:shown")
    assert (shown.lane, shown.object, shown.reason, bool(shown.session)) == ("staff", talk, "messages", True)

    async def full(_: Transaction) -> None:
        raise StorageFailed("full")

    monkeypatch.setattr(house.node.database, "commit", full)
    told = await house.ask("GET", f"{TALKS}/{talk}", None, token)
    assert (told.status, told.problem) == (503, "unavailable")
    assert b"quiet words" not in told.body


async def test_who_reads_many_conversations_is_noticed(open_house: Open) -> None:
    async with open_house(HEAD + '[alarms]\nbulk_conversations = "2/10m"\n') as house:
        token = await issued(house, "admin")
        visitor = await house.visitor()
        for _ in range(3):
            talk = await house.conversation(visitor)
            assert (await house.ask("GET", f"{TALKS}/{talk}", None, token)).status == 200
        await house.node.sweep()
        [noticed] = await entries(house, "bulk-read:noticed")
        assert (noticed.lane, noticed.reason) == ("staff", "conversations more than 2 in 600s")


async def test_what_is_not_there_is_not_found(house: House) -> None:
    token = await issued(house, "auditor")
    for name in ("cnv_" + "0" * 32, "cnv_1", "msg_" + "0" * 32):
        assert (await house.ask("GET", f"{TALKS}/{name}", None, token)).status == 404
