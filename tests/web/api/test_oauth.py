"""Asking about tokens and taking them back: a token counts as long as its session, at every use, also after a restart."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.world.forge import claims, hostile
from tests.world.house import Open
from tests.world.outside import ORDERS, STOCK, US, Outside, World, as_form, at_work

from chatwarden.clock import DAY, HOUR, MINUTE, SECOND
from chatwarden.identity.signing import LONGEST
from chatwarden.sessions.model import EndReason

TOKEN, ASK, BACK = "/oauth/token", "/oauth/introspect", "/oauth/revoke"


async def own_token(world: World, name: str = "orders") -> str:
    """A token that a client has for itself."""
    told = await world.as_client(TOKEN, name, grant_type="client_credentials", audience=STOCK)
    token: str = told.json["access_token"]
    return token


async def on_behalf(world: World, token: str) -> str:
    told = await world.exchange(token)
    assert told.status == 200, told.body
    exchanged: str = told.json["access_token"]
    return exchanged


# -- what is where


@pytest.mark.asvs("10.4.7")
async def test_what_is_told_of_the_endpoints_is_true(world: World) -> None:
    told = await world.house.ask("GET", "/.well-known/oauth-authorization-server")
    assert told.status == 200
    assert told.json["issuer"] == US
    for name in ("token_endpoint", "introspection_endpoint", "revocation_endpoint"):
        path = told.json[name].removeprefix(US)
        assert (await world.house.ask("POST", path, b"")).status in {400, 401}
    keys = await world.house.ask("GET", told.json["jwks_uri"].removeprefix(US))
    assert [key["alg"] for key in keys.json["keys"]] == ["EdDSA"]
    for grant in told.json["grant_types_supported"]:
        answer = await world.as_client(TOKEN, grant_type=grant)
        assert answer.json["error"] != "unsupported_grant_type"
    assert told.json["response_types_supported"] == []
    assert (await world.house.ask("GET", "/.well-known/openid-configuration")).status == 404  # we are none


async def test_published_keys_hold_nothing_private(world: World) -> None:
    (key,) = (await world.house.ask("GET", "/oauth/jwks")).json["keys"]
    assert set(key) == {"kty", "crv", "x", "use", "alg", "kid"}


# -- asking


async def test_a_sessions_token_is_told_with_its_person(world: World) -> None:
    token = await world.arrive()
    session = await world.session(token)
    told = await world.as_client(ASK, "proxy", token=token, token_type_hint="refresh_token")
    assert told.json == {
        "active": True, "token_type": "Bearer", "iss": US, "sub": session.principal.id, "roles": ["customer"],
        "scope": "orders:read orders:write", "iat": world.now, "exp": world.now + 15 * 60, "sid": session.id,
        "acr": "urn:chatwarden:acr:one-factor", "auth_time": world.now,
    }  # fmt: skip
    assert told.headers["cache-control"] == "no-store"


async def test_a_visitor_is_told_as_somebody_of_whom_nothing_is_known(world: World) -> None:
    told = (await world.as_client(ASK, "proxy", token=await world.house.visitor())).json
    assert (told["active"], told["acr"], told["roles"]) == (True, "urn:chatwarden:acr:none", ["visitor"])
    assert "amr" not in told


async def test_a_turns_token_is_told_with_its_conversation_for_its_few_minutes(world: World) -> None:
    token = await world.arrive()
    session = await world.session(token)
    turn = world.house.node.services.gateway.turns.issue(
        session.principal, "cnv_1", session.id, world.house.clock.now()
    )
    told = (await world.as_client(ASK, "proxy", token=turn)).json
    assert (told["sub"], told["conversation"]) == (session.principal.id, "cnv_1")
    assert told["exp"] == world.now + 300
    world.house.clock.advance(5 * MINUTE)
    assert not await world.active(turn)
    assert await world.active(token)


async def test_an_exchanged_token_is_told_with_who_acts(world: World) -> None:
    token = await world.arrive()
    exchanged = await on_behalf(world, token)
    told = (await world.as_client(ASK, "proxy", token=exchanged)).json
    assert (told["active"], told["act"], told["aud"]) == (True, {"sub": "orders"}, ORDERS)
    assert told["sid"] == (await world.session(token)).id


async def test_asking_does_not_keep_a_session_alive(world: World) -> None:
    token = await world.arrive()
    deadline = (await world.session(token)).idle_deadline
    for _ in range(13):
        world.house.clock.advance(MINUTE)
        assert await world.active(token)
    assert (await world.session(token)).idle_deadline == deadline
    world.house.clock.advance(MINUTE)
    assert not await world.active(token)  # the person is asked
    world.house.clock.advance(MINUTE)
    assert not await world.active(token)  # nobody answered
    assert (await world.house.ask("GET", "/api/v1/session", None, token)).json["reason"] == "idle"


@pytest.mark.asvs("10.4.9")
async def test_nothing_counts_once_its_session_is_over_or_its_person_is_asked(world: World) -> None:
    token = await world.arrive()
    session = await world.session(token)
    world.house.clock.advance(13 * MINUTE + 30 * SECOND)
    exchanged = await on_behalf(world, token)
    assert await world.active(exchanged)
    world.house.clock.advance(30 * SECOND)
    assert not await world.active(exchanged)  # asked
    challenge = (await world.house.ask("GET", "/api/v1/session", None, token)).json["challenge"]["id"]
    told = await world.house.ask("POST", f"/api/v1/challenges/{challenge}/answer", {"answer": "here"}, token)
    assert told.status == 200
    assert await world.active(exchanged)
    await world.house.node.services.sessions.end(session, EndReason.REVOKED, world.house.clock.now(), actor="control")
    assert not await world.active(exchanged)
    assert not await world.active(token)


async def test_a_session_without_its_second_factor_does_not_count(world: World) -> None:
    token = await world.arrive()
    exchanged = await on_behalf(world, token)
    (await world.session(token)).incomplete = True
    assert not await world.active(token)
    assert not await world.active(exchanged)


async def test_a_token_is_over_at_its_end(world: World) -> None:
    token = await own_token(world)
    world.house.clock.advance(LONGEST - SECOND)
    assert await world.active(token)
    world.house.clock.advance(SECOND)
    assert not await world.active(token)


@pytest.mark.asvs("10.3.1")
async def test_nothing_forged_counts(world: World) -> None:
    robot = world.outside.robot
    sound = {**claims(US, ORDERS, world.now), "client_id": "orders"}
    for trick, (token, _) in hostile(robot, sound).items():
        if len(token) <= 16_384:
            assert not await world.active(token), trick
    assert not await world.active(robot.token(sound, typ="at+jwt"))
    token = await own_token(world)
    for twin in (token + "=", token + "==", token[:-1] + "=", token.replace("_", "/", 1) + " ", "x" + token):
        assert not await world.active(twin)
    for nonsense in ("x", "a.b.c", "cws_", "cws_" + "0" * 64, "cwt_" + "0" * 64, "ä", "\0", "." * 2):
        assert not await world.active(nonsense)


async def test_a_client_that_is_no_longer_written_has_no_tokens(world: World) -> None:
    token = await own_token(world)
    services = world.house.node.services
    clients = {name: one for name, one in services.config.clients.items() if name != "orders"}
    assert services.provider.reconfigure(replace(services.config, clients=clients)) == []
    assert not await world.active(token)
    assert (await world.as_client(ASK, "orders", token=token)).status == 401


@pytest.mark.parametrize("path", [ASK, BACK])
async def test_a_question_names_a_token(world: World, path: str) -> None:
    told = await world.as_client(path, "proxy")
    assert (told.status, told.json["error"]) == (400, "invalid_request")


# -- taking back


async def test_a_client_takes_its_own_token_back_for_good(world: World) -> None:
    token, other = await own_token(world), await own_token(world)
    for _ in range(2):
        told = await world.as_client(BACK, token=token, token_type_hint="access_token")
        assert (told.status, told.body) == (200, b"")
    assert not await world.active(token)
    assert await world.active(other)
    log = [entry async for _, entry in world.house.node.services.audit.read() if entry.event == "token:revoked"]
    assert [entry.actor for entry in log] == ["client:orders"]


@pytest.mark.asvs("9.1.1")
async def test_what_was_taken_back_has_no_living_twin(world: World) -> None:
    token = await own_token(world)
    assert (await world.as_client(BACK, token=token)).status == 200
    head, payload, signature = token.split(".")
    for twin in (token + "=", f"{head}.{payload}.{signature}==", f"{head}=.{payload}.{signature}", f" {token}"):
        assert not await world.active(twin)


async def test_nobody_takes_back_what_is_anothers(world: World) -> None:
    visitor = await world.arrive()
    turns = world.house.node.services.gateway.turns
    session = await world.session(visitor)
    turn = turns.issue(session.principal, "cnv_1", session.id, world.house.clock.now())
    for token in (await own_token(world), await on_behalf(world, visitor), visitor, turn):
        told = await world.as_client(BACK, "proxy", token=token)
        assert (told.status, told.json["error"]) == (400, "invalid_grant")
        assert await world.active(token)


async def test_a_website_ends_the_sessions_of_its_own_visitors_and_no_others(world: World) -> None:
    token = await world.arrive()
    exchanged = await on_behalf(world, token)
    anonymous = await world.house.visitor()
    told = await world.post(BACK, **world.outside.site_assertion(US, world.now), token=anonymous)
    assert (told.status, told.json["error"]) == (400, "invalid_grant")
    forum = world.outside.forum.token(claims("https://forum.example.org", US, world.now))
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    told = await world.post(BACK, client_assertion_type=kind, client_assertion=forum, token=token)
    assert (told.status, told.json["error"]) == (400, "invalid_grant")
    told = await world.post(BACK, **world.outside.site_assertion(US, world.now), token=token)
    assert told.status == 200
    assert not await world.active(token)
    assert not await world.active(exchanged)
    assert (await world.house.ask("GET", "/api/v1/session", None, token)).json["reason"] == "revoked"
    assert await world.active(anonymous)


@pytest.mark.parametrize("token", ["x", "a.b.c", "cws_" + "0" * 64, "cwt_" + "0" * 64, "\0"])
async def test_what_does_not_count_is_taken_back_already(world: World, token: str) -> None:
    assert (await world.as_client(BACK, token=token)).status == 200


async def test_a_token_of_an_ended_session_can_be_taken_back_too(world: World) -> None:
    token = await world.arrive()
    exchanged = await on_behalf(world, token)
    await world.house.ask("DELETE", "/api/v1/session", None, token)
    assert (await world.as_client(BACK, token=exchanged)).status == 200
    told = await world.post(BACK, **world.outside.site_assertion(US, world.now), token=token)
    assert told.status == 200


# -- time, restarts, keys


async def test_what_was_used_once_or_taken_back_stays_so_after_a_restart(open_house: Open, tmp_path: Path) -> None:
    outside = Outside()
    async with at_work(open_house, tmp_path / "home", outside) as world:
        assertion = outside.assertion(US, world.now)
        fields = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
        visitor = (await world.post(TOKEN, **fields)).json["access_token"]
        revoked, living, exchanged = await own_token(world), await own_token(world), await on_behalf(world, visitor)
        await world.as_client(BACK, token=revoked)
    async with at_work(open_house, tmp_path / "home", outside) as world:
        assert not await world.active(revoked)
        assert await world.active(living)
        assert await world.active(exchanged)
        assert (await world.post(TOKEN, **fields)).status == 400
        assert (await world.refusals())[-1] == ("site:shop", "replayed")


async def test_what_is_over_by_itself_is_forgotten(world: World) -> None:
    await world.arrive()
    await world.as_client(BACK, token=await own_token(world))
    node = world.house.node
    assert len(await node.database.fetch("SELECT jti FROM spent_tokens")) == 2
    world.house.clock.advance(HOUR)
    await node.sweep()
    assert await node.database.fetch("SELECT jti FROM spent_tokens") == []


async def test_keys_are_replaced_by_age_and_what_they_signed_still_counts(world: World) -> None:
    async def kids() -> list[str]:
        return [key["kid"] for key in (await world.house.ask("GET", "/oauth/jwks")).json["keys"]]

    (first,) = await kids()
    world.house.clock.advance(30 * DAY - MINUTE)
    token = await own_token(world)
    world.house.clock.advance(2 * MINUTE)
    await world.house.node.sweep()
    second, earlier = await kids()
    assert (earlier, second == first) == (first, False)
    assert await world.active(token)
    assert await world.active(await own_token(world))
    world.house.clock.advance(11 * MINUTE)
    assert await kids() == [second]


async def test_no_secret_and_no_token_stands_in_the_log(world: World) -> None:
    token = await world.arrive()
    exchanged = await on_behalf(world, token)
    await world.as_client(ASK, "proxy", token=exchanged)
    await world.as_client(BACK, token=exchanged)
    await world.house.ask("POST", TOKEN, as_form(client_id="orders", client_secret="guessed-secret", grant_type="x"))
    log = json.dumps([str(entry) async for _, entry in world.house.node.services.audit.read()])
    for secret in (
        token,
        exchanged,
        exchanged.split(".")[2],
        "guessed-secret",
        *world.outside.secrets.values(),
        "c-1042",
    ):
        assert secret not in log
