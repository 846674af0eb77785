"""The file of keys that details are sealed under: one slot of 32 bytes for each person, overwritten when that person is erased.

Slots are filled with random keys ahead of need, durably, so that the first detail about a person waits for no disk; whose
slot is whose stands in the database. A slot of zeros is dead and is never filled again. The file lies outside the database
and outside its copies, as the key ring does: without it they are noise. What the disk's own firmware keeps of an
overwritten block is beyond this file.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from chatwarden.errors import CannotRun
from chatwarden.ids import Randomness

SIZE = 32
_HEAD = b"chatwarden details 1\n".ljust(SIZE, b"\0")
_DEAD = bytes(SIZE)
_STEP = 1_024


class KeySlots:
    """The open file. Its calls block for one fsync at most; a home's lock keeps others away."""

    def __init__(self, path: Path, random: Randomness = os.urandom) -> None:
        """Opens or creates the file at *path*. Raises CannotRun when it is something else, OSError."""
        self._random = random
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        data = os.pread(self._file, os.fstat(self._file).st_size, 0)
        if not data:
            os.pwrite(self._file, _HEAD, 0)
        elif data[:SIZE] != _HEAD:
            os.close(self._file)
            raise CannotRun(f"{path} is not a file of keys", hint="restore it from a backup of the home")
        # A slot that was half written when the power went was given to nobody.
        whole = len(data) // SIZE
        self._keys = [data[at * SIZE : at * SIZE + SIZE] for at in range(1, whole)]
        self._next = 0

    def begin_after(self, slot: int) -> None:
        """Slots up to *slot* are somebody's; so are those before one that is dead."""
        dead = max((at for at, key in enumerate(self._keys) if key == _DEAD), default=-1)
        self._next = max(slot, dead) + 1
        self.fill()

    def fill(self) -> None:
        """Makes sure that there are keys to take. Durable when it returns."""
        missing = self._next + _STEP // 2 - len(self._keys)
        if missing <= 0:
            return
        fresh = [self._random(SIZE) for _ in range(missing + _STEP // 2)]
        data = b"".join(fresh)
        while data:
            data = data[os.pwrite(self._file, data, (1 + len(self._keys)) * SIZE + len(fresh) * SIZE - len(data)) :]
        os.fsync(self._file)
        self._keys += fresh

    def take(self) -> int:
        """A slot that nobody has."""
        if self._next >= len(self._keys):
            self.fill()
        self._next += 1
        return self._next - 1

    def key(self, slot: int) -> bytes | None:
        """The key in *slot*, or None when it is dead or not in this file."""
        key = self._keys[slot] if 0 <= slot < len(self._keys) else _DEAD
        return None if key == _DEAD else key

    def destroy(self, slot: int) -> None:
        """Overwrites a key. Durable when it returns; forgotten here even where the disk refuses (OSError)."""
        if 0 <= slot < len(self._keys):
            self._keys[slot] = _DEAD
            os.pwrite(self._file, _DEAD, (1 + slot) * SIZE)
            os.fsync(self._file)

    def keep_only(self, slots: Collection[int]) -> None:
        """Destroys every key that is in none of *slots*, given away or not. Durable when it returns."""
        for slot, key in enumerate(self._keys):
            if key != _DEAD and slot not in slots:
                self._keys[slot] = _DEAD
                os.pwrite(self._file, _DEAD, (1 + slot) * SIZE)
        os.fsync(self._file)

    def close(self) -> None:
        """Lets the file go."""
        os.close(self._file)
