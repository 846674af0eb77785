"""Identifiers: a prefix and 128 bits that say nothing.

Most are random. A message's id is its place (conversation number, sequence number) under AES-128 as a pseudorandom
permutation: unique by construction, unguessable, and found again without an index (decision 0003).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

Randomness = Callable[[int], bytes]
_POOL = 4_096


class RandomPool:
    """Random bytes for identifiers, fetched from the system in bulk: one system call for 256 of them. Not for keys,
    whose bytes should lie nowhere before they are needed.
    """

    def __init__(self, source: Randomness = os.urandom) -> None:
        self._source = source
        self._bytes = b""
        self._at = 0

    def __call__(self, size: int) -> bytes:
        """The next *size* bytes; none is given twice."""
        if self._at + size > len(self._bytes):
            self._bytes = self._source(max(_POOL, size))
            self._at = 0
        self._at += size
        return self._bytes[self._at - size : self._at]


pooled = RandomPool()

_SHAPE = re.compile(r"[a-z]{2,4}_[0-9a-f]{32}")


def new_id(prefix: str, random: Randomness = pooled) -> str:
    """A fresh identifier such as ``cnv_9f…`` (32 hex digits)."""
    return f"{prefix}_{random(16).hex()}"


def is_id(text: str, prefix: str) -> bool:
    """Whether *text* has the shape of an identifier with this prefix."""
    return text.startswith(prefix + "_") and _SHAPE.fullmatch(text) is not None


class MessageIds:
    """Turns (conversation number, sequence number) into a message id and back, under the home's key (16 bytes)."""

    def __init__(self, key: bytes) -> None:
        # One block, never chained: ECB is exactly the permutation that is wanted here.
        cipher = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305
        self._encrypt = cipher.encryptor().update
        self._decrypt = cipher.decryptor().update

    def encode(self, conversation: int, sequence: int) -> str:
        """The id of this place."""
        return "msg_" + self._encrypt(conversation.to_bytes(8, "big") + sequence.to_bytes(8, "big")).hex()

    def decode(self, message_id: str) -> tuple[int, int] | None:
        """The place behind *message_id*, or None when it has no such shape. Any other 128 bits decode to a random
        place, so the caller must compare the conversation number with the one it holds.
        """
        if not is_id(message_id, "msg"):
            return None
        place = self._decrypt(bytes.fromhex(message_id[4:]))
        return int.from_bytes(place[:8], "big"), int.from_bytes(place[8:], "big")
