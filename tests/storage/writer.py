"""A process to be killed: commits rows as fast as it can and prints each number once it was acknowledged."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from chatwarden.storage.model import Transaction
from chatwarden.storage.sqlite import SqliteDatabase


async def main(path: Path) -> None:
    database = await SqliteDatabase.open(path, migrations=["CREATE TABLE rows (worker, n);"])

    async def work(worker: int) -> None:
        n = 0
        while True:
            tx = Transaction()
            tx.add("INSERT INTO rows VALUES (?, ?)", (worker, n))
            tx.add("INSERT INTO rows VALUES (?, ?)", (worker, -n - 1))
            await database.commit(tx)
            os.write(1, f"{worker} {n}\n".encode())
            n += 1

    await asyncio.gather(*(work(worker) for worker in range(4)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
