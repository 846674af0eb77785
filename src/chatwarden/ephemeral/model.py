"""Places under the keys of the ring, and what is sealed there."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import NamedTuple

from chatwarden.clock import Instant

PAGE = 1_024
"""How many payloads one page key seals."""
STRICT = 1 << 32
"""Pages from this number on are strict: what is sealed there needs a share of the keeper besides."""

_NAME = struct.Struct(">QQI")


class Place(NamedTuple):
    """Where a payload's key is: the bucket at whose instant it dies, the page, and its index there."""

    bucket: Instant
    page: int
    idx: int

    @property
    def strict(self) -> bool:
        """Whether a share of the keeper belongs to it."""
        return self.page >= STRICT

    @property
    def name(self) -> bytes:
        """Twenty bytes: the name of its share, and what its key is derived for."""
        return _NAME.pack(*self)


@dataclass(slots=True)
class Sealed:
    """A payload that only its key opens. ``blob``: version, salt, key commitment, ciphertext."""

    bucket: Instant
    page: int
    index: int
    blob: bytes
