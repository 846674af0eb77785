"""A record in SQLite, out and back in."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.world.disk import no_file_longer_than

from chatwarden.errors import CannotRun, Damaged
from chatwarden.storage.migrations import load
from chatwarden.storage.model import Piece, StorageFailed, Transaction
from chatwarden.storage.sqlite import SqliteDatabase
from chatwarden.storage.sqlite_copy import PART, replacement, snapshot

AUDIT = "INSERT INTO audit (entry) VALUES (?)"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "record.db"


@pytest.fixture
async def database(file: Path) -> AsyncIterator[SqliteDatabase]:
    opened = await SqliteDatabase.open(file, migrations=load("sqlite"))
    yield opened
    await opened.close()


async def add(database: SqliteDatabase, *entries: bytes) -> None:
    tx = Transaction()
    for entry in entries:
        tx.add(AUDIT, (entry,))
    await database.commit(tx)


async def taken(file: Path) -> list[Piece]:
    async with snapshot(file) as pieces:
        return [piece async for piece in pieces]


def entries(file: Path) -> list[bytes]:
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as base:
        return [row[0] for row in base.execute("SELECT entry FROM audit ORDER BY seq")]


def written(pieces: list[Piece], to: Path) -> Path:
    to.write_bytes(b"".join(piece for _, piece in pieces))
    return to


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def spoil(*files: Path) -> None:
    for file in files:
        file.write_bytes(os.urandom(9_000))


async def test_a_snapshot_is_of_one_instant_while_the_writer_goes_on(
    database: SqliteDatabase, file: Path, tmp_path: Path
) -> None:
    await add(database, *(b"%d" % n * 3_000 for n in range(400)))
    async with snapshot(file) as pieces:
        first = await anext(pieces)
        await asyncio.wait_for(add(database, b"later"), 20)  # nobody waits for the copy
        rest = [piece async for piece in pieces]
    assert first == (PART, b"")
    assert max(len(piece) for _, piece in rest) <= 1 << 18
    assert len(rest) > 3
    copy = written(rest, tmp_path / "copy.db")
    assert len(entries(copy)) == 400
    assert len(entries(file)) == 401


async def test_the_copy_has_no_name_while_it_is_read(database: SqliteDatabase, file: Path) -> None:
    await add(database, b"x")
    async with snapshot(file) as pieces:
        await anext(pieces)
        assert {path.name for path in file.parent.iterdir()} <= {"record.db", "record.db-wal", "record.db-shm"}


async def test_what_a_killed_copy_left_is_replaced(database: SqliteDatabase, file: Path) -> None:
    left = file.with_name("record.db.copy")
    left.write_bytes(b"half")
    await add(database, b"x")
    assert await taken(file)
    assert not left.exists()


async def test_a_full_disk_is_told_and_the_record_is_what_it_was(database: SqliteDatabase, file: Path) -> None:
    await add(database, bytes(300_000))
    await database.scrub(0)
    with no_file_longer_than(100_000), pytest.raises(StorageFailed, match="cannot be copied"):
        await taken(file)
    assert not file.with_name("record.db.copy").exists()
    await add(database, b"goes on")


async def test_a_copy_takes_the_place_of_the_record_with_its_notes(
    database: SqliteDatabase, file: Path, tmp_path: Path
) -> None:
    await add(database, b"then")
    pieces = await taken(file)
    await add(database, b"since")
    await database.close()
    async with replacement(file, load("sqlite")) as new:
        assert new.occupied
        await new.fill(pieces)
        assert entries(file) == [b"then", b"since"]  # not yet
        await new.commit({"restored": "1", "home": "2"})
    assert names(tmp_path) == ["record.db"]
    assert entries(file) == [b"then"]
    assert mode(file) == 0o600
    opened = await SqliteDatabase.open(file, migrations=load("sqlite"))
    assert await opened.fetch("SELECT name, value FROM meta ORDER BY name") == [("home", "2"), ("restored", "1")]
    await add(opened, b"on")
    await opened.close()


async def test_the_log_of_the_old_record_is_not_applied_to_the_new_one(file: Path, tmp_path: Path) -> None:
    """As after kill -9: the newest of the old record is in its log only."""
    old = sqlite3.connect(file, isolation_level=None)
    old.execute("PRAGMA journal_mode = WAL")
    old.executescript(load("sqlite")[0])
    pieces = await taken(file)
    old.execute("PRAGMA wal_autocheckpoint = 0")
    old.executemany(AUDIT, [(bytes(4_000),)] * 50)
    killed = tmp_path / "killed"
    killed.mkdir()
    for name in ("record.db", "record.db-wal"):
        (killed / name).write_bytes((tmp_path / name).read_bytes())
    old.close()
    assert (killed / "record.db-wal").stat().st_size
    async with replacement(killed / "record.db", load("sqlite")) as new:
        await new.fill(pieces)
        await new.commit({})
    assert entries(killed / "record.db") == []


async def test_what_is_not_committed_leaves_nothing(database: SqliteDatabase, file: Path, tmp_path: Path) -> None:
    await add(database, b"x")
    pieces = await taken(file)
    await database.close()
    async with replacement(file, load("sqlite")) as new:
        await new.fill(pieces)
    assert names(tmp_path) == ["record.db"]
    assert entries(file) == [b"x"]


async def test_a_record_that_cannot_be_read_may_be_replaced(database: SqliteDatabase, file: Path) -> None:
    await add(database, b"x")
    pieces = await taken(file)
    await database.close()
    spoil(file, file.with_name("record.db-wal"))
    async with replacement(file, load("sqlite")) as new:
        await new.fill(pieces)
        await new.commit({})
    assert entries(file) == [b"x"]


async def test_a_newer_schema_is_refused(database: SqliteDatabase, file: Path, tmp_path: Path) -> None:
    await add(database, b"x")
    newer = written(await taken(file), tmp_path / "newer.db")
    with closing(sqlite3.connect(newer)) as base:
        base.execute("PRAGMA user_version = 99")
    async with replacement(file, load("sqlite")) as new:
        with pytest.raises(CannotRun, match="schema 99"):
            await new.fill([(PART, b""), (PART, newer.read_bytes())])


@pytest.mark.parametrize("kind", ["noise", "torn", "other"])
async def test_a_copy_that_is_not_sound_is_refused(
    database: SqliteDatabase, file: Path, tmp_path: Path, kind: str
) -> None:
    await add(database, *(b"%d" % n * 2_000 for n in range(50)))
    data = written(await taken(file), tmp_path / "copy.db").read_bytes()
    bad = {"noise": os.urandom(5_000), "torn": data[:8_192] + bytes(40_000) + data[48_192:], "other": data}[kind]
    async with replacement(file, load("sqlite")) as new:
        with pytest.raises(Damaged):
            await new.fill([("postgresql/schema" if kind == "other" else PART, bad)])


async def test_a_full_disk_while_it_is_filled_changes_nothing(database: SqliteDatabase, file: Path) -> None:
    await add(database, bytes(200_000))
    pieces = await taken(file)
    await database.close()
    async with replacement(file, load("sqlite")) as new:
        with no_file_longer_than(100_000), pytest.raises(StorageFailed):
            await new.fill(pieces)
    assert entries(file) == [bytes(200_000)]
