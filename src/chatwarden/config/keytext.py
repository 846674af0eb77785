"""A key of 32 bytes as text of one line: what kind it is, base64url (RFC 4648), and a check sum of four bytes. A key with a
typing error in it would be one that nobody has.
"""

from __future__ import annotations

import base64
import binascii
import hashlib

RECIPIENT, IDENTITY = "cwr1-", "cwi1-"
_WHAT = {RECIPIENT: "a recipient", IDENTITY: "an identity"}
_CHECK = 4


def written(kind: str, key: bytes) -> str:
    """The line for *key*."""
    return kind + base64.urlsafe_b64encode(key + _check(kind, key)).decode()


def read(kind: str, text: str) -> bytes:
    """The key in a line. Raises ValueError."""
    if not text.startswith(kind):
        raise ValueError(f"{_WHAT[kind]} begins with {kind}")
    try:
        data = base64.b64decode(text[len(kind) :], altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        data = b""
    key, check = data[:-_CHECK], data[-_CHECK:]
    if len(key) != 32 or check != _check(kind, key):
        raise ValueError(f"{_WHAT[kind]} has a typing error in it, or is cut")
    return key


def recipient(value: object) -> str:
    """A setting that names a recipient, or nobody."""
    if not isinstance(value, str):
        raise ValueError("a recipient is text")  # noqa: TRY004  every parser of settings raises this
    if value:
        read(RECIPIENT, value)
    return value


def _check(kind: str, key: bytes) -> bytes:
    return hashlib.sha256(kind.encode() + key).digest()[:_CHECK]
