"""Lets a record that was put back go on where its log stood, so that nothing acknowledged vanishes from the log.

What the tree has and the record lacks is written back into the record, year by year. It is proved first: the record's own
entries give the root that the tree had at their number, and all entries of the tree the one that was signed. Where there
is no tree, as on a new machine, it is built again from the record, under the name that the record remembers: the same
entries give the same tree, so that old checkpoints and proofs stay valid. Done twice it does nothing more.

Not here: what was committed but not yet in the tree when its record was replaced (integrate.py, before), and details.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chatwarden.audit import checkpoint as cp
from chatwarden.audit import head, years
from chatwarden.audit.checkpoint import Checkpoint
from chatwarden.audit.folder import CHECKPOINT, Folder
from chatwarden.audit.integrate import Damaged, opened
from chatwarden.audit.model import decode
from chatwarden.audit.note import BadNote
from chatwarden.audit.tiles import WIDTH, TornTile, width_of
from chatwarden.audit.tree import Edge
from chatwarden.audit.years import Year
from chatwarden.clock import Instant
from chatwarden.storage.model import Database, Transaction

_PAGE = 1_024
_INSERT = "INSERT INTO audit (entry) VALUES (?)"


def require_sound(root: Path) -> None:
    """Every log below *root* is what its checkpoint says. Raises Damaged."""
    for year in _there(root):
        _prove(Folder(root / str(year)), {})


async def carry_on(database: Database, root: Path, head_file: Path, key: Ed25519PrivateKey, now: Instant) -> int:
    """Brings the record and the logs below *root* together; how many entries were written back. Raises Damaged where they
    are not of one history.
    """
    there = _there(root)
    known = await years.load(database)
    if not known and there:
        tx = Transaction()
        years.begin_with_what_is_there(tx, there[0])
        await database.commit(tx)
        known = await years.load(database)
    newest = there[-1] if there else 0
    for year in known:
        if year.dropped_at is None and year.year >= newest:
            await _grow(database, root, year, await _origin(database, head_file, year), key)
    if not there:
        return 0
    return await _write_back(database, root, known, there, now)


def _there(root: Path) -> list[int]:
    """The years that have a checkpoint, the oldest first."""
    found = root.iterdir() if root.exists() else ()
    return sorted(int(one.name) for one in found if one.name.isdecimal() and (one / CHECKPOINT).exists())


# -- the tree follows the record


async def _grow(database: Database, root: Path, year: Year, origin: str, key: Ed25519PrivateKey) -> None:
    """Adds to the log of a year what the record has more of it; makes it, where there is none and its name is known."""
    folder = Folder(root / str(year.year))
    if not origin and not await asyncio.to_thread(folder.path.exists):
        return  # the record remembers none: it has no checkpoint that anybody could hold against another one
    log = await asyncio.to_thread(opened, folder, origin, key)
    same = Edge()
    while same.size < log.edge.size and (rows := await _rows(database, year, same.size, log.edge.size)):
        same.add(rows)
    if same.size == log.edge.size and same.root != log.edge.root:
        raise Damaged(f"the record and the log of {year.year} are not of one history")
    grown = False
    while rows := await _rows(database, year, log.edge.size):
        await asyncio.to_thread(log.add, rows)
        grown = True
    if grown:
        await asyncio.to_thread(log.publish, key)


async def _origin(database: Database, head_file: Path, year: Year) -> str:
    """What the log of *year* was called: the next year's first entry says it, or the head that is remembered."""
    if year.end is not None:
        rows = await database.fetch("SELECT entry FROM audit WHERE seq = ?", (year.end,))
        return decode(cast("bytes", rows[0][0])).reason.rpartition(" ")[0] if rows else ""
    try:
        known = head.of_year(await head.heads(database, head_file), year.year)
    except BadNote as error:
        raise Damaged(str(error)) from error
    return next((one.origin for one in known.values()), "")


# -- the record follows the tree


async def _write_back(database: Database, root: Path, known: list[Year], there: list[int], now: Instant) -> int:
    last, written = known[-1], 0
    if last.year in there:
        written += await _fill(database, Folder(root / str(last.year)), last, opening=False)
    else:
        await _as_long_as_it_was(database, root, last, there)
    for number in there:
        if number > last.year:
            first = cast("int", (await database.fetch("SELECT coalesce(max(seq), 0) FROM audit"))[0][0]) + 1
            last = Year(number, first, None, None)
            written += await _fill(database, Folder(root / str(number)), last, opening=True)
    tx = Transaction()
    for year in known:
        if year.dropped_at is None and year.year < there[-1] and year.year not in there:
            years.drop(tx, year.year, now)  # it was, after the backup: its rows go with the next integration
    if tx.statements:
        await database.commit(tx)
    return written


async def _as_long_as_it_was(database: Database, root: Path, last: Year, there: list[int]) -> None:
    """A year that was dropped since ended after the backup, and the year behind it says how long it was. Numbers stay what
    they were: its last entry stands for those that are missing, until the next integration removes the whole year.
    """
    behind = next((number for number in there if number > last.year), None)
    if behind is None:
        return
    opened = decode(next(iter(_bundles(Folder(root / str(behind)), 1)))[0])
    origin, _, size = opened.reason.rpartition(" ")
    rows = await database.fetch("SELECT seq, entry FROM audit ORDER BY seq DESC LIMIT 1")
    if not rows or not origin.endswith(f"/audit/{last.year}"):
        return
    missing = last.first + int(size) - cast("int", rows[0][0]) - 1
    for start in range(0, missing, _PAGE):
        tx = Transaction()
        for _ in range(min(_PAGE, missing - start)):
            tx.add(_INSERT, (rows[0][1],))
        await database.commit(tx)


async def _fill(database: Database, folder: Folder, year: Year, *, opening: bool) -> int:
    """Writes the entries of one year into the record that it lacks; *opening*: the year, too."""
    edge = Edge()
    while not opening and (rows := await _rows(database, year, edge.size)):
        edge.add(rows)
    signed = await asyncio.to_thread(_prove, folder, {edge.size: edge.root})
    at, tx, written = 0, Transaction(), 0
    if opening:
        years.begin(tx, year.year, year.first)
    for entries in _bundles(folder, signed.size):
        for entry in entries[max(0, edge.size - at) :]:
            tx.add(_INSERT, (entry,))
            written += 1
        at += len(entries)
        if len(tx.statements) >= _PAGE:
            await database.commit(tx)
            tx = Transaction()
    if tx.statements:
        await database.commit(tx)
    return written


async def _rows(database: Database, year: Year, index: int, end: int = 1 << 62) -> list[bytes]:
    """Some entries of a year from *index* on and before *end*, without a gap."""
    first = year.first + index
    rows = await database.fetch(
        "SELECT seq, entry FROM audit WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ?",
        (first, min(year.end or 1 << 62, year.first + end), _PAGE),
    )
    if any(seq != expected for expected, (seq, _) in enumerate(rows, start=first)):
        raise Damaged(f"the record has no entry {first}, or not all after it")
    return [cast("bytes", entry) for _, entry in rows]


def _bundles(folder: Folder, size: int) -> Iterator[list[bytes]]:
    for number in range(-(-size // WIDTH)):
        yield folder.bundle(number, width_of(0, number, size))


def _prove(folder: Folder, roots: dict[int, bytes]) -> Checkpoint:
    """The checkpoint, once the entries give its root, and those of *roots* at their sizes. Raises Damaged."""
    try:
        vkey, data = folder.vkey, folder.read(CHECKPOINT)
        if vkey is None or data is None:
            raise Damaged(f"the log in {folder.path.name} has no checkpoint or no log.vkey")
        signed, _ = cp.opened(data, vkey)
        edge = Edge()
        for entries in _bundles(folder, signed.size):
            begin = edge.size
            for stop in sorted(size for size in roots if begin < size <= begin + len(entries)):
                edge.add(entries[edge.size - begin : stop - begin])
                if edge.root != roots[stop]:
                    raise Damaged(f"the record and the log of {folder.path.name} are not of one history")
            edge.add(entries[edge.size - begin :])
    except (BadNote, TornTile) as error:
        raise Damaged(f"{folder.path.name}: {error}") from error
    if edge.root != signed.root:
        raise Damaged(f"the entries in {folder.path.name} are not those of the signed checkpoint")
    return signed
