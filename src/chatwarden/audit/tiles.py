"""Tiles and bundles of entries: where they lie and how they are written. Source: c2sp.org/tlog-tiles.

Pure. A tile has up to 256 hashes; one with fewer is partial and named by its width. Entries lie in bundles beside the
tiles of level 0, each with its length before it, 16 bits big-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence

from chatwarden.audit.merkle import Hashes, fold
from chatwarden.errors import ChatwardenError

WIDTH = 256
HASH = 32
_HEIGHT = 8
_LENGTH = struct.Struct(">H")

ReadTile = Callable[[int, int, int], bytes]
"""The hashes of a tile: level, number and the least width that is asked for."""


class TornTile(ChatwardenError):
    """A tile or bundle is not there, or is not what its name says. ``entries``: those of a bundle that could be read."""

    def __init__(self, told: str, entries: Sequence[bytes] = ()) -> None:
        super().__init__(told)
        self.entries = entries


def tile_path(level: int, number: int, width: int = WIDTH) -> str:
    """Where a tile lies below the log's folder."""
    return f"tile/{level}/{_number(number)}{_partial(width)}"


def bundle_path(number: int, width: int = WIDTH) -> str:
    """Where a bundle of entries lies below the log's folder."""
    return f"tile/entries/{_number(number)}{_partial(width)}"


def _number(number: int) -> str:
    """Three digits a path element; all but the last begin with an x."""
    text = f"{number % 1000:03d}"
    while number >= 1000:
        number //= 1000
        text = f"x{number % 1000:03d}/{text}"
    return text


def _partial(width: int) -> str:
    assert 0 < width <= WIDTH
    return "" if width == WIDTH else f".p/{width}"


def width_of(level: int, number: int, size: int) -> int:
    """How wide a tile is in a tree of *size*; 0 where there is none."""
    return max(0, min(WIDTH, (size >> _HEIGHT * level) - number * WIDTH))


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """A bundle. An entry is at most 65,535 bytes."""
    return b"".join(_LENGTH.pack(len(entry)) + entry for entry in entries)


def decode_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle. Raises TornTile."""
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        begin = at + _LENGTH.size
        if begin > len(data):
            raise TornTile("a bundle ends in a length", entries)
        at = begin + _LENGTH.unpack_from(data, at)[0]
        if at > len(data):
            raise TornTile("a bundle ends in an entry", entries)
        entries.append(data[begin:at])
    return entries


def hashes_of(read: ReadTile, size: int) -> Hashes:
    """The hashes of complete subtrees of the tree of *size*, from its tiles."""

    def hashes(level: int, place: int) -> bytes:
        tall, low = divmod(level, _HEIGHT)
        number, at = divmod(place << low, WIDTH)
        tile = read(tall, number, width_of(tall, number, size))
        row = [tile[begin * HASH : begin * HASH + HASH] for begin in range(at, at + (1 << low))]
        if any(len(one) != HASH for one in row):
            raise TornTile(f"tile {tall}/{number} is too short")
        return fold(row)

    return hashes
