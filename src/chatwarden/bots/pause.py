"""Bots that an administrator has paused: they are asked nothing, people get the calm line and are offered a person.

Kept in the record, so that a pause outlives a restart. It holds at once, even where the record cannot be written: what
takes away does not wait (house plan, decision 5).
"""

from __future__ import annotations

from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.clock import Instant
from chatwarden.errors import InvalidRequest
from chatwarden.storage.model import Database, Transaction

ALL = "*"
_PREFIX = "paused:"


class Pauses:
    """Which bots are paused; ``ALL`` stands for every bot, also one that is added later."""

    def __init__(self, database: Database, audit: AuditLog) -> None:
        self._database = database
        self._audit = audit
        self._names: set[str] = set()

    async def load(self) -> None:
        """Reads what was paused. Call once before use."""
        rows = await self._database.fetch("SELECT name FROM meta WHERE name LIKE 'paused:%'")
        self._names = {str(row[0]).removeprefix(_PREFIX) for row in rows}

    def holds(self, bot: str) -> bool:
        """Whether *bot* is paused."""
        return bool(self._names) and (bot in self._names or ALL in self._names)

    async def pause(self, name: str, now: Instant, *, actor: str) -> None:
        """Pauses a bot or ALL. Raises StorageFailed when that could not be recorded; it holds all the same."""
        self._names.add(name)
        tx = Transaction()
        tx.add("INSERT INTO meta (name, value) VALUES (?, '') ON CONFLICT (name) DO NOTHING", (_PREFIX + name,))
        self._audit.append(tx, Event.BOT_PAUSED, lane=Lane.STAFF, actor=actor, at=now, object=name)
        await self._database.commit(tx)

    async def resume(self, name: str, now: Instant, *, actor: str) -> None:
        """Lets a bot, or with ALL every bot, be asked again. Raises InvalidRequest for one bot while all are paused."""
        if name != ALL and ALL in self._names:
            raise InvalidRequest("every bot is paused; resume all")
        tx = Transaction()
        if name == ALL:
            tx.add("DELETE FROM meta WHERE name LIKE 'paused:%'")
        else:
            tx.add("DELETE FROM meta WHERE name = ?", (_PREFIX + name,))
        self._audit.append(tx, Event.BOT_RESUMED, lane=Lane.STAFF, actor=actor, at=now, object=name)
        await self._database.commit(tx)
        self._names = set() if name == ALL else self._names - {name}
