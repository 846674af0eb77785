"""The file behind the key ring: fixed slots of 64 bytes, overwritten in place.

Slot, version 1: magic ``CWR1``, bucket and page (big-endian 64 bit), key (32 bytes), BLAKE2b checksum (12 bytes) over
what is before it. A slot whose checksum is wrong holds no key: a torn write is a key that never was, or is gone. The
file lies outside the database and outside its backups; it is preallocated in steps, so that a key is not left behind by
a file that moved. What the disk's own firmware keeps of an overwritten block is beyond this file (THREATS.md).
"""

from __future__ import annotations

import hashlib
import os
import struct
from pathlib import Path

from chatwarden.clock import Instant

_SLOT = struct.Struct(">4sQQ32s12s")
_MAGIC = b"CWR1"
_STEP = 4_096
Key = tuple[Instant, int, bytes]


class SlotFile:
    """The open file. Calls block; the ring makes them in a thread, one at a time."""

    def __init__(self, path: Path) -> None:
        new = not path.exists()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._slots = os.fstat(self._file).st_size // _SLOT.size
        self._free: list[int] = []
        self._places: dict[tuple[Instant, int], int] = {}
        if new:
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def read(self) -> list[Key]:
        """Every key that is whole. Call once, first."""
        keys: list[Key] = []
        data = os.pread(self._file, self._slots * _SLOT.size, 0)
        for number in range(self._slots):
            raw = data[number * _SLOT.size : (number + 1) * _SLOT.size]
            magic, bucket, page, key, checksum = _SLOT.unpack(raw)
            if magic == _MAGIC and checksum == _checksum(raw[:52]):
                self._places[bucket, page] = number
                keys.append((bucket, page, key))
            else:
                self._free.append(number)
        return keys

    def write(self, keys: list[Key]) -> None:
        """Puts *keys* into free slots; durable when it returns."""
        while len(self._free) < len(keys):
            self._grow()
        for bucket, page, key in keys:
            # A name that a failed write left behind keeps its place: two slots of one name would be two keys.
            number = self._places.get((bucket, page))
            if number is None:
                number = self._places[bucket, page] = self._free.pop()
            head = _SLOT.pack(_MAGIC, bucket, page, key, b"")[:52]
            self._pwrite(head + _checksum(head), number)
        os.fdatasync(self._file)

    def erase(self, names: list[tuple[Instant, int]]) -> None:
        """Overwrites the slots of these keys; durable when it returns."""
        held = [name for name in names if name in self._places]
        for name in held:
            self._pwrite(bytes(_SLOT.size), self._places[name])
        os.fdatasync(self._file)
        self._free += [self._places.pop(name) for name in held]

    def close(self) -> None:
        """Lets the file go."""
        os.close(self._file)

    def _grow(self) -> None:
        self._pwrite(bytes(_STEP * _SLOT.size), self._slots)
        os.fsync(self._file)
        self._free += range(self._slots, self._slots + _STEP)
        self._slots += _STEP

    def _pwrite(self, data: bytes, number: int) -> None:
        if os.pwrite(self._file, data, number * _SLOT.size) != len(data):
            raise OSError("the key ring could not be written in full")


def _checksum(head: bytes) -> bytes:
    return hashlib.blake2b(head, digest_size=12).digest()
