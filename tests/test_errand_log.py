"""Refusals of bots stand in the log one by one, and where they are too many for that, as a sum: none is left out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chatwarden import errand_log
from chatwarden.bots.turns import TurnGrant
from chatwarden.clock import MINUTE, SECOND
from chatwarden.config.model import Rate
from chatwarden.errand_log import ErrandLog
from chatwarden.principal import Kind, Principal
from chatwarden.storage.model import StorageFailed, Transaction
from tests.world import orders
from tests.world.errand_house import scene
from tests.world.house import HEAD, House, Open


@pytest.fixture
async def house(open_house: Open) -> AsyncIterator[House]:
    async with open_house(HEAD + 'refusals = "1/1m burst 2"\n') as house:
        yield house


def log_of(house: House) -> ErrandLog:
    return house.node.services.errands.log


def turn(person: str) -> TurnGrant:
    return TurnGrant(Principal(person, Kind.PERSON, "x", ()), "cnv_1", "ses_1", 0, "aud_1")


async def refused(house: House) -> list[tuple[str, tuple[str, ...], str]]:
    return [
        (e.actor, e.act, e.reason) async for _, e in house.node.services.audit.read() if e.event == "broker:refused"
    ]


async def refuse(house: House, actor: str, person: str, *reasons: str) -> None:
    for reason in reasons:
        await log_of(house).refused(actor, turn(person) if person else None, reason, house.clock.now())


async def test_each_bot_and_person_is_heard_by_itself_and_the_rest_is_summed_up(house: House) -> None:
    await refuse(house, "bot_1", "usr_a", "path", "path", "path", "turn", "path")
    await refuse(house, "bot_1", "usr_b", "session")
    await refuse(house, "bot_2", "", "turn")
    shown = [
        ("bot_1", ("usr_a",), "path"), ("bot_1", ("usr_a",), "path"), ("bot_1", ("usr_b",), "session"),
        ("bot_2", (), "turn"),
    ]  # fmt: skip
    assert await refused(house) == shown
    house.clock.advance(MINUTE - SECOND)
    await house.node.sweep()
    assert await refused(house) == shown
    house.clock.advance(SECOND)
    await house.node.sweep()
    await house.node.sweep()
    assert await refused(house) == [*shown, ("bot_1", ("usr_a",), "and 3 more: 2 path, 1 turn")]


async def test_what_was_counted_is_written_before_the_end(house: House) -> None:
    await refuse(house, "bot_1", "usr_a", "path", "path", "path")
    await house.node.settle(house.clock.now())
    assert (await refused(house))[-1] == ("bot_1", ("usr_a",), "and 1 more: 1 path")


async def test_what_cannot_be_written_now_is_written_later_with_what_came_meanwhile(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await refuse(house, "bot_1", "usr_a", "path", "path", "path")
    commit = house.node.database.commit

    async def full(tx: Transaction) -> None:
        await refuse(house, "bot_1", "usr_a", "turn")
        raise StorageFailed("disk full")

    monkeypatch.setattr(house.node.database, "commit", full)
    with pytest.raises(StorageFailed):
        await log_of(house).settle(house.clock.now(), ending=True)
    monkeypatch.setattr(house.node.database, "commit", commit)
    await log_of(house).settle(house.clock.now(), ending=True)
    assert (await refused(house))[-1][2] == "and 2 more: 1 path, 1 turn"


async def test_very_many_persons_of_one_bot_are_counted_together(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errand_log, "COUNTED", 1)
    for person in ("usr_a", "usr_b", "usr_c"):
        await refuse(house, "bot_1", person, "path", "path", "path")
    await log_of(house).settle(house.clock.now(), ending=True)
    assert (await refused(house))[-2:] == [
        ("bot_1", ("usr_a",), "and 1 more: 1 path"), ("bot_1", (), "and 2 more: 2 path")
    ]  # fmt: skip


async def test_without_the_limit_every_refusal_is_on_record_and_a_reload_is_enough(house: House) -> None:
    log_of(house).rate = None
    await refuse(house, "bot_1", "usr_a", *["path"] * 9)
    assert len(await refused(house)) == 9
    log_of(house).rate = Rate(SECOND, 1)
    await refuse(house, "bot_1", "usr_a", "path", "path")
    assert len(await refused(house)) == 10


async def test_a_credential_that_came_back_is_on_record_beside_the_answer(tmp_path: Path) -> None:
    with orders.started(tmp_path / "orders", "--careless") as app:
        async with scene(tmp_path / "home", app) as shop:
            await shop.add()
            await shop.grant("/me")
            told = await shop.ask()
            assert told.json["plain"] == "app:orders"
            assert app.accounts["fleet-bot"]["token"].encode() not in told.body
            [found], [called] = await shop.entries("broker:echo-found"), await shop.entries("broker:called")
            assert found.cause == called.id
            assert int(found.reason) >= 6
