"""A record about a person can be read until that person is erased; the entry's commitment then tells nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatwarden.audit.details import Details
from chatwarden.audit.keys import KeySlots
from chatwarden.audit.model import Detail, Entry, Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.crypto import Tampered
from chatwarden.storage.model import Database, Stale, StorageFailed, Transaction

CALL = {"method": "GET", "path": "/orders/7", "status": "200"}


async def opened(database: Database, folder: Path) -> tuple[AuditLog, KeySlots]:
    keys = KeySlots(folder / "details")
    details = Details(database, keys)
    await details.load()
    return AuditLog(database, key=b"k" * 32, details=details), keys


async def noted(log: AuditLog, database: Database, subject: str, fields: dict[str, str]) -> str:
    tx = Transaction()
    entry = log.append(
        tx, Event.BOT_FAILED, lane=Lane.BOT, actor="bot_1", at=1, act=["usr_1"], detail=Detail(subject, fields)
    )
    await database.commit(tx)
    return entry


async def entry_of(log: AuditLog, entry_id: str) -> Entry:
    return next(iter([entry async for _, entry in log.read() if entry.id == entry_id]))


async def test_a_detail_is_read_back_also_after_a_restart_and_is_nowhere_in_the_entry(
    database: Database, tmp_path: Path
) -> None:
    log, keys = await opened(database, tmp_path)
    first = await noted(log, database, "usr_1", CALL)
    second = await noted(log, database, "usr_1", CALL)
    entries = [await entry_of(log, one) for one in (first, second)]
    assert entries[0].detail != entries[1].detail  # equal records are not seen to be equal
    assert len(entries[0].detail) == 64
    assert await log.detail(entries[0]) == CALL
    keys.close()
    again, keys = await opened(database, tmp_path)
    assert await again.detail(entries[1]) == CALL
    rows = repr(await database.fetch("SELECT * FROM audit")) + repr(await database.fetch("SELECT * FROM audit_details"))
    assert "orders" not in rows
    keys.close()


async def test_after_the_erasure_of_a_person_nothing_opens_and_others_stay(database: Database, tmp_path: Path) -> None:
    log, keys = await opened(database, tmp_path)
    gone = await entry_of(log, await noted(log, database, "usr_1", CALL))
    stays = await entry_of(log, await noted(log, database, "usr_2", CALL))
    before = await database.fetch("SELECT entry, slot, sealed FROM audit_details WHERE entry = ?", (gone.id,))
    assert log.details is not None
    assert await log.details.erase("usr_1")
    assert not await log.details.erase("usr_1")
    assert await log.detail(gone) is None
    assert await log.detail(stays) == CALL
    assert await database.fetch("SELECT entry FROM audit_details WHERE entry = ?", (gone.id,)) == []
    tx = Transaction()  # an old copy of the row, put back
    tx.add("INSERT INTO audit_details (entry, slot, sealed) VALUES (?, ?, ?)", before[0])
    await database.commit(tx)
    assert await log.detail(gone) is None
    later = await entry_of(log, await noted(log, database, "usr_1", CALL))
    assert await log.detail(later) == CALL  # under another key
    keys.close()
    again, keys = await opened(database, tmp_path)
    assert await again.detail(later) == CALL
    keys.close()


async def test_an_erasure_that_a_crash_interrupted_is_finished_at_the_start(database: Database, tmp_path: Path) -> None:
    log, keys = await opened(database, tmp_path)
    gone = await entry_of(log, await noted(log, database, "usr_1", CALL))
    keys.destroy(0)
    keys.close()
    again, keys = await opened(database, tmp_path)
    assert await again.detail(gone) is None
    assert await database.fetch("SELECT entry FROM audit_details") == []
    assert await database.fetch("SELECT slot FROM audit_subjects") == []
    keys.close()


async def test_a_unit_that_was_rolled_back_leaves_the_next_record_readable(database: Database, tmp_path: Path) -> None:
    log, keys = await opened(database, tmp_path)
    bad = Transaction()
    log.append(bad, Event.BOT_FAILED, lane=Lane.BOT, actor="bot_1", at=1, detail=Detail("usr_1", CALL))
    bad.add("UPDATE users SET name = 'x'", expect=1)
    with pytest.raises(Stale):
        await database.commit(bad)
    entry = await entry_of(log, await noted(log, database, "usr_1", CALL))
    keys.close()
    again, keys = await opened(database, tmp_path)
    assert await again.detail(entry) == CALL
    keys.close()


async def test_many_records_at_once_share_a_person(database: Database, tmp_path: Path) -> None:
    log, keys = await opened(database, tmp_path)
    tx = Transaction()
    ids = [
        log.append(tx, Event.BOT_FAILED, lane=Lane.BOT, actor="b", at=n, detail=Detail(f"usr_{n % 2}", CALL))
        for n in range(9)
    ]
    await database.commit(tx)
    assert [await log.detail(await entry_of(log, one)) for one in ids] == [CALL] * 9
    keys.close()


async def test_a_record_that_is_another_entrys_is_not_accepted(database: Database, tmp_path: Path) -> None:
    log, keys = await opened(database, tmp_path)
    one = await entry_of(log, await noted(log, database, "usr_1", CALL))
    other = await entry_of(log, await noted(log, database, "usr_1", {**CALL, "status": "500"}))
    tx = Transaction()
    sealed = (await database.fetch("SELECT sealed FROM audit_details WHERE entry = ?", (other.id,)))[0][0]
    tx.add("UPDATE audit_details SET sealed = ? WHERE entry = ?", (sealed, one.id), expect=1)
    await database.commit(tx)
    with pytest.raises(Tampered):
        await log.detail(one)
    keys.close()


async def test_a_disk_that_refuses_is_said_and_the_key_is_forgotten_all_the_same(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, keys = await opened(database, tmp_path)
    gone = await entry_of(log, await noted(log, database, "usr_1", CALL))

    def refuse(_file: int) -> None:
        raise OSError("no space")

    with monkeypatch.context() as broken:
        broken.setattr("chatwarden.audit.keys.os.fsync", refuse)
        assert log.details is not None
        with pytest.raises(StorageFailed):
            await log.details.erase("usr_1")
    assert await log.detail(gone) is None
    keys.close()


async def test_an_entry_without_a_detail_has_none(database: Database, tmp_path: Path) -> None:
    log, keys = await opened(database, tmp_path)
    tx = Transaction()
    log.append(tx, Event.BOT_FAILED, lane=Lane.BOT, actor="b", at=1)
    await database.commit(tx)
    assert [await log.detail(entry) async for _, entry in log.read()] == [None]
    keys.close()
