"""Ring and keeper together: nothing strict is sealed in a weaker way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from chatwarden.clock import HOUR, MINUTE
from chatwarden.ephemeral.holder import Holder
from chatwarden.ephemeral.model import Sealed
from chatwarden.ephemeral.ring import KeyRing
from chatwarden.ephemeral.vault import HolderLost, Vault
from chatwarden.storage.model import StorageFailed

EDGE = 1_000 * MINUTE


class Nobody:
    """There is no keeper."""

    async def make(self, name: bytes, lives_for: int) -> bytes:
        raise HolderLost

    async def fetch(self, names: Sequence[bytes]) -> dict[bytes, bytes]:
        raise HolderLost

    async def drop(self, names: Sequence[bytes]) -> None:
        raise HolderLost


@pytest.fixture
async def ring(tmp_path: Path) -> AsyncIterator[KeyRing]:
    opened = await KeyRing.open(tmp_path / "ring")
    yield opened
    await opened.close()


async def room(_bucket: int) -> None:
    """SQLite needs none."""


def where(one: Sealed) -> tuple[int, int, int]:
    return one.bucket, one.page, one.index


async def test_both_kinds_come_back_and_die_alone(ring: KeyRing, holder: Holder) -> None:
    vault = Vault(ring, holder, room)
    await vault.prepare(EDGE)
    plain = vault.seal(EDGE, b"a", b"plain")
    strict = [await vault.seal_strict(EDGE, b"a", text, HOUR) for text in (b"one", b"two")]
    asked = [(where(one), one.blob, b"a") for one in (strict[0], plain, strict[1])]
    assert await vault.open(asked) == [b"one", b"plain", b"two"]
    await vault.destroy([where(strict[0])])
    assert await vault.open(asked) == [None, b"plain", b"two"]
    assert await vault.held([where(one) for one in strict]) == [False, True]
    await vault.destroy([where(plain)])
    assert await vault.open(asked) == [None, None, b"two"]


async def test_without_a_keeper_nothing_strict_is_sealed_or_opened_and_all_else_is(
    ring: KeyRing, holder: Holder
) -> None:
    strict = await Vault(ring, holder, room).seal_strict(EDGE, b"a", b"strict", HOUR)
    alone = Vault(ring, Nobody(), room)
    await alone.prepare(EDGE)
    plain = alone.seal(EDGE, b"a", b"plain")
    assert await alone.open([(where(plain), plain.blob, b"a")]) == [b"plain"]
    with pytest.raises(StorageFailed):
        await alone.seal_strict(EDGE, b"a", b"x", HOUR)
    with pytest.raises(StorageFailed):
        await alone.open([(where(strict), strict.blob, b"a")])
    await alone.destroy([where(strict)])  # ends it all the same: its key here
    assert await Vault(ring, holder, room).open([(where(strict), strict.blob, b"a")]) == [None]
