"""Named parts in the stream."""

from __future__ import annotations

import itertools
import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.backup.parts import END, Source, begin, parts, piece, whole
from chatwarden.errors import Damaged

NAMES = st.text(st.characters(codec="utf-8"), max_size=40)


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@given(
    st.lists(st.tuples(NAMES, st.binary(max_size=200)), max_size=5, unique_by=lambda part: part[0]), st.integers(1, 64)
)
def test_parts_come_back_in_order_however_they_are_cut(given_: list[tuple[str, bytes]], size: int) -> None:
    data = b"".join(whole(name, content) for name, content in given_) + END
    read = itertools.groupby(parts(cut(data, size)), key=operator.itemgetter(0))
    assert [(name, b"".join(content for _, content in group)) for name, group in read] == given_


def test_a_large_part_comes_in_pieces_of_bounded_size() -> None:
    pieces = list(parts([whole("large", bytes(5 << 20)) + END]))
    assert max(len(content) for _, content in pieces) <= 1 << 20
    assert sum(len(content) for _, content in pieces) == 5 << 20


@pytest.mark.parametrize(
    "data",
    [
        b"", b"N", begin("a"), begin("a") + piece(b"x"), begin("a") + piece(b"xyz")[:-1] + END, piece(b"x") + END,
        END + b"x", b"N\xff\xff\xff\xff", b"N\x00\x00\x01\x00" + bytes(256), begin("a") + b"D\x7f\xff\xff\xff", b"Q\0\0\0\0",
        b"Z\0\0\0\x01x",
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(data: bytes) -> None:
    with pytest.raises(Damaged):
        list(parts(cut(data, 3)))


def test_a_source_gives_less_at_its_end_only() -> None:
    source = Source([b"ab", b"", b"cdef"])
    assert [source.read(3), source.read(0), source.read(2), source.read(9), source.read(1)] == [
        b"abc",
        b"",
        b"de",
        b"f",
        b"",
    ]
