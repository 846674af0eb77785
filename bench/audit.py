"""Measure the log: durable appends a second with 1, 32 and 256 writers, bytes an entry, seconds to verify a million entries,
the size of a proof.

Contract: `python -m bench.audit [--seconds S] [--entries N] [--write]`. An append is one entry in one unit of work, counted
when its commit has returned; the tree is built beside it as in a gateway. The yardstick is a plain file: the same entries
from as many writers, gathered while the last fsync runs, appended and synced by a thread; both alternate in the same run.
A log that does not verify afterwards voids the run.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.world import ROOT
from chatwarden.audit.folder import Folder
from chatwarden.audit.integrate import Integrator
from chatwarden.audit.model import VERSION, Entry, Event, Lane, encode
from chatwarden.audit.prove import prove
from chatwarden.audit.service import AuditLog
from chatwarden.audit.verify import verify
from chatwarden.clock import DAY, SystemClock
from chatwarden.ids import new_id
from chatwarden.storage.migrations import load
from chatwarden.storage.model import Transaction
from chatwarden.storage.sqlite import SqliteDatabase

WRITERS = (1, 32, 256)
ROUNDS = 3
UNIT = 1_000
PAGE = ROOT / "docs" / "performance-audit.md"
SESSION = "ses_" + "5" * 32


class PlainFile:
    """The yardstick: an append-only file with group commit."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._busy = False

    async def append(self, data: bytes) -> None:
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((data, done))
        if not self._busy:
            self._busy = True
            asyncio.get_running_loop().create_task(self._flush())
        await done

    async def _flush(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            await asyncio.to_thread(self._write, b"".join(data for data, _ in group))
            for _, done in group:
                done.set_result(None)
        self._busy = False

    def _write(self, data: bytes) -> None:
        os.write(self._file, data)
        os.fsync(self._file)

    def close(self) -> None:
        os.close(self._file)


def appender(log: AuditLog, database: SqliteDatabase, now: int) -> Callable[[], Awaitable[None]]:
    """One message's entry, durable."""

    async def append() -> None:
        tx = Transaction()
        log.append(
            tx, Event.MESSAGE_RECEIVED, lane=Lane.CLIENT, actor="usr_" + "1" * 32, at=now, object="msg_" + "2" * 32,
            reason="email payment-card", commitment="3" * 64, session=SESSION,
        )  # fmt: skip
        await database.commit(tx)

    return append


async def rate(work: Callable[[], Awaitable[None]], writers: int, seconds: float) -> float:
    """How often a second, over all writers."""
    until = time.perf_counter() + seconds
    counts = [0] * writers

    async def one(at: int) -> None:
        while time.perf_counter() < until:
            await work()
            counts[at] += 1

    begun = time.perf_counter()
    await asyncio.gather(*(one(at) for at in range(writers)))
    return sum(counts) / (time.perf_counter() - begun)


async def measure(folder: Path, seconds: float, entries: int) -> dict[str, float]:
    """Every number."""
    found: dict[str, float] = {}
    clock = SystemClock()
    database = await SqliteDatabase.open(folder / "record.db", migrations=load("sqlite"))
    log = AuditLog(database, key=bytes(32))
    key = Ed25519PrivateKey.generate()
    tree = Integrator(
        database, log, folder / "audit", folder / "head", key, host=lambda: "log.example", keep=lambda: 400 * DAY
    )
    plain = PlainFile(folder / "plain")
    append = appender(log, database, clock.now())
    sample = encode(Entry(
        v=VERSION, id=new_id("aud"), at=clock.now(), lane=Lane.CLIENT, event=Event.MESSAGE_RECEIVED,
        actor="usr_" + "1" * 32, object="msg_" + "2" * 32, reason="email payment-card", commitment="3" * 64,
        session=log.session_hash(SESSION),
    ))  # fmt: skip

    async def following() -> None:
        while True:
            await tree.run(clock.now())
            await asyncio.sleep(1)

    for writers in WRITERS:
        taken: dict[str, list[float]] = {"log": [], "plain": []}
        for _ in range(ROUNDS):
            beside = asyncio.get_running_loop().create_task(following())
            taken["log"].append(await rate(append, writers, seconds))
            beside.cancel()
            await asyncio.gather(beside, return_exceptions=True)
            taken["plain"].append(await rate(lambda: plain.append(sample), writers, seconds))
        for name, rates in taken.items():
            found[f"{name} {writers}"] = statistics.median(rates)
    begun = time.perf_counter()
    for _ in range(20_000):
        log.append(
            Transaction(), Event.MESSAGE_RECEIVED, lane=Lane.CLIENT, actor="usr_" + "1" * 32, at=clock.now(),
            object="msg_" + "2" * 32, reason="email payment-card", commitment="3" * 64, session=SESSION,
        )  # fmt: skip
    found["append, microseconds of the loop"] = (time.perf_counter() - begun) / 20_000 * 1e6
    await tree.run(clock.now())
    have = int(str((await database.fetch("SELECT count(*) FROM audit"))[0][0]))
    for begin in range(have, entries, UNIT):
        tx = Transaction()
        for _ in range(min(UNIT, entries - begin)):
            log.append(
                tx, Event.MESSAGE_RECEIVED, lane=Lane.CLIENT, actor="usr_" + "1" * 32, at=clock.now(),
                object="msg_" + "2" * 32, reason="email payment-card", commitment="3" * 64, session=SESSION,
            )  # fmt: skip
        await database.commit(tx)
    have = max(have, entries)
    begun = time.perf_counter()
    await tree.run(clock.now())
    found["integrate"] = time.perf_counter() - begun
    await database.scrub(clock.now())
    begun = time.perf_counter()
    report = await verify(database, folder / "audit", folder / "head", key.public_key().public_bytes_raw())
    found["verify"] = time.perf_counter() - begun
    if report.wrong is not None or report.years[0].size != have:
        raise SystemExit(f"error: the log does not verify: {report.wrong}")
    found["entries"] = have
    found["entry"] = len(sample)
    found["database"] = (folder / "record.db").stat().st_size / have
    files = [path.stat().st_size for path in (folder / "audit").rglob("*") if path.is_file()]
    found["folder"] = sum(files) / have
    proof, _ = prove(Folder(next((folder / "audit").iterdir())), have // 2)
    found["proof"] = len(str(proof).encode())
    found["hashes"] = len(proof.hashes)
    plain.close()
    await database.close()
    return found


def shown(found: dict[str, float]) -> str:
    """The table for people and for the page."""
    rows = [
        f"| durable appends a second, {writers} writer{'s' if writers > 1 else ''} | {found[f'log {writers}']:,.0f} | "
        f"{found[f'plain {writers}']:,.0f} | {found[f'log {writers}'] / found[f'plain {writers}']:.2f} |"
        for writers in WRITERS
    ]
    return "\n".join([
        "| | the log | a plain file | ratio |", "| --- | --- | --- | --- |", *rows, "", "| | |", "| --- | --- |",
        f"| one append, time of the event loop | {found['append, microseconds of the loop']:.1f} µs |",
        f"| an entry, as it is stored | {found['entry']:.0f} bytes |",
        f"| an entry in the database, with everything | {found['database']:.0f} bytes |",
        f"| an entry in `HOME/audit`, with tiles | {found['folder']:.0f} bytes |",
        f"| verify {found['entries']:,.0f} entries | {found['verify']:.1f} s |",
        f"| a proof of one of them | {found['proof']:.0f} bytes, {found['hashes']:.0f} hashes |",
    ])  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each round, of which there are three")
    parser.add_argument("--entries", type=int, default=1_000_000, help="of the log that is verified")
    parser.add_argument("--write", action="store_true", help="write docs/performance-audit.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chatwarden-bench-", dir=ROOT) as folder:
        found = uvloop.run(measure(Path(folder), options.seconds, options.entries))
    text = shown(found)
    print(text)
    if options.write:
        head = PAGE.read_text().partition("<!-- measured -->")[0]
        PAGE.write_text(f"{head}<!-- measured -->\n\n{text}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
