"""One message dies before its bucket, and no other with it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.world.disk import no_file_longer_than

from chatwarden.clock import MINUTE
from chatwarden.crypto import Tampered, seal_once, subkey
from chatwarden.ephemeral.model import PAGE, STRICT, Place, Sealed
from chatwarden.ephemeral.ring import Gone, KeyRing
from chatwarden.storage.model import StorageFailed

EDGE = 1_000 * MINUTE
SHARE = b"s" * 32


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.ring"


@pytest.fixture
async def ring(path: Path) -> AsyncIterator[KeyRing]:
    opened = await KeyRing.open(path)
    yield opened
    await opened.close()


async def sealed(ring: KeyRing, count: int, *, strict: bool = False) -> list[Sealed]:
    made = []
    for n in range(count):
        await ring.prepare(EDGE, strict=strict)
        made.append(ring.seal(ring.take(EDGE, strict=strict), b"whose", str(n).encode(), SHARE if strict else b""))
    return made


def content(path: Path) -> bytes:
    return path.read_bytes()


def put(path: Path, data: bytearray) -> None:
    path.write_bytes(data)


def place(one: Sealed) -> Place:
    return Place(one.bucket, one.page, one.index)


def readable(ring: KeyRing, all_of_them: Iterable[Sealed], share: bytes = b"") -> list[int]:
    """The numbers of those that open."""
    found = []
    for number, one in enumerate(all_of_them):
        try:
            assert ring.unseal(place(one), one.blob, b"whose", share) == str(number).encode()
        except Gone:
            continue
        found.append(number)
    return found


def page_key(ring: KeyRing) -> bytes:
    return ring.export()[0].key


async def again(path: Path, ring: KeyRing) -> KeyRing:
    """What a process that starts now finds in the file."""
    copy = path.with_name("copy")
    shutil.copy(path, copy)
    return await KeyRing.open(copy)


async def test_one_dies_and_the_others_stay_here_and_after_a_restart(ring: KeyRing, path: Path) -> None:
    ten = await sealed(ring, 10)
    whole = page_key(ring)
    assert whole in content(path)
    dead = subkey(whole, place(ten[3]).name)
    await ring.destroy([place(ten[3])])
    assert readable(ring, ten) == [0, 1, 2, 4, 5, 6, 7, 8, 9]
    assert whole not in content(path)
    assert dead not in content(path)
    assert subkey(whole, place(ten[4]).name) in content(path)  # the test can see
    other = await again(path, ring)
    assert readable(other, ten) == [0, 1, 2, 4, 5, 6, 7, 8, 9]
    await other.close()


async def test_the_next_of_the_same_page_costs_one_slot(ring: KeyRing, path: Path) -> None:
    ten = await sealed(ring, 10)
    await ring.destroy([place(ten[3])])
    left = ring.export()
    await ring.destroy([place(ten[4]), place(ten[9])])
    assert readable(ring, ten) == [0, 1, 2, 5, 6, 7, 8]
    gone = [one.key for one in left if one not in ring.export()]
    assert len(gone) == 2
    assert not any(key in content(path) for key in gone)


async def test_what_is_sealed_afterwards_lies_on_another_page(ring: KeyRing) -> None:
    ten = await sealed(ring, 10)
    await ring.destroy([place(ten[0])])
    [new] = await sealed(ring, 1)
    assert new.page == ten[0].page + 1
    assert readable(ring, [new]) == [0]


async def test_a_place_that_was_taken_meanwhile_can_still_be_sealed_at(ring: KeyRing) -> None:
    """Between taking a place and sealing there the keeper is asked: another message of the page may die then."""
    await ring.prepare(EDGE, strict=True)
    mine, other = ring.take(EDGE, strict=True), ring.take(EDGE, strict=True)
    await ring.destroy([other])
    late = ring.seal(mine, b"whose", b"0", SHARE)
    assert readable(ring, [late], SHARE) == [0]


async def test_of_a_page_of_an_earlier_process_only_what_the_record_still_has_is_kept(path: Path) -> None:
    first = await KeyRing.open(path)
    ten = await sealed(first, 10)
    await first.close()
    ring = await KeyRing.open(path)

    async def live(bucket: int, page: int) -> list[int]:
        assert (bucket, page) == (EDGE, 0)
        return [1, 2, 5]

    ring.live_in_record = live
    await ring.destroy([place(ten[5])])
    assert readable(ring, ten) == [1, 2]
    assert len(ring.export()) == 2
    await ring.close()


async def test_the_pages_of_a_bucket_are_back_to_nothing_after_it(ring: KeyRing, path: Path) -> None:
    ten = await sealed(ring, 10)
    await ring.destroy([place(ten[2])])
    left = ring.export()
    await ring.destroy_due(EDGE)
    assert ring.export() == []
    assert not any(one.key in content(path) for one in left)
    assert readable(ring, ten) == []


async def test_a_page_that_was_being_taken_apart_is_whole_after_a_crash(ring: KeyRing, path: Path) -> None:
    """The keys that remain are written first. Who dies between that and the overwriting has destroyed nothing yet."""
    ten = await sealed(ring, 10)
    before = content(path)
    await ring.destroy([place(ten[3])])
    after = content(path)
    torn = bytearray(after)
    at = before.index(page_key_of(before, after))
    torn[at - 20 : at + 44] = before[at - 20 : at + 44]  # the page's slot as it was, everything else as it is
    copy = path.with_name("torn")
    put(copy, torn)
    other = await KeyRing.open(copy)
    assert readable(other, ten) == list(range(10))
    await other.destroy_due(0)  # the first sweep clears what was left over
    assert len(other.export()) == 1
    left = await again(copy.rename(path.with_name("swept")), other)
    assert readable(left, ten) == list(range(10))
    assert sum(content(path.with_name("swept")).count(kind) for kind in (b"CWR2", b"CWM2")) == 1
    await left.close()
    await other.close()


def page_key_of(before: bytes, after: bytes) -> bytes:
    """The key that was in the file and is no more."""
    slots = [before[at : at + 64] for at in range(0, len(before), 64)]
    [gone] = [slot[20:52] for slot in slots if slot[:4] == b"CWR2" and slot[20:52] not in after]
    return gone


async def test_a_full_disk_kills_no_neighbour(ring: KeyRing, path: Path) -> None:
    ten = await sealed(ring, 10)
    with no_file_longer_than(0), pytest.raises(StorageFailed):
        await ring.destroy([place(ten[3])])
    assert readable(ring, ten) == [0, 1, 2, 4, 5, 6, 7, 8, 9]  # forgotten here at once
    other = await again(path, ring)
    assert readable(other, ten) == list(range(10))  # and nothing half done in the file
    await other.close()
    await ring.destroy_due(0)
    other = await again(path, ring)
    assert readable(other, ten) == [0, 1, 2, 4, 5, 6, 7, 8, 9]
    await other.close()


async def test_strict_pages_open_with_the_right_share_only(ring: KeyRing) -> None:
    [one] = await sealed(ring, 1, strict=True)
    assert one.page == STRICT
    assert readable(ring, [one], SHARE) == [0]
    for wrong in (b"t" * 32, b"", SHARE[:31]):
        with pytest.raises(Tampered):
            ring.unseal(place(one), one.blob, b"whose", wrong)
    with pytest.raises(Tampered):
        ring.seal(ring.take(EDGE, strict=True), b"whose", b"x")
    assert ring.export() == []


async def test_a_share_given_to_an_ordinary_place_is_refused(ring: KeyRing) -> None:
    [one] = await sealed(ring, 1)
    with pytest.raises(Tampered):
        ring.unseal(place(one), one.blob, b"whose", SHARE)


async def test_what_the_first_version_sealed_opens_and_dies_with_its_bucket(path: Path) -> None:
    first = await KeyRing.open(path)
    await first.prepare(EDGE)
    key = page_key(first)
    await first.close()
    file = bytearray(content(path))
    at = file.index(key) - 20
    head = b"CWR1" + bytes(file[at + 4 : at + 52])
    file[at : at + 64] = head + blake2b(head, digest_size=12).digest()
    put(path, file)
    old = await KeyRing.open(path)
    info = b"cw1" + EDGE.to_bytes(8, "big") + (0).to_bytes(8, "big") + (7).to_bytes(4, "big")
    blob = b"\x01" + seal_once(key, info, b"whose", (2).to_bytes(4, "big") + b"hi" + bytes(58))
    assert old.unseal(Place(EDGE, 0, 7), blob, b"whose") == b"hi"
    await old.destroy([Place(EDGE, 0, 7)])
    assert old.unseal(Place(EDGE, 0, 7), blob, b"whose") == b"hi"
    await old.destroy_due(EDGE)
    with pytest.raises(Gone):
        old.unseal(Place(EDGE, 0, 7), blob, b"whose")
    await old.close()


async def test_an_older_copy_is_known_by_its_number(ring: KeyRing, path: Path) -> None:
    ten = await sealed(ring, 10)
    older = await again(path, ring)
    await ring.destroy([place(ten[0])])
    assert ring.mark[0] == older.mark[0] != ""
    assert ring.mark[1] > older.mark[1]
    newest = await again(path, ring)
    assert newest.mark == ring.mark
    await newest.close()
    await older.close()


@settings(max_examples=25)
@given(steps=st.lists(st.lists(st.integers(0, 29), max_size=5), max_size=8), reopened=st.booleans())
def test_the_readable_set_is_that_of_a_plain_table(
    tmp_path_factory: pytest.TempPathFactory, steps: list[list[int]], reopened: bool
) -> None:
    async def history() -> None:
        path = tmp_path_factory.mktemp("ring") / "keys.ring"
        ring = await KeyRing.open(path)
        thirty = await sealed(ring, 30)
        alive = set(range(30))

        async def live(_bucket: int, _page: int) -> set[int]:
            return set(alive)

        ring.live_in_record = live
        for step in steps:
            if reopened:
                await ring.close()
                ring = await KeyRing.open(path)
                ring.live_in_record = live
            await ring.destroy([place(thirty[n]) for n in step])
            alive -= set(step)
            assert readable(ring, thirty) == sorted(alive)
        await ring.close()

    asyncio.run(history())


async def test_a_place_beyond_the_page_is_no_place(ring: KeyRing) -> None:
    [one] = await sealed(ring, 1)
    for wrong in (-1, PAGE, 1 << 40):
        with pytest.raises(Tampered):
            ring.unseal(place(replace(one, index=wrong)), one.blob, b"whose")
