"""The key ring: random keys that die at a bucket's edge, and what they seal.

One page key seals at most 1,024 payloads of one bucket; each payload has a key of its own, derived from the page key for
its place, and from that, a random salt and (on strict pages) the keeper's share the two keys that seal and commit. A
page key is durable before the first ciphertext that needs it, and exists nowhere but in the slot file and in this
process. At the edge it is forgotten here, overwritten there, and every copy of the ciphertext, wherever a log, replica
or backup keeps it, is noise. After a restart a bucket continues on a fresh page: an index is never used twice.

One payload dies before its edge by taking its page apart: the page key is replaced by the keys of the payloads that
remain, and none of those leads to another.
"""

from __future__ import annotations

import asyncio
import os
import struct
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import TypeVar

from chatwarden.clock import Instant
from chatwarden.crypto import Tampered, open_once, seal_once, subkey
from chatwarden.ephemeral.model import PAGE, STRICT, Place, Sealed
from chatwarden.ephemeral.slots import WHOLE, Key, Name, SlotFile
from chatwarden.errors import ChatwardenError
from chatwarden.ids import Randomness
from chatwarden.storage.model import StorageFailed

Live = Callable[[Instant, int], Awaitable[Iterable[int]]]
"""Which indices of a page of an earlier process are still in the record."""

_AHEAD = PAGE // 2
_FIRST, _VERSION = b"\x01", b"\x02"
_SALT = 16
_INFO = struct.Struct(">3sQQI")
_LENGTH = struct.Struct(">I")
_PADDING = 64
_Item = TypeVar("_Item")


class Gone(ChatwardenError):
    """The key is destroyed: nobody can open this any more."""


class _Pages:
    """The pages of one bucket and kind; ``page`` and ``index`` say where the next payload goes."""

    __slots__ = ("apart", "first", "index", "keys", "page", "since")

    def __init__(self, *, strict: bool) -> None:
        self.keys: dict[int, bytes] = {}
        self.first: set[int] = set()
        self.apart: dict[int, dict[int, bytes]] = {}
        self.page = (STRICT if strict else 0) - 1
        self.index = PAGE
        self.since = self.page + 1  # pages below are of an earlier process

    def used(self, page: int) -> range | None:
        """The indices that this process gave out on *page*; None when an earlier one did."""
        if page < self.since:
            return None
        return range(PAGE if page < self.page else self.index if page == self.page else 0)

    def names(self, bucket: Instant) -> list[Name]:
        """Every key of this bucket that is in the file."""
        return [
            *(Name(bucket, page) for page in self.keys),
            *(Name(bucket, page, index) for page, left in self.apart.items() for index in left),
        ]


class KeyRing:
    """An open ring. Make one with ``open``; a home's lock keeps others away. ``live_in_record``: see ``Live``."""

    def __init__(self, slots: SlotFile, random: Randomness) -> None:
        self._slots = slots
        self._random = random
        self._pages: dict[tuple[Instant, bool], _Pages] = {}
        self._wanted: dict[tuple[Instant, bool], asyncio.Future[None]] = {}
        self._writing: asyncio.Task[None] | None = None
        self._queued: list[tuple[Instant, bool]] = []
        self._unwritten: list[Key] = []
        self._unerased: list[Name] = []
        self._file = asyncio.Lock()
        self.live_in_record: Live | None = None

    @classmethod
    async def open(cls, path: Path, *, random: Randomness = os.urandom) -> KeyRing:
        """Opens or creates the ring at *path*. Buckets that are due are still in it: destroy them first."""
        try:
            slots = await asyncio.to_thread(SlotFile, path)
            keys = await asyncio.to_thread(slots.read)
        except OSError as error:
            raise StorageFailed(f"the key ring cannot be opened: {error.strerror}") from error
        ring = cls(slots, random)
        for name, key, first in keys:
            pages = ring._of(name.bucket, strict=name.page >= STRICT)
            if name.idx == WHOLE:
                pages.keys[name.page] = key
                if first:
                    pages.first.add(name.page)
            else:
                pages.apart.setdefault(name.page, {})[name.idx] = key
            pages.page = max(pages.page, name.page)
            pages.since = pages.page + 1
        for (bucket, _), pages in ring._pages.items():
            for page in pages.keys.keys() & pages.apart.keys():  # it was being taken apart: the whole of it is whole
                ring._unerased += [Name(bucket, page, index) for index in pages.apart.pop(page)]
        return ring

    @property
    def live(self) -> list[Instant]:
        """The buckets whose keys still exist."""
        return sorted({bucket for bucket, _ in self._pages})

    @property
    def mark(self) -> tuple[str, int]:
        """Which ring this is, and how often it was changed. An older copy of the file has a smaller number."""
        return self._slots.identity.hex(), self._slots.sequence

    def export(self) -> list[Key]:
        """The keys of every ordinary page and message that is left of one. Strict ones never leave the ring."""
        return [
            *(
                Key(Name(bucket, page), key, page in pages.first)
                for (bucket, strict), pages in self._pages.items() if not strict
                for page, key in pages.keys.items()
            ),
            *(
                Key(Name(bucket, page, index), key)
                for (bucket, strict), pages in self._pages.items() if not strict
                for page, left in pages.apart.items()
                for index, key in left.items()
            ),
        ]  # fmt: skip

    # -- sealing

    def ready(self, bucket: Instant, *, strict: bool = False) -> bool:
        """Whether ``take`` may be called for this bucket now."""
        pages = self._pages.get((bucket, strict))
        return pages is not None and (pages.index < PAGE or pages.page + 1 in pages.keys)

    async def prepare(self, bucket: Instant, *, strict: bool = False) -> None:
        """Makes a page key for *bucket*, durably. Many callers share one write. Raises StorageFailed."""
        while not self.ready(bucket, strict=strict):
            await asyncio.shield(self._want((bucket, strict)))

    def take(self, bucket: Instant, *, strict: bool = False) -> Place:
        """The next place of a bucket that is ready. A place that is not used stays empty."""
        pages = self._pages[bucket, strict]
        if pages.index >= PAGE:
            pages.page += 1
            pages.index = 0
        place = Place(bucket, pages.page, pages.index)
        pages.index += 1
        if place.idx == _AHEAD and pages.page + 1 not in pages.keys:
            self._want((bucket, strict))
        return place

    def seal(self, place: Place, aad: bytes, plaintext: bytes, share: bytes = b"") -> Sealed:
        """Seals at a place that was taken. The length is hidden up to 64 bytes. Raises Gone when its time has come."""
        padded = _LENGTH.pack(len(plaintext)) + plaintext
        padded += bytes(-len(padded) % _PADDING)
        salt = os.urandom(_SALT)  # should a copy of this machine go on beside it, the keys differ all the same
        return Sealed(*place, _VERSION + salt + seal_once(self._key(place), salt + _share(place, share), aad, padded))

    def unseal(self, place: Place, blob: bytes, aad: bytes, share: bytes = b"") -> bytes:
        """The plaintext. Raises Gone when its key is destroyed, Tampered when anything was changed."""
        if not 0 <= place.idx < PAGE:
            raise Tampered("not a place of this ring")
        if blob[:1] == _FIRST and not place.strict:
            pages = self._pages.get((place.bucket, False))
            if pages is None or place.page not in pages.keys:
                raise Gone
            padded = open_once(pages.keys[place.page], _INFO.pack(b"cw1", *place), aad, blob[1:])
        elif blob[:1] == _VERSION:
            salt, sealed = blob[1 : 1 + _SALT], blob[1 + _SALT :]
            padded = open_once(self._key(place), salt + _share(place, share), aad, sealed)
        else:
            raise Tampered("not a sealed payload of a version that is known")
        return padded[_LENGTH.size : _LENGTH.size + _LENGTH.unpack_from(padded)[0]]

    def holds(self, place: Place) -> bool:
        """Whether the key of this place is there."""
        try:
            self._key(place)
        except Gone:
            return False
        return True

    def _key(self, place: Place) -> bytes:
        pages = self._pages.get((place.bucket, place.strict))
        if pages is None:
            raise Gone
        page = pages.keys.get(place.page)
        if page is not None:
            return subkey(page, place.name)
        left = pages.apart.get(place.page, {}).get(place.idx)
        if left is None:
            raise Gone
        return left

    # -- destruction

    async def destroy_due(self, now: Instant) -> list[Instant]:
        """Destroys the keys of every bucket whose edge has come: forgotten first, then overwritten. Returns them."""
        due = [key for key in self._pages if key[0] <= now]
        for key in due:
            self._unerased += self._pages.pop(key).names(key[0])
        if self._unerased:
            async with self._file:
                await self._settle()
        return sorted({bucket for bucket, _ in due})

    async def destroy(self, places: Iterable[Place]) -> None:
        """Destroys the keys of single payloads; all others stay. Durable when it returns. Raises StorageFailed, and then
        they are forgotten here all the same and overwritten later. What the first version sealed dies with its bucket.
        """
        by_page: dict[tuple[Instant, int], list[int]] = defaultdict(list)
        for place in places:
            by_page[place.bucket, place.page].append(place.idx)
        async with self._file:
            for (bucket, page), indices in by_page.items():
                await self._take_apart(bucket, page, indices)
            await self._settle()

    async def _take_apart(self, bucket: Instant, page: int, indices: list[int]) -> None:
        """Forgets these keys, and notes what is to be written and what to be overwritten."""
        pages = self._pages.get((bucket, page >= STRICT))
        if pages is None or page in pages.first:
            return
        if page not in pages.apart:
            used: Iterable[int] | None = pages.used(page)
            if used is None:
                assert self.live_in_record is not None, "somebody has to know what is left"
                used = await self.live_in_record(bucket, page)
            whole = pages.keys.pop(page, None)
            if whole is None:
                return
            left = sorted(set(used) - set(indices))
            if page == pages.page:
                pages.index = PAGE  # nothing new goes there
            self._unerased.append(Name(bucket, page))
            pages.apart[page] = {index: subkey(whole, Place(bucket, page, index).name) for index in left}
            self._unwritten += [Key(Name(bucket, page, index), key) for index, key in pages.apart[page].items()]
            return
        for index in indices:
            if pages.apart[page].pop(index, None) is not None:
                self._unerased.append(Name(bucket, page, index))

    async def _settle(self) -> None:
        """Brings the file to what is known here: what remains is durable before the key it came from is overwritten."""
        writing = [key for key in self._unwritten if self._holds(key.name)]
        if writing:
            await self._blocking(self._slots.write, writing)
        self._unwritten = []
        erasing, self._unerased = self._unerased, []
        if not erasing:
            return
        try:
            await self._blocking(self._slots.erase, erasing)
        except StorageFailed:
            self._unerased += erasing  # tried again with the next sweep
            raise

    def _holds(self, name: Name) -> bool:
        pages = self._pages.get((name.bucket, name.page >= STRICT))
        return pages is not None and name.idx in pages.apart.get(name.page, ())

    async def close(self) -> None:
        """Waits for what is being written and lets the file go."""
        if self._writing is not None:
            await asyncio.gather(self._writing, return_exceptions=True)
        self._slots.close()

    # -- making keys

    def _of(self, bucket: Instant, *, strict: bool) -> _Pages:
        pages = self._pages.get((bucket, strict))
        if pages is None:
            pages = self._pages[bucket, strict] = _Pages(strict=strict)
        return pages

    def _want(self, kind: tuple[Instant, bool]) -> asyncio.Future[None]:
        """The future of the next page of *kind*: one at a time, also while it is being written. Two pages of one name
        would be two keys for one index.
        """
        wanted = self._wanted.get(kind)
        if wanted is None:
            wanted = self._wanted[kind] = asyncio.get_running_loop().create_future()
            wanted.add_done_callback(lambda future: future.exception())  # a page made ahead has no waiter
            self._queued.append(kind)
            if self._writing is None or self._writing.done():
                self._writing = asyncio.get_running_loop().create_task(self._make())
        return wanted

    async def _make(self) -> None:
        while self._queued:
            batch, self._queued = self._queued, []
            keys = [
                Key(Name(bucket, self._next_page(bucket, strict=strict)), self._random(32)) for bucket, strict in batch
            ]
            error: Exception | None = None
            try:
                async with self._file:
                    await self._blocking(self._slots.write, keys)
            except Exception as failed:  # noqa: BLE001  whatever it was, nobody may wait for ever
                error = failed
            for (name, key, _), kind in zip(keys, batch, strict=True):
                wanted = self._wanted.pop(kind)
                if error is None:
                    self._of(name.bucket, strict=kind[1]).keys[name.page] = key
                    wanted.set_result(None)
                else:
                    wanted.set_exception(error)

    def _next_page(self, bucket: Instant, *, strict: bool) -> int:
        pages = self._pages.get((bucket, strict))
        if pages is None:
            return STRICT if strict else 0
        return max(pages.page, *pages.keys, *pages.apart) + 1

    @staticmethod
    async def _blocking(work: Callable[[list[_Item]], None], items: list[_Item]) -> None:
        try:
            await asyncio.to_thread(work, items)
        except OSError as error:
            raise StorageFailed(f"the key ring cannot be written: {error.strerror}") from error


def _share(place: Place, share: bytes) -> bytes:
    if len(share) != (32 if place.strict else 0):
        raise Tampered("the share of the keeper is missing, or one too many")
    return share
