"""Reading from PostgreSQL: what the engine's pool and a reader beside it share."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from typing import Any

import asyncpg

from chatwarden.config.model import DatabaseServer
from chatwarden.storage.model import Row, StorageFailed, Value

CONNECT = 5.0
_COMMAND = 15.0
LOST = (OSError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError, TimeoutError)
# What the driver raises of its own for a value that does not fit: a large integer, half a surrogate pair.
UNFIT = (OverflowError, UnicodeError, ValueError)
SETTINGS = {"application_name": "chatwarden", "synchronous_commit": "on", "timezone": "UTC"}
READING = {**SETTINGS, "default_transaction_read_only": "on", "plan_cache_mode": "force_custom_plan"}

Connection = Any  # the driver ships no types


def parameters(where: DatabaseServer, password: str | None, tls: ssl.SSLContext | None) -> dict[str, Any]:
    """How to reach the server."""
    return {
        "host": where.host, "port": where.port, "user": where.user, "password": password,
        "database": where.database, "ssl": tls or False, "timeout": CONNECT, "command_timeout": _COMMAND,
    }  # fmt: skip


async def connect_to_read(where: DatabaseServer, *, password: str | None, tls: ssl.SSLContext | None) -> Connection:
    """A connection that can only read, beside whoever owns the database. Raises StorageFailed."""
    try:
        return await asyncpg.connect(**parameters(where, password, tls), server_settings=READING)
    except (*LOST, asyncpg.PostgresError, ssl.SSLError) as error:
        raise StorageFailed(f"PostgreSQL at {where.host}:{where.port} cannot be used: {reason(error)}") from error


class PostgresReader:
    """Reads over a connection, or a pool of them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def fetch(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        """Reads committed rows. Raises StorageFailed."""
        try:
            return [tuple(row) for row in await self._connection.fetch(numbered(sql), *params)]
        except (*LOST, asyncpg.PostgresError, *UNFIT) as error:
            raise StorageFailed(reason(error)) from error


_numbered_before: dict[str, str] = {}


def numbered(sql: str) -> str:
    """``$1, $2 …`` for ``?``."""
    found = _numbered_before.get(sql)
    if found is None:
        head, *rest = sql.split("?")
        found = head + "".join(f"${n}{part}" for n, part in enumerate(rest, start=1))
        if len(_numbered_before) < 1_024:
            _numbered_before[sql] = found
    return found


def reason(error: BaseException) -> str:
    """What went wrong, without the server's details: they quote values."""
    if isinstance(error, asyncpg.PostgresError):
        return f"{type(error).__name__} ({error.sqlstate})"
    return type(error).__name__ if not isinstance(error, OSError) else (error.strerror or type(error).__name__)
