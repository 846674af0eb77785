"""A year begins at its row and is dropped once; nothing else is ever removed from the log."""

from __future__ import annotations

import pytest

from chatwarden.audit import years
from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.audit.years import Leaf, Year
from chatwarden.clock import SECOND
from chatwarden.storage.model import Database, Stale, StorageFailed, Transaction


async def entries(database: Database, count: int) -> None:
    tx = Transaction()
    for n in range(count):
        AuditLog(database).append(tx, Event.BOT_FAILED, lane=Lane.BOT, actor="b", at=n)
    await database.commit(tx)


async def do(database: Database, sql: str, *params: int) -> None:
    tx = Transaction()
    tx.add(sql, params)
    await database.commit(tx)


async def opened(database: Database) -> None:
    await entries(database, 3)
    tx = Transaction()
    years.begin_with_what_is_there(tx, 2026)
    await database.commit(tx)
    tx = Transaction()
    years.begin(tx, 2027, 4)
    AuditLog(database).append(tx, Event.AUDIT_YEAR_OPENED, lane=Lane.SYSTEM, actor="system", at=9)
    await database.commit(tx)


async def test_years_know_where_each_entry_is(database: Database) -> None:
    await opened(database)
    known = await years.load(database)
    assert known == [Year(2026, 1, 4, None), Year(2027, 4, None, None)]
    assert [years.leaf(known, number) for number in (1, 3, 4, 9)] == [
        Leaf(2026, 0), Leaf(2026, 2), Leaf(2027, 0), Leaf(2027, 5)
    ]  # fmt: skip
    assert years.leaf([], 3) == Leaf(0, 2)


async def test_a_year_is_opened_at_the_next_row_or_not_at_all(database: Database) -> None:
    await opened(database)
    tx = Transaction()
    years.begin(tx, 2028, 4)  # somebody wrote an entry meanwhile
    with pytest.raises(Stale):
        await database.commit(tx)
    assert [one.year for one in await years.load(database)] == [2026, 2027]


async def test_entries_go_with_a_dropped_year_and_never_otherwise(database: Database) -> None:
    await opened(database)
    for sql in (
        "DELETE FROM audit WHERE seq = 1", "DELETE FROM audit WHERE seq = 4", "DELETE FROM audit_years",
        "UPDATE audit_years SET first_seq = 2 WHERE year = 2026", "UPDATE audit_years SET dropped_at = NULL",
        "UPDATE audit_years SET year = 2020 WHERE year = 2026", "UPDATE audit SET entry = entry",
    ):  # fmt: skip
        with pytest.raises((Stale, StorageFailed)):
            await do(database, sql)
    tx = Transaction()
    years.drop(tx, 2026, 7)
    await database.commit(tx)
    with pytest.raises(Stale):
        await database.commit(tx)  # it is dropped once
    await do(database, "DELETE FROM audit WHERE seq <= ?", 3)
    with pytest.raises((Stale, StorageFailed)):
        await do(database, "DELETE FROM audit WHERE seq = 4")
    await do(database, "UPDATE audit_years SET dropped_at = 8 WHERE year = 2027")
    with pytest.raises((Stale, StorageFailed)):
        await do(database, "DELETE FROM audit WHERE seq = 4")  # the newest year stays, whatever is said of it
    assert await database.fetch("SELECT seq FROM audit") == [(4,)]


def test_a_year_is_that_of_utc() -> None:
    end = years.end_of(2026)
    assert (years.year_of(end - 1), years.year_of(end)) == (2026, 2027)
    assert end == 1_798_761_600 * SECOND
