"""Where each year's log begins in the table ``audit``: the index of an entry is its row's number less the first one's.

A year begins when it is opened, not by the time in its entries: what is committed around midnight belongs to the year
that is open. Its first entry, where there was a year before, commits to that year's last checkpoint.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple, Protocol, cast

from chatwarden.clock import SECOND, Instant
from chatwarden.storage.model import Row, Transaction, Value


class Reader(Protocol):
    """Who can read rows."""

    async def fetch(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        """Reads committed rows."""
        ...


class Year(NamedTuple):
    """One year's log. ``first``: the number of its first row. ``end``: of the first row after it, None while open."""

    year: int
    first: int
    end: int | None
    dropped_at: Instant | None


async def load(reader: Reader) -> list[Year]:
    """Every year, oldest first."""
    rows = cast(
        "list[tuple[int, int, int | None]]",
        await reader.fetch("SELECT year, first_seq, dropped_at FROM audit_years ORDER BY year"),
    )
    ends = [*(first for _, first, _ in rows), None][1:]
    return [Year(year, first, end, dropped) for (year, first, dropped), end in zip(rows, ends, strict=True)]


def year_of(now: Instant) -> int:
    """The calendar year in UTC."""
    return datetime.fromtimestamp(now // SECOND, UTC).year


def end_of(year: int) -> Instant:
    """The first instant after a year."""
    return int(datetime(year + 1, 1, 1, tzinfo=UTC).timestamp()) * SECOND


def begin(tx: Transaction, year: int, first: int) -> None:
    """Opens *year* at the row *first*, if that is the next one: else the unit is Stale."""
    tx.add(
        "INSERT INTO audit_years (year, first_seq) SELECT CAST(? AS BIGINT), CAST(? AS BIGINT) "
        "WHERE (SELECT coalesce(max(seq), 0) FROM audit) = CAST(? AS BIGINT)",
        (year, first, first - 1),
        expect=1,
    )


def begin_with_what_is_there(tx: Transaction, year: int) -> None:
    """Opens the first year over every row that there is."""
    tx.add("INSERT INTO audit_years (year, first_seq) VALUES (?, 1)", (year,), expect=1)


def drop(tx: Transaction, year: int, now: Instant) -> None:
    """From now on the rows of *year* may be removed."""
    tx.add("UPDATE audit_years SET dropped_at = ? WHERE year = ? AND dropped_at IS NULL", (now, year), expect=1)
