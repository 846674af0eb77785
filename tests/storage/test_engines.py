"""What every engine promises: either all of a unit is durable, or none of it is; and one bad unit harms nobody else's."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest
from tests.world.postgres import Engine

from chatwarden.errors import CannotRun
from chatwarden.storage.migrations import load
from chatwarden.storage.model import Database, Stale, StorageFailed, Transaction, Value

ROOT = Path(__file__).parents[2]
INSERT = "INSERT INTO things (no, name, body) VALUES (?, ?, ?)"


def table(engine: Engine) -> list[str]:
    return [f"CREATE TABLE things (no BIGINT PRIMARY KEY, name TEXT UNIQUE, body {engine.blob});"]


@pytest.fixture
async def things(engine: Engine) -> AsyncIterator[Database]:
    opened = await engine.open(table(engine))
    yield opened
    await opened.close()


def unit(sql: str, *params: Value, expect: int | None = None) -> Transaction:
    tx = Transaction()
    tx.add(sql, params, expect=expect)
    return tx


def thing(no: int, name: str | None = None, body: bytes = b"") -> Transaction:
    return unit(INSERT, no, name or f"thing {no}", body)


async def numbers(database: Database) -> list[Value]:
    return [row[0] for row in await database.fetch("SELECT no FROM things ORDER BY no")]


async def test_what_was_committed_is_read_and_is_there_after_opening_again(engine: Engine) -> None:
    first = await engine.open(table(engine))
    await first.commit(thing(1, body=b"\x00\xff"))
    assert await numbers(first) == [1]
    await first.close()
    again = await engine.open(table(engine))
    assert await again.fetch("SELECT no, name, body FROM things") == [(1, "thing 1", b"\x00\xff")]
    await again.close()


async def test_units_that_wait_together_share_one_commit(engine: Engine) -> None:
    groups: list[int] = []
    database = await engine.open(table(engine), on_group=lambda size, _: groups.append(size))
    await asyncio.gather(*(database.commit(thing(no)) for no in range(100)))
    await database.close()
    assert groups == [100]


async def test_only_the_guilty_unit_of_a_group_fails_and_costs_few_commits(engine: Engine) -> None:
    groups: list[int] = []
    database = await engine.open(table(engine), on_group=lambda size, _: groups.append(size))
    await database.commit(thing(7))
    results = await asyncio.gather(*(database.commit(thing(no)) for no in range(64)), return_exceptions=True)
    assert [type(result) for no, result in enumerate(results) if no != 7] == [type(None)] * 63
    assert isinstance(results[7], Stale)
    assert await numbers(database) == list(range(64))
    assert len(groups) <= 8  # halves of halves, not one by one
    await database.close()


async def test_an_expectation_that_does_not_hold_undoes_the_whole_unit(things: Database) -> None:
    tx = thing(1)
    tx.add("UPDATE things SET name = 'x' WHERE no = ?", (99,), expect=1)
    neighbour = asyncio.create_task(things.commit(thing(2)))
    with pytest.raises(Stale):
        await things.commit(tx)
    await neighbour
    assert await numbers(things) == [2]


async def test_an_expectation_that_holds_lets_the_unit_through(things: Database) -> None:
    await things.commit(thing(1))
    await things.commit(unit("UPDATE things SET name = 'x' WHERE no = 1", expect=1))
    await things.commit(unit("DELETE FROM things WHERE no = 99", expect=0))
    assert await things.fetch("SELECT name FROM things") == [("x",)]


async def test_of_two_units_that_race_for_one_row_one_wins(things: Database) -> None:
    await things.commit(thing(1))
    take = "UPDATE things SET name = ? WHERE no = 1 AND name = 'thing 1'"
    results = await asyncio.gather(
        *(things.commit(unit(take, f"taken {n}", expect=1)) for n in range(5)), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in results) == ["NoneType"] + ["Stale"] * 4


async def test_inserts_that_are_run_together_keep_their_order_around_other_statements(things: Database) -> None:
    tx = thing(1)
    tx.add("DELETE FROM things")
    tx.add(INSERT, (2, "two", b""))
    await asyncio.gather(things.commit(tx), things.commit(thing(3)))
    assert await numbers(things) == [2, 3]


async def test_a_statement_that_is_wrong_fails_its_own_unit_only(things: Database) -> None:
    results = await asyncio.gather(
        things.commit(thing(1)),
        things.commit(unit("INSERT INTO nowhere VALUES (1)")),
        things.commit(thing(2)),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [type(None), StorageFailed, type(None)]
    assert await numbers(things) == [1, 2]


@pytest.mark.parametrize(
    "value", [1 << 63, "\ud800", b"bytes"], ids=["a number too large", "half a surrogate pair", "bytes for a text"]
)
async def test_a_value_that_the_engine_cannot_hold_fails_its_own_unit_only(
    things: Database, engine: Engine, value: Value
) -> None:
    if engine.name == "sqlite" and isinstance(value, bytes):
        return  # its columns hold what they are given
    results = await asyncio.gather(
        things.commit(thing(1)),
        things.commit(unit(INSERT, 2, value, b"")),
        things.commit(thing(3)),
        things.commit(thing(4)),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [type(None), StorageFailed, type(None), type(None)]
    with pytest.raises(StorageFailed):
        await things.fetch("SELECT * FROM things WHERE name = ?", (value,))
    assert await numbers(things) == [1, 3, 4]


async def test_a_caller_that_goes_away_does_not_stop_the_writer(things: Database) -> None:
    going = asyncio.create_task(things.commit(thing(1)))
    await asyncio.sleep(0)
    going.cancel()
    await asyncio.gather(going, return_exceptions=True)
    await things.commit(thing(2))
    assert 2 in await numbers(things)


async def test_closing_finishes_what_was_submitted_and_refuses_what_comes_later(engine: Engine) -> None:
    database = await engine.open(table(engine))
    waiting = [asyncio.create_task(database.commit(thing(no))) for no in range(10)]
    await asyncio.sleep(0)
    await database.close()
    await asyncio.gather(*waiting)
    with pytest.raises(StorageFailed):
        await database.commit(thing(11))
    await database.close()
    again = await engine.open(table(engine))
    assert len(await numbers(again)) == 10
    await again.close()


async def test_the_log_only_grows_and_has_no_gap_after_a_unit_that_failed(database: Database) -> None:
    insert = "INSERT INTO audit (entry) VALUES (?)"
    await database.commit(unit(insert, b"one"))
    failing = unit(insert, b"never")
    failing.add("UPDATE users SET name = 'x'", expect=1)
    with pytest.raises(Stale):
        await database.commit(failing)
    await asyncio.gather(*(database.commit(unit(insert, name.encode())) for name in ("two", "three", "four", "five")))
    for sql in ("UPDATE audit SET entry = entry", "DELETE FROM audit"):
        with pytest.raises(Stale):
            await database.commit(unit(sql))
    rows = await database.fetch("SELECT seq, entry FROM audit ORDER BY seq")
    assert rows == [(1, b"one"), (2, b"two"), (3, b"three"), (4, b"four"), (5, b"five")]


async def test_a_reader_cannot_write(things: Database) -> None:
    with pytest.raises(StorageFailed):
        await things.fetch("INSERT INTO things VALUES (1, 'a', NULL)")
    assert await numbers(things) == []


async def test_preparing_and_scrubbing_leave_living_rows_alone(database: Database) -> None:
    hour = 3_600_000_000
    await database.prepare(5 * hour)
    insert = (
        "INSERT INTO messages (conversation, seq, bucket, page, idx, source, at, destroy_at, state, payload) "
        "VALUES (1, 1, ?, 0, 0, 'client', 0, 0, 'live', ?)"
    )
    await database.commit(unit(insert, 5 * hour, b"x"))
    await database.prepare(5 * hour + 1)
    await database.scrub(7 * hour)  # its hour is over, but nobody has destroyed it yet
    assert await database.fetch("SELECT bucket FROM messages") == [(5 * hour,)]
    await database.commit(unit("DELETE FROM messages"))
    await database.scrub(7 * hour)
    assert await database.fetch("SELECT bucket FROM messages") == []


def test_every_acknowledged_unit_survives_a_kill(engine: Engine) -> None:
    for _ in range(3):
        command = [sys.executable, "-m", "tests.storage.writer", engine.where]
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
        there = asyncio.run(_take_all(engine))
        assert set(acknowledged) <= there
        for who, number in cast("set[tuple[int, int]]", there):  # both rows of a unit, or neither
            assert (who, -number - 1) in there


async def _take_all(engine: Engine) -> set[tuple[Value, ...]]:
    async with asyncio.timeout(30):
        while True:  # a server may need a moment to see that its client is dead
            try:
                database = await engine.open(["CREATE TABLE rows (worker BIGINT, n BIGINT);"])
                break
            except CannotRun:
                await asyncio.sleep(0.05)
    rows = await database.fetch("SELECT worker, n FROM rows")
    await database.commit(unit("DELETE FROM rows"))
    await database.close()
    return set(rows)


async def test_a_newer_schema_refuses_to_open(engine: Engine) -> None:
    newer = [*load(engine.name), "CREATE TABLE later (no BIGINT);"]
    await (await engine.open(newer)).close()
    with pytest.raises(CannotRun, match="schema"):
        await engine.open(load(engine.name))


async def test_a_migration_that_fails_leaves_nothing_of_itself(engine: Engine) -> None:
    good = "CREATE TABLE a (x BIGINT);"
    with pytest.raises(StorageFailed):
        await engine.open([good, "CREATE TABLE b (y BIGINT);\nINSERT INTO nowhere VALUES (1);"])
    database = await engine.open([good, "CREATE TABLE b (y BIGINT);"])
    assert await database.fetch("SELECT y FROM b") == []
    await database.close()
