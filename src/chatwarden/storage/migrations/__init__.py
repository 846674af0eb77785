"""Forward migrations: numbered SQL files for each engine, each applied once in one transaction.

A database newer than this program refuses to open. Each engine keeps the number itself (SQLite: ``PRAGMA user_version``,
PostgreSQL: the table ``schema_version``).
"""

from __future__ import annotations

import sqlite3
from importlib import resources

from chatwarden.errors import CannotRun


def load(engine: str) -> list[str]:
    """The SQL of every migration of an engine (``sqlite`` or ``postgresql``), in order; the first makes version 1."""
    folder = resources.files(__name__) / engine
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [(folder / name).read_text("utf-8") for name in names]


MIGRATIONS = load("sqlite")


def pending(version: int, migrations: list[str]) -> list[tuple[int, str]]:
    """What is still to be applied at *version*, with the number that it makes. Raises CannotRun when it is newer."""
    if version > len(migrations):
        raise CannotRun(
            f"the database has schema {version} and this program knows only up to {len(migrations)}",
            hint="run the newer chatwarden that made it, or restore a backup made before the upgrade",
        )
    return list(enumerate(migrations[version:], start=version + 1))


def migrate(connection: sqlite3.Connection, migrations: list[str]) -> int:
    """Brings *connection*'s database to the newest schema; returns its version. Raises CannotRun when it is newer."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    for number, sql in pending(version, migrations):
        # executescript commits what is open first, so the transaction is part of the script.
        try:
            connection.executescript(f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA user_version = {number};\nCOMMIT;")
        except sqlite3.Error:
            if connection.in_transaction:
                connection.rollback()
            raise
    return len(migrations)
