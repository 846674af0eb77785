"""A sealed payload and where its key is."""

from __future__ import annotations

from dataclasses import dataclass

from chatwarden.clock import Instant


@dataclass(slots=True)
class Sealed:
    """``bucket`` is the instant at which the key dies; ``page`` and ``index`` name the key within it; ``blob`` is a
    version byte, the key commitment and the ciphertext.
    """

    bucket: Instant
    page: int
    index: int
    blob: bytes
