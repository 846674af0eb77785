"""The head is remembered in two places, and one that cannot be read is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatwarden.audit import head
from chatwarden.audit.checkpoint import Checkpoint
from chatwarden.audit.note import BadNote
from chatwarden.storage.model import Database, Transaction


async def test_the_head_is_remembered_in_the_database_and_in_the_home(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "audit-head"
    assert await head.heads(database, file) == {}
    for size in (1, 2):
        made = Checkpoint("log.example/audit/2026", size, bytes(32))
        tx = Transaction()
        head.remember(tx, made)
        head.write(file, made)
        await database.commit(tx)
    found = await head.heads(database, file)
    assert found == {"database": made, "home": made}
    assert head.of_year(found, 2026) == found
    assert head.of_year(found, 2025) == {}
    assert file.stat().st_mode & 0o077 == 0
    file.write_bytes(b"\xff")
    with pytest.raises(BadNote):
        await head.heads(database, file)
    assert head.shown(bytes(3)) == "AAAA"
