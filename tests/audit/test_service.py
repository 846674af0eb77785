"""An entry is there when, and only when, what it describes is; and they are read back in order."""

from __future__ import annotations

import pytest

from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.storage.model import Database, Stale, Transaction


async def test_an_entry_shares_the_fate_of_its_unit(database: Database) -> None:
    log = AuditLog(database)
    good, bad = Transaction(), Transaction()
    kept = log.append(good, Event.USER_ADDED, lane=Lane.STAFF, actor="control", at=5, object="usr_1", reason="agent")
    log.append(bad, Event.USER_ADDED, lane=Lane.STAFF, actor="control", at=6)
    bad.add("UPDATE users SET name = 'x'", expect=1)
    await database.commit(good)
    with pytest.raises(Stale):
        await database.commit(bad)
    ((index, entry),) = [pair async for pair in log.read()]
    assert (index, entry.id, entry.event, entry.lane, entry.object, entry.reason, entry.late) == (
        1, kept, Event.USER_ADDED, Lane.STAFF, "usr_1", "agent", False
    )  # fmt: skip


async def test_the_log_is_read_whole_beyond_one_page_and_by_lane(database: Database) -> None:
    log = AuditLog(database)
    assert await log.last_instant() == 0
    tx = Transaction()
    for n in range(2_100):
        lane = Lane.BOT if n % 3 else Lane.CLIENT
        log.append(tx, Event.MESSAGE_ANSWERED, lane=lane, actor="shop", at=n)
    await database.commit(tx)
    whole = [(index, entry.at) async for index, entry in log.read()]
    assert whole == [(n + 1, n) for n in range(2_100)]
    assert [entry.at async for _, entry in log.read(Lane.CLIENT)] == list(range(0, 2_100, 3))
    assert await log.last_instant() == 2_099


async def test_the_floor_is_the_latest_instant_though_a_late_entry_tells_of_an_earlier_one(database: Database) -> None:
    log = AuditLog(database)
    tx = Transaction()
    for at in (50, 90, 20):
        log.append(tx, Event.SESSION_ENDED, lane=Lane.SYSTEM, actor="system", at=at)
    await database.commit(tx)
    assert await log.last_instant() == 90
