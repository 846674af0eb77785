"""Pieces come whole and in order, and an answer that was cut is known for one."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.web.lines import END, Cut, piece, pieces


@given(st.lists(st.binary()))
def test_any_pieces_arrive_as_they_were_sent(sent: list[bytes]) -> None:
    wire = b"".join(piece(one) for one in sent) + END
    assert list(pieces(io.BytesIO(wire))) == sent


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=4), st.data())
def test_an_answer_that_was_cut_anywhere_is_not_whole(sent: list[bytes], data: st.DataObject) -> None:
    wire = b"".join(piece(one) for one in sent) + END
    cut = data.draw(st.integers(0, len(wire) - 1))
    with pytest.raises(Cut):
        list(pieces(io.BytesIO(wire[:cut])))


def test_what_was_said_instead_of_the_end_is_handed_on() -> None:
    with pytest.raises(Cut) as cut:
        list(pieces(io.BytesIO(piece(b"one") + b'{"error":{}}\n')))
    assert cut.value.said == b'{"error":{}}\n'


@pytest.mark.parametrize("wrong", [b"-1\nx", b"99999999\n", b"x\n", b"\n", "٣\nabc".encode()])
def test_a_length_that_is_none_is_no_piece(wrong: bytes) -> None:
    with pytest.raises(Cut):
        list(pieces(io.BytesIO(wrong + END)))
