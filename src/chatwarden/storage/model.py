"""The port to the database: a unit of work is data, so that a writer may group, retry and replay it.

A `Transaction` collects statements; nothing runs until ``Database.commit``. Then either all of it is durable (fsynced)
or none of it is. Decisions are made before, on what was read; what must still hold at commit is said by ``expect``.
SQL is written once for every engine, with ``?`` for parameters and no other question mark.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from chatwarden.errors import ChatwardenError

Value = int | str | bytes | float | None
Row = tuple[Value, ...]
OnGroup = Callable[[int, float], None]
"""Told after a commit: how many units shared it, and its seconds."""
Piece = tuple[str, bytes]
"""Of a copy of a record: the name of a part and some bytes of it. A part begins with a piece of no bytes."""
Pieces = AsyncIterator[Piece]
SET_META = "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


class StorageFailed(ChatwardenError):
    """The unit could not be made durable; nothing of it happened (disk full, read-only, engine gone)."""


class InDoubt(StorageFailed):
    """The engine was lost while it committed and could not be asked since: the unit happened wholly or not at all."""


class Stale(ChatwardenError):
    """An ``expect`` did not hold, or a unique key exists already; nothing of the unit happened."""


class Statement(NamedTuple):
    """One SQL statement with its parameters. ``expect``: the number of rows it must touch, or None for any."""

    sql: str
    params: Sequence[Value]
    expect: int | None = None


@dataclass(slots=True)
class Transaction:
    """A unit of work in the making. Passed down as an argument: ``audit.append(tx, …)`` writes beside the row."""

    statements: list[Statement] = field(default_factory=list)

    def add(self, sql: str, params: Sequence[Value] = (), *, expect: int | None = None) -> None:
        """Appends one statement."""
        self.statements.append(Statement(sql, params, expect))


class Database(Protocol):
    """An engine."""

    async def commit(self, tx: Transaction) -> None:
        """Makes *tx* durable. Raises Stale or StorageFailed, and then nothing of it happened."""
        ...

    async def fetch(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        """Reads committed rows."""
        ...

    async def prepare(self, bucket: int) -> None:
        """Makes room for rows that are destroyed at the instant *bucket* (PostgreSQL: the partition of its hour)."""
        ...

    async def scrub(self, now: int) -> None:
        """Removes the residue of deleted rows as far as the engine can (SQLite: truncates the WAL; PostgreSQL: drops the
        partitions of hours that are over).
        """
        ...

    async def close(self) -> None:
        """Finishes what was submitted, then lets go."""
        ...


class Replacement(Protocol):
    """A record that stands ready beside the present one, and is nothing until ``commit``."""

    @property
    def occupied(self) -> bool:
        """Whether there is a record that would be replaced."""
        ...

    async def fill(self, pieces: Iterable[Piece]) -> None:
        """Takes a copy in. Raises StorageFailed, CannotRun when a newer program made it, and what *pieces* raises."""
        ...

    async def commit(self, notes: dict[str, str]) -> None:
        """Puts it in the place of the present one, whole or not at all; *notes* are written into its table ``meta``."""
        ...
