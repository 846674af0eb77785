"""One's own credentials over HTTP: freshly proved, told, and the end of one's other sessions."""

from __future__ import annotations

from typing import Any

import pytest
from tests.web.api.test_login import RIGHT, SESSION, answer, login, person, with_codes
from tests.world.house import HEAD, House, Open, Told
from tests.world.people import code

from chatwarden.clock import MINUTE
from chatwarden.principal import Role

FACTORS = "/api/v1/factors"
NEXT = "another long evening here"


async def token_of(house: House, name: str = "anna") -> str:
    told = await login(house, name)
    assert told.status == 201, told.body
    token: str = told.json["token"]
    return token


async def add_codes(house: House, token: str) -> tuple[str, Any]:
    begun = await house.ask("POST", FACTORS, {"kind": "totp", "name": "Phone"}, token)
    assert begun.status == 200, begun.body
    done = await house.ask(
        "POST",
        f"{FACTORS}/{begun.json['id']}/confirm",
        {"answer": code(begun.json["secret"], house.clock.now())},
        token,
    )
    assert done.status == 201, done.body
    house.clock.advance(MINUTE)
    return begun.json["secret"], done.json


async def change(house: House, token: str, current: str = RIGHT, password: str = NEXT) -> Told:
    return await house.ask("PUT", "/api/v1/password", {"current": current, "password": password}, token)


@pytest.mark.asvs("7.4.3")
async def test_a_first_factor_brings_recovery_codes_and_ends_other_sessions(house: House) -> None:
    await person(house)
    token, other = await token_of(house), await token_of(house)
    secret, done = await add_codes(house, token)
    assert (done["factor"]["kind"], done["factor"]["name"]) == ("totp", "Phone")
    assert len(set(done["recovery_codes"])) == 10
    assert "token" not in done
    assert (await house.ask("GET", SESSION, None, other)).json["reason"] == "credential-changed"
    assert (await house.ask("GET", SESSION, None, token)).status == 200
    shown = (await house.ask("GET", FACTORS, None, token)).json
    assert (shown["password"], shown["recovery_left"], len(shown["factors"])) == (True, 10, 1)
    assert secret not in str(shown)
    assert (await login(house)).problem == "second-factor-required"


@pytest.mark.asvs("7.5.1")
async def test_a_change_wants_a_fresh_factor_and_the_strongest(house: House) -> None:
    await person(house)
    token = await token_of(house)
    secret, _ = await add_codes(house, token)
    house.clock.advance(6 * MINUTE)
    refused = await house.ask("POST", FACTORS, {"kind": "recovery"}, token)
    assert (refused.status, refused.problem) == (401, "step-up-required")
    assert 'error="insufficient_user_authentication"' in refused.headers["www-authenticate"]
    challenge = refused.json["challenge"]
    assert (challenge["purpose"], challenge["kinds"]) == ("step-up", ["totp"])
    assert (await answer(house, challenge["id"], "000000", token=token)).problem == "step-up-required"
    right = await answer(house, challenge["id"], code(secret, house.clock.now()), token=token)
    assert (right.status, right.json["state"]) == (200, "active")
    assert len((await house.ask("POST", FACTORS, {"kind": "recovery"}, token)).json["recovery_codes"]) == 10


@pytest.mark.asvs("7.5.1")
async def test_in_a_bank_each_change_wants_a_factor_of_its_own(open_house: Open) -> None:
    async with open_house(HEAD + '[session]\nprofile = "bank"\n') as house:
        await person(house)
        token = await token_of(house)
        for _ in range(2):
            refused = await house.ask("POST", FACTORS, {"kind": "totp"}, token)
            assert refused.problem == "step-up-required"
            assert refused.json["challenge"]["kinds"] == ["password"]
            assert (await answer(house, refused.json["challenge"]["id"], RIGHT, token=token)).status == 200
            assert (await house.ask("POST", FACTORS, {"kind": "totp"}, token)).status == 200


@pytest.mark.asvs("6.2.2", "6.2.3", "7.4.3")
async def test_a_password_is_changed_by_who_knows_it(house: House) -> None:
    await person(house)
    token, other = await token_of(house), await token_of(house)
    assert (await change(house, token, current="wrong")).problem == "invalid-credentials"
    short = await change(house, token, password="too short")
    assert (short.status, short.json["detail"]) == (422, "a password has at least 15 characters")
    assert (await house.ask("GET", SESSION, None, other)).status == 200
    assert (await change(house, token)).status == 204
    assert (await house.ask("GET", SESSION, None, other)).json["reason"] == "credential-changed"
    assert (await login(house)).problem == "invalid-credentials"
    assert (await login(house, password=NEXT)).status == 201


@pytest.mark.asvs("7.5.1")
async def test_who_has_a_second_factor_needs_it_for_another_password(house: House) -> None:
    await person(house)
    token = await token_of(house)
    secret, _ = await add_codes(house, token)
    house.clock.advance(6 * MINUTE)
    refused = await change(house, token)
    assert refused.problem == "step-up-required"
    await answer(house, refused.json["challenge"]["id"], code(secret, house.clock.now()), token=token)
    assert (await change(house, token)).status == 204


@pytest.mark.asvs("6.3.1")
async def test_a_stolen_session_cannot_guess_the_password(house: House) -> None:
    await person(house)
    token = await token_of(house)
    outcomes = [(await change(house, token, current=f"guess {n}")).problem for n in range(7)]
    assert outcomes == ["invalid-credentials"] * 5 + ["too-many-attempts"] * 2


async def test_a_factor_is_renamed_and_removed_and_the_last_one_stays_where_it_is_needed(house: House) -> None:
    await person(house)
    token = await token_of(house)
    _, done = await add_codes(house, token)
    path = f"{FACTORS}/{done['factor']['id']}"
    assert (await house.ask("PATCH", path, {"name": "Old phone"}, token)).json["name"] == "Old phone"
    assert (await house.ask("DELETE", path, None, token)).status == 204
    assert (await house.ask("DELETE", path, None, token)).problem == "not-found"
    assert (await login(house)).status == 201
    await person(house, "ada", Role.ADMIN)
    _, done = await add_codes(house, await token_of(house, "ada"))
    refused = await house.ask("DELETE", f"{FACTORS}/{done['factor']['id']}", None, done["token"])
    assert (refused.status, refused.problem) == (403, "forbidden")


@pytest.mark.parametrize(
    ("method", "rest", "body"),
    [
        ("GET", "", None), ("POST", "", {"kind": "totp"}), ("POST", "/fac_1/confirm", {"answer": "1"}),
        ("PATCH", "/fac_1", {"name": "x"}), ("DELETE", "/fac_1", None),
    ],
)  # fmt: skip
async def test_nobody_without_an_account_has_factors(house: House, method: str, rest: str, body: object) -> None:
    assert (await house.ask(method, FACTORS + rest, body)).problem == "invalid-token"
    visitor = await house.visitor()
    told = await house.ask(method, FACTORS + rest, body, visitor)
    assert told.status in {403, 404}


@pytest.mark.asvs("8.2.2")
async def test_another_persons_factor_is_not_there(house: House) -> None:
    await person(house)
    await person(house, "bert")
    anna, bert = await token_of(house), await token_of(house, "bert")
    _, done = await add_codes(house, anna)
    path = f"{FACTORS}/{done['factor']['id']}"
    for method, body in (("PATCH", {"name": "mine"}), ("DELETE", None)):
        assert (await house.ask(method, path, body, bert)).problem == "not-found"
    begun = await house.ask("POST", FACTORS, {"kind": "totp"}, anna)
    told = await house.ask("POST", f"{FACTORS}/{begun.json['id']}/confirm", {"answer": "000000"}, bert)
    assert told.problem == "not-found"


async def test_a_token_for_a_program_changes_no_credential(house: House) -> None:
    await person(house)
    services = house.node.services
    user = await services.identity.find("anna")
    _, issued = await services.sessions.issue(services.identity.principal(user), MINUTE, house.clock.now(), actor="c")
    assert (await house.ask("POST", FACTORS, {"kind": "totp"}, issued)).problem == "forbidden"
    secret = await with_codes(house)
    assert secret


async def test_recovery_codes_stand_in_for_something(house: House) -> None:
    await person(house)
    told = await house.ask("POST", FACTORS, {"kind": "recovery"}, await token_of(house))
    assert told.status == 422


@pytest.mark.asvs("6.6.1")
@pytest.mark.parametrize(
    "body", [{"kind": "sms"}, {"kind": "totp", "name": "x" * 65}, {"kind": "totp", "extra": 1}, {}]
)
async def test_what_is_no_factor_is_refused(house: House, body: dict[str, Any]) -> None:
    await person(house)
    assert (await house.ask("POST", FACTORS, body, await token_of(house))).status == 422
