"""Grants in the database, on every engine."""

from __future__ import annotations

import pytest

from chatwarden.bots.broker import store
from chatwarden.bots.broker.model import Grant
from chatwarden.classes import DataClass
from chatwarden.clock import MINUTE, SECOND
from chatwarden.config.model import Rate
from chatwarden.storage.model import Database, Stale, Transaction

FULL = Grant(
    "gnt_1", "shop", "crm", "https://crm.example.org:443", "orders:read", ("GET", "PUT"), ("/orders", "/orders/**"),
    frozenset({DataClass.EMAIL, DataClass.IBAN}), "orders:own", 5 * MINUTE, Rate(SECOND // 2, 5),
)  # fmt: skip
BARE = Grant("gnt_2", "shop", "erp", "https://erp.example.org:443", "stock:read", ("GET",), ("/stock",))


async def write(database: Database, *grants: Grant) -> None:
    tx = Transaction()
    for grant in grants:
        store.insert(tx, grant)
    await database.commit(tx)


async def test_a_grant_comes_back_as_it_was(database: Database) -> None:
    await write(database, FULL, BARE)
    assert await store.all_grants(database) == [FULL, BARE]


async def test_one_is_taken_away_once_and_those_of_an_application_together(database: Database) -> None:
    await write(database, FULL, BARE)
    tx = Transaction()
    store.delete(tx, "gnt_1")
    await database.commit(tx)
    assert await store.all_grants(database) == [BARE]
    with pytest.raises(Stale):
        await database.commit(tx)
    tx = Transaction()
    store.delete_of(tx, "erp")
    await database.commit(tx)
    assert await store.all_grants(database) == []
