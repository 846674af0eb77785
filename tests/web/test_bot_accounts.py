"""What administrators do with bots' accounts, by name: a secret is told once, and what does not fit is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from chatwarden.clock import HOUR, SECOND
from chatwarden.errors import InvalidRequest, NotFound
from chatwarden.web import operations
from chatwarden.web.bot_accounts import OPERATIONS
from tests.world.bots import BOTS, Bot, log
from tests.world.forge import Signer
from tests.world.house import House, Open


@pytest.fixture
async def house(open_house: Open) -> AsyncIterator[House]:
    async with open_house(BOTS) as opened:
        yield opened


async def run(house: House, command: str, **args: object) -> Any:
    return await operations.run(house.node.services, command, args)


async def listed(house: House) -> Any:
    (account,) = (await run(house, "bot.list"))["accounts"]
    return account


async def test_a_secret_is_told_once_and_is_nowhere_later(house: House) -> None:
    shown = await run(house, "bot.add", name="helpdesk", level="reader", seconds=3600)
    assert set(shown) == {
        "bot", "account", "level", "instance", "client_id", "client_secret", "counted", "generation", "expires_at",
        "token_endpoint",
    }  # fmt: skip
    assert (shown["client_id"][:4], shown["client_secret"][:4], len(shown["client_secret"])) == ("bin_", "cwk_", 68)
    later = str([await run(house, "bot.list"), await run(house, "audit.export")])
    assert shown["client_secret"] not in later


async def test_a_list_says_what_there_is_and_how_it_stands(house: House) -> None:
    bot = await Bot.added(house)
    await Bot.added(house, instance="plain", plain=True, key=Signer.fresh())
    await bot.sign_in()
    shown = await run(house, "bot.list")
    assert [(one["name"], one["level"]) for one in shown["bots"]] == [("helpdesk", "reader")]
    account = shown["accounts"][0]
    assert (account["name"], account["rights"], account["state"]) == ("helpdesk", ["orders:read"], "enabled")
    assert [
        (one["label"], one["sign_in"], one["counted"], one["generation"], one["used_at"] is None, one["state"])
        for one in account["instances"]
    ] == [("main", "secret", True, 1, False, "enabled"), ("plain", "key", False, None, True, "enabled")]
    house.clock.advance(90 * 24 * HOUR)
    assert [one["state"] for one in (await listed(house))["instances"]] == ["expired", "expired"]
    await run(house, "bot.pause", name="helpdesk")
    assert [one["state"] for one in (await listed(house))["instances"]] == ["paused", "paused"]


@pytest.mark.parametrize(
    ("args", "error", "says"),
    [
        ({"name": "nobody"}, NotFound, "no bot named nobody"),
        ({"level": "root"}, InvalidRequest, r"no access level root in \[levels\]: reader, clerk"),
        ({"seconds": 0}, InvalidRequest, "whole number"),
        ({"seconds": 401 * 86_400}, InvalidRequest, "whole number"),
        ({"seconds": True}, InvalidRequest, "whole number"),
        ({"instance": "No"}, InvalidRequest, "small letters"),
        ({"key": "no key"}, InvalidRequest, "no public key"),
        ({"key": 5}, InvalidRequest, "no text"),
        ({"key": Signer.fresh().private_pem.decode()}, InvalidRequest, "private key"),
    ],
)
async def test_what_does_not_fit_is_refused_and_nothing_is_made(
    house: House, args: dict[str, object], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        await run(house, "bot.add", **{"name": "helpdesk", "level": "reader", "seconds": 60, **args})
    assert (await run(house, "bot.list"))["accounts"] == []


async def test_a_rotated_credential_goes_on_for_its_overlap(house: House) -> None:
    bot = await Bot.added(house)
    shown = await run(house, "bot.rotate", name="helpdesk", seconds=60 * 86_400, overlap=HOUR // SECOND)
    assert await bot.sign_in()
    renewed = Bot(house, shown["client_id"], shown["client_secret"])
    assert await renewed.sign_in()
    assert (await listed(house))["instances"][0]["credentials"] == 2
    house.clock.advance(HOUR)
    assert (await bot.ask()).status == 401
    assert await renewed.sign_in()


async def test_a_bot_is_disabled_enabled_and_given_another_level_with_an_entry_each(house: House) -> None:
    bot = await Bot.added(house)
    assert await run(house, "bot.disable", name="helpdesk") == {"disabled": "helpdesk"}
    assert (await bot.ask()).status == 401
    assert await run(house, "bot.enable", name="helpdesk") == {"enabled": "helpdesk"}
    assert await run(house, "bot.disable", name="helpdesk", instance="main") == {
        "disabled": "helpdesk", "instance": "main",
    }  # fmt: skip
    assert await run(house, "bot.level", name="helpdesk", level="clerk") == {
        "name": "helpdesk", "level": "clerk", "rights": ["orders:read", "orders:write"],
    }  # fmt: skip
    with pytest.raises(InvalidRequest):
        await run(house, "bot.level", name="helpdesk", level="root")
    events = [event for event, _, _ in await log(house)]
    assert events.count("bot:disabled") == 2
    assert {"bot:enabled", "bot:level-changed"} <= set(events)
    assert set(OPERATIONS) <= set(operations.OPERATIONS)
