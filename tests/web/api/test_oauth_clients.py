"""Who asks: by secret or key, in one way, and every other way is one refusal with its reason in the log."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.world.forge import Signer, claims, hostile
from tests.world.outside import ASSERTION_TYPE, ORDERS, US, World, basic

from chatwarden.clock import SECOND
from chatwarden.config.model import LimitsConfig, Rate

TOKEN = "/oauth/token"
SELF = {"grant_type": "client_credentials", "audience": ORDERS}


async def test_a_secret_is_shown_in_the_field_or_in_the_form(world: World) -> None:
    secret = world.outside.secrets["orders"]
    assert (await world.post(TOKEN, basic("orders", secret), **SELF)).status == 200
    assert (await world.post(TOKEN, basic("orders", secret), client_id="orders", **SELF)).status == 200
    assert (await world.post(TOKEN, client_id="orders", client_secret=secret, **SELF)).status == 200


@pytest.mark.parametrize("audience", [US, f"{US}/oauth/token"])
async def test_a_key_is_shown_by_an_assertion_and_each_is_taken_once(world: World, audience: str) -> None:
    shown = world.outside.client_assertion(audience, world.now)
    assert (await world.post(TOKEN, client_id="robot", **shown, **SELF)).status == 200
    again = await world.post(TOKEN, client_id="robot", **shown, **SELF)
    assert (again.status, again.json["error"]) == (401, "invalid_client")
    assert await world.refusals() == [("client:robot", "replayed")]


WRONG: dict[str, tuple[dict[str, str], dict[str, str], str, str]] = {
    "another secret": (basic("orders", "x" * 40), {}, "client:orders", "wrong-secret"),
    "the secret of another": (basic("orders", "p" * 40), {}, "client:orders", "wrong-secret"),
    "a name that nobody has": (basic("nobody", "o" * 40), {}, "unknown", "unknown-client"),
    "no name": ({}, {"client_secret": "o" * 40}, "unknown", "unknown-client"),
    "a secret where a key is needed": (basic("robot", "o" * 40), {}, "client:robot", "wrong-method"),
    "a secret of a website": (basic("https://www.example.org", "o" * 40), {}, "unknown", "unknown-client"),
    "nothing": ({}, {}, "unknown", "no-authentication"),
    "only a name": ({}, {"client_id": "orders"}, "client:orders", "no-authentication"),
    "two names": (basic("orders", "o" * 40), {"client_id": "robot"}, "client:orders", "another-client"),
    "a type without an assertion": ({}, {"client_assertion_type": ASSERTION_TYPE}, "unknown", "no-authentication"),
}


@pytest.mark.asvs("10.4.10")
@pytest.mark.parametrize(("headers", "fields", "actor", "reason"), WRONG.values(), ids=WRONG.keys())
async def test_whoever_does_not_show_who_they_are_is_refused_alike(
    world: World, headers: dict[str, str], fields: dict[str, str], actor: str, reason: str
) -> None:
    for path, more in ((TOKEN, SELF), ("/oauth/introspect", {"token": "x"}), ("/oauth/revoke", {"token": "x"})):
        told = await world.post(path, headers, **fields, **more)
        assert (told.status, told.json) == (
            401, {"error": "invalid_client", "error_description": "the client was not accepted"},
        )  # fmt: skip
        assert ("www-authenticate" in told.headers) is bool(headers)
    assert await world.refusals() == [(actor, reason)] * 3


async def test_one_way_at_a_time(world: World) -> None:
    shown = world.outside.client_assertion(US, world.now)
    told = await world.post(TOKEN, basic("orders", "o" * 40), **shown, **SELF)
    assert (told.status, told.json["error"]) == (400, "invalid_request")
    told = await world.post(TOKEN, basic("orders", "o" * 40), client_secret="o" * 40, **SELF)
    assert (told.status, told.json["error"]) == (400, "invalid_request")


async def test_every_hostile_assertion_of_a_client_is_refused_alike_and_logged(world: World) -> None:
    sound = claims("robot", US, world.now)
    corpus = hostile(world.outside.robot, sound)
    for trick, (token, _) in corpus.items():
        told = await world.post(TOKEN, client_assertion_type=ASSERTION_TYPE, client_assertion=token, **SELF)
        expected = 400 if len(token) > 16_384 else 401  # the form is refused before it is read as a token
        assert told.status == expected, (trick, told.body)
        if expected == 401:
            assert told.json == {"error": "invalid_client", "error_description": "the client was not accepted"}
    reasons = [reason for _, reason in await world.refusals()]
    # Without an issuer that is known nobody's keys are asked.
    known = [
        reason if reason not in {"issuer", "no-iss"} else "unknown-issuer"
        for token, reason in corpus.values()
        if len(token) <= 16_384
    ]
    assert reasons == known


@pytest.mark.asvs("9.2.2")
async def test_an_assertion_for_another_purpose_shows_nobody(world: World) -> None:
    other = Signer.fresh("RS256")
    for token, reason in (
        (world.outside.robot.token(claims("robot", US, world.now, subject="orders")), "subject"),
        (other.token(claims("orders", US, world.now)), "wrong-method"),
        (world.outside.robot.token(claims("orders", US, world.now)), "wrong-method"),
        (world.outside.assertion(US, world.now), "subject"),  # a visitor's
    ):
        told = await world.post(TOKEN, client_assertion_type=ASSERTION_TYPE, client_assertion=token, **SELF)
        assert told.status == 401
        assert (await world.refusals())[-1][1] == reason
    right = world.outside.client_assertion(US, world.now)["client_assertion"]
    told = await world.post(TOKEN, client_assertion_type="urn:x", client_assertion=right, **SELF)
    assert (told.status, (await world.refusals())[-1]) == (401, ("client:robot", "assertion-type"))
    told = await world.post(
        TOKEN, client_id="orders", client_assertion_type=ASSERTION_TYPE, client_assertion=right, **SELF
    )
    assert (told.status, (await world.refusals())[-1]) == (401, ("client:orders", "another-client"))


def limit(world: World, limits: LimitsConfig) -> None:
    services = world.house.node.services
    services.config = replace(services.config, limits=limits)


async def test_who_guesses_is_slowed_and_stops_nobody_else(world: World) -> None:
    limit(world, LimitsConfig(token_failures=Rate(10 * SECOND, 3)))
    told = [await world.post(TOKEN, basic("orders", "x" * 40), **SELF) for _ in range(4)]
    assert [one.status for one in told] == [401, 401, 401, 429]
    assert int(told[-1].headers["retry-after"]) > 0
    assert (await world.as_client(TOKEN, **SELF)).status == 429  # the same source
    world.house.peer = "198.51.100.9"
    assert (await world.as_client(TOKEN, **SELF)).status == 200


async def test_a_client_that_asks_too_often_stops_itself_only(world: World) -> None:
    limit(world, LimitsConfig(tokens=Rate(10 * SECOND, 2)))
    told = [await world.as_client(TOKEN, **SELF) for _ in range(3)]
    assert [one.status for one in told] == [200, 200, 429]
    assert told[-1].json["error"] == "temporarily_unavailable"
    shown = world.outside.client_assertion(US, world.now)
    assert (await world.post(TOKEN, **shown, **SELF)).status == 200
    wrong = await world.post(TOKEN, basic("orders", "x" * 40), **SELF)
    assert wrong.status == 401  # who only names the client uses up nothing of it
