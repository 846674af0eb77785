"""What is given for what: a visitor of a website gets a session, a client a token for itself or on behalf of a person."""

from __future__ import annotations

import asyncio
import json
import warnings

import pytest
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import KeySet
from tests.world.forge import claims, hostile
from tests.world.outside import ACCESS_TOKEN, EXCHANGE, JWT_BEARER, ORDERS, SITE, STOCK, US, World

from chatwarden.clock import MINUTE, SECOND
from chatwarden.principal import Role
from chatwarden.sessions.model import EndReason
from chatwarden.web import operations

TOKEN = "/oauth/token"
JWT = "urn:ietf:params:oauth:token-type:jwt"
NOT_ACCEPTED = {"error": "invalid_grant", "error_description": "the grant was not accepted"}


async def decoded(world: World, token: str) -> tuple[dict[str, object], dict[str, object]]:
    """Header and claims, verified by somebody else's library with what is published."""
    published = (await world.house.ask("GET", "/oauth/jwks")).json
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)  # of the name EdDSA
        found = jwt.decode(token, KeySet.import_key_set(published), algorithms=["EdDSA"])
    return dict(found.header), dict(found.claims)


# -- a website's visitor


async def test_a_visitor_of_a_website_gets_a_session_without_typing_anything(world: World) -> None:
    told = await world.post(TOKEN, grant_type=JWT_BEARER, assertion=world.outside.assertion(US, world.now))
    assert told.status == 200
    assert (told.json["token_type"], told.json["expires_in"]) == ("Bearer", 12 * 3_600)
    assert told.json["scope"] == "orders:read orders:write"
    shown = (await world.house.ask("GET", "/api/v1/session", None, told.json["access_token"])).json
    assert shown["principal"]["roles"] == ["customer"]
    assert (shown["principal"]["kind"], shown["principal"]["name"]) == ("person", "shop+c-1042")
    assert shown["assurance"]["factors"] == ["assertion"]
    assert (await world.session(told.json["access_token"])).origin == "assertion"
    assert await world.house.conversation(told.json["access_token"])


async def test_the_same_visitor_is_the_same_person_and_another_websites_is_not(world: World) -> None:
    first, again, other = await world.arrive(), await world.arrive(), await world.arrive("c-7")
    forum = await world.post(
        TOKEN, grant_type=JWT_BEARER,
        assertion=world.outside.forum.token(claims("https://forum.example.org", US, world.now, subject="c-1042")),
    )  # fmt: skip
    people = [(await world.session(one)).principal.id for one in (first, again, other, forum.json["access_token"])]
    assert people[0] == people[1]
    assert len(set(people)) == 3


async def test_neither_a_name_nor_an_address_ever_leads_to_an_account(world: World) -> None:
    services, now = world.house.node.services, world.house.clock.now()
    anna = await services.identity.add(
        "anna@example.org", Role.CUSTOMER, now, actor="control", password="x" * 20 + "ab1"
    )
    for subject in ("anna@example.org", anna.id, anna.name):
        token = await world.arrive(subject, email="anna@example.org", email_verified=True, preferred_username=anna.name)
        session = await world.session(token)
        assert session.principal.id != anna.id
        assert session.principal.name != anna.name


@pytest.mark.parametrize("taken", ["shop+c-1042"])
async def test_a_name_that_is_taken_is_left_to_its_owner(world: World, taken: str) -> None:
    services, now = world.house.node.services, world.house.clock.now()
    owner = await services.identity.add(taken, Role.CUSTOMER, now, actor="control")
    person = (await world.session(await world.arrive())).principal
    assert person.id != owner.id
    assert person.name.startswith("shop+")
    assert (await world.session(await world.arrive())).principal.id == person.id


async def test_an_assertion_is_taken_once_also_of_many_at_once(world: World) -> None:
    assertion = world.outside.assertion(US, world.now)
    told = await asyncio.gather(*(world.post(TOKEN, grant_type=JWT_BEARER, assertion=assertion) for _ in range(20)))
    assert sorted(one.status for one in told) == [200, *[400] * 19]
    assert {json.dumps(one.json) for one in told if one.status == 400} == {json.dumps(NOT_ACCEPTED)}
    assert await world.refusals() == [("site:shop", "replayed")] * 19


async def test_of_many_first_visits_at_once_one_account_comes(world: World) -> None:
    tokens = await asyncio.gather(*(world.arrive("new") for _ in range(10)))
    assert len({(await world.session(token)).principal.id for token in tokens}) == 1


async def test_an_id_counts_for_its_website_only(world: World) -> None:
    await world.arrive(jti="one")
    forum = claims("https://forum.example.org", US, world.now, subject="f", jti="one")
    told = await world.post(TOKEN, grant_type=JWT_BEARER, assertion=world.outside.forum.token(forum))
    assert told.status == 200


@pytest.mark.asvs("6.8.2")
async def test_every_hostile_assertion_of_a_website_is_refused_alike_and_logged(world: World) -> None:
    corpus = hostile(world.outside.shop, claims(SITE, US, world.now, subject="c-1042"))
    for trick, (token, _) in corpus.items():
        told = await world.post(TOKEN, grant_type=JWT_BEARER, assertion=token)
        assert told.status == 400, (trick, told.body)
        if len(token) <= 16_384:
            assert told.json == NOT_ACCEPTED, trick
    reasons = [
        reason if reason not in {"issuer", "no-iss"} else "unknown-issuer"
        for token, reason in corpus.values()
        if len(token) <= 16_384
    ]
    assert [reason for _, reason in await world.refusals()] == reasons
    assert await world.house.node.services.sessions.all(world.house.clock.now()) == []


async def test_what_is_missing_or_not_meant_for_visitors_is_refused(world: World) -> None:
    told = await world.post(TOKEN, grant_type=JWT_BEARER)
    assert (told.status, told.json["error"]) == (400, "invalid_request")
    for assertion, reason in (
        (world.outside.robot.token(claims("robot", US, world.now, subject="c")), "issuer"),  # a client is no website
        (world.outside.shop.token(claims(SITE, US, world.now)), "subject"),  # with this the website shows itself
        (world.outside.shop.token(claims("orders", US, world.now, subject="c")), "wrong-method"),
    ):
        told = await world.post(TOKEN, grant_type=JWT_BEARER, assertion=assertion)
        assert (told.status, told.json) == (400, NOT_ACCEPTED)
        assert (await world.refusals())[-1][1] == reason


async def test_a_client_that_is_shown_beside_must_be_right(world: World) -> None:
    told = await world.as_client(TOKEN, grant_type=JWT_BEARER, assertion=world.outside.assertion(US, world.now))
    assert told.status == 200
    told = await world.post(
        TOKEN, client_id="orders", client_secret="x" * 40, grant_type=JWT_BEARER,
        assertion=world.outside.assertion(US, world.now),
    )  # fmt: skip
    assert (told.status, told.json["error"]) == (401, "invalid_client")
    told = await world.post(
        TOKEN, client_id="whoever", grant_type=JWT_BEARER, assertion=world.outside.assertion(US, world.now)
    )
    assert told.status == 200  # a bare name shows nobody and asks for nothing


async def test_a_disabled_account_gets_nothing(world: World) -> None:
    services = world.house.node.services
    token = await world.arrive()
    name = (await world.session(token)).principal.name
    await operations.run(services, "user.disable", {"name": name})
    assert (await world.house.ask("GET", "/api/v1/session", None, token)).problem == "session-ended"
    told = await world.post(TOKEN, grant_type=JWT_BEARER, assertion=world.outside.assertion(US, world.now))
    assert (told.status, told.json) == (400, NOT_ACCEPTED)
    assert (await world.refusals())[-1][1] == "disabled"


async def test_an_account_that_is_disabled_while_its_visitor_comes_lets_nobody_in(world: World) -> None:
    services = world.house.node.services
    name = (await world.session(await world.arrive())).principal.name
    start = services.sessions.start

    async def disabled_meanwhile(*args: object, **more: object) -> object:
        await services.identity.set_enabled(name, world.house.clock.now(), enabled=False, actor="control")
        return await start(*args, **more)  # type: ignore[arg-type]

    services.sessions.start = disabled_meanwhile  # type: ignore[method-assign, assignment]
    told = await world.post(TOKEN, grant_type=JWT_BEARER, assertion=world.outside.assertion(US, world.now))
    assert (told.status, told.json) == (400, NOT_ACCEPTED)
    living = await services.sessions.all(world.house.clock.now())
    assert [session.principal.name for session in living] == [name]  # the first one, from before


async def test_a_website_cannot_speak_for_staff(world: World) -> None:
    services = world.house.node.services
    person = (await world.session(await world.arrive())).principal
    await services.identity.set_role(person.name, Role.AGENT, world.house.clock.now(), actor="control")
    told = await world.post(TOKEN, grant_type=JWT_BEARER, assertion=world.outside.assertion(US, world.now))
    assert (told.status, (await world.refusals())[-1][1]) == (400, "role")


# -- a client for itself


async def test_a_client_gets_a_token_for_itself(world: World) -> None:
    told = await world.as_client(TOKEN, grant_type="client_credentials", audience=STOCK, scope="stock:read")
    assert (told.status, told.json["expires_in"], told.json["scope"]) == (200, 300, "stock:read")
    header, found = await decoded(world, told.json["access_token"])
    assert header["typ"] == "at+jwt"
    assert {name: found[name] for name in ("iss", "sub", "aud", "client_id", "scope")} == {
        "iss": US, "sub": "orders", "aud": STOCK, "client_id": "orders", "scope": "stock:read",
    }  # fmt: skip
    assert not {"act", "sid", "amr", "auth_time"} & set(found)
    assert found["exp"] == world.now + 300


@pytest.mark.asvs("10.3.2", "10.4.11")
@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, "invalid_target"),  # two are possible
        ({"audience": "https://bank.example.org"}, "invalid_target"),
        ({"audience": STOCK, "resource": ORDERS}, "invalid_target"),
        ({"audience": STOCK, "scope": "admin"}, "invalid_scope"),
        ({"audience": STOCK, "scope": " "}, "invalid_scope"),
    ],
)
async def test_a_client_gets_only_what_was_written_for_it(world: World, fields: dict[str, str], error: str) -> None:
    told = await world.as_client(TOKEN, grant_type="client_credentials", **fields)
    assert (told.status, told.json["error"]) == (400, error)


@pytest.mark.asvs("10.4.11")
async def test_what_is_too_much_is_left_out_and_told(world: World) -> None:
    told = await world.as_client(
        TOKEN, grant_type="client_credentials", resource=ORDERS, scope="orders:read admin orders:read"
    )
    assert told.json["scope"] == "orders:read"
    told = await world.as_client(TOKEN, grant_type="client_credentials", audience=ORDERS)
    assert told.json["scope"] == "orders:read stock:read"


@pytest.mark.asvs("10.4.4")
async def test_a_client_without_the_grant_gets_nothing(world: World) -> None:
    for grant in ("client_credentials", EXCHANGE):
        told = await world.as_client(
            TOKEN, "proxy", grant_type=grant, subject_token=await world.arrive(), subject_token_type=ACCESS_TOKEN
        )
        assert (told.status, told.json["error"]) == (400, "unauthorized_client")
    shown = world.outside.site_assertion(US, world.now)
    told = await world.post(TOKEN, **shown, grant_type="client_credentials")
    assert (told.status, told.json["error"]) == (400, "unauthorized_client")


@pytest.mark.asvs("10.4.4")
async def test_other_grants_are_not_known(world: World) -> None:
    for grant in ("password", "authorization_code", "refresh_token", "implicit", "x"):
        told = await world.as_client(TOKEN, grant_type=grant)
        assert (told.status, told.json["error"]) == (400, "unsupported_grant_type")


# -- on behalf of a person


async def test_a_token_on_behalf_of_a_person_says_for_whom_and_by_whom(world: World) -> None:
    token = await world.arrive()
    session = await world.session(token)
    told = await world.exchange(token)
    assert told.status == 200
    assert {name: told.json[name] for name in told.json if name != "access_token"} == {
        "token_type": "Bearer", "expires_in": 300, "issued_token_type": ACCESS_TOKEN, "scope": "orders:read",
    }  # fmt: skip
    header, found = await decoded(world, told.json["access_token"])
    assert header["typ"] == "at+jwt"
    jti = found.pop("jti")
    assert found == {
        "iss": US, "sub": session.principal.id, "aud": ORDERS, "client_id": "orders", "act": {"sub": "orders"},
        "sid": session.id, "scope": "orders:read", "iat": world.now, "exp": world.now + 300,
        "auth_time": session.authenticated_at // SECOND, "acr": "urn:chatwarden:acr:one-factor",
    }  # fmt: skip
    log = [entry async for _, entry in world.house.node.services.audit.read() if entry.event == "token:issued"]
    assert [(entry.actor, entry.object, entry.reason) for entry in log] == [("client:orders", jti, session.id)]


async def test_a_password_is_told_as_a_method(world: World) -> None:
    services, now = world.house.node.services, world.house.clock.now()
    await services.identity.add("anna", Role.CUSTOMER, now, actor="control", password="an afternoon by the sea 1")
    login = {"username": "anna", "password": "an afternoon by the sea 1"}
    token = (await world.house.ask("POST", "/api/v1/session", login)).json["token"]
    _, found = await decoded(world, (await world.exchange(token)).json["access_token"])
    assert (found["amr"], found["acr"]) == (["pwd"], "urn:chatwarden:acr:one-factor")


@pytest.mark.asvs("8.3.3", "10.3.2")
async def test_a_right_needs_the_client_and_the_person(world: World) -> None:
    visitor = await world.house.visitor()
    for token, asked, got in (
        (visitor, {}, None),
        (visitor, {"scope": "orders:read"}, "invalid_scope"),
        (await world.arrive(), {"scope": "stock:read orders:write"}, "invalid_scope"),  # one each
        (await world.arrive(), {"scope": "orders:read orders:write stock:read"}, "orders:read"),
    ):
        told = (await world.exchange(token, **asked)).json
        assert told.get("scope", told.get("error")) == got


async def test_a_bot_exchanges_its_turn_token(world: World) -> None:
    token = await world.arrive()
    session = await world.session(token)
    turns = world.house.node.services.gateway.turns
    turn = turns.issue(session.principal, "cnv_1", session.id, world.house.clock.now())
    shown = world.outside.client_assertion(US, world.now)
    told = await world.post(
        TOKEN, **shown, grant_type=EXCHANGE, subject_token=turn, subject_token_type=ACCESS_TOKEN,
        requested_token_type=JWT,
    )  # fmt: skip
    assert (told.status, told.json["issued_token_type"]) == (200, JWT)
    _, found = await decoded(world, told.json["access_token"])
    assert (found["sub"], found["act"], found["aud"]) == (session.principal.id, {"sub": "robot"}, ORDERS)
    await world.house.ask("DELETE", "/api/v1/session", None, token)
    told = await world.exchange(turn)
    assert (told.status, told.json) == (400, NOT_ACCEPTED)


@pytest.mark.asvs("10.4.9")
async def test_no_token_outlives_its_session(world: World) -> None:
    token = await world.arrive()
    world.house.clock.advance(15 * MINUTE - 61 * SECOND)  # asked in a second, idle in a minute and one
    told = await world.exchange(token)
    assert told.status == 200
    _, found = await decoded(world, told.json["access_token"])
    assert found["exp"] == (await world.session(token)).idle_deadline // SECOND


async def test_a_session_that_is_asked_or_over_gets_nothing_for_nobody(world: World) -> None:
    token = await world.arrive()
    session = await world.session(token)
    world.house.clock.advance(14 * MINUTE)
    told = await world.exchange(token)
    assert (told.status, told.json) == (400, NOT_ACCEPTED)
    await world.house.node.services.sessions.end(session, EndReason.REVOKED, world.house.clock.now(), actor="control")
    assert (await world.exchange(token)).json == NOT_ACCEPTED
    assert (await world.exchange("cws_" + "0" * 64)).json == NOT_ACCEPTED
    assert (await world.exchange("nonsense")).json == NOT_ACCEPTED
    assert await world.refusals() == [
        ("client:orders", f"subject-{reason}")
        for reason in ("confirmation-required", "session-ended", "invalid-token", "not-found")
    ]


async def test_a_session_without_its_second_factor_gets_nothing(world: World) -> None:
    token = await world.arrive()
    (await world.session(token)).incomplete = True
    assert (await world.exchange(token)).json == NOT_ACCEPTED
    assert (await world.refusals())[-1][1] == "subject-second-factor-required"


async def test_a_session_that_ends_while_its_token_is_made_gets_nothing(world: World) -> None:
    token = await world.arrive()
    services = world.house.node.services
    made = services.provider.access_token

    async def ended_meanwhile(*args: object, **more: object) -> object:
        told = await made(*args, **more)  # type: ignore[arg-type]
        await services.sessions.end(
            await world.session(token), EndReason.REVOKED, world.house.clock.now(), actor="control"
        )
        return told

    services.provider.access_token = ended_meanwhile  # type: ignore[method-assign, assignment]
    assert (await world.exchange(token)).json == NOT_ACCEPTED


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"subject_token": ""}, "invalid_request"),
        ({"subject_token_type": ""}, "invalid_request"),
        ({"subject_token_type": JWT}, "invalid_request"),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"}, "invalid_request"),
        ({"actor_token": "x"}, "invalid_request"),
        ({"audience": "https://bank.example.org"}, "invalid_target"),
        ({"resource": STOCK}, "invalid_target"),
    ],
)
async def test_an_exchange_that_asks_for_something_else_is_told_so(
    world: World, fields: dict[str, str], error: str
) -> None:
    given = {"subject_token": await world.arrive(), **fields}
    token = given.pop("subject_token")
    told = await world.exchange(token, **given)
    assert (told.status, told.json["error"]) == (400, error)


async def test_an_exchanged_token_is_not_exchanged_again(world: World) -> None:
    token = (await world.exchange(await world.arrive())).json["access_token"]
    assert (await world.exchange(token)).json == NOT_ACCEPTED
    assert (await world.house.ask("GET", "/api/v1/session", None, token)).problem == "invalid-token"
