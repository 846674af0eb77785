"""Rows of ASVS that no other test holds, each shown on a house of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from chatwarden.clock import DAY
from chatwarden.principal import Role
from chatwarden.web import operations
from chatwarden.web.routes import Route
from chatwarden.web.site import ROUTES
from tests.web.api.test_login import SESSION, login, person, with_codes
from tests.world.agents import Floor
from tests.world.house import House

HIDDEN = (
    "role",
    "roles",
    "owner",
    "principal",
    "destroy_at",
    "idle_deadline",
    "assurance",
    "factors",
    "state",
    "admin",
)


@pytest.mark.asvs("6.2.10")
async def test_a_password_of_long_ago_still_opens(house: House) -> None:
    await person(house)
    house.clock.advance(3_650 * DAY)
    assert (await login(house)).status == 201


@pytest.mark.asvs("6.3.2")
async def test_nobody_gets_into_a_new_house(house: House) -> None:
    await operations.run(house.node.services, "user.add", {"name": "admin", "role": "admin"})  # as at the first start
    house.node.services.throttle.forgive("login:127.0.0.1")
    for name in ("admin", "root", "chatwarden", "helpdesk"):
        for password in ("", "admin", "chatwarden", "password", "changeme"):
            house.node.services.throttle.forgive("login:127.0.0.1")
            house.node.services.throttle.forgive(f"login-failure:{name}:127.0.0.1")
            assert (await login(house, name, password)).problem == "invalid-credentials"


@pytest.mark.asvs("6.4.3")
async def test_a_new_password_by_a_link_does_not_go_round_the_second_factor(house: House) -> None:
    await person(house)
    await with_codes(house)
    link: Any = await operations.run(house.node.services, "user.enrol", {"name": "anna"})
    token = link["enrolment_link"].partition("#")[2]
    told = await house.ask("POST", "/api/v1/enrolments", {"token": token, "password": "another long evening here"})
    assert told.status == 201
    assert (await login(house, password="another long evening here")).problem == "second-factor-required"


@pytest.mark.asvs("7.2.3")
async def test_ten_thousand_tokens_are_long_all_different_and_even_in_every_bit(house: House) -> None:
    sessions, now = house.node.services.sessions, house.clock.now()
    tokens: set[str] = set()
    for _ in range(20):  # many at a time share a write
        made = await asyncio.gather(*(sessions.visitor(now) for _ in range(500)))
        tokens |= {token for _, token in made}
    assert len(tokens) == 10_000
    assert {len(token) for token in tokens} == {4 + 64}
    numbers = [int(token.removeprefix("cws_"), 16) for token in tokens]
    for bit in range(256):
        ones = sum(number >> bit & 1 for number in numbers)
        assert 4_700 < ones < 5_300  # six standard deviations: once in 2 million runs for all bits together


def writing() -> Iterator[Route]:
    for route in ROUTES:
        if route.request is not None and route.path.startswith("/api/") and issubclass(route.request, msgspec.Struct):
            yield route


@pytest.mark.asvs("8.2.3", "8.3.1")
@pytest.mark.parametrize("route", list(writing()), ids=lambda route: f"{route.method} {route.path}")
async def test_what_nobody_may_write_is_refused_whoever_writes_it(house: House, route: Route) -> None:
    await person(house)
    told = await login(house)
    token = told.json["token"]
    conversation = await house.conversation(token)
    if route.roles:  # somebody whom the route lets in, so that it is not their role that is refused
        await house.ask("POST", f"/api/v1/conversations/{conversation}/handoff", None, token)
        if Role.AGENT in route.roles:
            token = await Floor(house).agent("greta")
            took = await house.ask("POST", f"/api/v1/desk/conversations/{conversation}/take", None, token)
            assert took.status == 200
        else:
            assert Role.ADMIN in route.roles
            token = await Floor(house).person("root", "admin")
        told = await house.ask("GET", SESSION, None, token)
    path = route.path.replace("{mid}", "msg_" + "0" * 32)
    path = path.replace("{id}", conversation if "conversations" in path else "chl_" + "0" * 32)
    taken = {field.encode_name for field in msgspec.structs.fields(route.request)}
    for name in HIDDEN:
        if name not in taken:
            refused = await house.ask(route.method, path, {name: "admin"}, token)
            assert (refused.status, refused.problem) == (422, "invalid-request"), name
            assert f"unknown field `{name}`" in refused.json["detail"]  # and not for want of another one
    after = await house.ask("GET", SESSION, None, token)
    assert after.json["principal"] == told.json.get("session", told.json)["principal"]


@pytest.mark.asvs("8.2.1")
async def test_a_bot_answers_only_the_roles_that_it_is_for(house: House) -> None:
    await person(house)
    await person(house, "tina", Role.TRAINER)
    token = (await login(house)).json["token"]
    assert (await house.ask("POST", "/api/v1/conversations", {"bot": "helpdesk"}, token)).status == 201
    services = house.node.services
    tina = services.identity.principal(await services.identity.find("tina"))
    _, trainer = await services.sessions.issue(tina, DAY, house.clock.now(), actor="control")
    told = await house.ask("POST", "/api/v1/conversations", {"bot": "helpdesk"}, trainer)
    assert (told.status, told.problem) == (404, "not-found")
