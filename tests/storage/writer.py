"""A process to be killed: commits rows as fast as it can and prints each number once it was acknowledged."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from chatwarden.config.model import DatabaseServer
from chatwarden.storage.model import Database, Transaction
from chatwarden.storage.postgresql import PostgresDatabase
from chatwarden.storage.sqlite import SqliteDatabase

TABLE = ["CREATE TABLE rows (worker BIGINT, n BIGINT);"]


async def opened(where: str) -> Database:
    if not where.startswith("["):
        return await SqliteDatabase.open(Path(where), migrations=TABLE)
    port, password, name = json.loads(where)
    server = DatabaseServer("127.0.0.1", port, "chatwarden", name)
    return await PostgresDatabase.open(server, password=password, tls=None, migrations=TABLE)


async def main(where: str) -> None:
    database = await opened(where)

    async def work(worker: int) -> None:
        n = 0
        while True:
            tx = Transaction()
            tx.add("INSERT INTO rows (worker, n) VALUES (?, ?)", (worker, n))
            tx.add("INSERT INTO rows (worker, n) VALUES (?, ?)", (worker, -n - 1))
            await database.commit(tx)
            os.write(1, f"{worker} {n}\n".encode())
            n += 1

    await asyncio.gather(*(work(worker) for worker in range(4)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
