"""Sealing once: whatever is changed, nothing comes out."""

import hashlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.crypto import COMMITMENT, Tampered, open_once, seal_once

KEY = bytes(range(32))


@given(key=st.binary(min_size=32, max_size=32), info=st.binary(max_size=64), aad=st.binary(), text=st.binary())
def test_what_was_sealed_is_opened(key: bytes, info: bytes, aad: bytes, text: bytes) -> None:
    assert open_once(key, info, aad, seal_once(key, info, aad, text)) == text


@given(text=st.binary(max_size=64), data=st.data())
def test_any_flipped_bit_is_noticed(text: bytes, data: st.DataObject) -> None:
    sealed = bytearray(seal_once(KEY, b"info", b"aad", text))
    place = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[place // 8] ^= 1 << place % 8
    with pytest.raises(Tampered):
        open_once(KEY, b"info", b"aad", bytes(sealed))


@pytest.mark.parametrize("length", range(COMMITMENT + 16 + 4))
def test_what_was_cut_short_is_noticed(length: int) -> None:
    with pytest.raises(Tampered):
        open_once(KEY, b"info", b"aad", seal_once(KEY, b"info", b"aad", b"text")[:length])


@pytest.mark.parametrize(
    ("key", "info", "aad"),
    [(bytes(32), b"info", b"aad"), (KEY, b"other", b"aad"), (KEY, b"info", b"other"), (KEY, b"info", b"")],
)
def test_another_key_place_or_owner_opens_nothing(key: bytes, info: bytes, aad: bytes) -> None:
    with pytest.raises(Tampered):
        open_once(key, info, aad, seal_once(KEY, b"info", b"aad", b"text"))


def test_a_ciphertext_that_opens_under_another_key_is_refused_by_its_commitment() -> None:
    derived = hashlib.blake2b(b"info", digest_size=64, key=KEY, person=b"chatwarden seal1").digest()
    valid = AESGCM(derived[:32]).encrypt(bytes(12), b"text", b"aad")
    assert open_once(KEY, b"info", b"aad", derived[32:] + valid) == b"text"
    with pytest.raises(Tampered, match="key"):
        open_once(KEY, b"info", b"aad", bytes(COMMITMENT) + valid)


def test_two_places_never_share_a_key_or_a_commitment() -> None:
    seals = [seal_once(KEY, n.to_bytes(4, "big"), b"", bytes(32)) for n in range(200)]
    assert len({seal[:COMMITMENT] for seal in seals}) == len({seal[COMMITMENT:] for seal in seals}) == 200


def test_the_format_on_disk_does_not_change_unnoticed() -> None:
    vector = Path(__file__).parent / "vectors" / "seal1.hex"
    assert seal_once(KEY, b"info", b"aad", b"Hello.").hex() == vector.read_text().strip()
