"""Entries with their place in the log: what every copy of an entry names, so that it can be matched with the tree.

A record is read page by page, so that a log of any length is read in bounded memory. ``number`` counts rows and never
changes; ``year`` and ``index`` are where the entry is in the tree of its year (0 and the number's own count before the
first year was opened). The leaf hash is that of RFC 6962: SHA-256 over a zero byte and the entry as it is stored.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from chatwarden.audit.model import Entry, decode
from chatwarden.clock import Instant
from chatwarden.storage.model import Database

_PAGE = 1_000
_ROWS = "SELECT seq, entry FROM audit WHERE seq > ? ORDER BY seq LIMIT ?"
_ROWS_BACK = "SELECT seq, entry FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?"
Rows = list[tuple[int, bytes]]
"""Numbers with entries as they are stored."""


@dataclass(frozen=True)
class Record:
    """One entry as it is stored, and where."""

    number: int
    year: int
    index: int
    data: bytes

    @cached_property
    def entry(self) -> Entry:
        """The entry."""
        return decode(self.data)

    @property
    def leaf(self) -> str:
        """The leaf hash, as hex."""
        return hashlib.sha256(b"\0" + self.data).hexdigest()


class Records:
    """Reads committed entries in order."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known = (0, (0, 0), 0)  # after this number, in this year, comes this index: pages are read in order

    async def page(self, after: int, most: int = _PAGE) -> list[Record]:
        """Up to *most* records after the number *after*."""
        rows = await self._database.fetch(_ROWS, (after, most))
        if not rows:
            return []
        years = await self._years()
        year = _year(years, cast("int", rows[0][0]))
        index = await self._index(year, after)
        found = []
        for seq, data in rows:
            number = cast("int", seq)
            if _year(years, number) != year:
                year, index = _year(years, number), 0
            found.append(Record(number, year[0], index, cast("bytes", data)))
            index += 1
        self._known = (found[-1].number, year, index)
        return found

    async def _index(self, year: tuple[int, int], after: int) -> int:
        """The index in its year of the first record after the number *after*."""
        number, known, index = self._known
        if (number, known) == (after, year):
            return index
        begin, counted = (number + 1, index) if known == year and number < after else (year[1], 0)
        rows = await self._database.fetch("SELECT count(*) FROM audit WHERE seq >= ? AND seq <= ?", (begin, after))
        return counted + cast("int", rows[0][0])

    async def all(self, after: int = 0) -> AsyncIterator[Record]:
        """Every record after the number *after*."""
        own = Records(self._database)  # with a place of its own: others may read at the same time
        while page := await own.page(after):
            for record in page:
                yield record
            after = page[-1].number

    async def rows(self, after: int, most: int) -> Rows:
        """Up to *most* rows after the number *after*, for who need not know their place in the tree."""
        return cast("Rows", await self._database.fetch(_ROWS, (after, most)))

    async def rows_back(self, before: int, most: int) -> Rows:
        """Up to *most* rows before the number *before*, the newest first."""
        return cast("Rows", await self._database.fetch(_ROWS_BACK, (before, most)))

    async def placed(self, rows: Rows) -> list[Record]:
        """*rows*, which are in the order of their numbers, with their places in the tree."""
        own = Records(self._database)
        years = await self._years()
        found: list[Record] = []
        for number, data in rows:
            year = _year(years, number)
            index = await own._index(year, number - 1)
            own._known = (number - 1, year, index)
            found.append(Record(number, year[0], index, data))
        return found

    async def before(self, at: Instant) -> int:
        """A number behind which lies every record made at *at* or later, as far as entries are in the order of their time:
        found by halving, so that a long log is not read for what happened today.
        """
        low, high = 0, await self.last_number()
        while low < high:
            middle = (low + high) // 2
            rows = await self._database.fetch(_ROWS, (middle, 1))
            if rows and decode(cast("bytes", rows[0][1])).at < at:
                low = cast("int", rows[0][0])
            else:
                high = middle
        return low

    async def last_number(self) -> int:
        """The number of the newest record, or 0."""
        rows = await self._database.fetch("SELECT max(seq) FROM audit")
        return cast("int | None", rows[0][0]) or 0

    async def _years(self) -> list[tuple[int, int]]:
        rows = await self._database.fetch("SELECT year, first_seq FROM audit_years ORDER BY first_seq DESC")
        return [(cast("int", year), cast("int", first)) for year, first in rows]


def _year(years: list[tuple[int, int]], number: int) -> tuple[int, int]:
    """The year that a number belongs to, and where it begins."""
    return next(((year, first) for year, first in years if first <= number), (0, 0))
