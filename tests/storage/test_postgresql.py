"""What only PostgreSQL can do to us: go away, come back, have taken another owner, keep what was deleted."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest
from tests.world.postgres import Cluster, PostgresEngine, cluster

from chatwarden.errors import CannotRun
from chatwarden.storage.migrations import load
from chatwarden.storage.model import Database, StorageFailed, Transaction, Value

HOUR = 3_600_000_000
AUDIT = "INSERT INTO audit (entry) VALUES (?)"
MESSAGE = (
    "INSERT INTO messages (conversation, seq, bucket, page, idx, source, at, destroy_at, state, payload) "
    "VALUES (?, ?, ?, 0, 0, 'client', 0, 0, 'live', ?)"
)


@pytest.fixture
def engine(postgres: Cluster) -> PostgresEngine:
    return PostgresEngine(postgres, postgres.empty())


@pytest.fixture
async def database(engine: PostgresEngine) -> AsyncIterator[Database]:
    opened = await engine.open(load("postgresql"))
    yield opened
    await opened.close()


@pytest.fixture
def own() -> Iterator[Cluster]:
    """A cluster that a test may stop."""
    with cluster() as started:
        yield started


def unit(sql: str, *params: Value) -> Transaction:
    tx = Transaction()
    tx.add(sql, params)
    return tx


async def look(engine: PostgresEngine, sql: str) -> list[tuple[object, ...]]:
    return await asyncio.to_thread(engine.cluster.run, sql, engine.database)


async def partitions(engine: PostgresEngine) -> set[object]:
    rows = await look(engine, "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'messages'::regclass")
    return {row[0] for row in rows}


async def test_rows_of_an_hour_lie_in_their_partition_and_go_with_it(
    database: Database, engine: PostgresEngine
) -> None:
    await database.prepare(7 * HOUR + 5)
    await database.commit(unit(MESSAGE, 1, 1, 7 * HOUR + 5, b"ciphertext"))
    assert await look(engine, "SELECT tableoid::regclass::text FROM messages") == [("messages_7",)]
    (file,) = (await look(engine, "SELECT pg_relation_filepath('messages_7')"))[0]
    await look(engine, "CHECKPOINT")
    path = engine.cluster.folder / "data" / str(file)
    assert b"ciphertext" in path.read_bytes()
    await database.commit(unit("DELETE FROM messages"))
    await database.scrub(8 * HOUR - 1)
    assert "messages_7" in await partitions(engine)  # the hour is not over
    await database.scrub(8 * HOUR)
    assert await partitions(engine) == {"messages_default"}
    assert await database.fetch("SELECT * FROM message_ranges") == []
    await look(engine, "CHECKPOINT")  # the server unlinks the file at the next checkpoint
    assert not path.exists() or not path.read_bytes()


async def test_a_row_whose_partition_is_missing_is_kept_all_the_same(
    database: Database, engine: PostgresEngine
) -> None:
    await database.commit(unit(MESSAGE, 1, 1, 9 * HOUR, b"x"))
    assert await look(engine, "SELECT tableoid::regclass::text FROM messages") == [("messages_default",)]
    await database.prepare(9 * HOUR)  # too late for an own partition; nothing breaks
    await database.commit(unit(MESSAGE, 1, 2, 9 * HOUR, b"y"))
    assert len(await database.fetch("SELECT seq FROM messages")) == 2


async def test_reading_a_conversation_plans_only_its_own_hours(database: Database, engine: PostgresEngine) -> None:
    for hour in range(20):
        await database.prepare(hour * HOUR)
    await database.commit(unit(MESSAGE, 1, 1, 3 * HOUR, b"x"))
    assert await database.fetch("SELECT begins, ends FROM message_ranges WHERE conversation = ?", (1,)) == [
        (3 * HOUR, 4 * HOUR)
    ]
    plan = await look(
        engine, f"EXPLAIN SELECT seq FROM messages WHERE conversation = 1 AND bucket >= {3 * HOUR} AND bucket < {4 * HOUR}"
    )  # fmt: skip
    named = {f"messages_{hour}" for hour in range(20) if any(f"messages_{hour} " in str(row[0]) for row in plan)}
    assert named == {"messages_3"}


async def test_one_gateway_owns_a_database(database: Database, engine: PostgresEngine) -> None:
    with pytest.raises(CannotRun, match="another chatwarden"):
        await engine.open(load("postgresql"))
    await database.close()
    await (await engine.open(load("postgresql"))).close()


async def test_a_connection_that_was_cut_is_made_again_and_nothing_is_lost(
    database: Database, engine: PostgresEngine
) -> None:
    await database.commit(unit(AUDIT, b"one"))
    await look(engine, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'chatwarden'")
    async with asyncio.timeout(20):
        while True:
            try:
                await database.commit(unit(AUDIT, b"two"))
                break
            except StorageFailed:  # the first to notice pays
                await asyncio.sleep(0.01)
    assert await database.fetch("SELECT seq, entry FROM audit ORDER BY seq") == [(1, b"one"), (2, b"two")]


async def test_while_another_gateway_has_the_database_nothing_is_written(
    database: Database, engine: PostgresEngine
) -> None:
    await database.commit(unit(AUDIT, b"one"))
    thief = await asyncpg.connect(
        host="127.0.0.1", port=engine.cluster.port, user="chatwarden", password=engine.cluster.password,
        database=engine.database,
    )  # fmt: skip
    waiting = asyncio.create_task(thief.execute("SELECT pg_advisory_lock($1)", 0x63776172_64656E))
    await look(
        engine,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'chatwarden'",
    )
    await waiting
    for _ in range(3):
        with pytest.raises(StorageFailed):
            await database.commit(unit(AUDIT, b"two"))
    await thief.close()
    async with asyncio.timeout(20):
        while len(await database.fetch("SELECT seq FROM audit")) < 2:
            try:
                await database.commit(unit(AUDIT, b"three"))
            except StorageFailed:
                await asyncio.sleep(0.01)
    assert await database.fetch("SELECT seq, entry FROM audit ORDER BY seq") == [(1, b"one"), (2, b"three")]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["fast shutdown", "crash"])
async def test_what_was_acknowledged_outlives_the_server_and_what_failed_did_not_happen(
    own: Cluster, how: signal.Signals
) -> None:
    engine = PostgresEngine(own, await asyncio.to_thread(own.empty))
    database = await engine.open(load("postgresql"))
    acknowledged: set[bytes] = set()
    failed: set[bytes] = set()
    enough = asyncio.Event()
    stopping = False

    async def write(worker: int) -> None:
        for n in range(100_000):
            entry = f"{worker}.{n}".encode()
            try:
                await database.commit(unit(AUDIT, entry))
                acknowledged.add(entry)
            except StorageFailed:
                failed.add(entry)
            if len(acknowledged) > 200:
                enough.set()
            if stopping:
                return
            await asyncio.sleep(0)

    writers = [asyncio.create_task(write(worker)) for worker in range(8)]
    await enough.wait()
    await asyncio.to_thread(own.stop, how)
    await asyncio.to_thread(own.start)
    stopping = True
    await asyncio.gather(*writers)
    async with asyncio.timeout(30):
        while True:
            try:
                await database.commit(unit(AUDIT, b"after"))
                break
            except StorageFailed:
                await asyncio.sleep(0.05)
    rows = await database.fetch("SELECT seq, entry FROM audit ORDER BY seq")
    entries = {row[1] for row in rows}
    assert acknowledged <= entries
    assert not failed & entries  # also those that were lost in mid-commit: the server was asked
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    await database.close()


async def test_a_server_that_does_not_sync_is_refused(own: Cluster) -> None:
    await asyncio.to_thread(own.run, "ALTER SYSTEM SET fsync = off")
    await asyncio.to_thread(own.run, "SELECT pg_reload_conf()")
    engine = PostgresEngine(own, await asyncio.to_thread(own.empty))
    with pytest.raises(CannotRun, match="fsync = off"):
        await engine.open(load("postgresql"))


async def test_a_wrong_password_and_an_absent_server_are_told_without_details(
    own: Cluster, engine: PostgresEngine
) -> None:
    wrong = PostgresEngine(Cluster(own.folder, own.port, "wrong", own.process), "postgres")
    with pytest.raises(StorageFailed, match="InvalidPasswordError"):
        await wrong.open(load("postgresql"))
    await asyncio.to_thread(own.stop)
    with pytest.raises(StorageFailed, match=f"127.0.0.1:{own.port}"):
        await PostgresEngine(own, "postgres").open(load("postgresql"))


async def test_an_error_never_quotes_a_value(database: Database) -> None:
    await database.commit(unit("INSERT INTO meta (name, value) VALUES (?, ?)", "4111 1111 1111 1111", "x"))
    with pytest.raises(Exception, match="UniqueViolation") as refused:
        await database.commit(unit("INSERT INTO meta (name, value) VALUES (?, ?)", "4111 1111 1111 1111", "x"))
    assert "4111" not in str(refused.value)
