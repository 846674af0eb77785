"""A record of conversations on each engine, sealed by a real key ring."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from tests.world.keepers import end_keeper

from chatwarden.audit.service import AuditLog
from chatwarden.clock import ManualClock
from chatwarden.conversations.service import Conversations
from chatwarden.conversations.store import live_indices
from chatwarden.ephemeral.holder import Holder
from chatwarden.ephemeral.ring import KeyRing
from chatwarden.ephemeral.vault import Vault
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
async def shares(tmp_path: Path) -> AsyncIterator[Holder]:
    (tmp_path / "run").mkdir()
    holder = Holder(tmp_path / "run")
    yield holder
    await holder.close()
    end_keeper(tmp_path)


@pytest.fixture
async def conversations(database: Database, ring: KeyRing, shares: Holder) -> Conversations:
    return await made(database, ring, shares)


async def made(database: Database, ring: KeyRing, shares: Holder) -> Conversations:
    """A service without memory, as after a restart."""
    ring.live_in_record = partial(live_indices, database)
    service = Conversations(database, AuditLog(database), Vault(ring, shares, database.prepare), key=KEY)
    await service.load()
    return service
