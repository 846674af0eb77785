"""Public keys of others: only those that verify signatures, and never one that could sign."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, rsa, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.world.forge import Signer, b64

from chatwarden.identity.keys import FILE_MAX, KEYS_MAX, from_jwks, from_pem, of, strict_json

ED, EC, RSA = (Signer.fresh(name, f"kid-{name}") for name in ("EdDSA", "ES256", "RS256"))


def jwks(*keys: dict[str, Any]) -> bytes:
    return json.dumps({"keys": keys}).encode()


def test_a_key_can_do_what_its_type_can_and_nothing_else() -> None:
    assert [key.algorithms for key in from_pem(ED.public_pem)] == [("EdDSA", "Ed25519")]
    assert [key.algorithms for key in from_pem(EC.public_pem)] == [("ES256",)]
    ((*able,),) = [key.algorithms for key in from_pem(RSA.public_pem)]
    assert sorted(able) == ["PS256", "PS384", "PS512", "RS256", "RS384", "RS512"]
    (p384,) = from_pem(_pem(ec.generate_private_key(ec.SECP384R1()).public_key()))
    assert p384.algorithms == ("ES384",)


def test_a_key_of_a_set_keeps_its_name_and_its_one_algorithm() -> None:
    found = from_jwks(jwks({**RSA.jwk, "alg": "PS256"}, ED.jwk, {**EC.jwk, "use": "sig"}))
    assert [(key.kid, key.algorithms) for key in found] == [
        ("kid-RS256", ("PS256",)), ("kid-EdDSA", ("EdDSA", "Ed25519")), ("kid-ES256", ("ES256",)),
    ]  # fmt: skip


def _pem(key: Any) -> bytes:
    found: bytes = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return found


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (ED.private_pem, "private key"),
        (b"", "no public key"),
        (b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "no public key"),
        (b"x" * (FILE_MAX + 1), "too large"),
        (_pem(x25519.X25519PrivateKey.generate().public_key()), "keys are"),
        (_pem(ed448.Ed448PrivateKey.generate().public_key()), "keys are"),
        (_pem(dsa.generate_private_key(2_048).public_key()), "keys are"),
        (_pem(ec.generate_private_key(ec.SECP256K1()).public_key()), "P-256"),
        (_pem(rsa.generate_private_key(65_537, 1_024).public_key()), "2048 to 8192 bits"),
    ],
    ids=[
        "private", "empty", "broken", "large", "for agreement", "another curve", "DSA", "secp256k1", "weak",
    ],
)  # fmt: skip
def test_a_pem_that_cannot_be_used_is_refused_with_its_reason(data: bytes, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        from_pem(data)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"{", "no JSON"),
        (b"[]", "no JWK Set"),
        (b'{"keys": {}}', "no JWK Set"),
        (b'{"keys": [1]}', "no JWK Set"),
        (b'{"keys": [], "keys": []}', "no JSON"),
        (jwks(), "no usable key"),
        (jwks({"kty": "oct", "k": "AAAA"}), "symmetric"),
        (jwks({**ED.jwk, "d": "AAAA"}), "private"),
        (jwks(*[ED.jwk] * (KEYS_MAX + 1)), "at most"),
        (b" " * (FILE_MAX + 1), "too large"),
    ],
)
def test_a_set_that_cannot_be_used_is_refused_with_its_reason(data: bytes, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        from_jwks(data)


@pytest.mark.parametrize(
    "odd",
    [
        {**ED.jwk, "use": "enc"},
        {**ED.jwk, "alg": "RS256"},
        {**ED.jwk, "kid": 7},
        {**ED.jwk, "x": "AAAA"},
        {**ED.jwk, "x": 7},
        {**ED.jwk, "crv": "X25519"},
        {**ED.jwk, "crv": ["Ed25519"]},
        {**EC.jwk, "y": EC.jwk["x"]},
        {**EC.jwk, "crv": "secp256k1"},
        {**RSA.jwk, "n": b64(bytes([255] * 128))},
        {**RSA.jwk, "n": "A" * 3_000},
        {**RSA.jwk, "e": b64(bytes([255] * 64))},
        {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA"},
        {"kty": ["OKP"]},
        {},
    ],
)
def test_what_cannot_be_used_is_passed_over_beside_what_can(odd: dict[str, Any]) -> None:
    assert [key.kid for key in from_jwks(jwks(odd, EC.jwk))] == ["kid-ES256"]
    with pytest.raises(ValueError, match="no usable key"):
        from_jwks(jwks(odd))


def test_a_key_cannot_be_told_to_do_what_it_cannot() -> None:
    with pytest.raises(ValueError, match="cannot do"):
        of(EC.key.public_key(), algorithm="RS256")


@pytest.mark.parametrize(
    "text", [b'{"a":1,"a":1}', b'{"a":{"b":1,"b":2}}', b"NaN", b"-Infinity", b'"\\ud800"', b"\xff", b"[" * 100_000, b""]
)
def test_json_that_parsers_read_differently_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  any word will do
        strict_json(text)
