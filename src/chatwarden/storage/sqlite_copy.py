"""Copies of an SQLite record: out by the online backup API (sqlite.org/backup.html), back in by a rename.

The copy is one instant of the record, taken by a reader while the writer goes on, into a file that has no name any more
when it is filled: whatever ends the process, nothing is left behind. Going back, the new file is complete, sound and on disk
before it takes the name of the old one, and the old one's write-ahead log is gone before that: SQLite would apply it to
the new file.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path

from chatwarden.errors import Damaged
from chatwarden.storage.migrations import pending
from chatwarden.storage.model import SET_META, Piece, Pieces, StorageFailed

PART = "sqlite"
_PIECE = 1 << 18


@asynccontextmanager
async def snapshot(file: Path) -> AsyncIterator[Pieces]:
    """The record in *file* as it is now, piece by piece. Raises StorageFailed."""
    try:
        copy = await asyncio.to_thread(_copied, file)
    except (sqlite3.Error, OSError) as error:
        raise StorageFailed(f"the record cannot be copied: {error}") from error
    try:
        yield _pieces(copy)
    finally:
        os.close(copy)


def _copied(file: Path) -> int:
    name = file.with_name(file.name + ".copy")
    name.unlink(missing_ok=True)
    copy = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with (
            closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(name)) as target,
        ):
            target.execute("PRAGMA journal_mode = OFF")
            target.execute("PRAGMA synchronous = OFF")
            name.unlink()
            source.backup(target)
    except BaseException:
        name.unlink(missing_ok=True)
        os.close(copy)
        raise
    return copy


async def _pieces(copy: int) -> Pieces:
    yield PART, b""
    at = 0
    while piece := await asyncio.to_thread(os.pread, copy, _PIECE, at):
        yield PART, piece
        at += len(piece)


class SqliteReplacement:
    """See ``Replacement``."""

    def __init__(self, file: Path, migrations: list[str]) -> None:
        self._file = file
        self._new = file.with_name(file.name + ".restored")
        self._migrations = migrations

    @property
    def occupied(self) -> bool:
        """Whether there is a record that would be replaced."""
        return self._file.exists()

    async def fill(self, pieces: Iterable[Piece]) -> None:
        """Takes the copy in and looks whether it is sound."""
        self._new.unlink(missing_ok=True)
        try:
            with os.fdopen(os.open(self._new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
                for name, piece in pieces:
                    if name != PART:
                        raise Damaged("the backup holds what this program does not know")
                    written.write(piece)
        except OSError as error:
            raise StorageFailed(f"the record cannot be written: {error.strerror}") from error
        try:
            with closing(sqlite3.connect(self._new)) as new:
                pending(int(new.execute("PRAGMA user_version").fetchone()[0]), self._migrations)
                new.execute("PRAGMA journal_mode = DELETE")
                found = new.execute("PRAGMA integrity_check(1)").fetchone()
        except sqlite3.Error as error:
            raise Damaged(f"the record in the backup cannot be read: {error}") from None
        if found != ("ok",):
            raise Damaged(f"the record in the backup is not sound: {found[0]}")

    async def commit(self, notes: dict[str, str]) -> None:
        """Puts it in the place of the present one."""
        try:
            with closing(sqlite3.connect(self._new, isolation_level=None)) as new:
                new.execute("PRAGMA synchronous = EXTRA")
                new.execute("BEGIN IMMEDIATE")
                new.executemany(SET_META, list(notes.items()))
                new.execute("COMMIT")
            _sync(self._new)
            if self._file.exists():
                # Closing the only connection empties and removes the log; what cannot be opened has none that counts.
                with suppress(sqlite3.Error), closing(sqlite3.connect(self._file)) as old:
                    old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            for log in ("-wal", "-shm"):
                self._file.with_name(self._file.name + log).unlink(missing_ok=True)
            self._new.replace(self._file)
            _sync(self._file.parent)
        except (sqlite3.Error, OSError) as error:
            raise StorageFailed(f"the record cannot be put in place: {error}") from error

    def discard(self) -> None:
        """Removes what was not committed."""
        for rest in ("", "-journal", "-wal", "-shm"):
            self._new.with_name(self._new.name + rest).unlink(missing_ok=True)


@asynccontextmanager
async def replacement(file: Path, migrations: list[str]) -> AsyncIterator[SqliteReplacement]:
    """A record to be put in the place of *file*; nothing of it stays where it was not committed."""
    new = SqliteReplacement(file, migrations)
    try:
        yield new
    finally:
        new.discard()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
