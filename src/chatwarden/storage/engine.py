"""Opens the engine that the configuration names."""

from __future__ import annotations

import ssl
from pathlib import Path

from chatwarden.config.model import DatabaseServer, StorageConfig
from chatwarden.errors import CannotRun
from chatwarden.storage.migrations import load
from chatwarden.storage.model import Database, OnGroup


async def open_database(config: StorageConfig, home: Path, file: Path, on_group: OnGroup | None = None) -> Database:
    """The engine, its schema up to date. *file* is where SQLite keeps it; other paths are relative to *home*. Raises
    StorageFailed or CannotRun.
    """
    if config.server is None:
        from chatwarden.storage.sqlite import SqliteDatabase  # noqa: PLC0415  one engine is loaded, not both

        return await SqliteDatabase.open(file, migrations=load("sqlite"), on_group=on_group)
    from chatwarden.storage.postgresql import PostgresDatabase  # noqa: PLC0415

    password, tls = credentials(home, config)
    return await PostgresDatabase.open(
        config.server, password=password, tls=tls, migrations=load("postgresql"), on_group=on_group
    )


def credentials(home: Path, config: StorageConfig) -> tuple[str | None, ssl.SSLContext | None]:
    """The password for a server, and how its name is verified. Raises CannotRun."""
    return _secret(home, config.password_file), _tls(home, config)


def _secret(home: Path, file: Path | None) -> str | None:
    """A password; without a file the environment (PGPASSWORD) or ``~/.pgpass`` may say it, as for every client."""
    if file is None:
        return None
    try:
        return (home / file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CannotRun(
            f"cannot read {home / file}", hint="storage.password_file names a file that holds the password"
        ) from error


def _tls(home: Path, config: StorageConfig) -> ssl.SSLContext | None:
    """Verified TLS to another machine, always; on this one where a certificate authority is named."""
    server: DatabaseServer | None = config.server
    if server is None or (config.ca_file is None and server.local):
        return None
    try:
        return ssl.create_default_context(cafile=None if config.ca_file is None else str(home / config.ca_file))
    except (OSError, ssl.SSLError) as error:
        raise CannotRun(
            f"cannot read {config.ca_file}", hint="storage.ca_file names a PEM file of certificates"
        ) from error
