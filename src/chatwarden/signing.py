"""Signed webhooks both ways: Standard Webhooks 1.0.0, symmetric signatures (``v1``, HMAC-SHA256).

Signed is ``id.timestamp.body`` with the raw bytes of the body. Several secrets make several signatures in one field, and
one match is enough: that is how a secret is replaced without a pause. Compared in constant time. Not here: asymmetric
signatures (``v1a``), which are passed over.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from chatwarden.clock import MINUTE, SECOND, Duration, Instant
from chatwarden.errors import ChatwardenError

PREFIX = "whsec_"
# What the reference libraries accept.
TOLERANCE: Duration = 5 * MINUTE
_SECRETS_MAX = 4
_SIGNATURES_MAX = 16


class NotSigned(ChatwardenError):
    """The signature is missing, of somebody else, or of another time."""


def secret(text: str) -> bytes:
    """The key that ``whsec_`` and base64 of 24 to 64 bytes stand for. Raises ValueError."""
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except ValueError:  # binascii.Error is one
        key = b""
    if not text.startswith(PREFIX) or not 24 <= len(key) <= 64:
        raise ValueError(f"a secret is {PREFIX} and base64 of 24 to 64 bytes")
    return key


def secrets(lines: list[str]) -> tuple[bytes, ...]:
    """The keys in *lines*: one, or a few while one is replaced. Raises ValueError."""
    if not 1 <= len(lines) <= _SECRETS_MAX:
        raise ValueError(f"one to {_SECRETS_MAX} lines are expected")
    return tuple(secret(line) for line in lines)


def signatures(secrets: tuple[bytes, ...], message: str, timestamp: int, body: bytes) -> bytes:
    """The value of ``webhook-signature``: one signature for each secret."""
    signed = b"%s.%d.%s" % (message.encode("ascii"), timestamp, body)
    return b" ".join(b"v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)) for key in secrets)


def verify(
    secrets: tuple[bytes, ...],
    *,
    message: str,
    said: bytes,
    timestamp: bytes,
    signature: bytes,
    body: bytes,
    now: Instant,
) -> None:
    """Returns if *body* was signed with one of *secrets* for this *message* and close to *now*; *said*, *timestamp*
    and *signature* are the fields as they came. Raises NotSigned.
    """
    if not said or not timestamp or not signature:
        raise NotSigned("unsigned")
    if said != message.encode("ascii"):
        raise NotSigned("another message")
    if not timestamp.isdigit() or len(timestamp) > 12 or abs(int(timestamp) * SECOND - now) > TOLERANCE:
        raise NotSigned("another time")
    expected = signatures(secrets, message, int(timestamp), body).split()
    given = signature.split()[:_SIGNATURES_MAX]
    # Every pair is compared: how long it takes does not tell which one matched.
    if not any([hmac.compare_digest(one, other) for one in expected for other in given]):  # noqa: C419
        raise NotSigned("signature")
