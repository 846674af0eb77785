"""Used once, or taken back, on each engine: of many at once one wins, and it stays so."""

from __future__ import annotations

import asyncio

import pytest

from chatwarden.clock import ManualClock
from chatwarden.errors import NotAccepted
from chatwarden.identity.spent import SpentTokens
from chatwarden.storage.model import Database, Transaction

NOW = ManualClock().now()


async def test_of_many_uses_at_once_one_wins(database: Database) -> None:
    spent = SpentTokens(database)
    found = await asyncio.gather(*(spent.spend("site:a", "one", NOW) for _ in range(50)), return_exceptions=True)
    assert found.count(None) == 1
    assert {one.reason for one in found if isinstance(one, NotAccepted)} == {"replayed"}
    with pytest.raises(NotAccepted, match="replayed"):
        await SpentTokens(database).spend("site:a", "one", NOW + 1)  # the same after a restart


async def test_an_id_belongs_to_who_made_it(database: Database) -> None:
    spent = SpentTokens(database)
    for maker in ("site:a", "site:b", "client:a"):
        await spent.spend(maker, "one", NOW)
    assert not await spent.is_revoked("one")


async def test_what_was_taken_back_stays_so_and_may_be_taken_back_twice(database: Database) -> None:
    spent = SpentTokens(database)
    for _ in range(2):
        tx = Transaction()
        spent.revoke(tx, "jwt_1", NOW)
        await database.commit(tx)
    assert await spent.is_revoked("jwt_1")
    assert not await spent.is_revoked("jwt_2")


async def test_what_is_over_is_forgotten_and_nothing_else(database: Database) -> None:
    spent = SpentTokens(database)
    await spent.spend("site:a", "early", NOW)
    await spent.spend("site:a", "late", NOW + 1)
    await spent.forget(NOW)
    await spent.spend("site:a", "early", NOW)
    with pytest.raises(NotAccepted):
        await spent.spend("site:a", "late", NOW + 1)
