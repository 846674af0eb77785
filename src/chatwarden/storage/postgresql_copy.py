"""Copies of a PostgreSQL record: out by COPY in one repeatable-read snapshot, back in by COPY in one transaction.

Binary COPY, table by table; which tables there are, the migrations say. The transaction that brings a copy back drops the
present tables, makes those of the copy's own schema, with a partition for each hour that it has, and fills them: until
its COMMIT everybody sees what was there, and after a crash, too. What follows from other tables (``message_ranges``, the
counters of identities) is made anew, not copied.
"""

from __future__ import annotations

import asyncio
import itertools
import operator
import re
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterable, Iterator
from contextlib import aclosing, asynccontextmanager
from functools import partial
from typing import Any

import asyncpg
import msgspec

from chatwarden.clock import HOUR
from chatwarden.config.model import DatabaseServer
from chatwarden.errors import Damaged
from chatwarden.storage.migrations import pending
from chatwarden.storage.model import SET_META, Piece, Pieces, StorageFailed
from chatwarden.storage.postgresql import own
from chatwarden.storage.postgresql_reader import numbered, reason

SCHEMA, TABLE = "postgresql/schema", "postgresql/table/"
_DERIVED = {"message_ranges", "messages_default"}
_CONNECT = 5.0
_WAITING = 4
_TABLES = re.compile(r"^CREATE TABLE (\w+)", re.MULTILINE)
_FUNCTIONS = re.compile(r"^CREATE FUNCTION (\w+)", re.MULTILINE)
_FAILED = (OSError, asyncpg.InterfaceError, asyncpg.PostgresError, TimeoutError, ssl.SSLError)
_Connection = Any  # the driver ships no types


class _Schema(msgspec.Struct, frozen=True):
    """``hours``: of which there are partitions."""

    version: int
    hours: list[int]


async def _connect(where: DatabaseServer, password: str | None, tls: ssl.SSLContext | None) -> _Connection:
    try:
        return await asyncpg.connect(
            host=where.host, port=where.port, user=where.user, password=password, database=where.database,
            ssl=tls or False, timeout=_CONNECT,
            server_settings={
                "application_name": "chatwarden copy", "timezone": "UTC", "synchronous_commit": "on",
                "idle_in_transaction_session_timeout": "0", "statement_timeout": "0",
            },
        )  # fmt: skip
    except _FAILED as error:
        raise StorageFailed(f"PostgreSQL at {where.host}:{where.port} cannot be used: {reason(error)}") from error


async def _hung_up(connection: _Connection) -> None:
    """Ends what is open and gives the database back: whoever comes next need not wait until the server noticed."""
    try:
        async with asyncio.timeout(_CONNECT):
            await connection.execute("ROLLBACK")
            await connection.execute("SELECT pg_advisory_unlock_all()")
            await connection.close()
    except Exception:  # noqa: BLE001  a connection that was left in the middle of something goes without a word
        connection.terminate()


# -- out


@asynccontextmanager
async def snapshot(
    where: DatabaseServer, *, password: str | None, tls: ssl.SSLContext | None, migrations: list[str]
) -> AsyncIterator[Pieces]:
    """The record as it is now, piece by piece. Raises StorageFailed."""
    connection = await _connect(where, password, tls)
    try:
        await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        version = await connection.fetchval("SELECT version FROM schema_version")  # here the snapshot is taken
        hours = await connection.fetch(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "WHERE i.inhparent = 'messages'::regclass AND c.relname ~ '^messages_[0-9]+$' ORDER BY 1"
        )
        schema = _Schema(version, [int(row[0].removeprefix("messages_")) for row in hours])
        async with aclosing(_pieces(connection, schema, _tables(migrations[:version]))) as pieces:
            yield pieces
    except _FAILED as error:
        raise StorageFailed(f"the record cannot be copied: {reason(error)}") from error
    finally:
        await _hung_up(connection)


def _tables(migrations: list[str]) -> list[str]:
    """Those that hold something of their own. Messages come last: what reads a partition keeps it from being dropped."""
    found = [name for sql in migrations for name in _TABLES.findall(sql) if name not in _DERIVED]
    return sorted(found, key="messages".__eq__)


async def _pieces(connection: _Connection, schema: _Schema, tables: list[str]) -> AsyncGenerator[Piece, None]:
    yield SCHEMA, b""
    yield SCHEMA, msgspec.json.encode(schema)
    for table in tables:
        yield TABLE + table, b""
        query = f"SELECT * FROM {table}"  # noqa: S608  a name of our own
        async with aclosing(_pulled(partial(connection.copy_from_query, query, format="binary"))) as copied:
            async for piece in copied:
                yield TABLE + table, piece


async def _pulled(push: Callable[..., Coroutine[Any, Any, Any]]) -> AsyncGenerator[bytes, None]:
    """What *push* puts out, one after the other; it waits while nobody takes it."""
    queue: asyncio.Queue[bytes | None] = asyncio.Queue(_WAITING)

    async def run() -> Exception | None:
        failed = None
        try:
            await push(output=queue.put)
        except Exception as error:  # noqa: BLE001  raised below, where somebody waits
            failed = error
        await queue.put(None)
        return failed

    task = asyncio.get_running_loop().create_task(run())
    try:
        while (piece := await queue.get()) is not None:
            yield piece
        if (failed := await task) is not None:
            raise failed
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


# -- back in


class PostgresReplacement:
    """See ``Replacement``."""

    def __init__(self, connection: _Connection, migrations: list[str], *, occupied: bool) -> None:
        self._connection = connection
        self._migrations = migrations
        self.occupied = occupied

    async def fill(self, pieces: Iterable[Piece]) -> None:
        """Takes the copy in."""
        parts = itertools.groupby(pieces, key=operator.itemgetter(0))
        try:
            tables: list[str] = []
            for name, part in parts:
                if name == SCHEMA:
                    tables = await self._make(_schema(b"".join(piece for _, piece in part)))
                elif name.removeprefix(TABLE) in tables:
                    await self._connection.copy_to_table(
                        name.removeprefix(TABLE), source=_source(piece for _, piece in part), format="binary"
                    )
                else:
                    raise Damaged("the backup holds what this program does not know")
            for table in tables:
                await self._count_on(table)
        except _FAILED as error:
            raise StorageFailed(f"the record cannot be written: {reason(error)}") from error

    async def _make(self, schema: _Schema) -> list[str]:
        pending(schema.version, self._migrations)
        for sql in self._migrations:
            for table in reversed(_TABLES.findall(sql)):
                await self._connection.execute(f"DROP TABLE IF EXISTS {table} CASCADE")
            for function in _FUNCTIONS.findall(sql):
                await self._connection.execute(f"DROP FUNCTION IF EXISTS {function} CASCADE")
        await self._connection.execute("DROP TABLE IF EXISTS schema_version")
        await self._connection.execute("CREATE TABLE schema_version (version BIGINT NOT NULL, last_group BIGINT)")
        for sql in self._migrations[: schema.version]:
            await self._connection.execute(sql)
        await self._connection.execute("INSERT INTO schema_version VALUES ($1)", schema.version)
        for hour in schema.hours:
            await self._connection.execute(
                f"CREATE TABLE messages_{hour} PARTITION OF messages "
                f"FOR VALUES FROM ({hour * HOUR}) TO ({(hour + 1) * HOUR})"
            )
        return _tables(self._migrations[: schema.version])

    async def _count_on(self, table: str) -> None:
        """The next number that the table gives is behind those that it has."""
        for (column,) in await self._connection.fetch(
            "SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attidentity <> ''", table
        ):
            await self._connection.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), "  # noqa: S608  names of our own
                f"coalesce((SELECT max({column}) FROM {table}), 0) + 1, false)"
            )

    async def commit(self, notes: dict[str, str]) -> None:
        """Puts it in the place of the present one."""
        try:
            await self._connection.executemany(numbered(SET_META), list(notes.items()))
            await self._connection.execute("COMMIT")
        except _FAILED as error:
            raise StorageFailed(f"the record cannot be put in place: {reason(error)}") from error


@asynccontextmanager
async def replacement(
    where: DatabaseServer, *, password: str | None, tls: ssl.SSLContext | None, migrations: list[str]
) -> AsyncIterator[PostgresReplacement]:
    """A record to be put in the place of the present one; nothing of it stays where it was not committed. Raises CannotRun
    when another gateway has the database.
    """
    connection = await _connect(where, password, tls)
    try:
        await own(connection)
        occupied = await connection.fetchval("SELECT to_regclass('schema_version') IS NOT NULL")
        new = PostgresReplacement(connection, migrations, occupied=occupied)
        await connection.execute("BEGIN")
        yield new
    finally:
        await _hung_up(connection)


def _schema(data: bytes) -> _Schema:
    try:
        return msgspec.json.decode(data, type=_Schema)
    except msgspec.MsgspecError:
        raise Damaged("the backup does not say what its record looks like") from None


async def _source(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        if piece:
            yield piece
