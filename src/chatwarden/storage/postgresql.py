"""PostgreSQL behind the port: one writer, group commit, rows of an hour dropped with its partition.

Units that wait are run together as one transaction; inserts of one kind go as arrays (``unnest``). If any unit of a group
fails, the group is rolled back and its halves are run again, so that only the guilty one fails. ``commit`` returns after
the server's COMMIT with ``synchronous_commit = on``; a server that does not sync its log is refused.

The writer's connection holds an advisory lock: one gateway owns a database, as it owns its home. A connection that is
lost is made again for the next group, lock included. Each group leaves its number in ``schema_version``, so that after a
connection was lost during COMMIT the next one reads whether it happened; who has the lock knows that the lost one is
over. (``pg_xact_status`` would not do: a server that crashed gives the number of a lost transaction to another.) Only
while the server cannot be asked is the outcome in doubt.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import ssl
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg

from chatwarden.clock import HOUR
from chatwarden.config.model import DatabaseServer
from chatwarden.errors import CannotRun
from chatwarden.storage.batches import Batch, batches, is_plain_insert
from chatwarden.storage.migrations import pending
from chatwarden.storage.model import InDoubt, OnGroup, Row, Stale, Statement, StorageFailed, Transaction, Value
from chatwarden.storage.postgresql_reader import (
    CONNECT,
    LOST,
    READING,
    SETTINGS,
    UNFIT,
    Connection,
    PostgresReader,
    numbered,
    parameters,
    reason,
)

_READERS = 4
_GROUP_MAX = 512
_WAITING_MAX = 8_192
_OUTCOME = 10.0  # seconds in which a server that went away in mid-commit is asked what became of it
_RETRY = 0.2
_LOCK = 0x63_77_61_72_64_65_6E  # "cwarden"
_UNNEST_FROM = 3  # rows from which one statement with arrays is cheaper than rows one by one
_INSERT = re.compile(r"INSERT INTO (\w+) \(([\w, ]+)\) VALUES")
_PARTITION = re.compile(r"messages_(\d+)")

_Unit = tuple[list[Statement], "asyncio.Future[None]"]
_Job = tuple[Callable[[Connection], Awaitable[None]], "asyncio.Future[None]"]


class PostgresDatabase:
    """An open database. Make one with ``open``."""

    def __init__(
        self, connect: Callable[..., Awaitable[Connection]], pool: Any, writer: Connection,
        on_group: OnGroup | None,
    ) -> None:  # fmt: skip
        self._connect = connect
        self._pool = pool
        self._writer: Connection | None = writer
        self._on_group = on_group
        self._waiting: deque[_Unit] = deque()
        self._jobs: deque[_Job] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._closed = False
        self._arrays: dict[str, str] = {}
        self._hours: set[int] = set()
        self._partitioned = False
        self._next_group = secrets.randbits(61) + 1  # no other process has left this number

    @classmethod
    async def open(
        cls, where: DatabaseServer, *, password: str | None, tls: ssl.SSLContext | None, migrations: list[str],
        on_group: OnGroup | None = None,
    ) -> PostgresDatabase:  # fmt: skip
        """Connects, takes the database for this process and brings its schema up to date. Raises StorageFailed when it
        cannot be reached, CannotRun when it must not be used.
        """
        known = parameters(where, password, tls)

        async def connect() -> Connection:
            return await asyncpg.connect(**known, server_settings=SETTINGS)

        name = f"PostgreSQL at {where.host}:{where.port}"
        try:
            writer = await connect()
        except (*LOST, asyncpg.PostgresError, ssl.SSLError) as error:
            raise StorageFailed(f"{name} cannot be used: {reason(error)}") from error
        try:
            await own(writer)
            await _migrate(writer, migrations)
            pool = await asyncpg.create_pool(**known, server_settings=READING, min_size=0, max_size=_READERS)
            made = cls(connect, pool, writer, on_group)
            await made._look_around(writer)
        except (*LOST, asyncpg.PostgresError) as error:
            writer.terminate()
            raise StorageFailed(f"{name} cannot be used: {reason(error)}") from error
        except CannotRun:
            await writer.close()
            raise
        return made

    async def commit(self, tx: Transaction) -> None:
        """Makes *tx* durable. Raises Stale or StorageFailed, and then nothing of it happened; InDoubt when the server
        was lost in mid-commit.
        """
        if self._closed:
            raise StorageFailed("the database is closed")
        if len(self._waiting) >= _WAITING_MAX:
            raise StorageFailed("too many writes are waiting")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((tx.statements, done))
        self._begin()
        await done

    async def fetch(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        """Reads committed rows. Raises StorageFailed."""
        return await PostgresReader(self._pool).fetch(sql, params)

    async def prepare(self, bucket: int) -> None:
        """Makes the partition of the hour of *bucket*, where it is missing. Raises StorageFailed."""
        hour = bucket // HOUR
        if hour in self._hours or not self._partitioned:
            return

        async def make(writer: Connection) -> None:
            # Where rows of this hour lie in the default partition already, they stay there.
            with contextlib.suppress(asyncpg.CheckViolationError):
                await writer.execute(
                    f"CREATE TABLE IF NOT EXISTS messages_{hour} PARTITION OF messages "
                    f"FOR VALUES FROM ({hour * HOUR}) TO ({(hour + 1) * HOUR})"
                )
            self._hours.add(hour)

        await self._do(make)

    async def scrub(self, now: int) -> None:
        """Drops the partitions of hours that are over, once their rows are destroyed. Raises StorageFailed."""
        over = sorted(hour for hour in self._hours if (hour + 1) * HOUR <= now)

        async def drop(writer: Connection) -> None:
            for hour in over:
                async with writer.transaction():
                    await writer.execute("SET LOCAL lock_timeout = '2s'")
                    if not await writer.fetchval(f"SELECT EXISTS (SELECT FROM messages_{hour})"):  # noqa: S608  a number
                        await writer.execute(f"DROP TABLE messages_{hour}")
                        self._hours.discard(hour)
            await writer.execute("DELETE FROM message_ranges WHERE ends <= $1", now)

        if over:
            await self._do(drop)

    async def close(self) -> None:
        """Finishes what was submitted, then lets go."""
        if self._closed:
            return
        self._closed = True
        if self._worker is not None:
            await self._worker
        with contextlib.suppress(*LOST):
            async with asyncio.timeout(CONNECT):
                await self._pool.close()
        if self._writer is not None:
            with contextlib.suppress(*LOST):
                await self._writer.close(timeout=CONNECT)

    # -- the worker: one unit of the queue after the other, grouped

    def _begin(self) -> None:
        if self._worker is None or self._worker.done():
            self._worker = asyncio.get_running_loop().create_task(self._work())

    async def _do(self, job: Callable[[Connection], Awaitable[None]]) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._jobs.append((job, done))
        self._begin()
        await done

    async def _work(self) -> None:
        while self._jobs or self._waiting:
            if self._jobs:
                job, done = self._jobs.popleft()
                _settle(done, await self._guarded(job))
                continue
            group = [self._waiting.popleft() for _ in range(min(len(self._waiting), _GROUP_MAX))]
            begun = time.perf_counter()
            await self._group(group)
            if self._on_group is not None:
                self._on_group(len(group), time.perf_counter() - begun)

    async def _group(self, group: list[_Unit]) -> None:
        error = await self._run([statements for statements, _ in group])
        if error is not None and len(group) > 1 and self._writer is not None:
            half = len(group) // 2
            await self._group(group[:half])
            await self._group(group[half:])
            return
        for _, done in group:
            _settle(done, error)

    async def _guarded(self, job: Callable[[Connection], Awaitable[None]]) -> Exception | None:
        try:
            await job(await self._connected())
        except Exception as error:  # noqa: BLE001  as above
            self._give_up(error)
            return StorageFailed(reason(error))
        return None

    async def _run(self, units: list[list[Statement]]) -> Exception | None:
        """Runs *units* in one transaction; returns why that failed. Then nothing of it happened, but for InDoubt."""
        number = 0
        try:
            writer = await self._connected()
            await writer.execute("BEGIN")
            for batch in batches(units):
                if not await self._apply(writer, batch):
                    await self._undo()
                    return Stale("a condition did not hold")
            await writer.execute("UPDATE schema_version SET last_group = $1", self._next_group)
            number, self._next_group = self._next_group, self._next_group + 1
            await writer.execute("COMMIT")
        except Exception as error:  # noqa: BLE001  whatever the driver raises: who waits gets an answer
            if number:  # COMMIT was not answered, or refused as by a server that shuts down: it may have happened
                self._let_go()
                return await self._outcome(number)
            if not isinstance(error, (asyncpg.PostgresError, *UNFIT)):
                self._let_go()
            await self._undo()
            stale = isinstance(error, asyncpg.IntegrityConstraintViolationError)
            return Stale(reason(error)) if stale else StorageFailed(reason(error))
        return None

    async def _apply(self, writer: Connection, batch: Batch) -> bool:
        """Runs one batch; False when its expectation does not hold."""
        sql, rows, expect = batch
        if expect is not None:
            done = await writer.execute(numbered(sql), *rows[0])
            return int(done.rpartition(" ")[2]) == expect
        if len(rows) == 1:
            await writer.execute(numbered(sql), *rows[0])
        elif len(rows) < _UNNEST_FROM or not is_plain_insert(sql) or (match := _INSERT.match(sql)) is None:
            await writer.executemany(numbered(sql), rows)
        else:
            arrays = self._arrays.get(sql)
            if arrays is None:
                statement = await writer.prepare(numbered(sql))
                kinds = ", ".join(f"${n}::{p.name}[]" for n, p in enumerate(statement.get_parameters(), start=1))
                arrays = f"INSERT INTO {match[1]} ({match[2]}) SELECT * FROM unnest({kinds})"  # noqa: S608  our own names
                self._arrays[sql] = arrays
            await writer.execute(arrays, *(list(column) for column in zip(*rows, strict=True)))
        return True

    async def _undo(self) -> None:
        """Rolls back, and takes back the numbers that the log gave away."""
        writer = self._writer
        if writer is None:
            return
        try:
            await writer.execute("ROLLBACK")
            if self._partitioned:
                await _renumber(writer)
        except Exception as error:  # noqa: BLE001  as above
            self._give_up(error)

    async def _outcome(self, number: int) -> Exception | None:
        """What became of a group whose COMMIT was not answered."""
        until = time.monotonic() + _OUTCOME
        while time.monotonic() < until:
            try:
                writer = await self._connected()
                last = await writer.fetchval("SELECT last_group FROM schema_version")
            except Exception as error:  # noqa: BLE001  as above
                self._give_up(error)
                await asyncio.sleep(_RETRY)
                continue
            return None if last == number else StorageFailed("the server was lost while it committed, and rolled back")
        return InDoubt("the server was lost while it committed and does not answer")

    # -- the writer's connection

    async def _connected(self) -> Connection:
        """The writer's connection, made again where it was lost, the lock taken with it. Raises what is in LOST."""
        if self._writer is not None and not self._writer.is_closed():
            return self._writer
        self._writer = None
        writer = await self._connect()
        try:
            await own(writer)
            await self._look_around(writer)
        except CannotRun as error:  # another gateway has taken the database meanwhile
            writer.terminate()
            raise ConnectionError(str(error)) from error
        except BaseException:
            writer.terminate()
            raise
        self._writer = writer
        return writer

    def _give_up(self, error: Exception) -> None:
        """Lets a connection go unless only a statement failed, which leaves it usable."""
        if not isinstance(error, asyncpg.PostgresError) or (self._writer is not None and self._writer.is_closed()):
            self._let_go()

    def _let_go(self) -> None:
        if self._writer is not None:
            self._writer.terminate()
            self._writer = None

    async def _look_around(self, writer: Connection) -> None:
        """Which partitions there are, and where the log stands."""
        self._partitioned = await writer.fetchval("SELECT to_regclass('messages') IS NOT NULL")
        if self._partitioned:
            names = await writer.fetch(
                "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
                "WHERE i.inhparent = 'messages'::regclass"
            )
            matches = (_PARTITION.fullmatch(row[0]) for row in names)
            self._hours = {int(match[1]) for match in matches if match is not None}
            await _renumber(writer)


def _settle(done: asyncio.Future[None], error: Exception | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)


async def own(writer: Connection) -> None:
    """Takes the database for this connection. Raises CannotRun."""
    if not await writer.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
        raise CannotRun(
            "another chatwarden is using this database", hint="stop it first, or name another database in storage.url"
        )
    for name in ("fsync", "full_page_writes"):
        if await writer.fetchval("SELECT current_setting($1)", name) != "on":
            raise CannotRun(
                f"the PostgreSQL server runs with {name} = off and may lose what it acknowledged",
                hint=f"set {name} = on in postgresql.conf",
            )


async def _migrate(writer: Connection, migrations: list[str]) -> None:
    await writer.execute("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL, last_group BIGINT)")
    version = await writer.fetchval("SELECT coalesce(max(version), 0) FROM schema_version")
    for number, sql in pending(version, migrations):
        async with writer.transaction():
            await writer.execute(sql)
            await writer.execute("DELETE FROM schema_version")
            await writer.execute("INSERT INTO schema_version VALUES ($1)", number)


async def _renumber(writer: Connection) -> None:
    """The next entry of the log follows the newest: a sequence does not take back what a rolled back unit drew."""
    await writer.execute(
        "SELECT setval(pg_get_serial_sequence('audit', 'seq'), coalesce((SELECT max(seq) FROM audit), 0) + 1, false)"
    )
