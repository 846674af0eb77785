"""Small cryptographic steps that several capabilities share.

A payload is sealed with AES-256-GCM under a key that is used exactly once, so its nonce may be constant (NIST SP
800-38D asks that a pair of key and nonce never repeats). GCM does not commit to its key; a commitment derived together
with the key is stored and compared first (Gueron, "Key Committing AEADs").
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chatwarden.errors import ChatwardenError

COMMITMENT = 32
_ONCE = bytes(12)
_SMALL = b"\x01"  # the version of the form of small secrets


class Tampered(ChatwardenError):
    """The sealed bytes, their key or their associated data are not those that were sealed."""


def subkey(key: bytes, info: bytes) -> bytes:
    """A key of 32 bytes for what *info* names; it tells nothing of *key* and of other subkeys."""
    return hashlib.blake2b(info, digest_size=32, key=key, person=b"chatwarden page2").digest()


def seal_once(page_key: bytes, info: bytes, aad: bytes, plaintext: bytes) -> bytes:
    """Commitment and ciphertext under the key that *info* names. *info* must never be used twice with *page_key*."""
    derived = _derive(page_key, info)
    return derived[32:] + AESGCM(derived[:32]).encrypt(_ONCE, plaintext, aad)


def open_once(page_key: bytes, info: bytes, aad: bytes, sealed: bytes) -> bytes:
    """The plaintext. Raises Tampered."""
    derived = _derive(page_key, info)
    if not hmac.compare_digest(derived[32:], sealed[:COMMITMENT]):
        raise Tampered("the key is not the one that sealed this")
    try:
        return AESGCM(derived[:32]).decrypt(_ONCE, sealed[COMMITMENT:], aad)
    except InvalidTag:
        raise Tampered("the sealed bytes were changed") from None


def seal(key: bytes, aad: bytes, plaintext: bytes, random: Callable[[int], bytes]) -> bytes:
    """A small secret under a key that seals many: a version, a random nonce, ciphertext (AES-256-GCM)."""
    nonce = random(12)
    return _SMALL + nonce + AESGCM(key).encrypt(nonce, plaintext, _SMALL + aad)


def unseal(key: bytes, aad: bytes, sealed: bytes) -> bytes:
    """The secret. Raises Tampered, also when it was sealed for something else."""
    try:
        if sealed[:1] != _SMALL:
            raise Tampered("not sealed in a form that this program knows")
        return AESGCM(key).decrypt(sealed[1:13], sealed[13:], _SMALL + aad)
    except (InvalidTag, ValueError):
        raise Tampered("the sealed bytes were changed") from None


def _derive(page_key: bytes, info: bytes) -> bytes:
    """32 bytes of key and 32 of commitment: keyed and personalised BLAKE2b as a pseudorandom function (Aumasson et al., 2013)."""
    return hashlib.blake2b(info, digest_size=64, key=page_key, person=b"chatwarden seal1").digest()
