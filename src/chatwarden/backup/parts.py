"""What is inside the sealed stream: named parts, one after the other, each in pieces of bounded size.

    N length name      a part begins
    D length bytes     a piece of it
    Z 0                the end; nothing may follow

Lengths are four bytes, big-endian. The stream around it proves every byte, so there are no check sums here; what does not
fit is a file that another program made.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

from chatwarden.backup.stream import Read
from chatwarden.errors import Damaged

_FRAME = struct.Struct(">cI")
_NAME_MAX = 255
_PIECE_MAX = 1 << 20

Piece = tuple[str, bytes]
"""The name of a part and some bytes of it. A part begins with a piece of no bytes."""

END = _FRAME.pack(b"Z", 0)


def begin(name: str) -> bytes:
    """The frame that begins a part."""
    return _FRAME.pack(b"N", len(name.encode())) + name.encode()


def piece(data: bytes) -> bytes:
    """The frames of some bytes of a part."""
    cuts = (data[at : at + _PIECE_MAX] for at in range(0, len(data), _PIECE_MAX))
    return b"".join(_FRAME.pack(b"D", len(cut)) + cut for cut in cuts)


def whole(name: str, data: bytes) -> bytes:
    """The frames of a whole part."""
    return begin(name) + piece(data)


def parts(chunks: Iterable[bytes]) -> Iterator[Piece]:
    """The pieces of every part. Raises Damaged."""
    source = Source(chunks)
    name: str | None = None
    while True:
        kind, length = _FRAME.unpack(_exactly(source.read, _FRAME.size))
        if kind == b"N" and length <= _NAME_MAX:
            name = _exactly(source.read, length).decode("utf-8", "replace")
            yield name, b""
        elif kind == b"D" and name is not None and length <= _PIECE_MAX:
            yield name, _exactly(source.read, length)
        elif kind == b"Z" and length == 0:
            if source.read(1):
                raise Damaged("there is something behind the end of the backup")
            return
        else:
            raise Damaged("the backup holds what this program does not know")


class Source:
    """Reads from pieces as from a file."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._waiting = bytearray()

    def read(self, size: int) -> bytes:
        """*size* bytes; fewer at the end only."""
        while len(self._waiting) < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self._waiting += chunk
        data = bytes(self._waiting[:size])
        del self._waiting[:size]
        return data


def _exactly(read: Read, size: int) -> bytes:
    data = read(size)
    if len(data) != size:
        raise Damaged("the backup has no end")
    return data
