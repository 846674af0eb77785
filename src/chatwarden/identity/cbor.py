"""Whether bytes are CBOR as authenticators must write it (CTAP 2.1, section 8): no tags, no open ends, four levels at most.

Looked at before a full parser sees bytes of a stranger. Tags are the reason: references to shared values (tags 28 and 29)
let some 200 bytes unfold to gigabytes when they are written out again, long before a signature is checked.
"""

from __future__ import annotations

LEVELS = 4

_BYTES, _TEXT, _ARRAY, _MAP, _TAG = 2, 3, 4, 5, 6  # major types (RFC 8949, section 3.1)
_INLINE = 24  # smaller arguments stand in the first byte
_LENGTHS = {24: 1, 25: 2, 26: 4, 27: 8}


class NotPlain(ValueError):
    """Not CBOR, or not of the plain kind."""


def end_of_item(data: bytes, start: int = 0, levels: int = LEVELS) -> int:
    """Where the item that begins at *start* ends. Raises NotPlain. Takes no more steps than *data* has bytes."""
    if start >= len(data):
        raise NotPlain("it ends too early")
    major, low = data[start] >> 5, data[start] & 31
    at = start + 1
    argument = low
    if low >= _INLINE:
        if low not in _LENGTHS:
            raise NotPlain("an open end")
        at += _LENGTHS[low]
        argument = int.from_bytes(data[start + 1 : at], "big")
    if major in {_BYTES, _TEXT}:
        at += argument
    elif major in {_ARRAY, _MAP}:
        if levels <= 0:
            raise NotPlain("too many levels")
        for _ in range(argument * 2 if major == _MAP else argument):
            at = end_of_item(data, at, levels - 1)
    elif major == _TAG:
        raise NotPlain("a tag")
    if at > len(data):
        raise NotPlain("it ends too early")
    return at


def must_be_plain(data: bytes, start: int = 0) -> None:
    """Raises NotPlain unless the items from *start* on are plain and end where *data* ends."""
    while start < len(data):
        start = end_of_item(data, start)
