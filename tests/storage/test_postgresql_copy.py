"""A record in PostgreSQL, out and back in."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

import pytest
from tests.world.postgres import Cluster, PostgresEngine

from chatwarden.errors import CannotRun, Damaged
from chatwarden.storage.migrations import load
from chatwarden.storage.model import Database, Piece, Pieces, StorageFailed, Transaction
from chatwarden.storage.postgresql_copy import SCHEMA, PostgresReplacement, replacement, snapshot

HOUR = 3_600_000_000
AUDIT = "INSERT INTO audit (entry) VALUES (?)"
MESSAGE = (
    "INSERT INTO messages (conversation, seq, bucket, page, idx, source, at, destroy_at, state, client_key, payload) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
MIGRATIONS = load("postgresql")


@pytest.fixture
def engine(postgres: Cluster) -> PostgresEngine:
    return PostgresEngine(postgres, postgres.empty())


def out(engine: PostgresEngine) -> AbstractAsyncContextManager[Pieces]:
    return snapshot(
        engine.cluster.server(engine.database), password=engine.cluster.password, tls=None, migrations=MIGRATIONS
    )


def back(engine: PostgresEngine) -> AbstractAsyncContextManager[PostgresReplacement]:
    return replacement(
        engine.cluster.server(engine.database), password=engine.cluster.password, tls=None, migrations=MIGRATIONS
    )


async def taken(engine: PostgresEngine) -> list[Piece]:
    async with out(engine) as pieces:
        return [piece async for piece in pieces]


async def add(database: Database, sql: str, *rows: tuple[object, ...]) -> None:
    tx = Transaction()
    for row in rows:
        tx.add(sql, row)  # type: ignore[arg-type]
    await database.commit(tx)


def message(seq: int, hour: int, payload: bytes) -> tuple[object, ...]:
    return (1, seq, hour * HOUR, 0, 0, "client", 0, 0, "live", b"%d" % seq, payload)


async def fill(database: Database) -> None:
    for hour in (7, 8):
        await database.prepare(hour * HOUR)
    await add(database, MESSAGE, *(message(n, 7 + n % 3, bytes(1_000)) for n in range(300)))
    await add(database, AUDIT, *((b"%d" % n,) for n in range(50)))
    await add(database, "INSERT INTO meta VALUES (?, ?)", ("home", "mark"), ("ring", "a:1"))
    await add(
        database, "INSERT INTO users (id, name, role, state, created_at, contact) VALUES (?, ?, ?, ?, ?, ?)",
        ("usr_1", "ada", "admin", "on", 1, b"\0\xff"), ("usr_2", "naïve 日", "agent", "on", 2, None),
    )  # fmt: skip


async def shown(database: Database) -> Sequence[object]:
    return [
        await database.fetch(f"SELECT * FROM {table} ORDER BY 1, 2, 3")
        for table in ("messages", "users", "message_ranges")
    ] + [await database.fetch("SELECT seq, entry FROM audit ORDER BY seq")]


async def test_a_copy_comes_back_in_another_database_as_it_was(engine: PostgresEngine) -> None:
    database = await engine.open(MIGRATIONS)
    await fill(database)
    before = await shown(database)
    pieces = await taken(engine)  # beside the gateway that has the lock
    await database.close()
    other = PostgresEngine(engine.cluster, await asyncio.to_thread(engine.cluster.empty))
    async with back(other) as new:
        assert not new.occupied
        await new.fill(pieces)
        await new.commit({"restored": "1", "ring": "b:2"})
    database = await other.open(MIGRATIONS)
    assert await shown(database) == before
    assert await database.fetch("SELECT name, value FROM meta ORDER BY name") == [
        ("home", "mark"), ("restored", "1"), ("ring", "b:2")
    ]  # fmt: skip
    rows = await asyncio.to_thread(
        other.cluster.run, "SELECT DISTINCT tableoid::regclass::text FROM messages ORDER BY 1", other.database
    )
    assert rows == [("messages_7",), ("messages_8",), ("messages_default",)]
    await add(database, AUDIT, (b"next",))  # numbers go on behind those that are there
    assert (await database.fetch("SELECT max(seq) FROM audit"))[0][0] == 51
    await add(
        database, "INSERT INTO users (id, name, role, state, created_at) VALUES ('usr_3', 'cy', 'admin', 'on', 1)", ()
    )
    await database.close()


async def test_a_snapshot_is_of_one_instant_while_the_writer_goes_on(engine: PostgresEngine) -> None:
    database = await engine.open(MIGRATIONS)
    await fill(database)
    async with out(engine) as pieces:
        await asyncio.wait_for(add(database, AUDIT, (b"later",)), 20)
        await asyncio.wait_for(add(database, "DELETE FROM messages", ()), 20)
        found = [piece async for piece in pieces]
    await database.close()
    async with back(engine) as new:
        assert new.occupied
        await new.fill(found)
        await new.commit({})
    database = await engine.open(MIGRATIONS)
    assert (await database.fetch("SELECT count(*) FROM messages"))[0][0] == 300
    assert (await database.fetch("SELECT count(*) FROM audit"))[0][0] == 50
    await database.close()


async def test_a_large_table_comes_in_pieces(engine: PostgresEngine) -> None:
    database = await engine.open(MIGRATIONS)
    await add(database, MESSAGE, *(message(n, 1, bytes(20_000)) for n in range(200)))
    await database.close()
    sizes = [len(piece) for name, piece in await taken(engine) if name.endswith("/messages")]
    assert sum(sizes) > 4_000_000
    assert max(sizes) < 1_000_000


async def test_until_it_is_committed_everything_is_what_it_was(engine: PostgresEngine) -> None:
    database = await engine.open(MIGRATIONS)
    await fill(database)
    pieces = await taken(engine)
    await add(database, AUDIT, (b"since",))
    before = await shown(database)
    await database.close()

    def cut() -> object:
        yield from pieces[:6]
        raise Damaged("in the middle")

    async with back(engine) as new:
        with pytest.raises(Damaged, match="in the middle"):
            await new.fill(cut())  # type: ignore[arg-type]
    async with back(engine) as new:
        await new.fill(pieces)
    database = await engine.open(MIGRATIONS)
    assert await shown(database) == before
    await database.close()


async def test_a_database_that_a_gateway_has_is_not_replaced(engine: PostgresEngine) -> None:
    database = await engine.open(MIGRATIONS)
    with pytest.raises(CannotRun, match="another chatwarden"):
        async with back(engine):
            raise AssertionError
    await database.close()


async def test_a_copy_of_an_earlier_schema_is_brought_up_to_date_at_the_next_start(engine: PostgresEngine) -> None:
    first = MIGRATIONS[:1]
    database = await engine.open(first)
    await add(database, AUDIT, (b"old",))
    await database.close()
    async with snapshot(
        engine.cluster.server(engine.database), password=engine.cluster.password, tls=None, migrations=first
    ) as found:
        pieces = [piece async for piece in found]
    newer = await engine.open(MIGRATIONS)
    await newer.close()
    async with back(engine) as new:
        await new.fill(pieces)
        await new.commit({})
    database = await engine.open(MIGRATIONS)
    assert await database.fetch("SELECT entry FROM audit") == [(b"old",)]
    assert await database.fetch("SELECT * FROM factors") == []
    await database.close()


@pytest.mark.parametrize(
    ("pieces", "error", "message"),
    [
        ([(SCHEMA, b'{"version":99,"hours":[]}')], CannotRun, "schema 99"),
        ([(SCHEMA, b"{}")], Damaged, "looks like"),
        ([("sqlite", b"")], Damaged, "does not know"),
        ([(SCHEMA, b'{"version":1,"hours":[]}'), ("postgresql/table/pg_authid", b"")], Damaged, "does not know"),
        ([(SCHEMA, b'{"version":1,"hours":[]}'), ("postgresql/table/meta", b"noise")], StorageFailed, "written"),
    ],
)  # fmt: skip
async def test_what_is_no_copy_is_refused(
    engine: PostgresEngine, pieces: list[Piece], error: type[Exception], message: str
) -> None:
    async with back(engine) as new:
        with pytest.raises(error, match=message):
            await new.fill(pieces)


async def test_a_server_that_is_not_there_is_told(engine: PostgresEngine) -> None:
    server = engine.cluster.server("absent")
    with pytest.raises(StorageFailed, match="cannot be used"):
        async with snapshot(server, password=engine.cluster.password, tls=None, migrations=MIGRATIONS):
            raise AssertionError


async def test_a_reader_that_stops_in_the_middle_leaves_no_connection(engine: PostgresEngine) -> None:
    database = await engine.open(MIGRATIONS)
    await add(database, MESSAGE, *(message(n, 1, bytes(20_000)) for n in range(200)))
    async with out(engine) as pieces:
        async for name, piece in pieces:
            if name.endswith("/messages") and piece:
                break
    left = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'chatwarden copy' AND datname = current_database()"
    async with asyncio.timeout(20):
        while await asyncio.to_thread(engine.cluster.run, left, engine.database) != [(0,)]:  # noqa: ASYNC110
            await asyncio.sleep(0.05)  # another process's doing has no event here
    await database.close()
