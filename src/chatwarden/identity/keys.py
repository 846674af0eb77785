"""Public keys of others, read once: PEM (RFC 7468) or a JWK Set (RFC 7517) in, keys that can do one thing out.

A key carries the algorithms that its type allows, so that a token cannot talk anybody into another one. Private and
symmetric keys are refused: what verifies must not be able to sign. In a set, keys for other uses or of unknown kinds are
passed over, as RFC 7517 section 5 asks.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

FILE_MAX = 65_536
KEYS_MAX = 16
RSA_BITS = range(2048, 8193)  # NIST SP 800-131A; above, verifying takes too long
_BY_CURVE = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
_RSA = ("RS256", "PS256", "RS384", "PS384", "RS512", "PS512")
_EDDSA = ("EdDSA", "Ed25519")  # one algorithm under its two names (RFC 8037, RFC 9864)
_PRIVATE = {"d", "k", "p", "q"}

Public = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """One public key, the id under which its owner names it (or none), and what it can verify."""

    kid: str
    algorithms: tuple[str, ...]
    key: RSAKey | ECKey | OKPKey


Keys = tuple[VerificationKey, ...]


def from_pem(data: bytes) -> Keys:
    """The one public key in a PEM file; it answers to every id. Raises ValueError."""
    if len(data) > FILE_MAX:
        raise ValueError("the file is too large")
    if b"PRIVATE KEY" in data:
        raise ValueError("this is a private key: give the public half and keep that one where it is used")
    try:
        key = load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("this is no public key in PEM") from None
    if not isinstance(key, Public):
        raise ValueError("keys are RSA, ECDSA (P-256, P-384, P-521) or Ed25519")  # noqa: TRY004  it is the file's fault
    return (of(key),)


def from_jwks(data: bytes) -> Keys:
    """The keys for signatures in a JWK Set. Raises ValueError."""
    if len(data) > FILE_MAX:
        raise ValueError("the file is too large")
    try:
        document = strict_json(data)
    except ValueError:
        raise ValueError("this is no JSON") from None
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed) or len(listed) > KEYS_MAX:
        raise ValueError(f'this is no JWK Set: {{"keys": […]}} with at most {KEYS_MAX} keys')
    if any(_PRIVATE & set(one) for one in listed):
        raise ValueError("a private or symmetric key is among them: give the public halves")
    found = tuple(key for one in listed if (key := _from_jwk(one)) is not None)
    if not found:
        raise ValueError("there is no usable key for signatures in it")
    return found


def of(key: Public, kid: str = "", algorithm: str = "") -> VerificationKey:
    """*key* with what it can verify, or only *algorithm*. Raises ValueError for one that is too weak, or cannot."""
    made: RSAKey | ECKey | OKPKey
    able: tuple[str, ...]
    if isinstance(key, RSAPublicKey):
        if key.key_size not in RSA_BITS or key.public_numbers().e >= 2**32:
            raise ValueError(f"an RSA key has {RSA_BITS.start} to {RSA_BITS.stop - 1} bits")
        made, able = RSAKey.import_key(key), _RSA
    elif isinstance(key, EllipticCurvePublicKey):
        if key.curve.name not in _BY_CURVE:
            raise ValueError("an ECDSA key is on P-256, P-384 or P-521")
        made, able = ECKey.import_key(key), (_BY_CURVE[key.curve.name],)
    else:
        made, able = OKPKey.import_key(key), _EDDSA
    if algorithm:
        # A name that this library knows by two words stays usable by both.
        able = able if able == _EDDSA and algorithm in _EDDSA else tuple(one for one in able if one == algorithm)
    if not able:
        raise ValueError("the key cannot do that algorithm")
    return VerificationKey(kid, able, made)


def strict_json(data: bytes) -> Any:
    """JSON (RFC 8259) in UTF-8 without what parsers read differently: members twice, NaN, lone surrogates. Raises
    ValueError.
    """
    try:
        value = json.loads(data.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value


def _from_jwk(jwk: dict[str, Any]) -> VerificationKey | None:
    """The key, or None for one that is not for signatures, weak, broken or of an unknown kind."""
    kid, use, algorithm = jwk.get("kid", ""), jwk.get("use", "sig"), jwk.get("alg", "")
    if use != "sig" or not isinstance(kid, str) or not isinstance(algorithm, str) or not _short(jwk):
        return None
    kinds: dict[object, type[RSAKey | ECKey | OKPKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
    kind = jwk.get("kty")
    if not isinstance(kind, str) or kind not in kinds:
        return None
    # Only what makes the key: certificates and links that come along are never followed.
    bare: dict[str, Any] = {name: jwk[name] for name in ("kty", "crv", "n", "e", "x", "y") if name in jwk}
    try:
        key = _native(kinds[kind], bare)
        return of(key, kid, algorithm) if isinstance(key, Public) else None
    except (JoseError, ValueError, TypeError, KeyError, UnsupportedAlgorithm):
        return None


def _native(kind: type[RSAKey | ECKey | OKPKey], bare: dict[str, Any]) -> object:
    if kind is RSAKey and len(bare["n"]) * 6 < RSA_BITS.start:
        raise ValueError("weak")
    return kind.import_key(bare).public_key


def _short(jwk: dict[str, Any]) -> bool:
    return all(isinstance(jwk.get(name, ""), str) and len(jwk.get(name, "")) <= 2_048 for name in "nexy")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member is given twice")
    return found


def _no_constant(word: str) -> object:
    raise ValueError(f"{word} is no JSON")
