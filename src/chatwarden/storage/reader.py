"""Reads the record beside whoever owns it: no lock, no migration, nothing written."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from chatwarden.config.model import StorageConfig
from chatwarden.errors import CannotRun
from chatwarden.storage.engine import credentials
from chatwarden.storage.model import Row, StorageFailed, Value

_BUSY = 10.0


class Reader(Protocol):
    """What reads rows."""

    async def fetch(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        """Reads committed rows. Raises StorageFailed."""
        ...


class _Sqlite:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def fetch(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        try:
            return await asyncio.to_thread(lambda: self._connection.execute(sql, params).fetchall())
        except sqlite3.Error as error:
            raise StorageFailed(str(error)) from error


@asynccontextmanager
async def reading(config: StorageConfig, home: Path, file: Path) -> AsyncIterator[Reader]:
    """A reader of the record. Raises StorageFailed or CannotRun."""
    if config.server is None:
        if not await asyncio.to_thread(file.exists):
            raise CannotRun(f"there is no record in {home}", hint="name the home with --home")
        try:
            connection = await asyncio.to_thread(_connect, file)
        except sqlite3.Error as error:
            raise StorageFailed(f"{file.name} cannot be opened: {error}") from error
        try:
            yield _Sqlite(connection)
        finally:
            connection.close()
        return
    from chatwarden.storage import postgresql_reader as server  # noqa: PLC0415  one engine is loaded, not both

    password, tls = credentials(home, config)
    connection = await server.connect_to_read(config.server, password=password, tls=tls)
    try:
        yield server.PostgresReader(connection)
    finally:
        await connection.close()


def _connect(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{file.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False, timeout=_BUSY
    )
