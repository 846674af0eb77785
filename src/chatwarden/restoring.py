"""``chatwarden restore`` from end to end: the file, the home that nobody else holds, and the record brought up to date."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from chatwarden.app import opened
from chatwarden.audit import continued, details
from chatwarden.audit.integrate import Damaged as DamagedLog
from chatwarden.audit.integrate import Integrator
from chatwarden.audit.service import AuditLog
from chatwarden.backup import reading
from chatwarden.backup.keys import HomeKey, Identity
from chatwarden.backup.model import Manifest
from chatwarden.backup.restore import Living, Ring, Secrets, put_back, secrets_of
from chatwarden.clock import Instant, SystemClock
from chatwarden.config.home import Home, write_private
from chatwarden.config.model import Config
from chatwarden.config.parse import parse
from chatwarden.ephemeral import carried
from chatwarden.errors import CannotRun, ChatwardenError
from chatwarden.joints import audit_key, log_host
from chatwarden.metrics import Metrics
from chatwarden.storage.engine import open_database
from chatwarden.storage.model import Database, StorageFailed

Told = Callable[[str], object]


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


def restore(home: Home, wish: Wish, told: Told) -> Manifest:
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
            asyncio.run(_put_back(backup, home, config, secrets, now, wish, told))
            told("the record is in place; ending what it must not bring back")
            if config.source is None:
                config = replace(config, source=home.config)
            _finish(home, config, told, accept_ring=wish.accept_ring)
        finally:
            home.unlock()
    return backup.manifest


async def _put_back(
    backup: reading.Opened, home: Home, config: Config, secrets: Secrets | None, now: Instant, wish: Wish,
    told: Told,
) -> None:  # fmt: skip
    home.details_carried.unlink(missing_ok=True)
    living = await _living(home, config, now, told) if home.prepared else Living()
    try:
        await asyncio.to_thread(continued.require_sound, home.audit)
    except DamagedLog as damaged:
        raise CannotRun(
            f"the log in HOME/audit is damaged: {damaged}",
            hint="put it back as it was; or move it and HOME/data/audit-head away, and with them what the backup's lacks",
        ) from damaged
    floor = max(now, backup.manifest.made_at, living.last)
    ring = Ring(carried.mark(home.ring), None)
    if secrets is not None:
        ring = replace(ring, plant=partial(carried.plant, home.ring, carried.read(secrets.ring, floor)))
    await put_back(
        backup, home, config, secrets, ring=ring, living=living, floor=floor, replace=wish.replace,
        accept_ring=wish.accept_ring,
    )  # fmt: skip


async def _living(home: Home, config: Config, now: Instant, told: Told) -> Living:
    """What the record that is there says; what it has and the log's tree has not yet is added to that, and its details are
    kept. One that cannot be read says nothing: it may be why the backup is wanted.
    """
    if config.storage.server is None and not home.database.exists():
        return Living()
    try:
        database = await open_database(config.storage, home.path, home.database)
    except (StorageFailed, CannotRun):
        return Living()
    try:
        noted = await database.fetch("SELECT value FROM meta WHERE name = 'ring'")
        identity, _, sequence = str(noted[0][0]).partition(":") if noted else ("", "", "")
        await _integrate(home, config, database, now, told)
        write_private(home.details_carried, await details.written(database))
        return Living(await AuditLog(database).last_instant(), (identity, int(sequence)) if identity else None)
    except StorageFailed:
        return Living()
    finally:
        with suppress(StorageFailed):
            await database.close()


async def _integrate(home: Home, config: Config, database: Database, now: Instant, told: Told) -> None:
    tree = Integrator(
        database, AuditLog(database), home.audit, home.audit_head, audit_key(home), host=lambda: log_host(config),
        keep=lambda: config.audit_keep,
    )  # fmt: skip
    try:
        await tree.run(now)
    except DamagedLog as damaged:
        told(f"what the present record logged last could not be added to HOME/audit: {damaged}")


def _finish(home: Home, config: Config, told: Told, *, accept_ring: bool) -> None:
    """Opens it once, which does what the note in the record asks for, and says what is left for people to do."""

    async def once() -> None:
        async with opened(home, config, Metrics(), accept_ring=accept_ring) as node:
            if damaged := await node.integrate():
                told(f"the log is not whole: {damaged}")
            accounts = await node.services.administration.all()
            if accounts:
                names = ", ".join(account.name for account in accounts)
                told(f"bots need another credential, chatwarden bot rotate: {names}")
            applications = node.services.errands.applications
            if applications.grants and not applications.broker.used:
                told("applications and their credentials are never in a backup: chatwarden app add")

    try:
        asyncio.run(once())
    except ChatwardenError as error:
        raise CannotRun(
            f"the record is in place, but cannot be opened yet: {error}", hint="mend that; the next start does the rest"
        ) from error
