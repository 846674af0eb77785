"""The sealed stream: every byte is proved, whatever was done to it."""

from __future__ import annotations

import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.backup.stream import CHUNK, MAGIC, Sealer, Slot, read_header, unsealed
from chatwarden.errors import CannotRun, Damaged

KEY = bytes(range(32))
SLOT = Slot(b"H", b"8 bytes!", b"wrapped")
SEALED_CHUNK = CHUNK + 16


def sealed(content: bytes, *, key: bytes = KEY, cuts: int = 100_000) -> bytes:
    sealer = Sealer(key, [SLOT])
    pieces = [sealer.update(content[at : at + cuts]) for at in range(0, len(content), cuts)]
    return b"".join([sealer.head, *pieces, sealer.finish()])


def content_of(data: bytes, key: bytes = KEY) -> bytes:
    file = io.BytesIO(data)
    header = read_header(file.read)
    assert header.slots == (SLOT,)
    return b"".join(unsealed(file.read, header, key))


HEAD = len(sealed(b"")) - 16
LONG = os.urandom(3 * CHUNK + 5)


@given(st.binary(max_size=300), st.integers(1, 50))
def test_what_was_sealed_in_any_pieces_comes_back(content: bytes, cuts: int) -> None:
    assert content_of(sealed(content, cuts=cuts)) == content


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1])
def test_at_the_edges_of_chunks_too(size: int) -> None:
    content = LONG[:size]
    assert content_of(sealed(content)) == content
    assert len(sealed(content)) == HEAD + size + 16 * max(1, -(-size // CHUNK))


def test_it_begins_with_its_version() -> None:
    assert sealed(b"x").startswith(b"chatwarden backup 1\n")


def test_nothing_of_the_content_is_in_it() -> None:
    assert b"a marker that is long" not in sealed(b"a marker that is long" * 10)


def test_a_flipped_bit_is_noticed_wherever_it_is() -> None:
    good = sealed(b"something")
    for at in range(len(good)):
        for bit in (1, 128):
            bad = good[:at] + bytes([good[at] ^ bit]) + good[at + 1 :]
            file = io.BytesIO(bad)
            with pytest.raises(CannotRun):  # Damaged is one
                b"".join(unsealed(file.read, read_header(file.read), KEY))


def test_cut_anywhere_it_is_noticed() -> None:
    good = sealed(LONG)
    for size in [
        *range(HEAD + 20),
        *range(HEAD, len(good), 997),
        *(HEAD + n * SEALED_CHUNK for n in range(1, 4)),
        len(good) - 1,
    ]:
        with pytest.raises(CannotRun):
            content_of(good[:size])


def test_chunks_that_are_moved_repeated_dropped_or_added_are_noticed() -> None:
    good = sealed(LONG)
    head, chunks = good[:HEAD], [good[at : at + SEALED_CHUNK] for at in range(HEAD, len(good), SEALED_CHUNK)]
    assert len(chunks) == 4
    a, b, c, d = chunks
    for order in (
        [b, a, c, d],
        [a, a, b, c, d],
        [a, c, d],
        [a, b, c],
        [a, b, c, d, d],
        [a, b, c, d[:-1]],
        [a, b, c, d + b"x"],
    ):
        with pytest.raises(Damaged):
            content_of(head + b"".join(order))


def test_a_chunk_of_another_backup_is_noticed() -> None:
    one, other = sealed(LONG), sealed(LONG, key=bytes(32))
    with pytest.raises(Damaged):
        content_of(one[: HEAD + SEALED_CHUNK] + other[HEAD + SEALED_CHUNK :])


def test_a_slot_that_was_put_in_is_noticed() -> None:
    sealer = Sealer(KEY, [SLOT, SLOT])
    two = sealer.head + sealer.finish()
    one = sealed(b"")
    file = io.BytesIO(two[:-48] + one[-48:])
    with pytest.raises(Damaged, match="head"):
        list(unsealed(file.read, read_header(file.read), KEY))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no backup"), (b"SQLite format 3\0" * 9, "no backup"), (MAGIC[:7], "ends in its head"),
        (b"chatwarden backup 2\n" + bytes(99), "does not know"), (MAGIC, "ends in its head"), (MAGIC + b"\0", "head"),
        (MAGIC + b"\xff", "head"), (MAGIC + b"\x01H12345678\xff\xff", "head"), (MAGIC + b"\x01H12345678\x00\x10short", "head"),
    ],
)  # fmt: skip
def test_what_is_no_backup_or_half_of_one_is_told(data: bytes, message: str) -> None:
    with pytest.raises(CannotRun, match=message):
        read_header(io.BytesIO(data).read)


def test_a_file_made_to_open_under_two_keys_is_refused() -> None:
    """The commitment, not the tag, refuses: no chunk is tried under another key."""
    file = io.BytesIO(sealed(b"x"))
    header = read_header(file.read)
    with pytest.raises(Damaged, match="head"):
        next(unsealed(file.read, header, bytes(32)))
