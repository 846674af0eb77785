"""Coming in over HTTP where a second factor stands between, and where there is none yet."""

from __future__ import annotations

import pytest
from tests.world.house import HEAD, House, Open, Told
from tests.world.people import code

from chatwarden.challenge import Purpose
from chatwarden.clock import MINUTE
from chatwarden.principal import Role

RIGHT = "a long and quiet afternoon"
SESSION = "/api/v1/session"


async def person(house: House, name: str = "anna", role: Role = Role.CUSTOMER) -> None:
    await house.node.services.identity.add(name, role, house.clock.now(), actor="control", password=RIGHT)


async def login(house: House, name: str = "anna", password: str = RIGHT, token: str = "", **more: str) -> Told:
    return await house.ask("POST", SESSION, {"username": name, "password": password}, token, **more)  # type: ignore[arg-type]


async def with_codes(house: House, name: str = "anna") -> str:
    services, now = house.node.services, house.clock.now()
    user = await services.identity.find(name)
    begun = await services.factors.begin_totp(user, "", "Test", now)
    await services.factors.confirm(user, begun["id"], code(begun["secret"], now), services.relying_party, now)
    house.clock.advance(MINUTE)
    return begun["secret"]


async def answer(house: House, challenge: str, given: object, kind: str = "", token: str = "") -> Told:
    return await house.ask("POST", f"/api/v1/challenges/{challenge}/answer", {"answer": given, "kind": kind}, token)


async def test_a_second_factor_is_asked_for_and_lets_in(house: House) -> None:
    await person(house)
    secret = await with_codes(house)
    told = await login(house)
    assert (told.status, told.problem) == (401, "second-factor-required")
    challenge = told.json["challenge"]
    assert (challenge["purpose"], challenge["kind"], challenge["attempts_left"]) == (Purpose.LOGIN, "totp", 5)
    wrong = await answer(house, challenge["id"], "000000")
    assert (wrong.status, wrong.problem) == (401, "second-factor-required")
    assert wrong.json["challenge"]["attempts_left"] == 4
    right = await answer(house, challenge["id"], code(secret, house.clock.now()))
    assert right.status == 201
    assert right.json["session"]["assurance"]["factors"] == ["password", "totp"]
    assert (await house.ask("GET", SESSION, None, right.json["token"])).status == 200
    again = await answer(house, challenge["id"], code(secret, house.clock.now()))
    assert (again.status, again.problem) == (401, "invalid-token")  # it is no challenge any more


async def test_a_visitor_keeps_the_conversation_over_a_login_with_two_factors(house: House) -> None:
    await person(house)
    secret = await with_codes(house)
    visitor = await house.visitor()
    conversation = await house.conversation(visitor)
    challenge = (await login(house, token=visitor)).json["challenge"]["id"]
    assert (await house.ask("GET", SESSION, None, visitor)).status == 200  # nothing moved yet
    told = await answer(house, challenge, code(secret, house.clock.now()), token=visitor)
    own = await house.ask("GET", "/api/v1/conversations", None, told.json["token"])
    assert [one["id"] for one in own.json["conversations"]] == [conversation]
    assert (await house.ask("GET", SESSION, None, visitor)).json["reason"] == "replaced"


@pytest.mark.asvs("6.3.3", "7.2.4")
async def test_staff_without_a_second_factor_can_set_one_up_and_nothing_else(house: House) -> None:
    await person(house, "ada", Role.ADMIN)
    told = await login(house, "ada")
    token = told.json["token"]
    assert told.json["session"]["incomplete"] is True
    for method, path, body in (
        ("GET", "/api/v1/sessions", None), ("POST", "/api/v1/conversations", {"bot": "helpdesk"}),
        ("GET", "/api/v1/conversations", None), ("POST", "/api/v1/step-up", {"operation": "export"}),
        ("DELETE", "/api/v1/sessions", None),
    ):  # fmt: skip
        refused = await house.ask(method, path, body, token)
        assert (refused.status, refused.problem) == (401, "second-factor-required"), path
    chat = await house.ask(
        "POST", "/bots/helpdesk/openai/v1/chat/completions",
        {"model": "helpdesk", "messages": [{"role": "user", "content": "hi"}]}, token,
    )  # fmt: skip
    assert chat.status == 401
    assert (await house.ask("GET", SESSION, None, token)).status == 200
    assert (await house.ask("GET", "/api/v1/factors", None, token)).json["second_factor_required"] is True
    begun = await house.ask("POST", "/api/v1/factors", {"kind": "totp"}, token)
    done = await house.ask(
        "POST", f"/api/v1/factors/{begun.json['id']}/confirm",
        {"answer": code(begun.json["secret"], house.clock.now())}, token,
    )  # fmt: skip
    assert done.status == 201
    assert len(done.json["recovery_codes"]) == 10
    assert done.json["session"]["assurance"]["factors"] == ["password", "totp"]
    assert (await house.ask("GET", SESSION, None, token)).json["reason"] == "replaced"
    assert (await house.ask("GET", "/api/v1/sessions", None, done.json["token"])).status == 200


@pytest.mark.asvs("6.3.3")
async def test_where_a_second_factor_is_required_of_customers_it_is(open_house: Open) -> None:
    async with open_house(HEAD + '[session.customer]\nsecond_factor = "required"\n') as house:
        await person(house)
        token = (await login(house)).json["token"]
        assert (await house.ask("GET", "/api/v1/conversations", None, token)).problem == "second-factor-required"


@pytest.mark.asvs("8.2.4")
async def test_outside_their_hours_staff_are_not_let_in_and_at_the_end_they_are_out(open_house: Open) -> None:
    async with open_house(HEAD + '[session.agent]\nhours = "Mon-Sun 00:00-12:00"\n') as house:
        day = 86_400_000_000
        house.clock.advance(day - house.clock.now() % day)  # midnight, UTC
        await person(house, "bert", Role.AGENT)
        house.clock.advance(11 * 60 * MINUTE)
        told = await login(house, "bert")
        assert told.json["session"]["absolute_deadline"].endswith("T12:00:00.000Z")
        house.clock.advance(60 * MINUTE)
        assert (await house.ask("GET", SESSION, None, told.json["token"])).problem == "session-ended"
        assert (await login(house, "bert")).problem == "forbidden"
        assert (await login(house, "bert", "wrong")).problem == "invalid-credentials"


@pytest.mark.asvs("6.3.1")
async def test_an_account_that_was_guessed_at_a_hundred_times_is_open_only_from_where_it_was_used(house: House) -> None:
    await person(house)
    await person(house, "bert")
    services = house.node.services
    assert (await login(house)).status == 201  # from here it is known
    for name in ("anna", "bert"):
        for _ in range(100):
            services.throttle.forgive(f"login-failure:{name}:127.0.0.1")
            services.throttle.forgive("login:127.0.0.1")
            assert (await login(house, name, "wrong")).problem == "invalid-credentials"
        services.throttle.forgive(f"login-failure:{name}:127.0.0.1")
        services.throttle.forgive("login:127.0.0.1")
    assert (await login(house)).status == 201
    locked = await login(house, "bert")
    assert (locked.status, locked.problem) == (401, "invalid-credentials")  # the same answer as for a wrong one


@pytest.mark.asvs("6.3.8")
async def test_a_login_by_passkey_begins_the_same_for_everybody(house: House) -> None:
    told = await house.ask("POST", "/api/v1/session/passkey", {})
    assert told.status == 200
    challenge = told.json["challenge"]
    assert challenge["passkey"]["allowCredentials"] == []
    assert challenge["passkey"]["userVerification"] == "required"
    for given in ("text", {}, {"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}, {"rawId": 1}):
        refused = await answer(house, challenge["id"], given)
        assert (refused.status, refused.problem) == (401, "invalid-credentials")


@pytest.mark.parametrize("path", ["/api/v1/session/passkey", SESSION])
async def test_a_field_that_nobody_knows_is_refused(house: House, path: str) -> None:
    assert (await house.ask("POST", path, {"admin": True})).status == 422


@pytest.mark.asvs("7.1.2", "7.2.2")
async def test_every_login_gets_a_token_of_its_own(house: House) -> None:
    await person(house)
    tokens = {(await login(house)).json["token"] for _ in range(3)}
    assert len(tokens) == 3
