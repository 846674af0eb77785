"""The file behind the key ring: fixed slots of 64 bytes, overwritten in place.

Slot: four letters that say what it holds, two big-endian 64-bit numbers, 32 bytes, and a BLAKE2b checksum (12 bytes) over
what is before it. A slot whose checksum is wrong holds nothing: a torn write is a key that never was, or is gone.

    CWR2  bucket, page                 page key
    CWM2  bucket, page * 1024 + index  key of one message, left over from a page that was taken apart
    CWR1  bucket, page                 page key of the first version; its messages die together
    CWRH  sequence, 0                  identity of this ring; two such slots take turns

``sequence`` grows with every change, so that an older copy of the file is known for what it is. The file lies outside the
database and outside its backups; it is preallocated in steps, so that a key is not left behind by a file that moved.
What the disk's own firmware keeps of an overwritten block is beyond this file (THREATS.md).
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from chatwarden.clock import Instant
from chatwarden.ephemeral.model import PAGE

WHOLE = -1
_SLOT = struct.Struct(">4sQQ32s12s")
_FIRST, _PAGE, _ONE, _HEAD = b"CWR1", b"CWR2", b"CWM2", b"CWRH"
_STEP = 4_096


class Name(NamedTuple):
    """What a key is for: a page (``idx`` is ``WHOLE``) or one message of a page."""

    bucket: Instant
    page: int
    idx: int = WHOLE


class Key(NamedTuple):
    """A key in the file. ``first``: of the first version, which cannot be taken apart."""

    name: Name
    key: bytes
    first: bool = False


class SlotFile:
    """The open file. Calls block; the ring makes them in a thread, one at a time."""

    def __init__(self, path: Path) -> None:
        new = not path.exists()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._slots = os.fstat(self._file).st_size // _SLOT.size
        self._free: list[int] = []
        self._places: dict[Name, int] = {}
        self._heads: list[int] = []  # the newer one last
        self.identity = b""
        self.sequence = 0
        if new:
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def read(self) -> list[Key]:
        """Every key that is whole. Call once, first. A file without an identity gets one."""
        keys: list[Key] = []
        data = os.pread(self._file, self._slots * _SLOT.size, 0)
        for number in range(self._slots):
            raw = data[number * _SLOT.size : (number + 1) * _SLOT.size]
            kind, first, second, content, checksum = _SLOT.unpack(raw)
            if kind == bytes(4) or checksum != _checksum(raw[:52]):
                self._free.append(number)
            elif kind == _HEAD:
                newer = first >= self.sequence
                self._heads.insert(len(self._heads) if newer else 0, number)
                if newer:
                    self.sequence, self.identity = first, content
            else:
                name = Name(first, *divmod(second, PAGE)) if kind == _ONE else Name(first, second)
                self._places[name] = number
                keys.append(Key(name, content, kind == _FIRST))
        if not self.identity:
            self._changed()
        return keys

    def write(self, keys: Iterable[Key]) -> None:
        """Puts *keys* into free slots; durable when it returns."""
        keys = list(keys)
        while len(self._free) < len(keys) + 2 - len(self._heads):
            self._grow()
        for name, key, first in keys:
            # A name that a failed write left behind keeps its place: two slots of one name would be two keys.
            number = self._places.get(name)
            if number is None:
                number = self._places[name] = self._free.pop()
            whole = name.idx == WHOLE
            second = name.page if whole else name.page * PAGE + name.idx
            self._put(number, _FIRST if first else _PAGE if whole else _ONE, name.bucket, second, key)
        self._changed()

    def erase(self, names: Iterable[Name]) -> None:
        """Overwrites the slots of these keys; durable when it returns."""
        held = [name for name in names if name in self._places]
        if not held:
            return
        for name in held:
            self._pwrite(bytes(_SLOT.size), self._places[name])
        self._changed()
        self._free += [self._places.pop(name) for name in held]

    def close(self) -> None:
        """Lets the file go."""
        os.close(self._file)

    def _changed(self) -> None:
        """Counts this change in the older of the two heads, then waits for the disk."""
        if not self.identity:
            self.identity = os.urandom(32)
        while len(self._heads) < 2:
            if not self._free:
                self._grow()
            self._heads.insert(0, self._free.pop())
        self._heads.reverse()
        self.sequence += 1
        self._put(self._heads[-1], _HEAD, self.sequence, 0, self.identity)
        os.fdatasync(self._file)

    def _grow(self) -> None:
        self._pwrite(bytes(_STEP * _SLOT.size), self._slots)  # on the disk with what is written there, by one sync
        self._free += range(self._slots, self._slots + _STEP)
        self._slots += _STEP

    def _put(self, number: int, kind: bytes, first: int, second: int, content: bytes) -> None:
        head = _SLOT.pack(kind, first, second, content, b"")[:52]
        self._pwrite(head + _checksum(head), number)

    def _pwrite(self, data: bytes, number: int) -> None:
        if os.pwrite(self._file, data, number * _SLOT.size) != len(data):
            raise OSError("the key ring could not be written in full")


def _checksum(head: bytes) -> bytes:
    return hashlib.blake2b(head, digest_size=12).digest()
