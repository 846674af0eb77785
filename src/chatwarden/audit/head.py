"""The last checkpoint that this gateway published, remembered where a copy of the log's folder does not reach.

In the database and in a file of the home. A folder that is put back is older than the head and known for it. Whoever can
write the folder, the database and the home alike can take all three back; a witness remembers elsewhere (witness.py).
"""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import cast

from chatwarden.audit.checkpoint import Checkpoint, parse
from chatwarden.audit.years import Reader
from chatwarden.config.home import write_private
from chatwarden.storage.model import Transaction

_NAME = "audit-head"
_SET = "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


def remember(tx: Transaction, checkpoint: Checkpoint) -> None:
    """Adds the head to *tx*."""
    tx.add(_SET, (_NAME, checkpoint.text))


def write(file: Path, checkpoint: Checkpoint) -> None:
    """Writes the head to *file*, durably."""
    write_private(file, checkpoint.text.encode())


async def heads(reader: Reader, file: Path) -> dict[str, Checkpoint]:
    """What is remembered, by where: ``database`` and ``home``. Raises BadNote."""
    found: dict[str, Checkpoint] = {}
    rows = await reader.fetch("SELECT value FROM meta WHERE name = ?", (_NAME,))
    if rows:
        found["database"] = parse(cast("str", rows[0][0]))
    data = await asyncio.to_thread(_read, file)
    if data is not None:
        found["home"] = parse(data.decode("utf-8", "replace"))
    return found


def _read(file: Path) -> bytes | None:
    return file.read_bytes() if file.exists() else None


def of_year(known: dict[str, Checkpoint], year: int) -> dict[str, Checkpoint]:
    """Those heads that are of this year's log."""
    return {where: one for where, one in known.items() if one.origin.rpartition("/")[2] == str(year)}


def shown(root: bytes) -> str:
    """A root hash as checkpoints write it."""
    return base64.b64encode(root).decode()
