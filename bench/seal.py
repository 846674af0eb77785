"""Measure sealing: how many messages are sealed and opened a second, what one early destruction costs, how large the key
ring is after 30 days of busy use, and how long it takes to clean up after a month of downtime.

Contract: `python -m bench.seal [--messages N] [--busy N] [--write]`. The yardstick is bare AES-256-GCM of the same library
over the same bytes, alternating in the same run; the ratio is what counts. *Busy*: messages of 30 days, N a minute, each
minute a bucket with keys of its own, made by the ring as a gateway makes them; then a month passes at once. What does not
open, or opens after its time, voids the run.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bench.world import ROOT
from chatwarden.clock import DAY, HOUR, MINUTE
from chatwarden.ephemeral.holder import Holder
from chatwarden.ephemeral.model import PAGE, Place, Sealed
from chatwarden.ephemeral.ring import Gone, KeyRing
from chatwarden.ephemeral.vault import Vault

TEXT = b"I would like to know when my parcel with the two lamps will be here. " * 3
AAD = b"a place in a conversation"
ROUNDS = 5
START = 30_000_000 * MINUTE
PAGE_OF = ROOT / "docs" / "performance-sealing.md"


async def _nothing(_bucket: int) -> None:
    """SQLite needs no room."""


async def sealing(ring: KeyRing, vault: Vault, count: int) -> dict[str, float]:
    """Seconds for one message, median over rounds that alternate."""
    taken: dict[str, list[float]] = {name: [] for name in ("bare", "seal", "open", "strict seal", "strict open")}
    for number in range(ROUNDS):
        bucket = START + number * MINUTE
        await vault.prepare(bucket)
        begun = time.perf_counter()
        for _ in range(count):
            AESGCM(os.urandom(32)).encrypt(bytes(12), TEXT, AAD)
        taken["bare"].append((time.perf_counter() - begun) / count)

        made: list[Sealed] = []
        begun = time.perf_counter()
        for _ in range(count):
            if not vault.ready(bucket):
                await vault.prepare(bucket)
            made.append(vault.seal(bucket, AAD, TEXT))
        taken["seal"].append((time.perf_counter() - begun) / count)

        begun = time.perf_counter()
        for at in range(0, count, 50):
            opened = await vault.open([((s.bucket, s.page, s.index), s.blob, AAD) for s in made[at : at + 50]])
            assert all(text == TEXT for text in opened)
        taken["open"].append((time.perf_counter() - begun) / count)

        few = count // 10
        strict: list[Sealed] = []
        begun = time.perf_counter()
        strict += [await vault.seal_strict(bucket, AAD, TEXT, HOUR) for _ in range(few)]
        taken["strict seal"].append((time.perf_counter() - begun) / few)
        begun = time.perf_counter()
        for at in range(0, few, 50):
            opened = await vault.open([((s.bucket, s.page, s.index), s.blob, AAD) for s in strict[at : at + 50]])
            assert all(text == TEXT for text in opened)
        taken["strict open"].append((time.perf_counter() - begun) / few)
    assert len(ring.live) == ROUNDS
    return {name: statistics.median(found) for name, found in taken.items()}


async def early(ring: KeyRing) -> tuple[float, float]:
    """Milliseconds until one message of a full page is dead on disk: the first of its page, and a later one."""
    firsts: list[float] = []
    later: list[float] = []
    for number in range(20):
        bucket = START + DAY + number * MINUTE
        await ring.prepare(bucket)
        made = [ring.seal(ring.take(bucket), AAD, TEXT) for _ in range(PAGE)]
        for place, taken in ((3, firsts), (7, later)):
            begun = time.perf_counter()
            await ring.destroy([Place(bucket, made[place].page, made[place].index)])
            taken.append((time.perf_counter() - begun) * 1e3)
        try:
            ring.unseal(Place(bucket, made[3].page, made[3].index), made[3].blob, AAD)
        except Gone:
            continue
        raise SystemExit("a message outlived its destruction")
    return statistics.median(firsts), statistics.median(later)


async def month(folder: Path, busy: int) -> tuple[float, int, float, float]:
    """A ring after 30 days of *busy* messages a minute: MiB on disk, keys, seconds to open it, and seconds until it is
    empty when a month has passed meanwhile.
    """
    path = folder / "month"
    ring = await KeyRing.open(path)
    for day in range(30):
        buckets = [START + day * DAY + minute * MINUTE for minute in range(1_440)]
        await asyncio.gather(*(ring.prepare(bucket) for bucket in buckets))
        for bucket in buckets:
            for _ in range(-(-busy // PAGE) - 1):  # as many pages as that many messages fill
                while ring.ready(bucket):
                    ring.take(bucket)
                await ring.prepare(bucket)
    keys = len(ring.export())
    await ring.close()
    size = path.stat().st_size / (1 << 20)
    begun = time.perf_counter()
    ring = await KeyRing.open(path)
    opening = time.perf_counter() - begun
    begun = time.perf_counter()
    await ring.destroy_due(START + 60 * DAY)
    cleaning = time.perf_counter() - begun
    if ring.live or any(path.read_bytes()[at : at + 4] in {b"CWR2", b"CWM2"} for at in range(0, 64 * 4_096, 64)):
        raise SystemExit("a key outlived its bucket")
    await ring.close()
    return size, keys, opening, cleaning


async def measure(messages: int, busy: int) -> str:
    """The page."""
    with tempfile.TemporaryDirectory(prefix="bench-seal-", dir=ROOT) as name:
        folder = Path(name)
        (folder / "run").mkdir()
        ring = await KeyRing.open(folder / "ring")
        holder = Holder(folder / "run", idle=1.0)
        took = await sealing(ring, Vault(ring, holder, _nothing), messages)
        await holder.close()
        first, next_one = await early(ring)
        await ring.close()
        size, keys, opening, cleaning = await month(folder, busy)
    bare = took["bare"]
    rows = [
        f"| {title} | {1 / took[key]:,.0f} | {took[key] * 1e6:.1f} | {took[key] / bare:.1f} |"
        for key, title in (
            ("bare", "bare AES-256-GCM with a fresh key"),
            ("seal", "an ordinary message sealed"),
            ("open", "an ordinary message opened"),
            ("strict seal", "a strict message sealed, its share from the keeper"),
            ("strict open", "a strict message opened, 50 at a time"),
        )
    ]
    return f"""# How fast messages are sealed

Written by `scripts/bench seal --write` on {time.strftime("%Y-%m-%d")}, {os.cpu_count()} processors: texts of {len(TEXT)} bytes,
one process, keys on disk, without the database. Bare AES-256-GCM alternates with the rest in the same run.

| what | a second | us each | times bare |
| --- | ---: | ---: | ---: |
{chr(10).join(rows)}

| what | figure |
| --- | ---: |
| one message of a full page destroyed early, durable | {first:.1f} ms |
| the next one of that page | {next_one:.1f} ms |
| key ring after 30 days of {busy} messages a minute (simulated) | {size:.1f} MiB, {keys:,} keys |
| opening that ring at a start | {opening:.2f} s |
| destroying all of it after a month of downtime | {cleaning:.2f} s |
"""


def main() -> int:
    """Prints the figures, and writes them into the page with ``--write``."""
    parser = argparse.ArgumentParser(prog="scripts/bench seal", description=__doc__)
    parser.add_argument("--messages", type=int, default=5_000, help="messages a round")
    parser.add_argument("--busy", type=int, default=600, help="messages a minute in the month that is simulated")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE_OF.relative_to(ROOT)}")
    options = parser.parse_args()
    text = asyncio.run(measure(options.messages, options.busy))
    sys.stdout.write(text)
    if options.write:
        PAGE_OF.write_text(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
