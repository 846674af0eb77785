"""The one door for signed tokens of others and of our own: JWS compact (RFC 7515), JWT (RFC 7519), RFC 8725 throughout.

Who calls says what the token must be: keys, algorithms, type, issuer, audience, time. Nothing of that is taken from the
token. Its ``kid`` only picks among the caller's keys; ``jwk``, ``jku``, ``x5u`` and ``x5c`` are refused, and so is every
``crit``, since no extension is understood here. Base64url is strict: no padding and no second spelling. Whoever
remembers a token remembers its ``jti``, never its bytes.

Everything that is wrong raises NotAccepted; its reason is for the log and never for whoever sent the token.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jws import JWSRegistry

from chatwarden.clock import SECOND, Duration, Instant
from chatwarden.errors import NotAccepted
from chatwarden.identity.keys import Keys, VerificationKey, strict_json

TOKEN_MAX = 16_384
HEADER_MAX = 2_048
SIGNATURE_MAX = 2_048
TEXT_MAX = 255  # OpenID Connect Core section 2: a subject
SKEW: Duration = 30 * SECOND  # how far the clock of who signs may be ahead
ALGORITHMS = ("EdDSA", "Ed25519", "ES256", "RS256", "PS256")
PLAIN = ("", "jwt")  # no type, or the general one

_SEGMENT = re.compile(r"[A-Za-z0-9_-]+")
_REFUSED = ("crit", "jwk", "jku", "x5u", "x5c", "b64", "zip", "enc")
_LATEST = 2**40  # seconds: what is later is no time


# What no honest program does: administrators are told of it.
HOSTILE = frozenset({"algorithm", "signature", "oversized", "replayed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a token must be, for one purpose. ``types`` are the values of ``typ`` in small letters and without
    ``application/``; an empty one stands for none. ``audiences``: ``aud`` is exactly one of them. ``longest``: how long
    it may live. ``required``: claims beside ``iss``, ``aud`` and ``exp``.
    """

    issuer: str
    audiences: tuple[str, ...]
    longest: Duration
    required: tuple[str, ...] = ()
    types: tuple[str, ...] = PLAIN
    algorithms: tuple[str, ...] = ALGORITHMS


@dataclass(frozen=True, slots=True)
class Unverified:
    """What somebody wrote. It may say where to look for keys, and nothing else."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]

    def text(self, name: str) -> str:
        """The claim *name*, if it is a text."""
        value = self.claims.get(name)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Verified:
    """A token that is what it must be. ``subject`` and ``id`` are empty where they were neither required nor given."""

    issuer: str
    subject: str
    id: str
    expires_at: Instant
    issued_at: Instant | None
    claims: Mapping[str, Any]


def unverified(token: str) -> Unverified:
    """Header and claims, as they are written. Raises NotAccepted for what is no JWT of a bearable size."""
    if len(token) > TOKEN_MAX:
        raise NotAccepted("oversized")
    parts = token.split(".")
    if len(parts) != 3 or not all(_SEGMENT.fullmatch(part) for part in parts):
        raise NotAccepted("malformed")
    if len(parts[0]) > HEADER_MAX or len(parts[2]) > SIGNATURE_MAX:
        raise NotAccepted("oversized")
    _bytes(parts[2])
    return Unverified(_object(parts[0]), _object(parts[1]))


def verified(token: str, keys: Keys, expected: Expected, now: Instant) -> Verified:
    """*token*, if one of *keys* signed it and it is what is *expected* at *now*. Raises NotAccepted."""
    shown = unverified(token)
    _check_header(shown.header, expected)
    algorithm = shown.header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in expected.algorithms:
        raise NotAccepted("algorithm")
    candidates = _candidates(keys, shown.header, algorithm)
    if not any(_signed(token, key, algorithm) for key in candidates):
        raise NotAccepted("signature")
    return _checked(shown.claims, expected, now)


def _check_header(header: Mapping[str, Any], expected: Expected) -> None:
    for name in _REFUSED:
        if name in header:
            raise NotAccepted(f"header-{name}")
    typ = header.get("typ", "")
    if not isinstance(typ, str) or typ.lower().removeprefix("application/") not in expected.types:
        raise NotAccepted("type")


def _candidates(keys: Keys, header: Mapping[str, Any], algorithm: str) -> list[VerificationKey]:
    kid = header.get("kid", "")
    if not isinstance(kid, str):
        raise NotAccepted("malformed")
    found = [key for key in keys if not kid or key.kid in {"", kid}]
    if not found:
        raise NotAccepted("unknown-key")
    able = [key for key in found if algorithm in key.algorithms]
    if not able:
        raise NotAccepted("algorithm")
    return able


class _Registry(JWSRegistry):
    """The one algorithm that was decided on, and our limits. The library's own choice would warn of the name EdDSA
    (RFC 9864), which stands for one algorithm only where all keys are Ed25519, as here.
    """

    max_header_length = HEADER_MAX
    max_payload_length = TOKEN_MAX
    max_signature_length = SIGNATURE_MAX

    def get_alg(self, name: str) -> Any:
        """The algorithm. Raises UnsupportedAlgorithmError."""
        if not self.allowed or name not in self.allowed:
            raise UnsupportedAlgorithmError(name)
        return self.algorithms[name]


def registry(algorithm: str) -> JWSRegistry:
    """What the library may do: *algorithm* and nothing else."""
    return _Registry(algorithms=[algorithm], strict_check_header=False)


def _signed(token: str, key: VerificationKey, algorithm: str) -> bool:
    try:
        jws.deserialize_compact(token, key.key, registry=registry(algorithm))
    except (JoseError, ValueError, TypeError):
        return False
    return True


def _checked(claims: Mapping[str, Any], expected: Expected, now: Instant) -> Verified:
    for name in ("iss", "aud", "exp", *expected.required):
        if name not in claims:
            raise NotAccepted(f"no-{name}")
    issuer, subject, token_id = (_text(claims, name) for name in ("iss", "sub", "jti"))
    if issuer != expected.issuer:
        raise NotAccepted("issuer")
    audience = claims["aud"]
    # One audience only: a token for two services can be carried from one to the other (RFC 8725, section 3.9).
    if isinstance(audience, list):
        audience = audience[0] if len(audience) == 1 else None
    if not isinstance(audience, str) or not audience or audience not in expected.audiences:
        raise NotAccepted("audience")
    expires, issued, begins = (_instant(claims, name) for name in ("exp", "iat", "nbf"))
    assert expires is not None
    if now >= expires:
        raise NotAccepted("expired")
    if any(at is not None and at > now + SKEW for at in (issued, begins)):
        raise NotAccepted("not-yet")
    if expires - now > expected.longest + SKEW or (issued is not None and expires - issued > expected.longest + SKEW):
        raise NotAccepted("too-long")
    return Verified(issuer, subject, token_id, expires, issued, claims)


def _text(claims: Mapping[str, Any], name: str) -> str:
    if name not in claims:
        return ""
    value = claims[name]
    if not isinstance(value, str) or not 0 < len(value) <= TEXT_MAX or not value.isprintable():
        raise NotAccepted(f"bad-{name}")
    return value


def _instant(claims: Mapping[str, Any], name: str) -> Instant | None:
    """RFC 7519 section 2, NumericDate: seconds, which may have a fraction."""
    if name not in claims:
        return None
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LATEST:
        raise NotAccepted(f"bad-{name}")
    return math.floor(value * SECOND)


def _object(segment: str) -> Mapping[str, Any]:
    try:
        value = strict_json(_bytes(segment))
    except ValueError:
        raise NotAccepted("malformed") from None
    if not isinstance(value, dict):
        raise NotAccepted("malformed")
    return value


def _bytes(segment: str) -> bytes:
    """Base64url without padding (RFC 7515 section 2) in the one spelling that these bytes have."""
    try:
        data = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except ValueError:
        raise NotAccepted("malformed") from None
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != segment:
        raise NotAccepted("malformed")
    return data
