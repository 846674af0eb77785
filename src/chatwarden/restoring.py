"""``chatwarden restore`` from end to end: the file, the home that nobody else holds, and the record brought up to date."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from chatwarden.app import opened
from chatwarden.audit.service import AuditLog
from chatwarden.backup import reading
from chatwarden.backup.keys import HomeKey, Identity
from chatwarden.backup.model import Manifest
from chatwarden.backup.restore import Living, Ring, Secrets, put_back, secrets_of
from chatwarden.clock import Instant, SystemClock
from chatwarden.config.home import Home
from chatwarden.config.model import Config
from chatwarden.config.parse import parse
from chatwarden.ephemeral import carried
from chatwarden.errors import CannotRun, ChatwardenError
from chatwarden.metrics import Metrics
from chatwarden.storage.engine import open_database
from chatwarden.storage.model import StorageFailed


@dataclass(frozen=True, slots=True)
class Wish:
    """What the operator asked for. ``config``: where one was named, or lies in the home."""

    file: Path
    config: Config | None
    identity: Identity | None
    replace: bool = False
    accept_ring: bool = False


def keys_of(home: Home, identity: Identity | None) -> reading.Keys:
    """What is at hand to open a backup."""
    path = home.path / "keys" / "backup"
    return reading.Keys(HomeKey(path.read_bytes()) if path.exists() else None, identity)


def restore(home: Home, wish: Wish, told: Callable[[str], object]) -> Manifest:
    """Puts a backup back and finishes it. *told*: what is being done. Raises CannotRun, Damaged, ConfigurationError."""
    keys = keys_of(home, wish.identity)
    with wish.file.open("rb") as file:
        backup = reading.opened(file.read, keys)
        secrets = secrets_of(backup, wish.identity)
        if home.prepared and not wish.replace:
            raise CannotRun(
                f"the home {home.path} is in use",
                hint="--replace puts the backup's record in the place of the one there; make a backup of that first",
            )
        config = wish.config or parse(backup.configuration.decode("utf-8", "replace"))
        home.prepare(template=False)
        home.lock()
        try:
            now = SystemClock().now()
            told(f"reading {wish.file}")
            asyncio.run(_put_back(backup, home, config, secrets, now, wish))
            told("the record is in place; ending what it must not bring back")
            if config.source is None:
                config = replace(config, source=home.config)
            _finish(home, config, accept_ring=wish.accept_ring)
        finally:
            home.unlock()
    return backup.manifest


async def _put_back(
    backup: reading.Opened, home: Home, config: Config, secrets: Secrets | None, now: Instant, wish: Wish
) -> None:
    living = await _living(home, config) if home.prepared else Living()
    floor = max(now, backup.manifest.made_at, living.last)
    ring = Ring(carried.mark(home.ring), None)
    if secrets is not None:
        ring = replace(ring, plant=partial(carried.plant, home.ring, carried.read(secrets.ring, floor)))
    await put_back(
        backup, home, config, secrets, ring=ring, living=living, floor=floor, replace=wish.replace,
        accept_ring=wish.accept_ring,
    )  # fmt: skip


async def _living(home: Home, config: Config) -> Living:
    """What the record that is there says. One that cannot be read says nothing: it may be why the backup is wanted."""
    if config.storage.server is None and not home.database.exists():
        return Living()
    try:
        database = await open_database(config.storage, home.path, home.database)
    except (StorageFailed, CannotRun):
        return Living()
    try:
        noted = await database.fetch("SELECT value FROM meta WHERE name = 'ring'")
        identity, _, sequence = str(noted[0][0]).partition(":") if noted else ("", "", "")
        return Living(await AuditLog(database).last_instant(), (identity, int(sequence)) if identity else None)
    except StorageFailed:
        return Living()
    finally:
        with suppress(StorageFailed):
            await database.close()


def _finish(home: Home, config: Config, *, accept_ring: bool) -> None:
    """Opens it once, which does what the note in the record asks for."""

    async def once() -> None:
        async with opened(home, config, Metrics(), accept_ring=accept_ring):
            pass

    try:
        asyncio.run(once())
    except ChatwardenError as error:
        raise CannotRun(
            f"the record is in place, but cannot be opened yet: {error}", hint="mend that; the next start does the rest"
        ) from error
