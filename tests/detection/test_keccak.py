"""Keccak-256, with known answers of the submission's padding."""

import hashlib

import pytest

from chatwarden.detection.keccak import keccak_256


@pytest.mark.parametrize(
    ("message", "digest"),
    [
        (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
    ],
)
def test_known_answers(message: bytes, digest: str) -> None:
    assert keccak_256(message).hex() == digest


def test_it_is_not_sha_3_and_takes_one_block() -> None:
    assert keccak_256(b"abc") != hashlib.sha3_256(b"abc").digest()
    assert len(keccak_256(b"a" * 135)) == 32
    with pytest.raises(AssertionError):
        keccak_256(b"a" * 136)
