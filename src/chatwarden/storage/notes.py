"""Small facts about the record itself, by name: whose it is, and where what belongs to it stood."""

from __future__ import annotations

from chatwarden.storage.model import SET_META, Database, Transaction


async def noted(database: Database, name: str) -> str:
    """What the record has noted under a name, or an empty string."""
    rows = await database.fetch("SELECT value FROM meta WHERE name = ?", (name,))
    return str(rows[0][0]) if rows else ""


async def note(database: Database, name: str, value: str) -> None:
    """Notes it, durably. Raises StorageFailed."""
    tx = Transaction()
    tx.add(SET_META, (name, value))
    await database.commit(tx)
