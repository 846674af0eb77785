"""JSON lines in, one at a time: each is read with a limit and into the type that is wanted, or told with its number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, TypeVar

import msgspec

LINE_MAX = 1_048_576
T = TypeVar("T")


def lines(source: BinaryIO, kind: type[T]) -> Iterator[tuple[int, T | str]]:
    """The number of each line that is not empty, with what stands in it, or with what is wrong with it as a text. Nothing of
    a line is repeated in such a text.
    """
    decoder = msgspec.json.Decoder(kind)
    number = 0
    while raw := source.readline(LINE_MAX + 1):
        number += 1
        if not raw.strip():
            continue
        try:
            if len(raw) > LINE_MAX:
                while raw and not raw.endswith(b"\n"):
                    raw = source.readline(LINE_MAX)
                raise ValueError("the line is too long")  # noqa: TRY301  answered below like any other
            read: T | str = decoder.decode(raw)
        except (ValueError, msgspec.MsgspecError, RecursionError) as error:
            read = str(error)[:200]
        yield number, read
