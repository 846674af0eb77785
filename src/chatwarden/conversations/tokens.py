"""The token space of one conversation: which placeholder stands for which value.

The same value is the same placeholder while a message that holds it lives; afterwards it gets a new one, because a
name is built from the sequence number of the message that first used it and such numbers never return. Values are kept
as hashes under a key of this object only, so that no copy of personal data lies about in memory.
"""

from __future__ import annotations

import hashlib
import os

from chatwarden.classes import DataClass
from chatwarden.clock import Instant
from chatwarden.ids import Randomness


class TokenSpace:
    """Names values. One conversation, one object."""

    __slots__ = ("_key", "_names")

    def __init__(self, random: Randomness = os.urandom) -> None:
        self._key = random(16)
        self._names: dict[bytes, tuple[str, Instant]] = {}

    def name(self, data_class: DataClass, value: str, *, seq: int, dies_at: Instant, now: Instant) -> str:
        """The placeholder of *value* in the message *seq*; it is remembered until that message dies."""
        digest = self._digest(data_class, value)
        known = self._names.get(digest)
        if known is not None and known[1] > now:
            name = known[0]
            dies_at = max(dies_at, known[1])
        else:
            taken = {held for held, _ in self._names.values()}
            name = _name(data_class, seq, 0)
            nth = 0
            while name in taken:
                nth += 1
                name = _name(data_class, seq, nth)
        self._names[digest] = (name, dies_at)
        return name

    def restore(self, data_class: DataClass, value: str, name: str, dies_at: Instant) -> None:
        """Puts back what a live message says: its value is called *name*."""
        digest = self._digest(data_class, value)
        known = self._names.get(digest)
        self._names[digest] = (name, max(dies_at, known[1] if known else 0))

    def expire(self, now: Instant) -> None:
        """Forgets the names of values whose messages are gone."""
        for digest in [digest for digest, (_, dies_at) in self._names.items() if dies_at <= now]:
            del self._names[digest]

    def __len__(self) -> int:
        return len(self._names)

    def _digest(self, data_class: DataClass, value: str) -> bytes:
        # The same number written with other spaces or dashes is the same value.
        plain = "".join(c for c in value if c.isalnum() or c in "@._").casefold()
        text = f"{data_class.value}\0{plain}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(text, digest_size=16, key=self._key).digest()


def _name(data_class: DataClass, seq: int, nth: int) -> str:
    suffix = ""
    while nth:
        nth, letter = divmod(nth - 1, 25)
        suffix = chr(ord("b") + letter) + suffix
    return f"[{data_class.value}-{seq}{suffix}]"
