"""The company says that a login is over: the session here ends, and what only looks like that ends nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.web.api.test_login import login, person
from tests.world.company import SECRET, company, toml
from tests.world.house import HEAD, Open, Told
from tests.world.town import FORM, ROLES, Town

from chatwarden.audit.model import Event
from chatwarden.clock import MINUTE, SystemClock


@pytest.mark.asvs("7.6.1")
async def test_a_logout_there_ends_the_session_here_at_once(town: Town) -> None:
    one = await town.token()
    town.acme.sid = "there-2"
    two = await town.token()
    await person(town.house, "bert")
    other = (await login(town.house, "bert")).json["token"]
    told = await town.log_out(sid="there-2")
    assert (told.status, told.body, told.headers["cache-control"]) == (200, b"", "no-store")
    assert [await town.state(token) for token in (one, two, other)] == ["living", "company-logout", "living"]
    assert (await town.log_out(sid=None)).status == 200
    assert [await town.state(token) for token in (one, two, other)] == ["company-logout", "company-logout", "living"]
    assert await town.reasons(Event.COMPANY_LOGOUT) == ["1", "1"]


async def test_a_logout_reaches_every_session_of_a_person_and_its_streams(town: Town) -> None:
    tokens = [await town.token() for _ in range(5)]
    conversation = await town.house.conversation(tokens[0])
    told = Told()
    stream = asyncio.create_task(
        town.house.ask("GET", f"/api/v1/conversations/{conversation}/events", token=tokens[0], told=told)
    )
    await told.until(b"retry")
    assert (await town.log_out(sid=None)).status == 200
    await told.end()
    assert b"session.ended" in told.body
    assert b'"reason":"company-logout"' in told.body
    await stream
    assert {await town.state(token) for token in tokens} == {"company-logout"}


async def test_after_a_restart_a_logout_finds_its_sessions(open_house: Open, tmp_path: Path) -> None:
    secrets = tmp_path / "home" / "secrets"
    secrets.mkdir(parents=True)
    (secrets / "acme").write_text(SECRET)
    (secrets / "acme").chmod(0o600)
    async with company(SystemClock().now) as acme:
        config = "[server]\nlab = true\n" + HEAD + toml(acme.issuer)
        async with open_house(config) as house:
            token = await Town(house, acme, tmp_path / "home").token()
        async with open_house(config) as house:
            again = Town(house, acme, tmp_path / "home")
            assert await again.state(token) == "living"
            assert (await again.log_out()).status == 200
            assert await again.state(token) == "company-logout"


@pytest.mark.asvs("10.5.5")
async def test_a_logout_token_works_once_and_a_wrong_one_ends_nothing(town: Town) -> None:
    token = await town.token()
    out = town.acme.logout_token()
    for wrong in (
        "x", out.rpartition(".")[0] + "." + "A" * 342, town.acme.logout_token(events={}), town.acme.logout_token(nonce="n"),
        town.acme.logout_token(iss="https://evil.example"),
    ):  # fmt: skip
        told = await town.log_out(wrong)
        assert told.status == 400
        assert told.json == {
            "error": "invalid_request", "error_description": "the logout token was not accepted",
        }  # fmt: skip
    assert await town.state(token) == "living"
    assert (await town.log_out(out)).status == 200
    town.house.clock.advance(MINUTE)
    later = await town.token()
    assert (await town.log_out(out)).status == 400
    assert await town.state(later) == "living"
    assert await town.reasons(Event.COMPANY_LOGOUT_REFUSED) == [
        "malformed", "signature", "events", "nonce", "issuer", "replayed"
    ]  # fmt: skip


async def test_a_logout_is_a_form(town: Town) -> None:
    path = "/login/acme/backchannel-logout"
    for body, headers in ((b"{}", {}), (b"logout_token=a&logout_token=b", FORM), (b"", FORM), (b"\xff", FORM)):
        told = await town.house.ask("POST", path, body, headers=headers)
        assert (told.status, told.json["error"]) == (400, "invalid_request")


async def test_wrong_logouts_are_slowed_down_and_right_ones_are_not(town: Town) -> None:
    token = await town.token()
    for _ in range(10):
        assert (await town.log_out("x")).status == 400
    told = await town.log_out("x")
    assert (told.status, told.json["error"]) == (429, "temporarily_unavailable")
    assert len(await town.reasons(Event.COMPANY_LOGOUT_REFUSED)) == 10
    assert (await town.log_out()).status == 200
    assert await town.state(token) == "company-logout"


async def test_a_logout_whose_keys_cannot_be_fetched_may_be_sent_again(town: Town) -> None:
    token = await town.token()
    out = town.acme.logout_token()
    town.reload(ROLES)
    town.acme.status["/jwks"] = "500 Oh"
    told = await town.log_out(out)
    assert (told.status, told.json["error"], told.headers["retry-after"]) == (503, "temporarily_unavailable", "5")
    assert await town.state(token) == "living"
    town.acme.status = {}
    town.house.clock.advance(MINUTE)
    assert (await town.log_out(out)).status == 200
    assert await town.state(token) == "company-logout"
