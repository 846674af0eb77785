"""Forward migrations: numbered SQL files, each applied once in one transaction.

The schema's version is kept in ``PRAGMA user_version``. A database newer than this program refuses to open.
"""

from __future__ import annotations

import sqlite3
from importlib import resources

from chatwarden.errors import CannotRun


def load() -> list[str]:
    """The SQL of every migration, in order; the first makes version 1."""
    folder = resources.files(__name__)
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [(folder / name).read_text("utf-8") for name in names]


MIGRATIONS = load()


def migrate(connection: sqlite3.Connection, migrations: list[str]) -> int:
    """Brings *connection*'s database to the newest schema; returns its version. Raises CannotRun when it is newer."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(migrations):
        raise CannotRun(
            f"the database has schema {version} and this program knows only up to {len(migrations)}",
            hint="run the newer chatwarden that made it, or restore a backup made before the upgrade",
        )
    for number, sql in enumerate(migrations[version:], start=version + 1):
        # executescript commits what is open first, so the transaction is part of the script.
        try:
            connection.executescript(f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA user_version = {number};\nCOMMIT;")
        except sqlite3.Error:
            if connection.in_transaction:
                connection.rollback()
            raise
    return len(migrations)
