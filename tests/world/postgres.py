"""A private PostgreSQL cluster on loopback, and empty databases in it; and the two engines behind one shape."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from chatwarden.config.model import DatabaseServer
from chatwarden.storage.model import Database, OnGroup
from chatwarden.storage.postgresql import PostgresDatabase
from chatwarden.storage.sqlite import SqliteDatabase
from tests.world.memory import ROOT

USER = "chatwarden"


def installed() -> bool:
    """Whether there is a PostgreSQL server on this machine."""
    try:
        return bool(programs())
    except RuntimeError:
        return False


def programs() -> Path:
    """The folder with initdb and postgres. Debian keeps them off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    if not found and on_path is None:
        raise RuntimeError("PostgreSQL is not installed; scripts/test installs it")
    return found[-1].parent if found else Path(str(on_path)).resolve().parent


@dataclass
class Cluster:
    """A running server."""

    folder: Path
    port: int
    password: str
    process: subprocess.Popen[bytes]

    def server(self, database: str) -> DatabaseServer:
        return DatabaseServer("127.0.0.1", self.port, USER, database)

    def run(self, sql: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """One statement, as an operator would type it."""

        async def go() -> list[tuple[object, ...]]:
            connection = await asyncpg.connect(
                host="127.0.0.1", port=self.port, user=USER, password=self.password, database=database
            )
            try:
                return [tuple(row) for row in await connection.fetch(sql)]
            finally:
                await connection.close()

        return asyncio.run(go())

    def empty(self) -> str:
        """A new database's name."""
        name = "t" + secrets.token_hex(6)
        self.run(f"CREATE DATABASE {name}")
        return name

    def drop(self, name: str) -> None:
        """It goes, though somebody is still connected to it. A server that is down keeps it."""
        if self.process.poll() is None:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self, how: int = signal.SIGINT) -> None:
        """Stops it: SIGINT is the fast shutdown, SIGQUIT the one without a checkpoint."""
        self.process.send_signal(how)
        self.process.wait(60)

    def start(self) -> None:
        """Starts it again."""
        self.process = _serve(self.folder, self.port)
        _wait(self.port, self.process)


@contextlib.contextmanager
def cluster() -> Iterator[Cluster]:
    """A cluster in a folder of its own. As root it runs as the user nobody: PostgreSQL refuses root."""
    with tempfile.TemporaryDirectory(prefix="postgres-", dir=ROOT) as folder:
        yield from _cluster(Path(folder))


def _cluster(folder: Path) -> Iterator[Cluster]:
    password = secrets.token_hex(16)
    secret, data = folder / "password", folder / "data"
    secret.write_text(password)
    data.mkdir()
    if os.getuid() == 0:
        for path in (folder, data, secret):
            shutil.chown(path, "nobody")
    subprocess.run(
        [str(programs() / "initdb"), "-D", str(data), "-U", USER, "--pwfile", str(secret), "--auth=scram-sha-256", "-E", "UTF8",
         "--locale=C"],
        check=True, capture_output=True, user=_user(),
    )  # fmt: skip
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = Cluster(folder, port, password, _serve(folder, port))
    try:
        _wait(port, made.process)
        yield made
    finally:
        if made.process.poll() is None:
            made.stop(signal.SIGQUIT)


def _serve(folder: Path, port: int) -> subprocess.Popen[bytes]:
    settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "shared_buffers": "32MB"}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [str(programs() / "postgres"), "-D", str(folder / "data"), "-p", str(port), *options],
            stdout=log, stderr=log, user=_user(),
        )  # fmt: skip


def _user() -> str | None:
    return "nobody" if os.getuid() == 0 else None


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    ready = [str(programs() / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    until = time.monotonic() + 60
    while subprocess.run(ready, check=False).returncode != 0:
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError("PostgreSQL did not start")
        time.sleep(0.05)


@dataclass
class SqliteEngine:
    """A file."""

    path: Path
    blob = "BLOB"
    name = "sqlite"

    @property
    def where(self) -> str:
        """What tests/storage/writer.py is told."""
        return str(self.path)

    async def open(self, migrations: list[str], on_group: OnGroup | None = None) -> Database:
        return await SqliteDatabase.open(self.path, migrations=migrations, on_group=on_group)


@dataclass
class PostgresEngine:
    """A database of a cluster."""

    cluster: Cluster
    database: str
    blob = "BYTEA"
    name = "postgresql"

    @property
    def where(self) -> str:
        """What tests/storage/writer.py is told."""
        return json.dumps([self.cluster.port, self.cluster.password, self.database])

    async def open(self, migrations: list[str], on_group: OnGroup | None = None) -> Database:
        return await PostgresDatabase.open(
            self.cluster.server(self.database), password=self.cluster.password, tls=None, migrations=migrations,
            on_group=on_group,
        )  # fmt: skip


Engine = SqliteEngine | PostgresEngine


@dataclass
class Record:
    """The record of a gateway whose home is ``home`` in *folder*: its ``[storage]``, and a way to look inside."""

    engine: Engine
    folder: Path

    @property
    def toml(self) -> str:
        if isinstance(self.engine, SqliteEngine):
            return ""
        secret = self.folder / "database-password"
        secret.write_text(self.engine.cluster.password)
        server = self.engine.cluster.server(self.engine.database)
        url = f"postgresql://{server.user}@{server.host}:{server.port}/{server.database}"
        return f'[storage]\nurl = "{url}"\npassword_file = "{secret}"\n'

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """What one statement answers, past the gateway."""
        if isinstance(self.engine, PostgresEngine):
            return self.engine.cluster.run(sql, self.engine.database)
        with contextlib.closing(sqlite3.connect(self.folder / "home" / "data" / "chatwarden.db")) as db, db:
            return db.execute(sql).fetchall()
