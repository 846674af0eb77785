"""Checks the whole log: each row of the database is its leaf, each leaf is in its tile, and all of it is what was signed.

Every year that is kept is read from its first entry: bundles against the database, tiles against what the entries make,
the root against the signed checkpoint and against the remembered heads, and the first entry of a year against the last
checkpoint before. Reads only, beside a running gateway or without one. Not here: a proof for others (prove.py). Against
who holds the key and all of the home, only a witness helps (witness.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import msgspec

from chatwarden.audit import checkpoint as cp
from chatwarden.audit import head, note, years
from chatwarden.audit.checkpoint import Checkpoint
from chatwarden.audit.folder import CHECKPOINT, Folder
from chatwarden.audit.merkle import leaf_hash
from chatwarden.audit.model import Event, decode
from chatwarden.audit.note import BadNote, VerifierKey
from chatwarden.audit.tiles import HASH, WIDTH, TornTile, bundle_path, tile_path, width_of
from chatwarden.audit.tree import Edge, Files
from chatwarden.audit.years import Reader, Year
from chatwarden.errors import ChatwardenError

_BUNDLES = 16  # that are read at once

_WAITING = 4_096  # entries not yet in the tree that are looked at
_OPENED, _DROPPED = Event.AUDIT_YEAR_OPENED.value.encode(), Event.AUDIT_YEAR_DROPPED.value.encode()

Progress = Callable[[int, int, int], None]
"""Told from time to time: the year, how many entries of it are checked, of how many."""


class Wrong(ChatwardenError):
    """The log is not what it was. ``index``: the first entry that is wrong, or -1 where that cannot be said."""

    def __init__(self, what: str, *, year: int = 0, index: int = -1) -> None:
        super().__init__(what)
        self.what = what
        self.year = year
        self.index = index


@dataclass(frozen=True, slots=True)
class Checked:
    """A year's log that is as it should be. ``waiting``: entries in the database that are not yet in the tree."""

    year: int
    origin: str
    size: int
    root: str
    waiting: int = 0
    cosigned_by: tuple[str, ...] = ()


@dataclass(slots=True)
class Report:
    """What was found."""

    years: list[Checked] = field(default_factory=list)
    wrong: Wrong | None = None


async def verify(
    reader: Reader, folder: Path, head_file: Path, public: bytes, *,
    witnesses: Sequence[VerifierKey] = (), progress: Progress = lambda *_: None,
) -> Report:  # fmt: skip
    """Checks every year. *public*: the key of this home."""
    report = Report()
    try:
        try:
            known = await years.load(reader)
            remembered = await head.heads(reader, head_file)
        except BadNote as error:
            raise Wrong(str(error)) from error
        _require_known(folder, known, remembered)
        before: Checkpoint | None = None
        said: set[str] = set()
        for previous, year in zip([None, *known], known, strict=False):
            if year.dropped_at is not None:
                before = None
                continue
            one = _Year(reader, Folder(folder / str(year.year)), year, progress)
            before = await one.check(public, head.of_year(remembered, year.year), previous, before)
            report.years.append(await one.checked(before, witnesses))
            said |= one.dropped
        _require_said(known, said)
    except Wrong as wrong:
        report.wrong = wrong
    return report


def _require_known(folder: Path, known: Sequence[Year], remembered: dict[str, Checkpoint]) -> None:
    """The database knows every log that is there or was."""
    here = {one.year for one in known}
    there = {int(one.name) for one in folder.iterdir() if one.name.isdecimal()} if folder.exists() else set()
    was = {int(text) for one in remembered.values() if (text := one.origin.rpartition("/")[2]).isdecimal()}
    for year in sorted((there | was) - here):
        raise Wrong(f"the database knows nothing of the log of {year}", year=year)


def _require_said(known: Sequence[Year], said: set[str]) -> None:
    """Every year that was dropped is named in the log that was open then: in the database anybody may write that it was.
    Where that log was dropped itself, the log that says so stands for both.
    """
    for year in known:
        if year.dropped_at is not None and str(year.year) not in said:
            at = years.year_of(year.dropped_at)  # or the one before, where that could not be closed in time
            if all(one.dropped_at is None for one in known if year.year < one.year and one.year in {at - 1, at}):
                raise Wrong("no log says that this year was dropped", year=year.year)


class _Year:
    """The check of one year. ``dropped``: the years of which its entries say that they were dropped."""

    def __init__(self, reader: Reader, folder: Folder, year: Year, progress: Progress) -> None:
        self._reader = reader
        self._folder = folder
        self._year = year
        self._progress = progress
        self.dropped: set[str] = set()

    async def check(
        self, public: bytes, heads: dict[str, Checkpoint], previous: Year | None, before: Checkpoint | None
    ) -> Checkpoint:
        """The checkpoint, once all of the year is what it says. *before*: that of the *previous* year, if it is kept.
        Raises Wrong.
        """
        signed = self._signed(public)
        for where, known in heads.items():
            if known.origin != signed.origin:
                raise self._wrong(f"the folder is that of {signed.origin}, the {where} remembers {known.origin}")
            if known.size > signed.size:
                raise self._wrong(
                    f"the folder has {signed.size} entries, the {where} remembers {known.size}: "
                    "an earlier folder was put back", signed.size,
                )  # fmt: skip
        if self._year.end is not None and self._year.end - self._year.first != signed.size:
            raise self._wrong(f"the year has {self._year.end - self._year.first} entries, the log {signed.size}")
        roots = {known.size: (where, known.root) for where, known in heads.items()}
        edge = Edge()
        for number in range(0, -(-signed.size // WIDTH), _BUNDLES):
            count = min(_BUNDLES * WIDTH, signed.size - number * WIDTH)
            rows = await self._rows(number * WIDTH, count)
            await asyncio.to_thread(self._check_bundles, number, rows, signed.size, edge, roots)
            if number == 0:
                self._check_opening(rows[0], previous, before)
            self._note_dropped(rows)
            self._progress(self._year.year, edge.size, signed.size)
        await asyncio.to_thread(self._check_files, edge.partial())
        if edge.root != signed.root:
            raise self._wrong("the entries are not those of the signed checkpoint")
        return signed

    async def checked(self, signed: Checkpoint, witnesses: Sequence[VerifierKey]) -> Checked:
        """What to say of a year that is well."""
        rows = await self._reader.fetch(
            "SELECT count(*) FROM audit WHERE seq >= ? AND seq < ?",
            (self._year.first + signed.size, self._year.end or 1 << 62),
        )
        waiting = cast("int", rows[0][0])
        if waiting:
            self._note_dropped(await self._rows(signed.size, min(waiting, _WAITING)))
        names = tuple(one.name for one in note.signed_by(self._note, witnesses))
        return Checked(self._year.year, signed.origin, signed.size, head.shown(signed.root), waiting, names)

    def _signed(self, public: bytes) -> Checkpoint:
        """The checkpoint, if it is by the key of this home."""
        try:
            vkey = self._folder.vkey
            data = self._folder.read(CHECKPOINT)
            if vkey is None or data is None:
                raise self._wrong("the log has no checkpoint or no log.vkey")
            if vkey.public != public:
                raise self._wrong("log.vkey is not the key of this home")
            signed, self._note = cp.opened(data, vkey)
        except BadNote as error:
            raise self._wrong(f"the checkpoint is not what was signed: {error}") from error
        return signed

    async def _rows(self, index: int, count: int) -> list[bytes]:
        first = self._year.first + index
        rows = await self._reader.fetch(
            "SELECT seq, entry FROM audit WHERE seq >= ? AND seq < ? ORDER BY seq", (first, first + count)
        )
        for expected, (number, _) in enumerate(rows, start=first):
            if number != expected:
                raise self._wrong("the database has no such entry", expected - self._year.first)
        if len(rows) < count:
            raise self._wrong("the database has no such entry", index + len(rows))
        return [cast("bytes", data) for _, data in rows]

    def _check_bundles(
        self, number: int, rows: list[bytes], size: int, edge: Edge, roots: dict[int, tuple[str, bytes]]
    ) -> None:
        """Some bundles against their rows, then the tiles that they make full."""
        for at in range(0, len(rows), WIDTH):
            first = number * WIDTH + at
            mine = rows[at : at + WIDTH]
            try:
                entries = self._folder.bundle(first // WIDTH, len(mine))
            except TornTile as error:
                raise self._wrong(str(error), first + _differ(error.entries, mine)) from error
            if entries != mine:
                self._name_the_first(first, entries, mine, size)
            self._check_files(self._grown(edge, entries, roots))

    def _name_the_first(self, first: int, entries: list[bytes], rows: list[bytes], size: int) -> None:
        """Which side was changed: the tile knows the hash of the entry as it was."""
        index = _differ(entries, rows)
        number = first // WIDTH
        try:
            tile = self._folder.tile(0, number, width_of(0, number, size))
        except TornTile as error:
            raise self._wrong(str(error), first) from error
        was = tile[index * HASH : index * HASH + HASH]
        where = "database" if leaf_hash(entries[index]) == was else "folder"
        raise self._wrong(f"the entry in the {where} was changed", first + index)

    def _grown(self, edge: Edge, entries: list[bytes], roots: dict[int, tuple[str, bytes]]) -> Files:
        """Adds entries, stopping where a root is remembered."""
        files: Files = {}
        begin = edge.size
        for stop in sorted({size for size in roots if begin < size <= begin + len(entries)}):
            files |= edge.add(entries[edge.size - begin : stop - begin])
            where, root = roots[stop]
            if edge.root != root:
                raise self._wrong(f"the entries are not those that the {where} remembers")
        return files | edge.add(entries[edge.size - begin :])

    def _check_files(self, files: Files) -> None:
        """Tiles that are to be there, against those that are. Bundles were read already."""
        for name, data in files.items():
            if name.startswith(bundle_path(0).rpartition("/")[0]):
                continue
            level, number = _parsed(name)
            try:
                found = self._folder.tile(level, number, len(data) // HASH)
            except TornTile as error:
                raise self._wrong(str(error), number * WIDTH << 8 * level) from error
            if found != data:
                at = next(at for at in range(0, len(data), HASH) if found[at : at + HASH] != data[at : at + HASH])
                raise self._wrong(f"{name} was changed", number * WIDTH + at // HASH << 8 * level)

    def _check_opening(self, entry: bytes, previous: Year | None, before: Checkpoint | None) -> None:
        """The first entry of a year commits to the last checkpoint of the year before, and to none where there is none."""
        if previous is None and _OPENED not in entry:
            return
        try:
            first = decode(entry)
        except msgspec.MsgspecError as error:
            raise self._wrong("the first entry cannot be read", 0) from error
        if previous is None:
            if first.event is Event.AUDIT_YEAR_OPENED:
                raise self._wrong(f"the database knows nothing of the year before: {first.reason}", 0)
            return
        if before is not None:
            named = (first.reason, first.commitment) == (f"{before.origin} {before.size}", before.root.hex())
        else:
            assert previous.end is not None
            named = first.reason.endswith(f"/audit/{previous.year} {previous.end - previous.first}")
        if first.event is not Event.AUDIT_YEAR_OPENED or not named:
            raise self._wrong("the first entry does not name the last checkpoint of the year before", 0)

    def _note_dropped(self, rows: list[bytes]) -> None:
        for row in rows:
            if _DROPPED in row and (entry := decode(row)).event is Event.AUDIT_YEAR_DROPPED:
                self.dropped.add(entry.object)

    def _wrong(self, what: str, index: int = -1) -> Wrong:
        return Wrong(what, year=self._year.year, index=index)


def _differ(entries: Sequence[bytes], rows: Sequence[bytes]) -> int:
    """The first place at which the two are not the same."""
    shorter = min(len(entries), len(rows))
    return next((at for at in range(shorter) if entries[at] != rows[at]), shorter)


def _parsed(name: str) -> tuple[int, int]:
    """Level and number of the tile at *name*, which ``tile_path`` made."""
    _, level, rest = name.split("/", 2)
    digits = rest.partition(".p/")[0].replace("x", "").replace("/", "")
    assert tile_path(int(level), int(digits)).split(".p")[0] == name.split(".p", maxsplit=1)[0]
    return int(level), int(digits)
