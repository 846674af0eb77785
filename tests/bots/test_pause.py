"""A pause holds at once, outlives a restart and is undone as easily."""

from __future__ import annotations

import pytest

from chatwarden.audit.service import AuditLog
from chatwarden.bots.pause import ALL, Pauses
from chatwarden.clock import ManualClock
from chatwarden.errors import InvalidRequest
from chatwarden.storage.model import Database, StorageFailed, Transaction

NOW = ManualClock().now()


async def loaded(database: Database) -> Pauses:
    pauses = Pauses(database, AuditLog(database))
    await pauses.load()
    return pauses


async def test_one_bot_is_paused_and_resumed_and_the_log_says_who(database: Database) -> None:
    pauses = await loaded(database)
    await pauses.pause("shop", NOW, actor="control")
    await pauses.pause("shop", NOW, actor="control")
    assert (pauses.holds("shop"), pauses.holds("helpdesk")) == (True, False)
    assert (await loaded(database)).holds("shop")
    await pauses.resume("shop", NOW, actor="control")
    assert not pauses.holds("shop")
    assert not (await loaded(database)).holds("shop")
    log = [(e.event, e.actor, e.object) async for _, e in AuditLog(database).read()]
    assert log == [("bot:paused", "control", "shop")] * 2 + [("bot:resumed", "control", "shop")]


async def test_a_pause_of_all_is_one_that_only_all_ends(database: Database) -> None:
    pauses = await loaded(database)
    await pauses.pause("shop", NOW, actor="control")
    await pauses.pause(ALL, NOW, actor="control")
    assert pauses.holds("a bot that is added later")
    with pytest.raises(InvalidRequest):
        await pauses.resume("shop", NOW, actor="control")
    await pauses.resume(ALL, NOW, actor="control")
    assert not pauses.holds("shop")
    assert not (await loaded(database)).holds("shop")


class Full:
    """A record that cannot be written."""

    async def commit(self, tx: Transaction) -> None:
        raise StorageFailed("full")


async def test_a_pause_that_cannot_be_recorded_holds_all_the_same_and_a_resume_does_not(database: Database) -> None:
    pauses = await loaded(database)
    pauses._database = Full()  # type: ignore[assignment]
    with pytest.raises(StorageFailed):
        await pauses.pause("shop", NOW, actor="control")
    assert pauses.holds("shop")
    with pytest.raises(StorageFailed):
        await pauses.resume("shop", NOW, actor="control")
    assert pauses.holds("shop")
