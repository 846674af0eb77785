"""What administrators do with accounts, on a house of its own: it takes effect at once and is on record."""

from __future__ import annotations

from typing import Any

import pytest

from chatwarden.clock import DAY
from chatwarden.errors import Conflict, InvalidRequest, NotFound
from chatwarden.principal import Role
from chatwarden.web import operations
from tests.web.test_operations import run
from tests.world.house import House

PASSWORD = "a long and quiet afternoon"


async def do(house: House, command: str, **args: Any) -> Any:
    return await operations.run(house.node.services, command, args)


async def login(house: House, name: str, password: str = PASSWORD) -> str:
    told = await house.ask("POST", "/api/v1/session", {"username": name, "password": password})
    return str(told.json["token"]) if told.status == 201 else told.problem


@pytest.mark.asvs("6.4.4", "6.4.6")
async def test_a_reset_takes_password_factors_and_sessions_and_gives_a_link(house: House) -> None:
    await do(house, "user.add", name="anna", role="customer", password=PASSWORD)
    token = await login(house, "anna")
    shown = await do(house, "user.reset", name="anna")
    assert shown["sessions_ended"] == 1
    assert await login(house, "anna") == "invalid-credentials"
    told = await house.ask("GET", "/api/v1/session", token=token)
    assert (told.problem, told.json["reason"]) == ("session-ended", "credential-changed")
    link = shown["enrolment_link"].partition("#")[2]
    told = await house.ask("POST", "/api/v1/enrolments", {"token": link, "password": "another quiet evening here"})
    assert told.status == 201
    assert (await login(house, "anna", "another quiet evening here")).startswith("cws_")


async def test_who_comes_by_a_company_or_a_website_gets_no_password(house: House) -> None:
    services, now = house.node.services, house.clock.now()
    identities = services.provider.identities
    user = await identities.account(
        "https://login.acme.example", "1", prefix="acme", role=Role.AGENT, now=now, actor="company:acme", called="anna"
    )
    with pytest.raises(Conflict, match="needs no password"):
        await do(house, "user.enrol", name=user.name)
    await services.factors.begin_totp(user, "", "Test", now)
    assert await do(house, "user.reset", name=user.name) == {"reset": "acme+anna", "sessions_ended": 0}
    rows = await house.node.database.fetch("SELECT 1 FROM enrolments")
    assert rows == []


@pytest.mark.asvs("8.3.2")
async def test_another_role_ends_the_sessions_with_the_rights_of_the_old_one(house: House) -> None:
    await do(house, "user.add", name="anna", role="customer", password=PASSWORD)
    token = await login(house, "anna")
    assert (await do(house, "user.role", name="anna", role="agent"))["sessions_ended"] == 1
    told = await house.ask("GET", "/api/v1/session", token=token)
    assert told.json["reason"] == "revoked"
    assert [one["role"] for one in (await do(house, "user.list"))["users"]] == ["agent"]
    with pytest.raises(InvalidRequest):
        await do(house, "user.role", name="anna", role="king")
    with pytest.raises(NotFound):
        await do(house, "user.role", name="bert", role="agent")


async def test_of_a_list_everybody_is_added_who_can_be(house: House) -> None:
    await do(house, "user.add", name="anna", role="customer")
    rows = [
        {"name": "bert", "role": "customer"}, {"name": "anna", "role": "agent"}, {"name": "carl", "role": "king"},
        {"name": "no name", "role": "agent"}, {"role": "agent"}, {"name": "dora", "role": "agent"},
    ]  # fmt: skip
    results = (await do(house, "user.import", rows=rows))["results"]
    assert ["refused" in one for one in results] == [False, True, True, True, True, False]
    assert all("/enrol#" in one["enrolment_link"] for one in results if "refused" not in one)
    people = {one["name"]: one["role"] for one in (await do(house, "user.list"))["users"]}
    assert people == {"anna": "customer", "bert": "customer", "dora": "agent"}
    for wrong in ([], "bert", [1], [{"name": "x", "role": "agent"}] * 51):
        with pytest.raises(InvalidRequest):
            await do(house, "user.import", rows=wrong)


@pytest.mark.asvs("7.4.2")
async def test_who_left_is_out_at_once(house: House) -> None:
    for name in ("anna", "bert"):
        await do(house, "user.add", name=name, role="customer", password=PASSWORD)
    token = await login(house, "anna")
    results = (await do(house, "user.leavers", names=["anna", "carl"]))["results"]
    assert [(one["name"], one.get("sessions_ended")) for one in results] == [("anna", 1), ("carl", None)]
    assert (await house.ask("GET", "/api/v1/session", token=token)).json["reason"] == "disabled"
    assert await login(house, "anna") == "invalid-credentials"
    assert (await login(house, "bert")).startswith("cws_")


async def test_whoever_was_not_seen_for_long_is_seen_off(house: House) -> None:
    for name in ("anna", "bert"):
        await do(house, "user.add", name=name, role="customer", password=PASSWORD)
    house.clock.advance(60 * DAY)
    await login(house, "bert")
    house.clock.advance(31 * DAY)
    dry = await do(house, "user.leavers", unused=90 * 86_400, dry=True)
    assert [one["name"] for one in dry["results"]] == ["anna"]
    assert (await login(house, "anna")).startswith("cws_")  # nothing was done, and now she was seen
    assert (await do(house, "user.leavers", unused=90 * 86_400))["results"] == []
    with pytest.raises(InvalidRequest):
        await do(house, "user.leavers")


async def test_a_person_may_have_an_address_for_notices_which_is_not_shown(house: House) -> None:
    added = await do(house, "user.add", name="anna", role="customer", password=PASSWORD, email="anna@example.org")
    assert set(added) == {"user"}
    rows = await house.node.database.fetch("SELECT name, contact FROM users")
    assert [(name, isinstance(sealed, bytes)) for name, sealed in rows] == [("anna", True)]
    assert "example.org" not in str(await do(house, "user.list"))
    changed = await do(house, "user.contact", name="anna", address="a@example.org")
    assert changed == {"user": "anna", "told_at": "a@example.org"}
    assert await do(house, "user.contact", name="anna", address="") == {"user": "anna", "told_at": "nowhere"}
    assert await house.node.database.fetch("SELECT contact FROM users") == [(None,)]
    exported = (await run(house, "audit.export"))["entries"]
    assert [one["entry"]["event"] for one in exported].count("user:contact-changed") == 3
    assert "example.org" not in str(exported)


@pytest.mark.parametrize("wrong", ["anna", "anna@example.org\r\nBcc: eve@example.org", "a@b, c@d", 7])
async def test_a_wrong_address_is_refused_before_anything_is_done(house: House, wrong: object) -> None:
    with pytest.raises(InvalidRequest, match="email: a mail address"):
        await do(house, "user.add", name="anna", role="customer", password=PASSWORD, email=wrong)
    assert (await do(house, "user.list"))["users"] == []
    await do(house, "user.add", name="anna", role="customer", password=PASSWORD)
    with pytest.raises(InvalidRequest, match="address: a mail address"):
        await do(house, "user.contact", name="anna", address=wrong)
    with pytest.raises(NotFound):
        await do(house, "user.contact", name="nobody", address="a@example.org")
