"""Ring and keeper together: what the record seals with.

Ordinary payloads need the ring alone. Strict ones need a share besides, which the keeper made, holds in memory only and
never writes anywhere; it is asked for every time and kept nowhere else. Where no keeper can be reached, a strict payload
is neither sealed nor opened.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Protocol

from chatwarden.clock import Duration, Instant
from chatwarden.ephemeral.model import Place, Sealed
from chatwarden.ephemeral.ring import Gone, KeyRing
from chatwarden.errors import ChatwardenError
from chatwarden.storage.model import StorageFailed

Where = tuple[Instant, int, int]


class HolderLost(ChatwardenError):
    """The keeper cannot be reached, or is not the one that held these shares."""


class Shares(Protocol):
    """What holds the shares of strict payloads: the keeper's client."""

    async def make(self, name: bytes, lives_for: Duration) -> bytes:
        """A new share of 32 bytes, which ends by itself. Raises HolderLost."""
        ...

    async def fetch(self, names: Sequence[bytes]) -> dict[bytes, bytes]:
        """Those it still has. Raises HolderLost."""
        ...

    async def drop(self, names: Sequence[bytes]) -> None:
        """Ends these now. Raises HolderLost."""
        ...


class Vault:
    """Seals, opens and destroys. ``room``: makes room for rows of a bucket before there is a key for it."""

    def __init__(self, ring: KeyRing, shares: Shares, room: Callable[[Instant], Awaitable[None]]) -> None:
        self._ring = ring
        self._shares = shares
        self._room = room

    def ready(self, bucket: Instant) -> bool:
        """Whether an ordinary payload of this bucket can be sealed without waiting."""
        return self._ring.ready(bucket)

    async def prepare(self, bucket: Instant) -> None:
        """Room for the rows of this bucket first, then its key: a bucket that is ready has both."""
        await self._room(bucket)
        await self._ring.prepare(bucket)

    def seal(self, bucket: Instant, aad: bytes, plaintext: bytes) -> Sealed:
        """Seals an ordinary payload under a bucket that is ready."""
        return self._ring.seal(self._ring.take(bucket), aad, plaintext)

    async def seal_strict(self, bucket: Instant, aad: bytes, plaintext: bytes, lives_for: Duration) -> Sealed:
        """Seals a strict payload. Raises StorageFailed where there is no keeper: it is not sealed in a weaker way."""
        await self._room(bucket)
        await self._ring.prepare(bucket, strict=True)
        place = self._ring.take(bucket, strict=True)
        try:
            share = await self._shares.make(place.name, lives_for)
        except HolderLost as error:
            raise StorageFailed("the keeper of strict messages cannot be reached") from error
        return self._ring.seal(place, aad, plaintext, share)

    async def open(self, sealed: Sequence[tuple[Where, bytes, bytes]]) -> list[bytes | None]:
        """The plaintext of each ``(place, blob, associated data)``, or None where its key is gone. Raises Tampered, and
        StorageFailed where a strict one is asked for and there is no keeper.
        """
        places = [Place(*where) for where, _, _ in sealed]
        shares = await self._fetch([place.name for place in places if place.strict])
        opened: list[bytes | None] = []
        for place, (_, blob, aad) in zip(places, sealed, strict=True):
            share = shares.get(place.name, b"")
            if place.strict and not share:
                opened.append(None)
                continue
            try:
                opened.append(self._ring.unseal(place, blob, aad, share))
            except Gone:
                opened.append(None)
        return opened

    async def held(self, places: Sequence[Where]) -> list[bool]:
        """For each strict place, whether the keeper still has its share. Raises StorageFailed without a keeper."""
        names = [Place(*where).name for where in places]
        shares = await self._fetch(names)
        return [name in shares for name in names]

    async def keyed(self, places: Sequence[Where]) -> list[bool]:
        """For each place, whether the ring still has its key."""
        return [self._ring.holds(Place(*where)) for where in places]

    async def _fetch(self, names: Sequence[bytes]) -> dict[bytes, bytes]:
        if not names:
            return {}
        try:
            return await self._shares.fetch(names)
        except HolderLost as error:
            raise StorageFailed("the keeper of strict messages cannot be reached") from error

    async def destroy(self, places: Iterable[Where]) -> None:
        """Ends single payloads now: the shares of strict ones first, then their keys. Raises StorageFailed."""
        ending = [Place(*place) for place in places]
        strict = [place.name for place in ending if place.strict]
        if strict:
            with suppress(HolderLost):  # a keeper that is gone took its shares with it; the key below dies anyway
                await self._shares.drop(strict)
        await self._ring.destroy(ending)
