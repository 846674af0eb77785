"""One-time codes by time (RFC 6238): SHA-1, six digits, 30 seconds, as every authenticator app knows them.

A code is taken in its own step and, for who types slowly, ten seconds after its end; nothing from before or after is. Each
step is accepted once: the caller keeps the last one.
"""

from __future__ import annotations

import base64
import hmac
import re

import pyotp

from chatwarden.clock import SECOND, Duration, Instant
from chatwarden.ids import Randomness

SECRET_BYTES = 20  # RFC 4226, section 4, R6
STEP: Duration = 30 * SECOND
GRACE: Duration = 10 * SECOND
_CODE = re.compile(r"[0-9]{6}")


def new_secret(random: Randomness) -> bytes:
    """A key of 160 bits."""
    return random(SECRET_BYTES)


def uri(secret: bytes, account: str, issuer: str) -> str:
    """What an authenticator app reads from a QR code (otpauth, Key Uri Format)."""
    return _totp(secret).provisioning_uri(name=account, issuer_name=issuer)


def accepted_step(secret: bytes, code: str, now: Instant, last_step: int) -> int | None:
    """The time step whose code this is, if it may be used now and is later than *last_step*; else None."""
    code = code.replace(" ", "")
    if not _CODE.fullmatch(code):
        return None
    current = now // STEP
    steps = (current - 1, current) if now % STEP < GRACE else (current,)
    found = None
    # All of them, so that the time says nothing. Where two neighbours have the same code, the later step is spent, so that
    # the digits do not work a second time.
    for step in steps:
        right = hmac.compare_digest(_totp(secret).generate_otp(step), code)
        if right and step > last_step:
            found = step
    return found


def _totp(secret: bytes) -> pyotp.TOTP:
    return pyotp.TOTP(base64.b32encode(secret).decode())
