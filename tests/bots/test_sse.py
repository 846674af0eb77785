"""Server-sent events come out the same, however they are cut and whatever ends their lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.bots.model import BotFailed
from chatwarden.bots.sse import LINE_MAX, EventReader

LINES = st.binary(max_size=20).map(lambda raw: raw.replace(b"\r", b"").replace(b"\n", b""))
EVENTS = st.lists(st.lists(LINES, min_size=1, max_size=3), max_size=6)
ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])


def read(raw: bytes, sizes: list[int]) -> list[bytes]:
    reader = EventReader()
    out: list[bytes] = []
    at = 0
    while at < len(raw):
        size = sizes[at % len(sizes)]
        out += reader.feed(raw[at : at + size])
        at += size
    return out + reader.feed(b"\n")  # a last CR may still wait for its LF


@given(events=EVENTS, end=ENDS, sizes=st.lists(st.integers(1, 9), min_size=1, max_size=5))
def test_every_event_comes_out_whole(events: list[list[bytes]], end: bytes, sizes: list[int]) -> None:
    raw = b"".join(b"".join(b"data: " + line + end for line in event) + end for event in events)
    assert read(raw, sizes) == [b"\n".join(event) for event in events]


@given(
    raw=st.lists(st.sampled_from([b"data: a", b"data:b", b"\r", b"\n", b"\r\n", b": c", b"id: 1", b"data"])),
    data=st.data(),
)
def test_the_cuts_do_not_matter(raw: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(raw)
    sizes = data.draw(st.lists(st.integers(1, 9), min_size=1, max_size=5))
    assert read(whole, sizes) == read(whole, [len(whole) + 1])


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"data: a\n\n", [b"a"]),
        (b"data:a\n\n", [b"a"]),
        (b"data:  a\n\n", [b" a"]),
        (b"data: a\ndata: b\n\n", [b"a\nb"]),
        (b": comment\nevent: x\nid: 7\nretry: 1\ndata: a\n\n", [b"a"]),
        (b"\n\n\n", []),
        (b"event: x\n\n", []),
        (b"data: a\n", []),
        (b"data:\n\n", [b""]),
        (b"database: a\n\n", []),
    ],
)
def test_fields_are_read_as_the_standard_says(raw: bytes, expected: list[bytes]) -> None:
    assert EventReader().feed(raw) == expected


def test_a_cr_at_the_end_of_a_chunk_is_not_two_ends() -> None:
    reader = EventReader()
    assert reader.feed(b"data: a\r") == []
    assert reader.feed(b"\ndata: b\r") == []
    assert reader.feed(b"\n\r\n") == [b"a\nb"]


@pytest.mark.parametrize("size", [1_000, LINE_MAX + 7])
def test_a_line_without_an_end_is_a_failure(size: int) -> None:
    with pytest.raises(BotFailed, match="oversized"):
        read(b"x" * 10_000_000, [size])


def test_an_event_of_many_lines_without_an_end_is_a_failure() -> None:
    with pytest.raises(BotFailed, match="oversized"):
        read((b"data: " + b"x" * 1_000 + b"\n") * 100, [1_007])


def test_many_events_are_no_large_event() -> None:
    reader = EventReader()
    for _ in range(200):
        assert reader.feed(b"data: " + b"x" * 1_000 + b"\n\n") == [b"x" * 1_000]
