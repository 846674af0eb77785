"""SQLite behind the port: WAL, ``synchronous=FULL``, one writer thread with group commit.

The writer takes everything that waits and commits it as one transaction: one fsync for the whole group. If any unit of
a group fails, the group is rolled back and its units run again one by one, so that only the guilty one fails; units are
data, which makes that safe. ``commit`` returns after the fsync.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from chatwarden.storage.migrations import migrate
from chatwarden.storage.model import Row, Stale, Statement, StorageFailed, Transaction, Value

_READERS = 2
_GROUP_MAX = 512
_WAITING_MAX = 8_192
_BUSY = 10.0
_STATEMENTS_CACHED = 256

OnGroup = Callable[[int, float], None]
_Unit = tuple[list[Statement], "asyncio.Future[None]"]


class SqliteDatabase:
    """An open database file. Make one with ``open``."""

    def __init__(self, path: Path, writer: sqlite3.Connection, on_group: OnGroup | None) -> None:
        self._path = path
        self._writer = writer
        self._on_group = on_group
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[_Unit | Callable[[], None] | None] = queue.SimpleQueue()
        self._waiting = 0
        self._closed = False
        self._local = threading.local()
        self._reading: list[sqlite3.Connection] = []
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="sqlite-reader")
        self._thread = threading.Thread(target=self._write, name="sqlite-writer", daemon=True)
        self._thread.start()

    @classmethod
    async def open(cls, path: Path, *, migrations: list[str], on_group: OnGroup | None = None) -> SqliteDatabase:
        """Opens or creates the file and brings its schema up to date. Raises StorageFailed or CannotRun."""
        try:
            writer = await asyncio.to_thread(_connect, path)
            await asyncio.to_thread(migrate, writer, migrations)
        except sqlite3.Error as error:
            raise StorageFailed(f"{path.name} cannot be opened: {error}") from error
        return cls(path, writer, on_group)

    async def commit(self, tx: Transaction) -> None:
        """Makes *tx* durable. Raises Stale or StorageFailed, and then nothing of it happened."""
        if self._closed:
            raise StorageFailed("the database is closed")
        if self._waiting >= _WAITING_MAX:
            raise StorageFailed("too many writes are waiting")
        done: asyncio.Future[None] = self._loop.create_future()
        self._waiting += 1
        try:
            self._queue.put((tx.statements, done))
            await done
        finally:
            self._waiting -= 1

    async def fetch(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        """Reads committed rows. Raises StorageFailed."""
        try:
            return await self._loop.run_in_executor(self._readers, self._read, sql, params)
        except sqlite3.Error as error:
            raise StorageFailed(str(error)) from error

    async def scrub(self) -> None:
        """Truncates the WAL, so that what was deleted is not found there. A reader in the way postpones it."""
        done: asyncio.Future[None] = self._loop.create_future()

        def truncate() -> None:
            try:
                self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                self._loop.call_soon_threadsafe(_resolve, [(done, None)])

        self._queue.put(truncate)
        await done

    async def close(self) -> None:
        """Finishes what was submitted, then lets go."""
        if self._closed:
            return
        self._closed = True
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        await asyncio.to_thread(self._readers.shutdown)
        for connection in self._reading:
            connection.close()
        self._writer.close()

    # -- the reader threads

    def _read(self, sql: str, params: Sequence[Value]) -> list[Row]:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(
                f"{self._path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False,
                timeout=_BUSY, cached_statements=_STATEMENTS_CACHED,
            )  # fmt: skip
            self._local.connection = connection
            self._reading.append(connection)
        return connection.execute(sql, params).fetchall()

    # -- the writer thread

    def _write(self) -> None:
        while True:
            first = self._queue.get()
            units: list[_Unit] = []
            while True:
                if isinstance(first, tuple):
                    units.append(first)
                else:
                    self._commit_group(units)
                    units = []
                    if first is None:
                        return
                    first()
                if len(units) >= _GROUP_MAX:
                    break
                try:
                    first = self._queue.get_nowait()
                except queue.Empty:
                    break
            self._commit_group(units)

    def _commit_group(self, units: list[_Unit]) -> None:
        if not units:
            return
        begun = time.perf_counter()
        outcome: list[tuple[asyncio.Future[None], Exception | None]]
        if self._attempt([statements for statements, _ in units]) is None:
            outcome = [(done, None) for _, done in units]
        else:
            outcome = [(done, self._attempt([statements])) for statements, done in units]
        self._loop.call_soon_threadsafe(_resolve, outcome)
        if self._on_group is not None:
            self._on_group(len(units), time.perf_counter() - begun)

    def _attempt(self, units: list[list[Statement]]) -> Exception | None:
        """Commits *units* as one transaction; returns why not."""
        execute = self._writer.execute
        try:
            execute("BEGIN IMMEDIATE")
            for sql, rows, expect in _batches(units):
                if expect is None:
                    self._writer.executemany(sql, rows)
                elif execute(sql, rows[0]).rowcount != expect:
                    self._writer.rollback()
                    return Stale("a condition did not hold")
            execute("COMMIT")
        except sqlite3.IntegrityError as error:
            self._undo()
            return Stale(str(error))
        except sqlite3.Error as error:
            self._undo()
            return StorageFailed(str(error))
        return None

    def _undo(self) -> None:
        try:
            if self._writer.in_transaction:
                self._writer.rollback()
        except sqlite3.Error:  # the next BEGIN says whether the engine is back
            return


def _batches(units: list[list[Statement]]) -> list[tuple[str, list[Sequence[Value]], int | None]]:
    """The same work in fewer calls: plain inserts that follow each other are run together by SQL. Anything else keeps
    its place, and no insert moves across it.
    """
    batches: list[tuple[str, list[Sequence[Value]], int | None]] = []
    inserts: dict[str, list[Sequence[Value]]] = {}
    for unit in units:
        for statement in unit:
            sql = statement.sql
            rows = inserts.get(sql)
            if rows is not None and statement.expect is None:
                rows.append(statement.params)
                continue
            rows = [statement.params]
            batches.append((sql, rows, statement.expect))
            if statement.expect is None and sql.startswith("INSERT INTO") and " SELECT " not in sql:
                inserts[sql] = rows
            else:
                inserts.clear()
    return batches


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, timeout=_BUSY, cached_statements=_STATEMENTS_CACHED
    )
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "secure_delete = ON",
        "foreign_keys = ON",
        "cache_size = -32768",
        "journal_size_limit = 0",
        "wal_autocheckpoint = 2000",
    ):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _resolve(outcome: Sequence[tuple[asyncio.Future[None], Exception | None]]) -> None:
    for done, error in outcome:
        if done.done():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
