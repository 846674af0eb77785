"""The sealed stream that a backup is: pure bytes in, bytes out, in pieces of bounded size.

    chatwarden backup 1      magic and version, one line
    slots                    one byte: how many; each: kind (1), name of the key that opens it (8), length (2), wrapped file key
    commitment               32 bytes
    chunks                   65,536 bytes each, the last one shorter, and for each 16 bytes of tag

The random file key and all that stands before the commitment give, through BLAKE2b, the key of the chunks and the
commitment: a changed head, and a file that opens under two keys, are refused before the first chunk. Chunks are
AES-256-GCM with a counter and a mark of the last one in the nonce (STREAM: Hoang, Reyhanitabar, Rogaway, Vizár, 2015, as
in age), so that a chunk that is changed, missing, repeated, moved or behind the end is noticed.

Not here: how a slot wraps the key (keys.py), what the stream holds (parts.py).
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chatwarden.errors import CannotRun, Damaged

MAGIC = b"chatwarden backup 1\n"
CHUNK = 65_536
_TAG = 16
_FAMILY = b"chatwarden backup "
_SLOT = struct.Struct(">c8sH")
_SLOTS_MAX = 8
_WRAPPED_MAX = 4_096
_NONCE = struct.Struct(">3xQB")
_COMMITMENT = 32

Read = Callable[[int], bytes]
"""Gives as many bytes as asked for; fewer, or none, at the end only."""


class Slot(NamedTuple):
    """One way to the file key. ``name``: which key opens it, to tell a wrong key from a damaged file."""

    kind: bytes
    name: bytes
    wrapped: bytes


class Header(NamedTuple):
    """What stands before the chunks."""

    raw: bytes
    slots: tuple[Slot, ...]
    commitment: bytes


class Sealer:
    """Seals one stream. *key*: 32 random bytes that are used for nothing else."""

    def __init__(self, key: bytes, slots: Sequence[Slot]) -> None:
        raw = MAGIC + bytes([len(slots)])
        raw += b"".join(_SLOT.pack(slot.kind, slot.name, len(slot.wrapped)) + slot.wrapped for slot in slots)
        chunk_key, commitment = _derived(key, raw)
        self._aead = AESGCM(chunk_key)
        self._waiting = bytearray()
        self._number = 0
        self.head = raw + commitment

    def update(self, data: bytes) -> bytes:
        """What can be written after *data* came. At least one byte waits for the end: the last chunk is marked."""
        self._waiting += data
        out = bytearray()
        at = 0
        while len(self._waiting) - at > CHUNK:
            out += self._chunk(bytes(self._waiting[at : at + CHUNK]), last=False)
            at += CHUNK
        del self._waiting[:at]
        return bytes(out)

    def finish(self) -> bytes:
        """The end of the stream."""
        return self._chunk(bytes(self._waiting), last=True)

    def _chunk(self, plain: bytes, *, last: bool) -> bytes:
        sealed = self._aead.encrypt(_NONCE.pack(self._number, last), plain, None)
        self._number += 1
        return sealed


def read_header(read: Read) -> Header:
    """What stands before the chunks. Raises CannotRun for what is no backup or a newer one, Damaged for half of one."""
    magic = read(len(MAGIC))
    if magic != MAGIC:
        if magic.startswith(_FAMILY) or (magic and MAGIC.startswith(magic)):
            if len(magic) == len(MAGIC):
                raise CannotRun(
                    "the backup has a form that this program does not know",
                    hint="use the newer chatwarden that made it",
                )
            raise Damaged("the backup ends in its head")
        raise CannotRun("this is no backup of chatwarden", hint="name a file that `chatwarden backup` made")
    raw = magic + _exactly(read, 1)
    slots = []
    if not 0 < raw[-1] <= _SLOTS_MAX:
        raise Damaged("the head of the backup was changed")
    for _ in range(raw[-1]):
        head = _exactly(read, _SLOT.size)
        kind, name, length = _SLOT.unpack(head)
        if length > _WRAPPED_MAX:
            raise Damaged("the head of the backup was changed")
        wrapped = _exactly(read, length)
        raw += head + wrapped
        slots.append(Slot(kind, name, wrapped))
    return Header(raw, tuple(slots), _exactly(read, _COMMITMENT))


def unsealed(read: Read, header: Header, key: bytes) -> Iterator[bytes]:
    """The content, chunk by chunk, each proved before it is given. Only whoever reads to the end knows that nothing is
    missing. Raises Damaged.
    """
    chunk_key, commitment = _derived(key, header.raw)
    if not hmac.compare_digest(commitment, header.commitment):
        raise Damaged("the head of the backup was changed")
    aead = AESGCM(chunk_key)
    number = 0
    ahead = read(CHUNK + _TAG)
    while True:
        sealed, ahead = ahead, read(CHUNK + _TAG)
        try:
            yield aead.decrypt(_NONCE.pack(number, not ahead), sealed, None)
        except (InvalidTag, ValueError):
            what = "was changed" if ahead else "was changed or cut"
            raise Damaged(f"the backup {what} at byte {number * (CHUNK + _TAG)} of its content") from None
        if not ahead:
            return
        number += 1


def _derived(key: bytes, raw: bytes) -> tuple[bytes, bytes]:
    both = hashlib.blake2b(raw, digest_size=64, key=key, person=b"chatwarden bkup1").digest()
    return both[:32], both[32:]


def _exactly(read: Read, size: int) -> bytes:
    data = read(size)
    if len(data) != size:
        raise Damaged("the backup ends in its head")
    return data
