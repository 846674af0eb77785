"""What an entry only commits to: a record about a person that can be erased while the log stays as it is.

The record is sealed with AES-256-GCM under its person's key (keys.py), bound to its entry. The entry holds
HMAC-SHA-256 of the record under a random key of 256 bits of its own, which is sealed with it: whoever is shown both can
check the record, and once the person's key is gone the commitment tells nothing, not even to who guesses the record.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import cast

import msgspec

from chatwarden.audit.keys import KeySlots
from chatwarden.audit.model import Detail
from chatwarden.crypto import Tampered, seal, unseal
from chatwarden.ids import Randomness
from chatwarden.storage.model import Database, StorageFailed, Transaction

_KEY = 32
_OWN_SLOT = "INSERT INTO audit_subjects (slot, subject) VALUES (?, ?) ON CONFLICT DO NOTHING"
_INSERT = "INSERT INTO audit_details (entry, slot, sealed) VALUES (?, ?, ?)"
_Written = tuple[list[tuple[int, str]], list[tuple[str, int, bytes]]]


class Details:
    """The one reader and writer of ``audit_subjects`` and ``audit_details``. Make one with ``load``."""

    def __init__(self, database: Database, keys: KeySlots, random: Randomness = os.urandom) -> None:
        self._database = database
        self._keys = keys
        self._random = random
        self._slots: dict[str, int] = {}

    async def load(self) -> None:
        """Reads whose key is where, and finishes erasures that a crash interrupted."""
        rows = await self._database.fetch("SELECT slot, subject FROM audit_subjects ORDER BY slot")
        owned = [(cast("int", slot), cast("str", subject)) for slot, subject in rows]
        self._keys.begin_after(max((slot for slot, _ in owned), default=-1))
        self._slots = {subject: slot for slot, subject in owned if self._keys.key(slot) is not None}
        living = set(self._slots.values())
        await self._remove([slot for slot, _ in owned if slot not in living])

    def add(self, tx: Transaction, entry: str, detail: Detail) -> str:
        """Adds the sealed record of *entry* to *tx*; returns the commitment for the entry."""
        slot = self._slots.get(detail.subject)
        if slot is None:
            slot = self._slots[detail.subject] = self._keys.take()
        key = self._keys.key(slot)
        if key is None:
            raise StorageFailed("the key of this person's details is being destroyed")
        own = self._random(_KEY)
        record = _canonical(detail.fields)
        # With every record: a unit that was rolled back took its row with it, and the row is the same each time.
        tx.add(_OWN_SLOT, (slot, detail.subject))
        tx.add(_INSERT, (entry, slot, seal(key, entry.encode(), own + record, self._random)))
        return commitment(own, record)

    async def read(self, entry: str, committed: str) -> dict[str, str] | None:
        """The fields of the record of *entry*, or None when it is erased. Raises Tampered."""
        rows = await self._database.fetch("SELECT slot, sealed FROM audit_details WHERE entry = ?", (entry,))
        key = self._keys.key(cast("int", rows[0][0])) if rows else None
        if key is None:
            return None
        plain = unseal(key, entry.encode(), cast("bytes", rows[0][1]))
        own, record = plain[:_KEY], plain[_KEY:]
        if not hmac.compare_digest(commitment(own, record), committed):
            raise Tampered("the record is not the one that the entry commits to")
        return msgspec.json.decode(record, type=dict[str, str])

    async def erase(self, subject: str) -> bool:
        """Destroys the key of *subject* at once, then the rows; whether there were any. Raises StorageFailed: the key is
        forgotten, and what is left of the work is done at the next start.
        """
        slot = self._slots.pop(subject, None)
        if slot is None:
            return False
        try:
            self._keys.destroy(slot)
        except OSError as error:
            raise StorageFailed("the file of keys cannot be written") from error
        await self._remove([slot])
        return True

    async def resume(self, carried: bytes, *, lost: bool) -> None:
        """To be called before ``load`` in a record that was put back. *carried*: what the record before it had, as from
        ``written``; *lost*: the file of keys did not come along, so that nothing opens any more. Keys that this record does
        not know are destroyed: nobody could erase whose they were, nor may somebody else get them. Raises StorageFailed.
        """
        tx = Transaction()
        if lost:
            tx.add("DELETE FROM audit_details")
            tx.add("DELETE FROM audit_subjects")
        elif carried:
            subjects, details = msgspec.msgpack.decode(carried, type=_Written)
            for row in subjects:
                tx.add(_OWN_SLOT, row)
            for entry in details:
                tx.add(f"{_INSERT} ON CONFLICT DO NOTHING", entry)
        if tx.statements:
            await self._database.commit(tx)
        rows = await self._database.fetch("SELECT slot FROM audit_subjects")
        try:
            self._keys.keep_only({cast("int", slot) for (slot,) in rows})
        except OSError as error:
            raise StorageFailed("the file of keys cannot be written") from error

    def tend(self) -> None:
        """Keeps keys ready for people of whom there is no detail yet."""
        self._keys.fill()

    async def _remove(self, slots: list[int]) -> None:
        if not slots:
            return
        tx = Transaction()
        for slot in slots:
            tx.add("DELETE FROM audit_details WHERE slot = ?", (slot,))
            tx.add("DELETE FROM audit_subjects WHERE slot = ?", (slot,))
        await self._database.commit(tx)


async def written(database: Database) -> bytes:
    """Every detail of a record, still sealed, and whose key is where: what outlives the record when another takes its place."""
    subjects = await database.fetch("SELECT slot, subject FROM audit_subjects")
    details = await database.fetch("SELECT entry, slot, sealed FROM audit_details")
    return msgspec.msgpack.encode((subjects, details))


def commitment(own: bytes, record: bytes) -> str:
    """What an entry says of its record."""
    return hmac.new(own, record, hashlib.sha256).hexdigest()


def _canonical(fields: dict[str, str]) -> bytes:
    """RFC 8785; it sorts by UTF-16 code units, and the names of fields are ASCII."""
    return msgspec.json.encode(fields, order="sorted")
