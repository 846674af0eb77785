"""Plain CBOR passes, whatever it holds; what could unfold or never end does not."""

from __future__ import annotations

from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.identity.cbor import LEVELS, NotPlain, end_of_item, must_be_plain

LEAF = st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.floats() | st.binary() | st.text()
PLAIN = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text() | st.integers(0, 99), inner, max_size=5)
)


def levels(value: Any) -> int:
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(levels, value), default=0) if isinstance(value, list) else 0


@given(PLAIN, st.binary(max_size=5))
def test_what_an_encoder_writes_ends_where_it_wrote_it(value: Any, after: bytes) -> None:
    written = cbor2.dumps(value)
    if levels(value) <= LEVELS:
        assert end_of_item(written + after) == len(written)
    else:
        with pytest.raises(NotPlain):
            end_of_item(written + after)


@given(PLAIN.filter(lambda value: levels(value) <= LEVELS), st.data())
def test_what_is_cut_off_is_refused(value: Any, data: st.DataObject) -> None:
    written = cbor2.dumps(value)
    with pytest.raises(NotPlain):
        end_of_item(written[: data.draw(st.integers(0, len(written) - 1))])


@given(st.binary(max_size=200))
def test_any_bytes_are_plain_or_refused(data: bytes) -> None:
    try:
        must_be_plain(data)
    except NotPlain:
        return
    at = 0
    while at < len(data):
        end = end_of_item(data, at)
        assert end > at
        at = end


def unfolding(times: int) -> bytes:
    """An array in which each member holds the one before it twice, by reference: 2 to the power of *times* values."""
    members = [b"\xd8\x1c\x80"]
    members += [b"\xd8\x1c\x82" + b"\xd8\x1d" + cbor2.dumps(i) + b"\xd8\x1d" + cbor2.dumps(i) for i in range(times)]
    return b"\x98" + bytes([len(members)]) + b"".join(members)


def test_what_would_unfold_is_refused() -> None:
    assert len(cbor2.dumps(cbor2.loads(unfolding(10)))) > 2**10  # that it would
    with pytest.raises(NotPlain):
        end_of_item(unfolding(100))


@pytest.mark.parametrize(
    "data",
    [
        "c000",                    # a tag
        "a1c00000",                # a tag in a map
        "9fff", "bfff", "5fff",    # open ends
        "8181818181 00",           # five levels
        "9b7fffffffffffffff",      # an array that says it is endless
        "5b7fffffffffffffff00",    # a string that says so
        "1c", "1f", "ff", "",      # no item at all
    ],
)  # fmt: skip
def test_what_is_not_plain_is_refused(data: str) -> None:
    with pytest.raises(NotPlain):
        end_of_item(bytes.fromhex(data))


def test_every_item_to_the_end_is_looked_at() -> None:
    two = cbor2.dumps({1: 2}) + cbor2.dumps({"credProtect": 2})
    must_be_plain(b"head" + two, 4)
    must_be_plain(b"", 0)
    with pytest.raises(NotPlain):
        must_be_plain(two + b"\xc0\x00")
