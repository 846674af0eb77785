"""The key ring: random keys that die at a bucket's edge, and what they seal.

One page key seals at most 1,024 payloads of one bucket; each payload has a key of its own, derived from the page key and
its index. A page key is durable before the first ciphertext that needs it, and it exists nowhere but in the slot file
and in this process. At the edge it is forgotten here, overwritten there, and every copy of the ciphertext, wherever a
log, replica or backup keeps it, is noise. After a restart a bucket continues on a fresh page: an index is never used
twice. Early death of one payload is not in this version: its row goes at once, its key with its bucket.
"""

from __future__ import annotations

import asyncio
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from chatwarden.clock import Instant
from chatwarden.crypto import Tampered, open_once, seal_once
from chatwarden.ephemeral.model import Sealed
from chatwarden.ephemeral.slots import SlotFile
from chatwarden.errors import ChatwardenError
from chatwarden.ids import Randomness
from chatwarden.storage.model import StorageFailed

PAGE = 1_024
_AHEAD = PAGE // 2
_VERSION = b"\x01"
_INFO = struct.Struct(">3sQQI")
_LENGTH = struct.Struct(">I")
_PADDING = 64
_Item = TypeVar("_Item")


class Gone(ChatwardenError):
    """The key is destroyed: nobody can open this any more."""


class _Bucket:
    """The page keys of one bucket; ``page`` and ``index`` say where the next payload goes."""

    __slots__ = ("index", "keys", "page")

    def __init__(self) -> None:
        self.keys: dict[int, bytes] = {}
        self.page = -1
        self.index = PAGE


class KeyRing:
    """An open ring. Make one with ``open``; a home's lock keeps others away."""

    def __init__(self, slots: SlotFile, random: Randomness) -> None:
        self._slots = slots
        self._random = random
        self._buckets: dict[Instant, _Bucket] = {}
        self._wanted: dict[Instant, asyncio.Future[None]] = {}
        self._writing: asyncio.Task[None] | None = None
        self._queued: list[Instant] = []
        self._unerased: list[tuple[Instant, int]] = []
        self._file = asyncio.Lock()

    @classmethod
    async def open(cls, path: Path, *, random: Randomness = os.urandom) -> KeyRing:
        """Opens or creates the ring at *path*. Buckets that are due are still in it: destroy them first."""
        try:
            slots = await asyncio.to_thread(SlotFile, path)
            keys = await asyncio.to_thread(slots.read)
        except OSError as error:
            raise StorageFailed(f"the key ring cannot be opened: {error.strerror}") from error
        ring = cls(slots, random)
        for bucket, page, key in keys:
            held = ring._buckets.setdefault(bucket, _Bucket())
            held.keys[page] = key
            held.page = max(held.page, page)
        return ring

    @property
    def live(self) -> list[Instant]:
        """The buckets whose keys still exist."""
        return sorted(self._buckets)

    def ready(self, bucket: Instant) -> bool:
        """Whether ``seal`` may be called for this bucket now."""
        held = self._buckets.get(bucket)
        return held is not None and (held.index < PAGE or held.page + 1 in held.keys)

    async def prepare(self, bucket: Instant) -> None:
        """Makes a page key for *bucket*, durably. Many callers share one write. Raises StorageFailed."""
        while not self.ready(bucket):
            await asyncio.shield(self._want(bucket))

    def seal(self, bucket: Instant, aad: bytes, plaintext: bytes) -> Sealed:
        """Seals under the next key of a bucket that is ready. The length is hidden up to 64 bytes."""
        held = self._buckets[bucket]
        if held.index >= PAGE:
            held.page += 1
            held.index = 0
        index = held.index
        held.index += 1
        if index == _AHEAD and held.page + 1 not in held.keys:
            self._want(bucket)
        padded = _LENGTH.pack(len(plaintext)) + plaintext
        padded += bytes(-len(padded) % _PADDING)
        info = _INFO.pack(b"cw1", bucket, held.page, index)
        return Sealed(bucket, held.page, index, _VERSION + seal_once(held.keys[held.page], info, aad, padded))

    def unseal(self, bucket: Instant, page: int, index: int, blob: bytes, aad: bytes) -> bytes:
        """The plaintext. Raises Gone when its key is destroyed, Tampered when anything was changed."""
        held = self._buckets.get(bucket)
        key = None if held is None else held.keys.get(page)
        if key is None:
            raise Gone
        if blob[:1] != _VERSION or not 0 <= index < PAGE:
            raise Tampered("not a sealed payload of this version")
        padded = open_once(key, _INFO.pack(b"cw1", bucket, page, index), aad, blob[1:])
        return padded[_LENGTH.size : _LENGTH.size + _LENGTH.unpack_from(padded)[0]]

    async def destroy_due(self, now: Instant) -> list[Instant]:
        """Destroys the keys of every bucket whose edge has come: forgotten first, then overwritten. Returns them."""
        due = [bucket for bucket in self._buckets if bucket <= now]
        if not due and not self._unerased:
            return []
        self._unerased += [(bucket, page) for bucket in due for page in self._buckets.pop(bucket).keys]
        async with self._file:
            erasing, self._unerased = self._unerased, []
            try:
                await self._blocking(self._slots.erase, erasing)
            except StorageFailed:
                self._unerased += erasing  # tried again with the next sweep
                raise
        return due

    async def close(self) -> None:
        """Waits for what is being written and lets the file go."""
        if self._writing is not None:
            await asyncio.gather(self._writing, return_exceptions=True)
        self._slots.close()

    def _want(self, bucket: Instant) -> asyncio.Future[None]:
        """The future of the next page of *bucket*: one at a time, also while it is being written. Two pages of one name
        would be two keys for one index.
        """
        wanted = self._wanted.get(bucket)
        if wanted is None:
            wanted = self._wanted[bucket] = asyncio.get_running_loop().create_future()
            wanted.add_done_callback(lambda future: future.exception())  # a page made ahead has no waiter
            self._queued.append(bucket)
            if self._writing is None or self._writing.done():
                self._writing = asyncio.get_running_loop().create_task(self._make())
        return wanted

    async def _make(self) -> None:
        while self._queued:
            batch, self._queued = self._queued, []
            keys = [(bucket, self._next_page(bucket), self._random(32)) for bucket in batch]
            error: Exception | None = None
            try:
                async with self._file:
                    await self._blocking(self._slots.write, keys)
            except Exception as failed:  # noqa: BLE001  whatever it was, nobody may wait for ever
                error = failed
            for bucket, page, key in keys:
                wanted = self._wanted.pop(bucket)
                if error is None:
                    self._buckets.setdefault(bucket, _Bucket()).keys[page] = key
                    wanted.set_result(None)
                else:
                    wanted.set_exception(error)

    def _next_page(self, bucket: Instant) -> int:
        held = self._buckets.get(bucket)
        return 0 if held is None else max(held.keys, default=-1) + 1

    @staticmethod
    async def _blocking(work: Callable[[list[_Item]], None], items: list[_Item]) -> None:
        try:
            await asyncio.to_thread(work, items)
        except OSError as error:
            raise StorageFailed(f"the key ring cannot be written: {error.strerror}") from error
