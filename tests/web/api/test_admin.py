"""Who gets in under /api/v1/admin, and what a query may say."""

from __future__ import annotations

import re

import pytest
from tests.web.api.test_login import RIGHT, answer, login, person, with_codes
from tests.web.test_operations import run
from tests.world.house import HEAD, House, Open
from tests.world.people import code

from chatwarden.errors import InvalidRequest
from chatwarden.principal import Role
from chatwarden.web.api.admin import ADMINS, BASE, READERS, asked, limit_of, number, one_of
from chatwarden.web.http import Request
from chatwarden.web.routes import Access
from chatwarden.web.site import ROUTES

OURS = [route for route in ROUTES if route.path.startswith(BASE)]


async def issued(house: House, role: str) -> str:
    """The token of a new person of this role, as a program would have it."""
    await run(house, "user.add", name=role, role=role, password=RIGHT)
    return str((await run(house, "session.issue", user=role, seconds=36_000))["token"])


async def signed_in(house: House, name: str = "ada", role: Role = Role.ADMIN) -> tuple[str, str]:
    """A member of staff who just came in with two factors: token, and the key of the authenticator app."""
    await person(house, name, role)
    secret = await with_codes(house, name)
    challenge = (await login(house, name)).json["challenge"]["id"]
    told = await answer(house, challenge, code(secret, house.clock.now()))
    assert told.status == 201, told.body
    return str(told.json["token"]), secret


def path_of(pattern: str) -> str:
    return re.sub(r"\{(id|name)\}", "cnv_" + "0" * 32, pattern)


async def test_agents_customers_trainers_visitors_and_strangers_are_refused_everywhere(house: House) -> None:
    tokens = [await issued(house, role) for role in ("agent", "customer", "trainer")] + [await house.visitor()]
    assert len(OURS) >= 15
    for route in OURS:
        for token in tokens:
            told = await house.ask(route.method, path_of(route.path), None, token)
            assert (told.status, told.problem) == (403, "forbidden"), (route.method, route.path)
        told = await house.ask(route.method, path_of(route.path))
        assert (told.status, told.problem) == (401, "invalid-token"), (route.method, route.path)


async def test_an_auditor_looks_at_everything_and_changes_nothing(house: House) -> None:
    token = await issued(house, "auditor")
    # What starts a check is tried on a gateway that holds its home (test_admin_audit.py).
    for route in [one for one in OURS if (one.method, one.path) != ("POST", BASE + "/audit/verification")]:
        told = await house.ask(route.method, path_of(route.path), None, token)
        if route.roles == READERS:
            assert told.status in {200, 404}, (route.method, route.path, told.body)
        else:
            assert (told.status, told.problem) == (403, "forbidden"), (route.method, route.path)


def test_what_changes_something_is_for_administrators_alone_and_wants_a_person_who_is_there() -> None:
    for route in OURS:
        assert route.access is Access.ACTIVE
        looks = route.method == "GET" or route.path.endswith("/audit/verification")
        looks = looks and route.path != BASE + "/desk"  # who is at work, and since when, is no auditor's business
        assert route.roles == (READERS if looks else ADMINS), route.path


async def test_looking_is_limited_like_any_other_act(open_house: Open) -> None:
    async with open_house(HEAD.replace('messages = "off"', 'messages = "1/m burst 2"')) as house:
        token = await issued(house, "auditor")
        told = [(await house.ask("GET", BASE + "/overview", None, token)).status for _ in range(3)]
        assert told == [200, 200, 429]


def query(text: str) -> Request:
    async def nothing() -> dict[str, object]:
        return {}

    return Request({"query_string": text.encode()}, nothing)


def test_a_query_says_what_is_known_and_nothing_else() -> None:
    assert asked(query("a=1&b="), "a", "b") == {"a": "1"}
    assert asked(query("reason="), "reason") == {"reason": ""}
    for wrong in ("c=1", "a=" + "x" * 513, "a=1&a=2"):
        with pytest.raises(InvalidRequest):
            asked(query(wrong), "a", "b")
    with pytest.raises(InvalidRequest, match="there are none"):
        asked(query("a=1"))


@pytest.mark.parametrize("given", ["0", "201", "-1", "x", "1.5", "٣", "9" * 30])
def test_a_page_has_a_length(given: str) -> None:
    assert (limit_of({}), limit_of({"limit": "200"})) == (50, 200)
    with pytest.raises(InvalidRequest):
        limit_of({"limit": given})
    with pytest.raises(InvalidRequest):
        number({"skip": given}, "skip", otherwise=0, most=200)


def test_a_word_is_one_of_those_that_are_known() -> None:
    assert (one_of({}, "role", ["a"]), one_of({"role": "a"}, "role", ["a"])) == ("", "a")
    with pytest.raises(InvalidRequest, match="role is one of a"):
        one_of({"role": "b"}, "role", ["a"])
