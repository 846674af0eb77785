"""Either all of a unit is durable, or none of it is; and one bad unit harms nobody else's."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.world.disk import no_file_longer_than

from chatwarden.errors import CannotRun
from chatwarden.storage.migrations import MIGRATIONS
from chatwarden.storage.model import Stale, StorageFailed, Transaction, Value
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


async def test_what_was_committed_is_read_and_is_there_after_opening_again(path: Path) -> None:
    first = await SqliteDatabase.open(path, migrations=TABLE)
    await first.commit(thing(1))
    assert await numbers(first) == [1]
    await first.close()
    again = await SqliteDatabase.open(path, migrations=TABLE)
    assert await numbers(again) == [1]
    await again.close()


async def test_units_that_wait_together_share_one_commit(path: Path) -> None:
    groups: list[int] = []
    database = await SqliteDatabase.open(path, migrations=TABLE, on_group=lambda size, _: groups.append(size))
    await asyncio.gather(*(database.commit(thing(no)) for no in range(100)))
    await database.close()
    assert sum(groups) == 100
    assert groups == [100]


async def test_only_the_guilty_unit_of_a_group_fails(database: SqliteDatabase) -> None:
    await database.commit(thing(7))
    results = await asyncio.gather(*(database.commit(thing(no)) for no in range(20)), return_exceptions=True)
    assert [type(result) for no, result in enumerate(results) if no != 7] == [type(None)] * 19
    assert isinstance(results[7], Stale)
    assert await numbers(database) == list(range(20))


async def test_an_expectation_that_does_not_hold_undoes_the_whole_unit(database: SqliteDatabase) -> None:
    tx = thing(1)
    tx.add("UPDATE things SET name = 'x' WHERE no = ?", (99,), expect=1)
    neighbour = asyncio.create_task(database.commit(thing(2)))
    with pytest.raises(Stale):
        await database.commit(tx)
    await neighbour
    assert await numbers(database) == [2]


async def test_an_expectation_that_holds_lets_the_unit_through(database: SqliteDatabase) -> None:
    await database.commit(thing(1))
    await database.commit(unit("UPDATE things SET name = 'x' WHERE no = 1", expect=1))
    await database.commit(unit("DELETE FROM things WHERE no = 99", expect=0))
    assert await database.fetch("SELECT name FROM things") == [("x",)]


async def test_of_two_units_that_race_for_one_row_one_wins(database: SqliteDatabase) -> None:
    await database.commit(thing(1))
    take = "UPDATE things SET name = ? WHERE no = 1 AND name = 'thing 1'"
    results = await asyncio.gather(
        *(database.commit(unit(take, f"taken {n}", expect=1)) for n in range(5)), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in results) == ["NoneType"] + ["Stale"] * 4


async def test_inserts_of_a_group_that_are_run_together_keep_their_order_around_other_statements(
    database: SqliteDatabase,
) -> None:
    tx = thing(1)
    tx.add("DELETE FROM things")
    tx.add("INSERT INTO things VALUES (?, ?, ?)", (2, "two", b""))
    await asyncio.gather(database.commit(tx), database.commit(thing(3)))
    assert await numbers(database) == [2, 3]


async def test_a_statement_that_is_wrong_fails_its_own_unit_only(database: SqliteDatabase) -> None:
    results = await asyncio.gather(
        database.commit(thing(1)),
        database.commit(unit("INSERT INTO nowhere VALUES (1)")),
        database.commit(thing(2)),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [type(None), StorageFailed, type(None)]
    assert await numbers(database) == [1, 2]


@pytest.mark.parametrize("value", [1 << 63, "\ud800"], ids=["a number too large", "half a surrogate pair"])
async def test_a_value_that_the_engine_cannot_hold_fails_its_own_unit_only(
    database: SqliteDatabase, value: Value
) -> None:
    results = await asyncio.gather(
        database.commit(thing(1)),
        database.commit(unit("INSERT INTO things VALUES (?, ?, ?)", 2, value, b"")),
        database.commit(thing(3)),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [type(None), StorageFailed, type(None)]
    with pytest.raises(StorageFailed):
        await database.fetch("SELECT * FROM things WHERE name = ?", (value,))
    assert await numbers(database) == [1, 3]


async def test_a_caller_that_goes_away_does_not_stop_the_writer(database: SqliteDatabase) -> None:
    going = asyncio.create_task(database.commit(thing(1)))
    await asyncio.sleep(0)
    going.cancel()
    await asyncio.gather(going, return_exceptions=True)
    await database.commit(thing(2))
    assert 2 in await numbers(database)


async def test_a_scrub_whose_caller_goes_away_does_not_stop_the_writer(database: SqliteDatabase) -> None:
    going = asyncio.create_task(database.scrub())
    await asyncio.sleep(0)
    going.cancel()
    await asyncio.gather(going, return_exceptions=True)
    await database.commit(thing(2))
    assert await numbers(database) == [2]


async def test_closing_finishes_what_was_submitted_and_refuses_what_comes_later(path: Path) -> None:
    database = await SqliteDatabase.open(path, migrations=TABLE)
    waiting = [asyncio.create_task(database.commit(thing(no))) for no in range(10)]
    await asyncio.sleep(0)
    await database.close()
    await asyncio.gather(*waiting)
    with pytest.raises(StorageFailed):
        await database.commit(thing(11))
    await database.close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM things").fetchone() == (10,)
    connection.close()


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


def test_every_acknowledged_unit_survives_a_kill(path: Path) -> None:
    for _ in range(3):
        command = [sys.executable, "-m", "tests.storage.writer", str(path)]
        environment = {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "PATH": ""}
        acknowledged: list[tuple[int, int]] = []
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, env=environment) as process:
            assert process.stdout is not None
            for line in process.stdout:
                worker, n = line.split()
                acknowledged.append((int(worker), int(n)))
                if len(acknowledged) == 200:
                    process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL
        assert len(acknowledged) >= 200
        with sqlite3.connect(path) as connection:
            rows = connection.execute("SELECT worker, n FROM rows").fetchall()
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            connection.execute("DELETE FROM rows")
        connection.close()
        there = set(rows)
        assert set(acknowledged) <= there
        for worker, n in there:  # both rows of a unit, or neither
            assert (worker, -n - 1) in there


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


async def test_the_audit_table_refuses_changes_through_the_port_too(path: Path) -> None:
    database = await SqliteDatabase.open(path, migrations=MIGRATIONS)
    await database.commit(unit("INSERT INTO audit (entry) VALUES (?)", b"one"))
    for sql in ("UPDATE audit SET entry = x'00'", "DELETE FROM audit"):
        with pytest.raises(Stale):
            await database.commit(unit(sql))
    assert await database.fetch("SELECT entry FROM audit") == [(b"one",)]
    await database.close()


async def test_a_reader_cannot_write(database: SqliteDatabase) -> None:
    with pytest.raises(StorageFailed):
        await database.fetch("INSERT INTO things VALUES (1, 'a', x'')")


async def test_deleted_bytes_are_in_neither_file_after_a_scrub(database: SqliteDatabase, path: Path) -> None:
    marker = b"4111-very-findable-1111"
    files = [path, path.with_name(path.name + "-wal")]
    for no in range(50):
        await database.commit(thing(no, body=marker * 40))
    await database.scrub()
    assert holds(path, marker)
    await database.commit(thing(50, body=marker))
    assert holds(files[1], marker)
    await database.commit(unit("DELETE FROM things"))
    await database.scrub()
    for file in files:
        assert not holds(file, marker)


async def test_a_scrub_waits_for_the_writes_before_it(database: SqliteDatabase, path: Path) -> None:
    writes = [asyncio.create_task(database.commit(thing(no))) for no in range(5)]
    await asyncio.sleep(0)
    await database.scrub()
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
            await database.scrub()
    finally:
        scrubbed.set()
        await asyncio.gather(*writers)
