"""A record of conversations on each engine, sealed by a real key ring."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chatwarden.app import RingSealer
from chatwarden.audit.service import AuditLog
from chatwarden.clock import ManualClock
from chatwarden.conversations.service import Conversations
from chatwarden.ephemeral.ring import KeyRing
from chatwarden.storage.model import Database

KEY = b"k" * 32


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def ring(tmp_path: Path) -> AsyncIterator[KeyRing]:
    (tmp_path / "keys").mkdir()
    opened = await KeyRing.open(tmp_path / "keys" / "ring")
    yield opened
    await opened.close()


@pytest.fixture
async def conversations(database: Database, ring: KeyRing) -> Conversations:
    return await made(database, ring)


async def made(database: Database, ring: KeyRing) -> Conversations:
    """A service without memory, as after a restart."""
    service = Conversations(database, AuditLog(database), RingSealer(ring, database), key=KEY)
    await service.load()
    return service
