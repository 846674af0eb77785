"""Builds the log's tree from committed entries, about once a second: the only writer of ``HOME/audit``.

An entry is durable in the database before anybody is answered; here it becomes a leaf, in the order of commits. Tiles are
durable before the checkpoint that needs them, and the checkpoint before it is remembered as the head, so that a crash at
any point leaves a folder that the next run continues: it takes the same entries again and writes the same bytes.

What is found changed (a folder older than the head, a database older than the folder, a checkpoint of another key) is
never signed over: ``Damaged`` says what it is. The gateway goes on, its entries safe in the database, and raises an alarm.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chatwarden.audit import checkpoint as cp
from chatwarden.audit import head, note, years
from chatwarden.audit.checkpoint import Checkpoint
from chatwarden.audit.folder import CHECKPOINT, VKEY, WITNESSED, Folder
from chatwarden.audit.merkle import leaf_hash
from chatwarden.audit.model import Event, Lane, decode
from chatwarden.audit.note import ED25519, BadNote, VerifierKey
from chatwarden.audit.service import AuditLog
from chatwarden.audit.tiles import HASH, WIDTH, TornTile, width_of
from chatwarden.audit.tree import Edge
from chatwarden.audit.years import Year
from chatwarden.clock import Duration, Instant
from chatwarden.errors import ChatwardenError
from chatwarden.storage.model import Database, Stale, StorageFailed, Transaction

_PAGE = 4_096
_PAGES = 16  # between two checkpoints, where there is much to catch up with
_TRIES = 20
_REMOVED = 2_000


class Damaged(ChatwardenError):
    """The log's folder, its head or the database are not as this gateway left them."""


class Log:
    """One year's log, open to be continued."""

    def __init__(self, folder: Folder, vkey: VerifierKey, edge: Edge, signed: Checkpoint | None) -> None:
        self.folder = folder
        self.vkey = vkey
        self.edge = edge
        self.checkpoint = signed
        self._full: list[str] = []

    def add(self, entries: list[bytes]) -> None:
        """Takes entries in; what became full is written."""
        full = self.edge.add(entries)
        self.folder.write(full)
        self._full += full

    def publish(self, key: Ed25519PrivateKey) -> Checkpoint:
        """Writes the rest of the tree, then the checkpoint over it."""
        made = Checkpoint(self.vkey.name, self.edge.size, self.edge.root)
        self.folder.write(self.edge.partial())
        signed = note.Note(made.text, (note.sign(made.text, made.origin, key),))
        self.folder.write({CHECKPOINT: str(signed).encode()})
        self.folder.remove_partials(self._full)
        self._full = []
        self.checkpoint = made
        return made


def opened(folder: Folder, origin: str, key: Ed25519PrivateKey) -> Log:
    """The log in *folder*, made where there is none. Raises Damaged."""
    public = key.public_key().public_bytes_raw()
    folder.clear()
    try:
        vkey = folder.vkey
        if vkey is None:
            vkey = VerifierKey(origin, ED25519, public)
            folder.write({VKEY: f"{vkey}\n".encode()})
        if vkey.public != public:
            raise Damaged("log.vkey is not the key of this home")
        data = folder.read(CHECKPOINT)
        if data is None:
            return Log(folder, vkey, Edge(), None)
        found, _ = cp.opened(data, vkey)
        width = width_of(0, found.size // WIDTH, found.size)
        bundle = folder.bundle(found.size // WIDTH, width) if width else []
        edge = Edge.read(found.size, folder.tile, bundle)
    except (BadNote, TornTile) as error:
        raise Damaged(str(error)) from error
    if edge.root != found.root:
        raise Damaged("the tiles are not those of the checkpoint")
    return Log(folder, vkey, edge, found)


class Integrator:
    """Over the database and ``HOME/audit``. *host* names new logs; ``keep`` is how long a year is kept after its end."""

    def __init__(
        self, database: Database, audit: AuditLog, folder: Path, head_file: Path, key: Ed25519PrivateKey,
        *, host: Callable[[], str], keep: Callable[[], Duration],
    ) -> None:  # fmt: skip
        self._database = database
        self._audit = audit
        self._folder = folder
        self._head_file = head_file
        self._key = key
        self._host = host
        self._keep = keep
        self._log: tuple[int, Log] | None = None
        self._lock = asyncio.Lock()

    async def run(self, now: Instant) -> Log | None:
        """Brings the tree up to what is committed, turns and drops years; the open log, if there is an entry at all.
        Raises Damaged and StorageFailed. Who stops waiting does not stop the work: a thread that writes cannot be called
        back, and whoever comes next must not write beside it.
        """
        work = asyncio.get_running_loop().create_task(self._run(now))
        work.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(work)

    async def _run(self, now: Instant) -> Log | None:
        async with self._lock:
            try:
                known = await self._years(now)
                log = await self._extend(known[-1])
                if years.year_of(now) > known[-1].year and log.checkpoint is not None:
                    log = await self._turn(known[-1], now)
                for year in known[:-1]:
                    await self._drop(year, now)
            except OSError as error:
                self._log = None
                raise StorageFailed(f"the log's folder cannot be written: {error.strerror}") from error
            except Damaged:
                self._log = None
                raise
            return log if log.checkpoint else None

    @property
    def folder(self) -> Folder | None:
        """The open log's files, once it has a checkpoint."""
        return self._log[1].folder if self._log is not None and self._log[1].checkpoint is not None else None

    async def cosigned(self, signed: note.Note, cosignatures: Sequence[note.Signature]) -> None:
        """Keeps what witnesses said of a checkpoint: beside it while it is the newest, and in ``checkpoint.witnessed``."""
        async with self._lock:
            if self._log is None:
                return
            log = self._log[1]
            known = {(one.name, one.key_id) for one in cosignatures}
            kept = [one for one in signed.signatures if (one.name, one.key_id) not in known]
            data = str(note.Note(signed.text, (*kept, *cosignatures))).encode()
            files = {WITNESSED: data}
            if log.checkpoint is not None and log.checkpoint.text == signed.text:
                files[CHECKPOINT] = data
            try:
                await asyncio.to_thread(log.folder.write, files)
            except OSError as error:
                raise StorageFailed(f"the log's folder cannot be written: {error.strerror}") from error

    async def _years(self, now: Instant) -> list[Year]:
        known = await years.load(self._database)
        if not known:
            tx = Transaction()
            years.begin_with_what_is_there(tx, years.year_of(now))
            await self._database.commit(tx)
            known = await years.load(self._database)
        return known

    # -- growing

    async def _extend(self, year: Year) -> Log:
        log = await self._opened(year)
        while True:
            rows: list[bytes] = []
            for _ in range(_PAGES):
                rows = await self._entries(year.first + log.edge.size, _PAGE)
                if rows:
                    await asyncio.to_thread(log.add, rows)
                if len(rows) < _PAGE:
                    break
            if log.edge.size > (log.checkpoint.size if log.checkpoint else 0):
                await self._publish(log)
            if len(rows) < _PAGE:
                return log

    async def _publish(self, log: Log) -> None:
        made = await asyncio.to_thread(log.publish, self._key)
        await asyncio.to_thread(head.write, self._head_file, made)
        tx = Transaction()
        head.remember(tx, made)
        await self._database.commit(tx)

    async def _entries(self, number: int, count: int) -> list[bytes]:
        """The entries from row *number* on, without a gap."""
        rows = await self._database.fetch(
            "SELECT seq, entry FROM audit WHERE seq >= ? ORDER BY seq LIMIT ?", (number, count)
        )
        if any(seq != expected for expected, (seq, _) in enumerate(rows, start=number)):
            raise Damaged(f"the database has no entry {number}, or not all after it")
        return [cast("bytes", data) for _, data in rows]

    async def _opened(self, year: Year) -> Log:
        if self._log is None or self._log[0] != year.year:
            try:
                remembered = head.of_year(await head.heads(self._database, self._head_file), year.year)
            except BadNote as error:
                raise Damaged(str(error)) from error
            log = await asyncio.to_thread(self._read, year, had=bool(remembered))
            for known in remembered.values():
                _require_newest(log, known)
            await self._require_same(log, year)
            self._log = year.year, log
        return self._log[1]

    def _read(self, year: Year, *, had: bool) -> Log:
        folder = Folder(self._folder / str(year.year))
        if had and folder.read(VKEY) is None:
            raise Damaged(f"the log of {year.year} was removed")
        return opened(folder, f"{self._host()}/audit/{year.year}", self._key)

    async def _require_same(self, log: Log, year: Year) -> None:
        """Refuses a database that is older than the folder, or another."""
        if log.edge.size == 0:
            return
        last = log.edge.size - 1
        rows = await self._database.fetch("SELECT entry FROM audit WHERE seq = ?", (year.first + last,))
        if not rows:
            raise Damaged(
                f"the log has {log.edge.size} entries and the database has fewer: an earlier one was put back"
            )
        tile = await asyncio.to_thread(log.folder.tile, 0, last // WIDTH, width_of(0, last // WIDTH, log.edge.size))
        if leaf_hash(cast("bytes", rows[0][0])) != tile[-HASH:]:
            raise Damaged(f"entry {last} of the log is another one in the database")

    # -- years

    async def _turn(self, old: Year, now: Instant) -> Log:
        """Opens the next year with an entry that commits to the last checkpoint of the one before. Where somebody writes
        all the time this waits for a moment in which nobody does; until then the old year goes on.
        """
        for _ in range(_TRIES):
            log = await self._extend(old)
            assert log.checkpoint is not None
            year, last = years.year_of(now), log.checkpoint
            tx = Transaction()
            years.begin(tx, year, old.first + last.size)
            self._audit.append(
                tx, Event.AUDIT_YEAR_OPENED, lane=Lane.SYSTEM, actor="system", at=now,
                object=f"{self._host()}/audit/{year}", reason=f"{last.origin} {last.size}", commitment=last.root.hex(),
            )  # fmt: skip
            try:
                await self._database.commit(tx)
            except Stale:
                continue
            return await self._extend((await years.load(self._database))[-1])
        return log

    async def _drop(self, year: Year, now: Instant) -> None:
        """Removes a year that is over and need not be kept: first said, then done, so that a crash is no half truth."""
        assert year.end is not None
        folder = Folder(self._folder / str(year.year))
        if year.dropped_at is None:
            if now < years.end_of(year.year) + self._keep():
                return
            tx = Transaction()
            years.drop(tx, year.year, now)
            self._audit.append(
                tx, Event.AUDIT_YEAR_DROPPED, lane=Lane.SYSTEM, actor="system", at=now, object=str(year.year),
                reason=f"{year.end - year.first} entries",
            )  # fmt: skip
            await self._database.commit(tx)
        while True:
            rows = await self._database.fetch(
                "SELECT seq, entry FROM audit WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ?",
                (year.first, year.end, _REMOVED),
            )
            if not rows:
                break
            tx = Transaction()
            tx.add("DELETE FROM audit WHERE seq >= ? AND seq <= ?", (rows[0][0], rows[-1][0]))
            for _, data in rows:
                entry = decode(cast("bytes", data))
                if entry.detail:
                    tx.add("DELETE FROM audit_details WHERE entry = ?", (entry.id,))
            await self._database.commit(tx)
        await asyncio.to_thread(folder.remove)


def _require_newest(log: Log, known: Checkpoint) -> None:
    """Refuses a folder that is older than what is remembered of it, or another."""
    if log.vkey.name != known.origin:
        raise Damaged(f"the folder is that of {log.vkey.name} and was that of {known.origin}")
    if log.edge.size < known.size:
        raise Damaged(f"the folder has {log.edge.size} entries and had {known.size}: an earlier one was put back")
    if log.edge.size == known.size and log.edge.root != known.root:
        raise Damaged("the folder has other entries than it had")
