"""The properties that a construction of keys which die must have, each as a test of its name (docs/self-destruct.md has the
list, with those that are shown over whole homes). Histories are random; what they are held against is a plain table in which
each message has a random key of its own that is crossed out when it dies.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from chatwarden.clock import HOUR, MINUTE
from chatwarden.crypto import COMMITMENT, Tampered, _derive, open_once, subkey
from chatwarden.ephemeral.holder import Holder
from chatwarden.ephemeral.model import PAGE, Place, Sealed
from chatwarden.ephemeral.ring import Gone, KeyRing
from chatwarden.ephemeral.slots import Key, SlotFile
from chatwarden.ephemeral.vault import Vault

BUCKETS = [n * MINUTE for n in range(1, 4)]


@dataclass
class Table:
    """The reference: a random key for each message, crossed out at its end."""

    keys: dict[int, bytes] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)

    def seal(self, number: int, bucket: int) -> bytes:
        self.keys[number], self.ends[number] = os.urandom(32), bucket
        return AESGCM(self.keys[number]).encrypt(bytes(12), b"%d" % number, None)

    def destroy(self, numbers: set[int], now: int) -> None:
        for number in numbers | {one for one, end in self.ends.items() if end <= now}:
            self.keys.pop(number, None)

    def readable(self, sealed: dict[int, bytes]) -> set[int]:
        return {
            number
            for number, key in self.keys.items()
            if AESGCM(key).decrypt(bytes(12), sealed[number], None) == b"%d" % number
        }


@dataclass
class History:
    """A ring and the table side by side."""

    path: Path
    ring: KeyRing
    now: int = 0
    table: Table = field(default_factory=Table)
    sealed: dict[int, Sealed] = field(default_factory=dict)
    beside: dict[int, bytes] = field(default_factory=dict)  # the same in the table
    own: dict[int, bytes] = field(default_factory=dict)  # the key of each, as it was made

    async def say(self, bucket: int) -> None:
        if bucket <= self.now:
            return
        number = len(self.sealed)
        await self.ring.prepare(bucket)
        self.sealed[number] = self.ring.seal(self.ring.take(bucket), b"whose", b"%d" % number)
        self.own[number] = self.ring._key(place(self.sealed[number]))
        self.beside[number] = self.table.seal(number, bucket)

    async def destroy(self, numbers: set[int]) -> None:
        self.table.destroy(numbers, self.now)
        await self.ring.destroy([place(self.sealed[number]) for number in numbers if number in self.sealed])

    async def move_to(self, now: int) -> None:
        self.now = max(self.now, now)
        self.table.destroy(set(), self.now)
        await self.ring.destroy_due(self.now)

    async def again(self) -> None:
        """A process that starts anew."""
        await self.ring.close()
        self.ring = await KeyRing.open(self.path)
        self.ring.live_in_record = self._live

    async def _live(self, bucket: int, page: int) -> list[int]:
        alive = [self.sealed[number] for number in self.table.keys]
        return [one.index for one in alive if (one.bucket, one.page) == (bucket, page)]

    def readable(self) -> set[int]:
        return {number for number, one in self.sealed.items() if opens(self.ring, one) == b"%d" % number}

    def in_file(self) -> list[Key]:
        """Every key that lies in the file, read from a copy."""
        return keys_in(self.path)


def place(one: Sealed) -> Place:
    return Place(one.bucket, one.page, one.index)


def opens(ring: KeyRing, one: Sealed, share: bytes = b"") -> bytes | None:
    try:
        return ring.unseal(place(one), one.blob, b"whose", share)
    except Gone:
        return None


def keys_in(path: Path) -> list[Key]:
    copy = path.with_name("copy")
    shutil.copy(path, copy)
    slots = SlotFile(copy)
    try:
        return slots.read()
    finally:
        slots.close()


STEP = st.one_of(
    st.tuples(st.just("say"), st.sampled_from(BUCKETS)),
    st.tuples(st.just("destroy"), st.sets(st.integers(0, 12), max_size=3)),
    st.tuples(st.just("move_to"), st.sampled_from(BUCKETS).flatmap(lambda b: st.sampled_from([b - 1, b]))),
    st.tuples(st.just("again"), st.none()),
)
STEPS = st.lists(STEP, max_size=40)


async def lived(folder: Path, steps: list[tuple[str, Any]], after: Callable[[History], None]) -> None:
    """Goes through a history and looks after each step."""
    history = History(folder / "ring", await KeyRing.open(folder / "ring"))
    history.ring.live_in_record = history._live
    for step, what in steps:
        act: Callable[..., Coroutine[Any, Any, None]] = getattr(history, step)
        await (act() if what is None else act(what))
        after(history)
    await history.ring.close()


@settings(max_examples=20)
@given(steps=STEPS)
def test_property_1_closure_no_key_leads_to_what_ended_and_all_that_lives_has_its_own(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, Any]]
) -> None:
    """Every key in the file is of a bucket that is not due, no two are for one message, and none is, or leads to, that of a
    message that ended; what lives has its key there.
    """

    def closed(history: History) -> None:
        keys = history.in_file()
        assert all(key.name.bucket > history.now for key in keys)
        assert len({key.name for key in keys}) == len(keys)
        dead = {history.own[number] for number in set(history.own) - set(history.table.keys)}
        for key in keys:
            reach = {key.key} if key.name.idx >= 0 else {
                subkey(key.key, Place(key.name.bucket, key.name.page, index).name) for index in range(PAGE)
            }  # fmt: skip
            assert not dead & reach
        held = {key.name[:2] for key in keys}
        assert {place(history.sealed[number])[:2] for number in history.table.keys} <= held

    asyncio.run(lived(tmp_path_factory.mktemp("ring"), steps, closed))


@settings(max_examples=40)
@given(steps=STEPS)
def test_property_15_differential_what_is_readable_is_what_a_plain_table_can_read(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, Any]]
) -> None:
    """The same history: what can be read is what the plain table can read."""

    def same(history: History) -> None:
        assert history.readable() == history.table.readable(history.beside)

    asyncio.run(lived(tmp_path_factory.mktemp("ring"), steps, same))


async def test_property_3_old_state_theft_of_one_holder_opens_nothing_that_ended(
    holder: Holder, tmp_path: Path
) -> None:
    """With every copy that the key file ever was and the keeper as it is, nothing strict that ended opens; nor with every
    share that the keeper ever had and the key file as it is. What lives opens in both ways: the test can see.
    """
    ring = await KeyRing.open(tmp_path / "ring")

    async def room(_: int) -> None:
        """SQLite needs none."""

    vault = Vault(ring, holder, room)
    old: list[bytes] = []
    shares: dict[bytes, bytes] = {}
    sealed = []
    for number, bucket in enumerate((MINUTE, HOUR, HOUR)):
        one = await vault.seal_strict(bucket, b"whose", b"%d" % number, HOUR)
        sealed.append(one)
        shares |= await holder.fetch([place(one).name])
        old.append((tmp_path / "ring").read_bytes())
    asked = [((one.bucket, one.page, one.index), one.blob, b"whose") for one in sealed]
    assert await vault.open(asked) == [b"0", b"1", b"2"]
    await ring.destroy_due(MINUTE)
    await holder.drop([place(sealed[0]).name])  # as the keeper does by itself at that time
    await vault.destroy([asked[1][0]])
    old.append((tmp_path / "ring").read_bytes())
    for number, state in enumerate(old):
        (tmp_path / f"old-{number}").write_bytes(state)
        stolen = await KeyRing.open(tmp_path / f"old-{number}")
        told = await Vault(stolen, holder, room).open(asked)
        assert told[:2] == [None, None]
        await stolen.close()
    assert told[2] == b"2"
    assert [opens(ring, one, shares[place(one).name]) for one in sealed] == [None, None, b"2"]
    await ring.close()


async def test_property_9_boundary_is_kept_to_the_microsecond_and_under_load(tmp_path: Path) -> None:
    """A microsecond before the edge the key is there and opens; at the edge it is in the file no more, also while many
    others are sealing.
    """
    ring = await KeyRing.open(tmp_path / "ring")
    await ring.prepare(MINUTE)
    one = ring.seal(ring.take(MINUTE), b"whose", b"x")
    key = ring.export()[0].key

    async def busy(n: int) -> None:
        for later in range(20):
            bucket = (2 + (n + later) % 7) * MINUTE
            await ring.prepare(bucket)
            ring.seal(ring.take(bucket), b"whose", b"y")

    load = [asyncio.create_task(busy(n)) for n in range(50)]
    assert await ring.destroy_due(MINUTE - 1) == []
    assert opens(ring, one) == b"x"
    assert key in (tmp_path / "ring").read_bytes()
    await ring.destroy_due(MINUTE)
    assert opens(ring, one) is None
    assert key not in (tmp_path / "ring").read_bytes()
    assert not all(task.done() for task in load)  # it was under load
    await asyncio.gather(*load)
    await ring.close()


async def test_property_10_tamper_with_anything_stored_is_refused_before_there_is_text(tmp_path: Path) -> None:
    """Any byte of what is stored, of its place and of what names it, or two rows swapped: refused before there is text."""
    ring = await KeyRing.open(tmp_path / "ring")
    for bucket in (MINUTE, HOUR):
        await ring.prepare(bucket)
    one, two = (ring.seal(ring.take(MINUTE), b"whose", text) for text in (b"one", b"two"))
    other = ring.seal(ring.take(HOUR), b"whose", b"x")
    assert opens(ring, one) == b"one"
    changed = [
        replace(one, blob=one.blob[:at] + bytes([one.blob[at] ^ 1]) + one.blob[at + 1 :]) for at in range(len(one.blob))
    ]
    changed += [replace(one, index=two.index), replace(one, bucket=HOUR), replace(one, index=PAGE - 1)]
    changed += [
        replace(one, blob=two.blob),
        replace(one, blob=other.blob),
        replace(one, blob=b""),
        replace(one, blob=one.blob[:-1]),
    ]
    for wrong in changed:
        with pytest.raises(Tampered):
            opens(ring, wrong)
    for name in (b"whosE", b"whose ", b""):
        with pytest.raises(Tampered):
            ring.unseal(place(one), one.blob, name)
    await ring.close()


def times(a: int, b: int) -> int:
    """A product in the field of GCM (NIST SP 800-38D, section 6.3)."""
    product = 0
    for bit in range(127, -1, -1):
        if a >> bit & 1:
            product ^= b
        b = b >> 1 ^ (0xE1 << 120 if b & 1 else 0)
    return product


def inverse(a: int) -> int:
    power, product = a, 1 << 127
    for _ in range(127):
        power = times(power, power)
        product = times(product, power)
    return product


def for_two_keys(first: bytes, second: bytes) -> bytes:
    """Three blocks that AES-256-GCM opens under both keys (Dodis et al., "Fast Message Franking", 2018)."""

    def block(key: bytes, data: bytes) -> int:
        encryptor = Cipher(algorithms.AES256(key), modes.ECB()).encryptor()
        return int.from_bytes(encryptor.update(data), "big")

    one, two = (block(key, bytes(16)) for key in (first, second))
    masks = [block(key, bytes(15) + b"\1") for key in (first, second)]
    free, length = int.from_bytes(os.urandom(16), "big"), 256  # bits of ciphertext; no associated data
    squares = times(one, one), times(two, two)
    cubes = times(squares[0], one), times(squares[1], two)
    wanted = times(free, cubes[0] ^ cubes[1]) ^ times(length, one ^ two) ^ masks[0] ^ masks[1]
    solved = times(wanted, inverse(squares[0] ^ squares[1]))
    tag = times(free, cubes[0]) ^ times(solved, squares[0]) ^ times(length, one) ^ masks[0]
    return b"".join(part.to_bytes(16, "big") for part in (free, solved, tag))


def test_property_11_commitment_refuses_a_ciphertext_made_for_two_keys() -> None:
    """A ciphertext that GCM opens under two keys opens here under the one whose commitment it carries."""
    keys = os.urandom(32), os.urandom(32)
    derived = [_derive(key, b"info") for key in keys]
    crafted = for_two_keys(derived[0][:32], derived[1][:32])
    texts = [AESGCM(one[:32]).decrypt(bytes(12), crafted, b"") for one in derived]
    assert texts[0] != texts[1]  # the attack works on GCM alone
    for mine in range(2):
        sealed = derived[mine][COMMITMENT:] + crafted
        assert open_once(keys[mine], b"info", b"", sealed) == texts[mine]
        with pytest.raises(Tampered, match="key"):
            open_once(keys[1 - mine], b"info", b"", sealed)


async def test_property_12_puncture_locality_one_dies_and_1023_stay(tmp_path: Path) -> None:
    """One of a full page dies: all others are readable, here and after a start; after the bucket nothing is left of it and
    its slots are used again.
    """
    path = tmp_path / "ring"
    ring = await KeyRing.open(path)
    sealed = []
    for number in range(PAGE):
        await ring.prepare(MINUTE)
        sealed.append(ring.seal(ring.take(MINUTE), b"whose", b"%d" % number))
    await ring.destroy([place(sealed[500])])
    alive = [number for number in range(PAGE) if number != 500]
    for one in (ring, await KeyRing.open(Path(shutil.copy(path, tmp_path / "copy")))):
        assert [number for number in range(PAGE) if opens(one, sealed[number]) == b"%d" % number] == alive
    size = path.stat().st_size
    for _ in range(2):  # a page that was being made ahead goes with the next sweep
        await ring.destroy_due(MINUTE)
    assert keys_in(path) == []
    for bucket in range(2, 1_000):
        await ring.prepare(bucket * MINUTE)
    assert path.stat().st_size == size
    await ring.close()
