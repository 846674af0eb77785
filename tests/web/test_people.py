"""What administrators do with accounts, on a house of its own: it takes effect at once and is on record."""

from __future__ import annotations

from typing import Any

import pytest

from chatwarden.clock import DAY
from chatwarden.errors import InvalidRequest, NotFound
from chatwarden.web import operations
from tests.world.house import House

PASSWORD = "a long and quiet afternoon"


async def do(house: House, command: str, **args: Any) -> Any:
    return await operations.run(house.node.services, command, args)


async def login(house: House, name: str, password: str = PASSWORD) -> str:
    told = await house.ask("POST", "/api/v1/session", {"username": name, "password": password})
    return str(told.json["token"]) if told.status == 201 else told.problem


@pytest.mark.asvs("6.4.4")
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
