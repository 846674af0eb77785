"""A site that is backed up and restored: a home, its configuration and a backup file, seen from inside the process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from chatwarden.audit.model import Detail, Entry, Event, Lane
from chatwarden.audit.verify import verify
from chatwarden.backup.keys import Identity
from chatwarden.config.home import Home
from chatwarden.config.parse import parse
from chatwarden.joints import audit_key
from chatwarden.restoring import Wish, restore
from chatwarden.storage.model import Transaction
from tests.world.backups import Talk, made, talk
from tests.world.house import House, at_home

T = TypeVar("T")
LAB = "[server]\nlab = true\nport = 0\n"


class Site:
    """A home in a folder, its configuration, and a backup file beside it."""

    def __init__(self, folder: Path, toml: str = "") -> None:
        self.folder = folder
        self.toml = LAB + toml
        self.home = Home(folder / "home")
        self.file = folder / "backup"

    def inside(self, do: Callable[[House], Coroutine[Any, Any, T]], home: Path | None = None, toml: str = "") -> T:
        async def go() -> T:
            async with at_home(home or self.home.path, toml or self.toml) as house:
                await house.node.watch_keeper()
                done = await do(house)
                await whole(house, Home(home or self.home.path))
                return done

        return asyncio.run(go())

    def begin(self, *texts: str) -> Talk:
        """Somebody says something, and a backup is made."""

        async def do(house: House) -> Talk:
            said = await talk(house, *texts)
            self.file.write_bytes(await made(house))
            return said

        return self.inside(do)

    def restore(
        self, home: Path | None = None, *, identity: Identity | None = None, toml: str = "", **wish: bool
    ) -> list[str]:
        """What was told besides the two steps of every restore."""
        told: list[str] = []
        if wish.get("replace"):
            Home(home or self.home.path).note_prepared()
        config = parse(toml or self.toml)
        restore(Home(home or self.home.path), Wish(self.file, config, identity, **wish), told.append)
        assert (told[0], told[1]) == (
            f"reading {self.file}", "the record is in place; ending what it must not bring back",
        )  # fmt: skip
        return told[2:]


async def whole(house: House, home: Home) -> None:
    """As `chatwarden audit verify`: the log is whole, over its whole record."""
    assert await house.node.integrate() == ""
    public = audit_key(home).public_key().public_bytes_raw()
    report = await verify(house.node.database, home.audit, home.audit_head, public)
    assert report.wrong is None, report.wrong.what
    assert [one.waiting for one in report.years] == [0]


async def entries(house: House) -> list[tuple[object, ...]]:
    return list(await house.node.database.fetch("SELECT entry FROM audit ORDER BY seq"))


async def detailed(house: House, subject: str) -> Entry:
    """An entry that commits to something about a person."""
    audit, tx = house.node.services.audit, Transaction()
    made = audit.append(
        tx,
        Event.BROKER_CALLED,
        lane=Lane.BOT,
        actor="bot_1",
        at=house.clock.now(),
        detail=Detail(subject, {"path": "/7"}),
    )
    await house.node.database.commit(tx)
    return next(iter([one async for _, one in audit.read() if one.id == made]))


async def destroy(house: House, of: Talk, number: int) -> None:
    told = await house.ask("DELETE", f"/api/v1/conversations/{of.id}/messages/{of.said[number]}", None, of.token)
    assert told.status == 200, told.body
