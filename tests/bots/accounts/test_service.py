"""Bots sign in and act, on each engine: a token counts while all that it rests on does, and a copy stops its instance."""

from __future__ import annotations

import asyncio
import hmac
from typing import Any

import pytest
from tests.bots.accounts.conftest import NOW, Place

from chatwarden.bots.accounts import service
from chatwarden.bots.accounts.model import LIFETIME, BotCaller
from chatwarden.bots.accounts.rules import GRACE
from chatwarden.clock import HOUR, SECOND
from chatwarden.errors import NotAccepted


async def test_a_token_says_who_calls_and_what_it_may(place: Place) -> None:
    issued = await place.add()
    token = await place.sign_in(issued, 0)
    assert await place.accounts.caller(token, NOW) == BotCaller(
        issued.account.id, "helpdesk", issued.instance.id, "reader", frozenset({"orders:read"}), 1, NOW + LIFETIME
    )
    assert await place.accounts.holder(token) == issued.account.id
    with pytest.raises(NotAccepted, match="another-client"):
        await place.accounts.caller(token, NOW, instance="bin_other")


async def test_a_token_lives_for_five_minutes_and_no_longer_than_its_credential(place: Place) -> None:
    issued = await place.add(life=HOUR)
    token = await place.sign_in(issued, 0)
    await place.accounts.caller(token, NOW + LIFETIME - 1)
    assert await place.why_not(token, NOW + LIFETIME) == "expired"
    late = NOW + HOUR - SECOND
    token = await place.sign_in(issued, 1, late)
    await place.accounts.caller(token, late)
    assert await place.why_not(token, NOW + HOUR) == "expired"
    with pytest.raises(NotAccepted, match="expired"):
        await place.sign_in(issued, 2, NOW + HOUR)


async def test_neither_a_token_nor_a_secret_lies_in_the_record(place: Place) -> None:
    issued = await place.add()
    token = await place.sign_in(issued, 0)
    kept = str(
        [await place.database.fetch(f"SELECT * FROM {table}") for table in ("bot_tokens", "bot_credentials", "audit")]
    )
    for secret in (token, issued.secret):
        assert secret not in kept
        assert secret[4:] not in kept


async def test_the_next_sign_in_ends_the_token_of_the_one_before(place: Place) -> None:
    issued = await place.add()
    first = await place.sign_in(issued, 0)
    await place.accounts.caller(first, NOW)
    second = await place.sign_in(issued, 1)
    assert await place.why_not(first) == "unknown-token"
    assert (await place.accounts.caller(second, NOW)).generation == 2


@pytest.mark.parametrize(("first_used", "generation"), [(True, 0), (False, 5)])
async def test_a_copy_that_signs_in_stops_that_instance_alone(place: Place, first_used: bool, generation: int) -> None:
    issued, other = await place.add(), await place.add(label="second")
    mine, others = await place.sign_in(issued, 0), await place.sign_in(other, 0)
    if first_used:
        await place.accounts.caller(mine, NOW)
    with pytest.raises(NotAccepted, match="generation-"):
        await place.sign_in(issued, generation)
    assert await place.why_not(mine) == "unknown-token"
    with pytest.raises(NotAccepted, match="locked"):
        await place.sign_in(issued, 1)
    assert (await place.accounts.caller(others, NOW)).instance == other.instance.id
    assert place.told == [("bot-copied", issued.account.id)]
    assert ("bot:locked", issued.instance.id) in [one[:2] for one in await place.log()]


async def test_a_lost_answer_is_given_again_for_a_moment(place: Place) -> None:
    issued = await place.add()
    lost = await place.sign_in(issued, 0)
    again = await place.sign_in(issued, 0, NOW + GRACE)
    assert (await place.accounts.caller(again, NOW + GRACE)).generation == 1
    assert await place.sign_in(issued, 1, NOW + GRACE)
    assert place.told == []
    assert await place.why_not(lost, NOW + GRACE) == "unknown-token"


async def test_a_lost_answer_that_somebody_has_stops_the_instance(place: Place) -> None:
    issued = await place.add()
    stolen = await place.sign_in(issued, 0)
    again = await place.sign_in(issued, 0)
    assert await place.why_not(stolen) == "answer-not-lost"
    assert await place.why_not(again) == "unknown-token"
    with pytest.raises(NotAccepted, match="locked"):
        await place.sign_in(issued, 1)
    assert place.told == [("bot-copied", issued.account.id)]


async def test_after_a_moment_no_answer_was_lost(place: Place) -> None:
    issued = await place.add()
    await place.sign_in(issued, 0)
    with pytest.raises(NotAccepted, match="generation-behind"):
        await place.sign_in(issued, 0, NOW + GRACE + 1)


async def test_of_many_sign_ins_at_once_one_token_is_left(place: Place) -> None:
    issued = await place.add()
    tried = await asyncio.gather(*(place.sign_in(issued, 0) for _ in range(8)), return_exceptions=True)
    tokens = [one for one in tried if isinstance(one, str)]
    assert tokens
    assert {one.reason for one in tried if isinstance(one, NotAccepted)} <= {"busy", "generation-behind", "locked"}
    found = await asyncio.gather(*(place.accounts.caller(one, NOW) for one in tokens), return_exceptions=True)
    assert sum(isinstance(one, BotCaller) for one in found) <= 1


async def test_who_does_not_count_gets_nothing_and_is_not_stopped(place: Place) -> None:
    issued = await place.add()
    with pytest.raises(NotAccepted, match="no-generation"):
        await place.sign_in(issued, None)
    assert await place.sign_in(issued, 0)
    assert place.told == []


async def test_a_plain_client_may_sign_in_as_it_likes(place: Place) -> None:
    issued = await place.add(plain=True)
    tokens = [await place.sign_in(issued, given) for given in (None, 0, 7, None)]
    for token in tokens:
        assert (await place.accounts.caller(token, NOW)).generation == 0


@pytest.mark.parametrize("stopped", ["paused", "unknown-bot", "unknown-level"])
async def test_a_bot_that_is_paused_or_no_longer_written_neither_signs_in_nor_acts(place: Place, stopped: str) -> None:
    issued = await place.add()
    token = await place.sign_in(issued, 0)
    match stopped:
        case "paused":
            place.paused.add("helpdesk")
        case "unknown-bot":
            place.accounts.bots = {"shop"}
        case _:
            place.accounts.levels = {}
    assert await place.why_not(token) == stopped
    with pytest.raises(NotAccepted, match=stopped):
        await place.sign_in(issued, 1)


async def test_rights_are_those_of_the_level_at_the_time_of_use(place: Place) -> None:
    issued = await place.add()
    token = await place.sign_in(issued, 0)
    await place.administration.set_level("helpdesk", "clerk", NOW, actor="control")
    assert (await place.accounts.caller(token, NOW)).rights == {"orders:read", "orders:write"}


async def test_only_its_own_instance_takes_a_token_back(place: Place) -> None:
    issued, other = await place.add(), await place.add(label="second")
    token = await place.sign_in(issued, 0)
    assert not await place.accounts.revoke(token, other.instance.id, NOW)
    assert await place.accounts.caller(token, NOW)
    assert await place.accounts.revoke(token, issued.instance.id, NOW)
    assert await place.why_not(token) == "unknown-token"
    assert await place.accounts.revoke(token, issued.instance.id, NOW)  # it is taken back already
    with pytest.raises(NotAccepted, match="generation-behind"):  # whoever took it back had the answer
        await place.sign_in(issued, 0)


@pytest.mark.parametrize("token", ["", "cwb_", "cws_" + "0" * 64, "cwb_" + "0" * 63, "cwb_" + "0" * 64])
async def test_what_was_never_given_out_is_nobodys(place: Place, token: str) -> None:
    await place.add()
    assert await place.why_not(token) in {"no-bot-token", "unknown-token"}
    assert await place.accounts.holder(token) == "unknown"


async def test_an_unknown_name_costs_what_a_wrong_secret_does(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same look-ups, the same hashing, the same number of comparisons; only the log tells them apart."""
    issued, keyed = await place.add(), await place.add(label="keyed", key=b"a public key")
    fetch, work = place.database.fetch, list[str]()

    async def fetching(sql: str, params: Any = ()) -> Any:
        work.append(sql)
        return await fetch(sql, params)

    def comparing(_one: bytes, _other: bytes) -> bool:
        work.append("compared")
        return False

    monkeypatch.setattr(place.database, "fetch", fetching)
    monkeypatch.setattr(hmac, "compare_digest", comparing)
    seen, reasons = [], []
    for instance_id in ("bin_" + "0" * 32, issued.instance.id, keyed.instance.id, ""):
        work.clear()
        with pytest.raises(NotAccepted) as refused:
            await place.accounts.with_secret(instance_id, "cwk_" + "0" * 64, NOW)
        seen.append(tuple(work))
        reasons.append(refused.value.reason)
    assert len(set(seen)) == 1
    assert seen[0].count("compared") == 1
    assert reasons == ["unknown-client", "wrong-secret", "wrong-method", "unknown-client"]


async def test_every_bit_of_the_randomness_is_in_token_and_secret(place: Place) -> None:
    place.accounts._random = place.administration._random = lambda size: bytes(range(size))
    issued = await place.add()
    assert issued.secret == "cwk_" + bytes(range(32)).hex()
    assert await place.sign_in(issued, 0) == "cwb_" + bytes(range(32)).hex()
    assert service.is_token("cwb_" + bytes(range(32)).hex())
    assert await place.accounts.claimant(issued.instance.id, issued.secret, NOW) == issued.account.id
    assert await place.accounts.claimant(issued.instance.id, "wrong", NOW) == "unknown"
    assert await place.accounts.actor(issued.instance.id) == issued.account.id
    assert await place.accounts.actor("bin_other") == "unknown"
    assert await place.accounts.keys(issued.instance.id, NOW) == await place.accounts.keys("bin_other", NOW) == []
