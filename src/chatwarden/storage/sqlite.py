"""SQLite behind the port: WAL, ``synchronous=FULL``, group commit.

Units that wait are run together as one transaction on the event loop, where a statement costs microseconds, and its COMMIT
with the fsync runs in a thread; meanwhile the next group gathers. So the thread takes the interpreter's lock once a group
and not once a row, which is what statements in the thread would cost (decision 0004). If any unit of a group fails, the
group is rolled back and its halves are run again, and so on, so that only the guilty one fails at the price of a few more
commits; units are data, which makes that safe. ``commit`` returns after the fsync.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from chatwarden.storage.batches import batches
from chatwarden.storage.migrations import migrate
from chatwarden.storage.model import OnGroup, Row, Stale, Statement, StorageFailed, Transaction, Value

_READERS = 2
_GROUP_MAX = 512
_WAITING_MAX = 8_192
_BUSY = 10.0
# Statements run on the event loop: nobody else may hold the home's write lock, and whoever does must not stop the gateway.
_WRITER_BUSY = 0.25
_STATEMENTS_CACHED = 256
# What the driver raises of its own for a value that SQLite cannot hold: a large integer, half a surrogate pair.
_UNFIT = (OverflowError, UnicodeError)

_Unit = tuple[list[Statement], "asyncio.Future[None]"]
_SCRUB: list[Statement] = []  # stands in the queue for a scrub, known by identity
_Job = tuple[str, Callable[[Exception | None], None]]


class SqliteDatabase:
    """An open database file. Make one with ``open``."""

    def __init__(self, path: Path, writer: sqlite3.Connection, on_group: OnGroup | None) -> None:
        self._path = path
        self._writer = writer
        self._on_group = on_group
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[_Unit] = deque()
        self._again: deque[list[_Unit]] = deque()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._busy = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False
        self._local = threading.local()
        self._reading: list[sqlite3.Connection] = []
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="sqlite-reader")
        self._thread = threading.Thread(target=self._serve_jobs, name="sqlite-commit", daemon=True)
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
        if len(self._waiting) >= _WAITING_MAX:
            raise StorageFailed("too many writes are waiting")
        done: asyncio.Future[None] = self._loop.create_future()
        self._waiting.append((tx.statements, done))
        self._begin_soon()
        await done

    async def fetch(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        """Reads committed rows. Raises StorageFailed."""
        try:
            return await self._loop.run_in_executor(self._readers, self._read, sql, params)
        except (sqlite3.Error, *_UNFIT) as error:
            raise StorageFailed(str(error)) from error

    async def prepare(self, bucket: int) -> None:
        """Nothing to do: rows of all hours lie together."""

    async def scrub(self, now: int) -> None:  # noqa: ARG002  the port's
        """Truncates the WAL, so that what was deleted is not found there. A reader in the way postpones it."""
        done: asyncio.Future[None] = self._loop.create_future()
        self._waiting.append((_SCRUB, done))  # in its turn: a writer that is never idle would put it off for ever
        self._begin_soon()
        await done

    async def close(self) -> None:
        """Finishes what was submitted, then lets go."""
        if self._closed:
            return
        self._closed = True
        while self._busy or self._waiting or self._again:
            await self._idle.wait()
            await asyncio.sleep(0)
        self._jobs.put(None)
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

    # -- the writer: statements here, COMMIT in the thread

    def _begin_soon(self) -> None:
        if not self._busy:
            self._busy = True
            self._idle.clear()
            self._loop.call_soon(self._begin_group)

    def _begin_group(self) -> None:
        """Runs the statements of the next group and hands its COMMIT over."""
        begun = time.perf_counter()
        group: list[_Unit] = []
        if self._again:
            group = self._again.popleft()
        else:
            while self._waiting and len(group) < _GROUP_MAX and self._waiting[0][0] is not _SCRUB:
                group.append(self._waiting.popleft())
        if not group and self._waiting:
            _, done = self._waiting.popleft()
            self._jobs.put(("PRAGMA wal_checkpoint(TRUNCATE)", lambda _: self._scrubbed(done)))
            return
        if not group:
            self._end_group()
            return
        error = self._run([statements for statements, _ in group])
        if error is None:
            self._jobs.put(("COMMIT", lambda failed: self._committed(group, begun, failed)))
        else:
            self._failed(group, error)

    def _committed(self, group: list[_Unit], begun: float, error: Exception | None) -> None:
        """Back on the loop after the COMMIT."""
        if error is not None:
            self._undo()
            self._failed(group, error)
            return
        for _, done in group:
            if not done.done():
                done.set_result(None)
        if self._on_group is not None:
            self._on_group(len(group), time.perf_counter() - begun)
        self._end_group()

    def _failed(self, group: list[_Unit], error: Exception) -> None:
        if len(group) > 1:
            half = len(group) // 2
            self._again.extendleft((group[half:], group[:half]))
        elif not group[0][1].done():
            group[0][1].set_exception(error)
        self._end_group()

    def _scrubbed(self, done: asyncio.Future[None]) -> None:
        if not done.done():
            done.set_result(None)
        self._end_group()

    def _end_group(self) -> None:
        if self._waiting or self._again:
            self._loop.call_soon(self._begin_group)
        else:
            self._busy = False
            self._idle.set()

    def _run(self, units: list[list[Statement]]) -> Exception | None:
        """Runs *units* in one open transaction; returns why that failed, rolled back."""
        execute = self._writer.execute
        try:
            execute("BEGIN IMMEDIATE")
            for sql, rows, expect in batches(units):
                if expect is None:
                    self._writer.executemany(sql, rows)
                elif execute(sql, rows[0]).rowcount != expect:
                    self._undo()
                    return Stale("a condition did not hold")
        except sqlite3.IntegrityError as error:
            self._undo()
            return Stale(str(error))
        except (sqlite3.Error, *_UNFIT) as error:
            self._undo()
            return StorageFailed(str(error))
        return None

    def _undo(self) -> None:
        try:
            if self._writer.in_transaction:
                self._writer.rollback()
        except sqlite3.Error:  # the next BEGIN says whether the engine is back
            return

    def _serve_jobs(self) -> None:
        while (job := self._jobs.get()) is not None:
            sql, finished = job
            error: Exception | None = None
            try:
                self._writer.execute(sql).fetchall()
            except sqlite3.Error as failed:
                error = StorageFailed(str(failed))
            self._loop.call_soon_threadsafe(finished, error)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, timeout=_WRITER_BUSY, cached_statements=_STATEMENTS_CACHED
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
