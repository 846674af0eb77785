"""Keys of a ring, written down and planted elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.world.disk import no_file_longer_than

from chatwarden.clock import MINUTE
from chatwarden.ephemeral import carried
from chatwarden.ephemeral.model import STRICT, Place
from chatwarden.ephemeral.ring import Gone, KeyRing
from chatwarden.ephemeral.slots import Key, Name, SlotFile
from chatwarden.errors import Damaged
from chatwarden.storage.model import StorageFailed

NOW = 1_800_000_000_000_000 // MINUTE * MINUTE
EARLY, LATE = NOW + MINUTE, NOW + 10 * MINUTE


async def ring_at(path: Path) -> KeyRing:
    path.parent.mkdir(exist_ok=True)
    return await KeyRing.open(path)


async def test_planted_keys_open_what_they_sealed_and_what_is_over_is_not_planted(tmp_path: Path) -> None:
    ring = await ring_at(tmp_path / "a" / "ring")
    sealed = []
    for bucket in (EARLY, LATE):
        await ring.prepare(bucket)
        sealed += [ring.seal(ring.take(bucket), b"", text) for text in (b"one", b"two")]
    gone = sealed.pop()  # "two" of the later bucket
    await ring.destroy([Place(gone.bucket, gone.page, gone.index)])
    data = carried.written(ring.export())
    (tmp_path / "b").mkdir()
    mark = carried.plant(tmp_path / "b" / "ring", carried.read(data, EARLY))
    assert mark == carried.mark(tmp_path / "b" / "ring")
    assert mark[0] != ring.mark[0]
    other = await ring_at(tmp_path / "b" / "ring")
    assert other.live == [LATE]
    assert other.unseal(Place(sealed[2].bucket, sealed[2].page, sealed[2].index), sealed[2].blob, b"") == b"one"
    for dead in (*sealed[:2], gone):
        with pytest.raises(Gone):
            other.unseal(Place(dead.bucket, dead.page, dead.index), dead.blob, b"")
    await other.close()
    await ring.close()


async def test_no_key_of_a_strict_page_is_written_or_planted(tmp_path: Path) -> None:
    ring = await ring_at(tmp_path / "ring")
    await ring.prepare(LATE, strict=True)
    ring.take(LATE, strict=True)
    assert carried.written(ring.export()) == b""
    assert carried.written([Key(Name(LATE, STRICT), bytes(32)), Key(Name(LATE, STRICT + 5, 3), bytes(32))]) == b""
    await ring.close()
    forged = carried.written([Key(Name(LATE, 0), bytes(32))])
    forged = forged[:8] + STRICT.to_bytes(8, "big") + forged[16:]
    with pytest.raises(Damaged, match="ordinary"):
        carried.read(forged, NOW)


def test_every_kind_of_key_comes_back(tmp_path: Path) -> None:
    keys = [
        Key(Name(LATE, 0), os.urandom(32), first=True),
        Key(Name(LATE, 1), os.urandom(32)),
        Key(Name(LATE, 2, 77), os.urandom(32)),
    ]
    assert carried.read(carried.written(keys), NOW) == keys
    carried.plant(tmp_path / "ring", keys)
    slots = SlotFile(tmp_path / "ring")
    assert sorted(slots.read()) == sorted(keys)
    slots.close()


@pytest.mark.parametrize("cut", [1, 52, 54])
def test_cut_keys_are_refused(cut: int) -> None:
    data = carried.written([Key(Name(LATE, 0), bytes(32)), Key(Name(LATE, 1), bytes(32))])
    with pytest.raises(Damaged, match="cut"):
        carried.read(data[:cut], NOW)


def test_where_there_is_no_ring_there_is_no_mark_and_none_is_made(tmp_path: Path) -> None:
    assert carried.mark(tmp_path / "ring") is None
    assert not (tmp_path / "ring").exists()


def test_a_full_disk_is_told_and_leaves_no_ring(tmp_path: Path) -> None:
    with no_file_longer_than(1_000), pytest.raises(StorageFailed, match="written in full"):
        carried.plant(tmp_path / "ring", [Key(Name(LATE, 0), bytes(32))])
    assert carried.mark(tmp_path / "ring") is None


def test_a_ring_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "ring").mkdir()
    with pytest.raises(StorageFailed, match="cannot be read"):
        carried.mark(tmp_path / "ring")
