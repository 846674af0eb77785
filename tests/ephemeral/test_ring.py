"""What is sealed opens until its edge has come, and never after."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.world.disk import no_file_longer_than

from chatwarden.clock import MINUTE
from chatwarden.crypto import Tampered
from chatwarden.ephemeral.model import PAGE, Place, Sealed
from chatwarden.ephemeral.ring import Gone, KeyRing
from chatwarden.storage.model import StorageFailed

EDGE = 1_000 * MINUTE


class Recorder:
    """Real randomness that remembers what it gave, so that a test may look for it."""

    def __init__(self) -> None:
        self.given: list[bytes] = []

    def __call__(self, size: int) -> bytes:
        self.given.append(os.urandom(size))
        return self.given[-1]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.ring"


@pytest.fixture
def random() -> Recorder:
    return Recorder()


@pytest.fixture
async def ring(path: Path, random: Recorder) -> AsyncIterator[KeyRing]:
    opened = await KeyRing.open(path, random=random)
    yield opened
    await opened.close()


def holds(path: Path, content: bytes) -> bool:
    return content in path.read_bytes()


def tear(path: Path, key: bytes) -> None:
    data = bytearray(path.read_bytes())
    data[data.index(key) + 31] ^= 1
    path.write_bytes(data)


def seal(ring: KeyRing, bucket: int, aad: bytes, plaintext: bytes) -> Sealed:
    return ring.seal(ring.take(bucket), aad, plaintext)


def unseal(ring: KeyRing, sealed: Sealed, aad: bytes = b"whose", share: bytes = b"") -> bytes:
    return ring.unseal(Place(sealed.bucket, sealed.page, sealed.index), sealed.blob, aad, share)


async def test_what_was_sealed_opens_before_its_edge_and_is_gone_after(ring: KeyRing) -> None:
    await ring.prepare(EDGE)
    sealed = seal(ring, EDGE, b"whose", b"Hello.")
    assert await ring.destroy_due(EDGE - 1) == []
    assert unseal(ring, sealed) == b"Hello."
    assert await ring.destroy_due(EDGE) == [EDGE]
    with pytest.raises(Gone):
        unseal(ring, sealed)
    assert ring.live == []


async def test_the_keys_are_in_the_file_before_the_edge_and_not_after(
    ring: KeyRing, path: Path, random: Recorder
) -> None:
    await ring.prepare(EDGE)
    for _ in range(PAGE + 1):
        await ring.prepare(EDGE)
        seal(ring, EDGE, b"", b"x")
    assert len(random.given) == 2
    assert all(holds(path, key) for key in random.given)
    await ring.destroy_due(EDGE)
    assert not any(holds(path, key) for key in random.given)


async def test_only_what_is_due_is_destroyed(ring: KeyRing) -> None:
    for bucket in (EDGE, EDGE + MINUTE):
        await ring.prepare(bucket)
    later = seal(ring, EDGE + MINUTE, b"whose", b"later")
    assert await ring.destroy_due(EDGE + MINUTE - 1) == [EDGE]
    assert ring.live == [EDGE + MINUTE]
    assert unseal(ring, later) == b"later"


async def test_a_restart_continues_on_a_fresh_page_and_opens_what_is_old(path: Path) -> None:
    first = await KeyRing.open(path)
    await first.prepare(EDGE)
    old = seal(first, EDGE, b"whose", b"old")
    await first.close()
    again = await KeyRing.open(path)
    assert again.live == [EDGE]
    assert not again.ready(EDGE)
    await again.prepare(EDGE)
    new = seal(again, EDGE, b"whose", b"new")
    assert (new.page, new.index) != (old.page, old.index)
    assert new.page == old.page + 1
    assert unseal(again, old) == b"old"
    assert unseal(again, new) == b"new"
    await again.close()


async def test_what_was_destroyed_is_gone_after_a_restart_too(path: Path) -> None:
    first = await KeyRing.open(path)
    await first.prepare(EDGE)
    sealed = seal(first, EDGE, b"whose", b"text")
    await first.destroy_due(EDGE)
    await first.close()
    again = await KeyRing.open(path)
    with pytest.raises(Gone):
        unseal(again, sealed)
    await again.close()


async def test_what_came_due_while_nobody_ran_is_destroyed_first(path: Path, random: Recorder) -> None:
    first = await KeyRing.open(path, random=random)
    await first.prepare(EDGE)
    await first.close()
    again = await KeyRing.open(path)
    assert await again.destroy_due(EDGE + 99 * MINUTE) == [EDGE]
    assert not holds(path, random.given[0])
    await again.close()


async def test_a_torn_slot_is_a_key_that_never_was(path: Path, random: Recorder) -> None:
    first = await KeyRing.open(path, random=random)
    await first.prepare(EDGE)
    sealed = seal(first, EDGE, b"whose", b"text")
    await first.close()
    tear(path, random.given[0])
    again = await KeyRing.open(path)
    assert again.live == []
    with pytest.raises(Gone):
        unseal(again, sealed)
    await again.prepare(EDGE)
    assert unseal(again, seal(again, EDGE, b"whose", b"new")) == b"new"
    await again.close()


async def test_the_1025th_seal_goes_to_a_second_page(ring: KeyRing, random: Recorder) -> None:
    places = []
    for n in range(PAGE + 1):
        await ring.prepare(EDGE)
        sealed = seal(ring, EDGE, b"whose", str(n).encode())
        assert unseal(ring, sealed) == str(n).encode()
        places.append((sealed.page, sealed.index))
    assert len(set(places)) == PAGE + 1
    assert places[-2:] == [(0, PAGE - 1), (1, 0)]
    assert len(set(random.given)) == 2


async def test_the_second_page_is_made_ahead_of_need(ring: KeyRing, random: Recorder) -> None:
    await ring.prepare(EDGE)
    for _ in range(PAGE // 2 + 1):
        seal(ring, EDGE, b"", b"x")
    await ring.prepare(EDGE + MINUTE)  # the page ahead is in the same or an earlier write
    assert len(random.given) == 3
    for _ in range(PAGE):
        assert ring.ready(EDGE)
        seal(ring, EDGE, b"", b"x")


async def test_many_callers_share_one_write(ring: KeyRing, random: Recorder) -> None:
    await asyncio.gather(*(ring.prepare(EDGE + n % 3 * MINUTE) for n in range(600)))
    assert len(random.given) == 3
    assert ring.live == [EDGE, EDGE + MINUTE, EDGE + 2 * MINUTE]


async def test_a_caller_that_goes_away_takes_nobody_with_it(ring: KeyRing) -> None:
    waiting = [asyncio.create_task(ring.prepare(EDGE)) for _ in range(5)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result) for result in results] == [asyncio.CancelledError] + [type(None)] * 4
    assert ring.ready(EDGE)


async def test_a_full_disk_refuses_every_caller_and_making_keys_goes_on_when_there_is_room(ring: KeyRing) -> None:
    with no_file_longer_than(1_000):
        results = await asyncio.gather(*(ring.prepare(EDGE) for _ in range(5)), return_exceptions=True)
        assert [type(result) for result in results] == [StorageFailed] * 5
        assert not ring.ready(EDGE)
    await ring.prepare(EDGE)
    assert unseal(ring, seal(ring, EDGE, b"whose", b"text")) == b"text"


async def test_a_key_that_cannot_be_overwritten_is_forgotten_at_once_and_overwritten_later(
    ring: KeyRing, path: Path, random: Recorder
) -> None:
    await ring.prepare(EDGE)
    sealed = seal(ring, EDGE, b"whose", b"text")
    with no_file_longer_than(0), pytest.raises(StorageFailed):
        await ring.destroy_due(EDGE)
    with pytest.raises(Gone):
        unseal(ring, sealed)
    assert holds(path, random.given[0])
    await ring.destroy_due(EDGE)
    assert not holds(path, random.given[0])


async def test_a_ring_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    with pytest.raises(StorageFailed):
        await KeyRing.open(tmp_path / "nowhere" / "keys.ring")


async def test_any_change_is_noticed(ring: KeyRing) -> None:
    for _ in range(2):
        await ring.prepare(EDGE)
        sealed = seal(ring, EDGE, b"whose", b"Hello.")
    assert unseal(ring, sealed) == b"Hello."
    for place in range(len(sealed.blob)):
        changed = bytearray(sealed.blob)
        changed[place] ^= 1
        with pytest.raises(Tampered):
            unseal(ring, replace(sealed, blob=bytes(changed)))
    for length in range(len(sealed.blob)):
        with pytest.raises(Tampered):
            unseal(ring, replace(sealed, blob=sealed.blob[:length]))
    for wrong in (0, sealed.index + 1, -1, PAGE, 1 << 40):
        with pytest.raises(Tampered):
            unseal(ring, replace(sealed, index=wrong))
    with pytest.raises(Tampered):
        unseal(ring, sealed, aad=b"somebody else's")


async def test_the_page_and_the_bucket_are_bound_too(ring: KeyRing) -> None:
    for _ in range(PAGE + 1):
        await ring.prepare(EDGE)
        sealed = seal(ring, EDGE, b"whose", b"text")
    await ring.prepare(EDGE + MINUTE)
    assert sealed.page == 1
    with pytest.raises(Tampered):
        unseal(ring, replace(sealed, page=0))
    with pytest.raises(Gone):
        unseal(ring, replace(sealed, page=2))
    with pytest.raises(Tampered):
        unseal(ring, replace(sealed, page=0, bucket=EDGE + MINUTE))


async def test_lengths_are_hidden_up_to_64_bytes(ring: KeyRing) -> None:
    await ring.prepare(EDGE)
    lengths = [len(seal(ring, EDGE, b"", bytes(n)).blob) for n in (0, 1, 60, 61, 124, 125)]
    assert lengths[0] == lengths[1] == lengths[2] < lengths[3] == lengths[4] < lengths[5]


@settings(max_examples=20)  # each makes a file and waits for the disk
@given(texts=st.lists(st.binary(max_size=300), max_size=20))
def test_every_text_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, texts: list[bytes]) -> None:
    async def there_and_back() -> None:
        ring = await KeyRing.open(tmp_path_factory.mktemp("ring") / "keys.ring")
        await ring.prepare(EDGE)
        sealed = [seal(ring, EDGE, b"whose", text) for text in texts]
        assert [unseal(ring, one) for one in sealed] == texts
        await ring.close()

    asyncio.run(there_and_back())


async def test_callers_that_come_while_a_page_is_being_written_get_that_page(tmp_path: Path) -> None:
    """Once there were two keys for one page: what the first had sealed did not open after a restart."""
    ring = await KeyRing.open(tmp_path / "ring")
    bucket = 10**15
    first = asyncio.ensure_future(ring.prepare(bucket))
    await asyncio.sleep(0)  # the first is on its way to the disk now
    await asyncio.sleep(0)
    later = [asyncio.ensure_future(ring.prepare(bucket)) for _ in range(5)]
    await first
    sealed = seal(ring, bucket, b"aad", b"early")
    await asyncio.gather(*later)
    await asyncio.sleep(0.05)
    assert unseal(ring, sealed, b"aad") == b"early"
    await ring.close()
    again = await KeyRing.open(tmp_path / "ring")
    assert unseal(again, sealed, b"aad") == b"early"
    await again.close()
