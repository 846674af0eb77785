"""Either all of a unit is durable, or none of it is; and one bad unit harms nobody else's."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.world.disk import no_file_longer_than

from chatwarden.errors import CannotRun
from chatwarden.storage.migrations import MIGRATIONS
from chatwarden.storage.model import StorageFailed, Transaction, Value
from chatwarden.storage.sqlite import SqliteDatabase

TABLE = ["CREATE TABLE things (no INTEGER PRIMARY KEY, name TEXT UNIQUE, body BLOB);"]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "record.db"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[SqliteDatabase]:
    opened = await SqliteDatabase.open(path, migrations=TABLE)
    yield opened
    await opened.close()


def unit(sql: str, *params: Value, expect: int | None = None) -> Transaction:
    tx = Transaction()
    tx.add(sql, params, expect=expect)
    return tx


def thing(no: int, name: str | None = None, body: bytes = b"") -> Transaction:
    return unit("INSERT INTO things VALUES (?, ?, ?)", no, name or f"thing {no}", body)


def holds(path: Path, content: bytes) -> bool:
    return content in path.read_bytes()


async def numbers(database: SqliteDatabase) -> list[Value]:
    return [row[0] for row in await database.fetch("SELECT no FROM things ORDER BY no")]


async def test_a_scrub_whose_caller_goes_away_does_not_stop_the_writer(database: SqliteDatabase) -> None:
    going = asyncio.create_task(database.scrub(0))
    await asyncio.sleep(0)
    going.cancel()
    await asyncio.gather(going, return_exceptions=True)
    await database.commit(thing(2))
    assert await numbers(database) == [2]


async def test_a_full_disk_acknowledges_nothing_and_writing_goes_on_when_there_is_room(
    database: SqliteDatabase, path: Path
) -> None:
    await database.commit(thing(1))
    wal = path.with_name(path.name + "-wal")
    with no_file_longer_than(wal.stat().st_size + 4_096):
        results = await asyncio.gather(
            *(database.commit(thing(no, body=bytes(100_000))) for no in range(2, 6)), return_exceptions=True
        )
        assert [type(result) for result in results] == [StorageFailed] * 4
        assert await numbers(database) == [1]
    await database.commit(thing(9, body=bytes(100_000)))
    assert await numbers(database) == [1, 9]


async def test_a_disk_that_fills_up_fails_only_the_units_that_do_not_fit(database: SqliteDatabase, path: Path) -> None:
    await database.commit(thing(1))
    wal = path.with_name(path.name + "-wal")
    with no_file_longer_than(wal.stat().st_size + 65_536):
        large, small = await asyncio.gather(
            database.commit(thing(2, body=bytes(500_000))), database.commit(thing(3)), return_exceptions=True
        )
    assert isinstance(large, StorageFailed)
    assert small is None
    assert await numbers(database) == [1, 3]


async def test_a_newer_schema_refuses_to_open(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(CannotRun):
        await SqliteDatabase.open(path, migrations=MIGRATIONS)


@pytest.fixture
def letter(path: Path) -> Path:
    path.write_bytes(b"this is not a database, it is a letter" * 200)
    return path


async def test_a_file_that_is_no_database_refuses_to_open(letter: Path) -> None:
    with pytest.raises(StorageFailed):
        await SqliteDatabase.open(letter, migrations=MIGRATIONS)


async def test_deleted_bytes_are_in_neither_file_after_a_scrub(database: SqliteDatabase, path: Path) -> None:
    marker = b"4111-very-findable-1111"
    files = [path, path.with_name(path.name + "-wal")]
    for no in range(50):
        await database.commit(thing(no, body=marker * 40))
    await database.scrub(0)
    assert holds(path, marker)
    await database.commit(thing(50, body=marker))
    assert holds(files[1], marker)
    await database.commit(unit("DELETE FROM things"))
    await database.scrub(0)
    for file in files:
        assert not holds(file, marker)


async def test_a_scrub_waits_for_the_writes_before_it(database: SqliteDatabase, path: Path) -> None:
    writes = [asyncio.create_task(database.commit(thing(no))) for no in range(5)]
    await asyncio.sleep(0)
    await database.scrub(0)
    await asyncio.gather(*writes)
    assert path.with_name(path.name + "-wal").stat().st_size == 0
    await database.commit(thing(6))
    assert await numbers(database) == [0, 1, 2, 3, 4, 6]


async def test_a_scrub_gets_its_turn_while_writers_keep_committing(database: SqliteDatabase) -> None:
    scrubbed = asyncio.Event()

    async def write(first: int) -> None:
        no = first
        while not scrubbed.is_set():
            await database.commit(thing(no))
            no += 1

    writers = [asyncio.create_task(write(first * 1_000_000)) for first in range(8)]
    await asyncio.sleep(0)  # the writers have begun: from here on one of them is always waiting
    try:
        async with asyncio.timeout(20):  # it once waited for an idle moment that never came
            await database.scrub(0)
    finally:
        scrubbed.set()
        await asyncio.gather(*writers)
