"""Chunks: the same content however they are cut, and a verdict that does not depend on the cuts."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from chatwarden.edge.chunked import ChunkedDecoder
from chatwarden.edge.head import Refusal


def decode(raw: bytes, cuts: list[int]) -> tuple[bytes, bool, bytes] | int:
    """Content, whether it is done, what follows; or the status of the refusal."""
    decoder = ChunkedDecoder(10_000)
    content = b""
    edges = sorted({0, len(raw), *(cut % (len(raw) + 1) for cut in cuts)})
    try:
        for begin, end in pairwise(edges):
            if decoder.done:
                return content, True, decoder.rest + raw[begin:]
            content += decoder.feed(raw[begin:end])
    except Refusal as refusal:
        return refusal.status
    return content, decoder.done, decoder.rest


@given(
    st.lists(st.binary(min_size=1, max_size=300), max_size=8), st.lists(st.integers(0, 9999)), st.binary(max_size=20)
)
def test_content_arrives_whole_however_it_is_cut(pieces: list[bytes], cuts: list[int], rest: bytes) -> None:
    raw = b"".join(b"%X;n=v\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"00\r\nA: b\r\n\r\n"
    assert decode(raw + rest, cuts) == (b"".join(pieces), True, rest)


@given(
    st.lists(
        st.sampled_from([b"5", b"0", b"\r\n", b"\n", b"\r", b"hello", b";", b"a", b" ", b"x: y", b"f" * 9, b"\x00"]),
        max_size=14,
    ),
    st.lists(st.integers(0, 99)),
)
def test_the_verdict_on_noise_does_not_depend_on_the_cuts(parts: list[bytes], cuts: list[int]) -> None:
    raw = b"".join(parts)
    whole, cut = decode(raw, []), decode(raw, cuts)
    if isinstance(whole, int) or isinstance(cut, int):
        assert whole == cut
    else:
        assert whole[:2] == cut[:2]


def test_an_endless_line_is_not_held() -> None:
    assert decode(b"5;" + b"a" * 10_000, list(range(0, 10_000, 100))) == 400
