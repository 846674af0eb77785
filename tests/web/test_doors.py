"""A request carries the credential of one principal, and at each door of the right kind: on every route there is."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chatwarden.errors import InvalidToken
from chatwarden.principal import Kind
from chatwarden.web import doors, operations
from chatwarden.web.http import Request
from chatwarden.web.routes import Route
from chatwarden.web.site import ROUTES
from tests.world.bots import Bot, alarms, log, watched
from tests.world.house import House, Open, Told
from tests.world.outside import EXCHANGE, FORM, as_form, basic

RIGHT = "a long and quiet afternoon"
NEVER_GIVEN = "0" * 64
PEOPLES = [one for one in ROUTES if not one.oauth and one.tag != "bots"]  # the others are doors of bots


@pytest.fixture
async def house(open_house: Open, tmp_path: Path) -> AsyncIterator[House]:
    async with watched(open_house, tmp_path / "home") as opened:
        yield opened


async def person(house: House) -> str:
    """The token of somebody who logged in."""
    await operations.run(house.node.services, "user.add", {"name": "anna", "role": "customer", "password": RIGHT})
    told = await house.ask("POST", "/api/v1/session", {"username": "anna", "password": RIGHT})
    assert told.status == 201, told.body
    token: str = told.json["token"]
    return token


async def misplaced(house: House) -> list[tuple[str, str]]:
    return [(actor, reason) for event, actor, reason in await log(house) if event == "credential:misplaced"]


async def ask(house: House, route: Route, token: str, **more: str) -> Told:
    path = re.sub(r"\{[^}]*\}", "x", route.path)
    body = b"" if route.request is None else as_form(grant_type="x") if route.oauth else b"{}"
    kind = FORM if route.oauth else "application/json"
    return await house.ask(route.method, path, body, token, {"Content-Type": kind, **more})


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_no_route_takes_a_persons_and_a_bots_token_together(house: House, route: Route) -> None:
    mine, bots = await house.visitor(), await (await Bot.added(house)).sign_in()
    for token, more in ((mine, bots), (bots, mine)):
        told = await ask(house, route, token, **{"X-Api-Key": more})
        assert told.status == 401, told.body
        assert mine.encode() not in told.body
        assert bots.encode() not in told.body
    assert [reason for _, reason in await misplaced(house)] == ["mixed", "mixed"]
    assert ("credential-misplaced", (await misplaced(house))[0][0]) in await alarms(house)


@pytest.mark.parametrize("route", PEOPLES, ids=lambda one: f"{one.method} {one.path}")
async def test_a_bots_token_opens_no_door_of_a_person(house: House, route: Route) -> None:
    bot = await Bot.added(house)
    told = await ask(house, route, await bot.sign_in())
    assert told.status == 401
    account = await house.node.services.accounts.actor(bot.id)
    assert await misplaced(house) == [(account, "bot-token")]
    assert ("credential-misplaced", account) in await alarms(house)


@pytest.mark.parametrize("where", ["a second field", "the query", "one field", "a cookie"])
async def test_a_mix_is_found_wherever_it_stands_in_the_head(house: House, where: str) -> None:
    mine, bots = await house.visitor(), await (await Bot.added(house)).sign_in()
    path, head = "/api/v1/session", {}
    match where:
        case "a second field":
            head = {"Chatwarden-Turn": bots}
        case "the query":
            path += f"?access_token={bots.replace('_', '%5F')}"
        case "a cookie":
            head = {"Cookie": f"token={bots}"}
        case _:
            told = await house.ask("GET", path, None, "", {"Authorization": f"Bearer {mine}, Bearer {bots}"})
            assert told.problem == "invalid-token"
            return
    assert (await house.ask("GET", path, None, mine, head)).problem == "invalid-token"


async def test_the_forms_of_oauth_are_looked_at_too(house: House) -> None:
    mine, bot = await house.visitor(), await Bot.added(house)
    bots = await bot.sign_in()
    tries = [
        (basic(bot.id, bot.secret), {"grant_type": EXCHANGE, "subject_token": mine}),
        (basic(bot.id, mine), {"grant_type": "client_credentials", "generation": "1"}),
        ({}, {"grant_type": "client_credentials", "client_id": bot.id, "client_secret": mine}),
        (basic("orders", "o" * 40), {"grant_type": EXCHANGE, "subject_token": mine, "actor_token": bots}),
    ]
    for head, form in tries:
        for path in ("/oauth/token", "/oauth/introspect", "/oauth/revoke"):
            told = await house.ask("POST", path, as_form(token=mine, **form), "", {"Content-Type": FORM, **head})
            assert (told.status, told.json["error"]) == (401, "invalid_client")
    assert {reason for _, reason in await misplaced(house)} == {"mixed"}
    assert (await house.ask("GET", "/api/v1/session", None, mine)).status == 200  # nothing was taken back


async def test_what_was_never_given_out_is_refused_alike_and_alarms_nobody(house: House) -> None:
    real = await (await Bot.added(house)).sign_in()
    answers = {(await house.ask("GET", "/api/v1/session", None, one)).body for one in (real, f"cwb_{NEVER_GIVEN}")}
    assert len(answers) == 1
    assert (await misplaced(house))[-1] == ("unknown", "bot-token")
    assert len(await alarms(house)) == 1


async def test_a_bots_account_is_no_persons(house: House) -> None:
    bot = await Bot.added(house)
    account = await house.node.services.accounts.actor(bot.id)
    tries = [(bot.id, bot.secret), (bot.id, "wrong"), ("anna", bot.secret), ("anna", "wrong")]
    answers = set()
    for name, password in tries:
        told = await house.ask("POST", "/api/v1/session", {"username": name, "password": password})
        answers.add((told.status, told.body))
    ((status, _),) = answers
    assert status == 401
    assert await misplaced(house) == [(account, "bot-id"), ("unknown", "bot-id"), ("unknown", "bot-secret")]
    assert [event for event, _ in await alarms(house)] == ["credential-misplaced"]


async def test_a_persons_token_opens_no_door_of_a_bot(house: House) -> None:
    mine = await person(house)
    request = Request(
        {"type": "http", "headers": [(b"authorization", b"Bearer " + mine.encode())], "query_string": b""}, receive
    )
    with pytest.raises(InvalidToken):
        await doors.one_kind(house.node.services, request, door=Kind.BOT)
    await doors.one_kind(house.node.services, request, door=None)
    ((actor, reason),) = await misplaced(house)
    assert (actor[:4], reason) == ("usr_", "session-token")


async def test_a_source_fills_the_log_only_so_fast(open_house: Open) -> None:
    async with open_house('[storage]\nurl = "sqlite"\n[limits]\ntoken_failures = "1/h burst 3"\n') as house:
        for _ in range(6):
            assert (await house.ask("GET", "/healthz", None, f"cwb_{NEVER_GIVEN}")).status == 401
        assert len(await misplaced(house)) == 3


async def test_a_bot_and_its_turn_are_no_mix(house: House) -> None:
    bots = await (await Bot.added(house)).sign_in()
    head = [(b"authorization", b"Bearer " + bots.encode()), (b"chatwarden-turn", b"cwt_" + NEVER_GIVEN.encode())]
    request = Request({"type": "http", "headers": head, "query_string": b""}, receive)
    await doors.one_kind(house.node.services, request, door=Kind.BOT)


async def receive() -> dict[str, object]:
    return {"type": "http.disconnect"}
