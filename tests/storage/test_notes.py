"""Small facts about the record."""

from __future__ import annotations

from chatwarden.storage.model import Database
from chatwarden.storage.notes import note, noted


async def test_what_was_noted_last_under_a_name_is_what_is_known(database: Database) -> None:
    assert await noted(database, "somebody") == ""
    for value in ("one", "two"):
        await note(database, "somebody", value)
    await note(database, "somebody else", "three")
    assert await noted(database, "somebody") == "two"
