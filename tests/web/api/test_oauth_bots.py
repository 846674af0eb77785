"""Bots at the OAuth endpoints: who shows what is theirs gets a token, and everybody else one answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.world.bots import BOTS, Bot, alarms, log, watched
from tests.world.forge import Signer, claims
from tests.world.house import House, Open, Told
from tests.world.outside import ASSERTION_TYPE, EXCHANGE, FORM, JWT_BEARER, US, as_form, basic

from chatwarden.clock import MINUTE, SECOND
from chatwarden.web import operations

TOKEN, ASK, BACK = "/oauth/token", "/oauth/introspect", "/oauth/revoke"


@pytest.fixture
async def house(open_house: Open) -> AsyncIterator[House]:
    async with open_house(BOTS) as opened:
        yield opened


async def refusals(house: House) -> list[tuple[str, str]]:
    return [(actor, reason) for event, actor, reason in await log(house) if event == "token:refused"]


def refused(told: Told) -> bool:
    return (told.status, told.json["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("algorithm", ["", "EdDSA", "RS256"])
async def test_a_bot_gets_a_token_of_five_minutes_with_the_rights_of_its_level(house: House, algorithm: str) -> None:
    bot = await Bot.added(house, key=Signer.fresh(algorithm) if algorithm else None)
    told = await bot.ask()
    assert told.status == 200, told.body
    assert told.headers["cache-control"] == "no-store"
    token = told.json.pop("access_token")
    assert token.startswith("cwb_")
    assert {**told.json, "access_token": ""} == {
        "access_token": "", "token_type": "Bearer", "expires_in": 300, "scope": "orders:read", "generation": 1,
    }  # fmt: skip
    caller = await house.node.services.accounts.caller(token, house.clock.now())
    assert (caller.name, caller.instance) == ("helpdesk", bot.id)


async def test_a_secret_may_stand_in_the_form(house: House) -> None:
    bot = await Bot.added(house)
    told = await house.ask(
        "POST", TOKEN, as_form(grant_type="client_credentials", client_id=bot.id, client_secret=bot.secret, generation="0"),
        "", {"Content-Type": FORM},
    )  # fmt: skip
    assert told.status == 200


async def test_a_generation_may_be_signed(house: House) -> None:
    key = Signer.fresh()
    bot = await Bot.added(house, key=key)
    head, form = bot.shown(generation=0)
    body = as_form(grant_type="client_credentials", **form)
    told = await house.ask("POST", TOKEN, body, "", {"Content-Type": FORM, **head})
    assert told.json["generation"] == 1
    _, form = bot.shown(generation=1)
    told = await house.ask(
        "POST", TOKEN, as_form(grant_type="client_credentials", generation="0", **form), "", {"Content-Type": FORM}
    )
    assert (told.status, told.json["error"]) == (400, "invalid_request")  # it cannot be both
    for wrong in ("1", True, -1, 1.5):
        _, form = bot.shown(generation=wrong)
        told = await house.ask(
            "POST", TOKEN, as_form(grant_type="client_credentials", **form), "", {"Content-Type": FORM}
        )
        assert refused(told), wrong
    assert {reason for _, reason in await refusals(house)} == {"bad-generation"}


async def test_a_copied_credential_stops_that_instance_and_alarms(open_house: Open, tmp_path: Path) -> None:
    async with watched(open_house, tmp_path / "home") as house:
        bot = await Bot.added(house)
        thief = bot.copy()
        stolen = await thief.sign_in()
        assert (await thief.post(ASK, token=stolen)).json["active"]
        told = await bot.ask()
        assert refused(told)
        assert (await refusals(house))[-1][1] == "generation-behind"
        shown = (await operations.run(house.node.services, "bot.list", {}))["accounts"][0]["instances"][0]  # type: ignore[index]
        assert (shown["state"], shown["reason"]) == ("locked", "generation-behind")
        assert refused(await thief.ask())
        assert ("bot-copied", (await log(house))[-1][1]) in await alarms(house)


@pytest.mark.asvs("10.4.10")
async def test_whoever_is_wrong_is_answered_alike_and_the_log_tells_them_apart(house: House) -> None:
    bot, keyed = await Bot.added(house), await Bot.added(house, instance="keyed", key=Signer.fresh())
    tries = [
        ({**basic("bin_" + "0" * 32, bot.secret)}, {}),
        ({**basic(bot.id, "cwk_" + "0" * 64)}, {}),
        ({**basic(keyed.id, bot.secret)}, {}),
        ({**basic(bot.id, bot.secret)}, {"client_id": keyed.id}),
        ({}, {"client_id": bot.id}),
        ({}, {"client_id": bot.id, "client_assertion": "a.b.c"}),
    ]
    answers = set()
    for head, form in tries:
        body = as_form(grant_type="client_credentials", generation="0", **form)
        told = await house.ask("POST", TOKEN, body, "", {"Content-Type": FORM, **head})
        answers.add((told.status, told.body))
    assert len(answers) == 1
    assert [reason for _, reason in await refusals(house)] == [
        "unknown-client", "wrong-secret", "wrong-method", "another-client", "no-authentication", "assertion-type",
    ]  # fmt: skip
    await operations.run(house.node.services, "bot.disable", {"name": "helpdesk", "instance": "main"})
    assert refused(await bot.ask())
    assert (await refusals(house))[-1][1] == "disabled"


async def test_an_assertion_is_taken_once_for_us_and_from_its_own_key(house: House) -> None:
    key = Signer.fresh()
    bot = await Bot.added(house, key=key)
    head, form = bot.shown()
    for status in (200, 401):
        body = as_form(grant_type="client_credentials", generation="0", **form)
        told = await house.ask("POST", TOKEN, body, "", {"Content-Type": FORM, **head})
        assert told.status == status
    seconds = house.clock.now() // SECOND
    wrong = [
        Signer.fresh().token(claims(bot.id, US, seconds)),
        key.token(claims(bot.id, "https://other.example.org", seconds)),
        key.token(claims(bot.id, US, seconds, subject="bin_" + "0" * 32)),
        key.token(claims("bin_" + "0" * 32, US, seconds)),
    ]
    for assertion in wrong:
        told = await house.ask(
            "POST", TOKEN,
            as_form(grant_type="client_credentials", generation="1", client_assertion_type=ASSERTION_TYPE,
                    client_assertion=assertion), "", {"Content-Type": FORM},
        )  # fmt: skip
        assert refused(told)
    assert [reason for _, reason in await refusals(house)] == [
        "replayed", "signature", "audience", "subject", "unknown-client",
    ]  # fmt: skip


async def test_who_does_not_count_is_told_so_and_a_plain_client_need_not(house: House) -> None:
    counted = await Bot.added(house)
    counted.generation = None
    told = await counted.ask()
    assert (told.status, told.json["error"]) == (400, "invalid_request")
    assert "generation is missing" in told.json["error_description"]
    plain = await Bot.added(house, instance="plain", plain=True)
    told = await plain.ask()
    assert (told.status, "generation" in told.json) == (200, False)


@pytest.mark.asvs("10.4.11")
async def test_a_bot_gets_no_more_than_its_level_and_only_for_this_gateway(house: House) -> None:
    bot = await Bot.added(house)
    assert (await bot.ask(scope="orders:write")).json["error"] == "invalid_scope"
    assert (await bot.ask(audience="https://orders.example.org")).json["error"] == "invalid_target"
    assert (await bot.ask(generation="x")).json["error"] == "invalid_request"
    assert (await bot.ask(scope="orders:read", resource=US)).status == 200


@pytest.mark.asvs("10.4.4")
async def test_a_bot_is_no_client_for_anything_else(house: House) -> None:
    bot = await Bot.added(house)
    for grant in (EXCHANGE, JWT_BEARER):
        told = await bot.post(TOKEN, grant_type=grant, assertion="a.b.c", subject_token="x")
        assert refused(told)


async def test_an_instance_asks_about_its_own_tokens_and_takes_them_back(house: House) -> None:
    bot, other = await Bot.added(house), await Bot.added(house, instance="second")
    token = await bot.sign_in()
    told = (await bot.post(ASK, token=token)).json
    caller = await house.node.services.accounts.caller(token, house.clock.now())
    assert told == {
        "active": True, "token_type": "Bearer", "iss": US, "sub": caller.account, "client_id": bot.id,
        "scope": "orders:read", "exp": caller.expires_at // SECOND,
    }  # fmt: skip
    assert (await other.post(ASK, token=token)).json == {"active": False}
    assert (await other.post(BACK, token=token)).json["error"] == "invalid_grant"
    assert (await bot.post(ASK, token=token)).json["active"]
    assert (await bot.post(BACK, token=token)).status == 200
    assert (await bot.post(ASK, token=token)).json == {"active": False}
    assert (await bot.post(ASK)).json["error"] == "invalid_request"
    house.clock.advance(5 * MINUTE)
    assert (await bot.post(ASK, token=await bot.sign_in())).json["active"]
