"""What is still a person's own, over HTTP: who gets it, and what is in it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.web.api.test_conversations import CARD, say
from tests.web.api.test_factors import add_codes, token_of
from tests.web.api.test_login import RIGHT, answer, person
from tests.world.house import House, Told
from tests.world.people import code

from chatwarden.clock import MINUTE
from chatwarden.storage.model import StorageFailed, Transaction

EXPORT = "/api/v1/export"


async def take(house: House, token: str, told: Told | None = None) -> Told:
    return await house.ask("GET", EXPORT, None, token, told=told)


async def test_a_person_gets_what_is_still_theirs_in_clear_and_no_secret(house: House) -> None:
    await person(house)
    token = await token_of(house)
    secret, added = await add_codes(house, token)
    talk = await house.conversation(token)
    first = (await say(house, token, talk, f"card {CARD}, cvv 737")).json["message"]
    gone = (await say(house, token, talk, "not any more")).json["message"]
    await house.ask("DELETE", f"/api/v1/conversations/{talk}/messages/{gone['id']}", None, token)
    stranger = await house.visitor()
    await say(house, stranger, await house.conversation(stranger), "theirs alone")
    told = await take(house, token)
    assert (told.status, told.headers["content-type"]) == (200, "application/json")
    assert told.headers["content-disposition"] == 'attachment; filename="chatwarden-export.json"'
    shown: Any = told.json
    assert (shown["format"], shown["complete"]) == ("chatwarden-export-1", True)
    assert (shown["account"]["name"], shown["account"]["role"], shown["account"]["named_by"]) == (
        "anna",
        "customer",
        [],
    )
    assert [one["kind"] for one in shown["factors"]] == ["totp"]
    assert [one["current"] for one in shown["sessions"]] == [True]
    [conversation] = shown["conversations"]
    [card, _, destroyed, _] = conversation["messages"]
    assert CARD in card["text"]
    assert CARD not in first["text"]
    assert "737" not in card["text"]
    found = card["findings"][0]
    assert card["text"][found["start"] : found["end"]] == CARD
    assert destroyed["destroyed"]["reason"] == "person"
    whole = told.body.decode()
    for never in (secret, token, RIGHT, *added["recovery_codes"], "theirs alone", "not any more", "argon2"):
        assert never not in whole


async def test_it_wants_a_fresh_factor(house: House) -> None:
    await person(house)
    token = await token_of(house)
    secret, _ = await add_codes(house, token)
    house.clock.advance(6 * MINUTE)
    refused = await take(house, token)
    assert (refused.status, refused.problem) == (401, "step-up-required")
    assert [e async for _, e in house.node.services.audit.read() if e.event == "export:made"] == []
    challenge = refused.json["challenge"]["id"]
    assert (await answer(house, challenge, code(secret, house.clock.now()), token=token)).status == 200
    assert (await take(house, token)).status == 200


async def test_who_cannot_show_who_they_are_gets_nothing(house: House) -> None:
    visitor = await house.visitor()
    refused = await take(house, visitor)
    assert (refused.status, refused.problem) == (403, "forbidden")
    assert (await house.ask("GET", EXPORT)).problem == "invalid-token"


async def test_what_cannot_be_noted_in_the_log_is_not_given_out(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await person(house)
    token = await token_of(house)
    await say(house, token, await house.conversation(token), "hello")

    async def full(_: Transaction) -> None:
        raise StorageFailed("full")

    with monkeypatch.context() as disk:
        disk.setattr(house.node.database, "commit", full)
        told = await take(house, token)
    assert (told.status, told.problem) == (503, "unavailable")
    assert b"hello" not in told.body
