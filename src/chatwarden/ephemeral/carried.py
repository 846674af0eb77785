"""The ordinary keys of a ring, written down for somebody else to plant: what a backup for a recipient holds.

Each key is 53 bytes: bucket, page, index (all bits set: the page itself), whether it is of the first version, the key. A key
of a strict page is neither written nor planted, and one whose bucket is over is not planted.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path

from chatwarden.clock import Instant
from chatwarden.ephemeral.model import PAGE, STRICT
from chatwarden.ephemeral.slots import WHOLE, Key, Name, SlotFile
from chatwarden.errors import Damaged
from chatwarden.storage.model import StorageFailed

_KEY = struct.Struct(">QQi?32s")


def written(keys: Iterable[Key]) -> bytes:
    """The keys of ordinary pages, as bytes."""
    return b"".join(
        _KEY.pack(name.bucket, name.page, name.idx, first, key) for name, key, first in keys if name.page < STRICT
    )


def read(data: bytes, now: Instant) -> list[Key]:
    """Those whose bucket is not over. Raises Damaged."""
    if len(data) % _KEY.size:
        raise Damaged("the keys in the backup are cut")
    found = []
    for bucket, page, idx, first, key in _KEY.iter_unpack(data):
        if page >= STRICT or not WHOLE <= idx < PAGE:
            raise Damaged("the keys in the backup are not those of ordinary messages")
        if bucket > now:
            found.append(Key(Name(bucket, page, idx), key, first))
    return found


def plant(path: Path, keys: list[Key]) -> tuple[str, int]:
    """Makes a ring of these keys where there is none; returns its mark. Raises StorageFailed."""
    new = path.with_name(path.name + ".new")
    try:
        new.unlink(missing_ok=True)
        slots = SlotFile(new)
        try:
            slots.read()
            slots.write(keys)
            mark = slots.identity.hex(), slots.sequence
        finally:
            slots.close()
        new.replace(path)
    except OSError as error:
        raise StorageFailed(f"the key ring cannot be written: {error.strerror or error}") from error
    return mark


def mark(path: Path) -> tuple[str, int] | None:
    """The mark of the ring that is there, or None. Raises StorageFailed."""
    if not path.exists():
        return None
    try:
        slots = SlotFile(path)
        try:
            slots.read()
            return slots.identity.hex(), slots.sequence
        finally:
            slots.close()
    except OSError as error:
        raise StorageFailed(f"the key ring cannot be read: {error.strerror or error}") from error
