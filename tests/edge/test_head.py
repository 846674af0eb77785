"""Heads without a socket: a verdict on every input, and the same one for honest requests whatever their fields."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.edge.head import CHUNKED, HeadLimits, Refusal, check_head, check_unfinished

LIMITS = HeadLimits(header_bytes=2_000, headers=20, url_bytes=100, body_bytes=1_000)
NAMES = st.from_regex(r"X-[A-Za-z0-9-]{1,12}", fullmatch=True)
VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=15), st.integers(0, 1_000))
def test_an_honest_head_is_accepted(fields: list[tuple[str, str]], length: int) -> None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
    head = f"POST /a?b=c%20d HTTP/1.1\r\nHost: [::1]:8443\r\n{lines}content-length: {length}\r\n\r\n".encode()
    assert check_head(head, LIMITS) == length


@given(st.binary(max_size=400))
def test_noise_is_refused_and_never_breaks_the_check(noise: bytes) -> None:
    with pytest.raises(Refusal):
        check_head(noise + b"\r\n\r\n", LIMITS)


@given(st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"a", b":", b" ", b"\x00"]), max_size=30))
def test_what_is_refused_unfinished_is_refused_when_finished(parts: list[bytes]) -> None:
    part = b"".join(parts)
    try:
        check_unfinished(part, LIMITS)
    except Refusal:
        with pytest.raises(Refusal):
            check_head(part + b"\r\n\r\n", LIMITS)


def test_chunked_is_recognised_in_any_case_and_spacing() -> None:
    assert check_head(b"POST / HTTP/1.1\r\nHost: a\r\nTRANSFER-ENCODING:  Chunked \r\n\r\n", LIMITS) == CHUNKED


def test_a_name_that_only_ends_like_a_framing_field_is_no_framing_field() -> None:
    assert check_head(b"POST / HTTP/1.1\r\nHost: a\r\nX-Content-Length: 5\r\n\r\n", LIMITS) == 0
