"""An answer of any length over the control socket: pieces, each with its length in front, and an end that says whether all
came. Neither side holds more than a piece.

    STREAM, then for each piece: its length in ASCII, a line end, the piece; then ``END``, or a line of JSON with ``error``.

A connection that closes without either was cut: what came before is not the whole.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from typing import BinaryIO

STREAM = b"stream\n"
END = b"end\n"
_LENGTH_MAX = 7  # digits


@dataclass(frozen=True, slots=True)
class Lines:
    """What an operation returns instead of plain data: whole lines without their ends, or the parts of a file."""

    pieces: AsyncGenerator[bytes, None]


class Cut(Exception):
    """The other side stopped in the middle; ``said`` is its last line, if it said why."""

    def __init__(self, said: bytes = b"") -> None:
        super().__init__()
        self.said = said


def piece(data: bytes) -> bytes:
    """One piece as it goes over the socket."""
    return b"%d\n%b" % (len(data), data)


def pieces(source: BinaryIO) -> Iterator[bytes]:
    """The pieces that follow ``STREAM``. Raises Cut."""
    while (line := source.readline(65_536)) != END:
        if not line.rstrip(b"\n").isdigit() or len(line) > _LENGTH_MAX + 1:
            raise Cut(line)
        size = int(line)
        data = source.read(size)
        if len(data) != size:
            raise Cut
        yield data
