"""Recovery codes: for who lost the second factor. 80 bits each, shown once, stored as a keyed hash, good for one use.

A keyed hash without stretching is enough: there is nothing to guess in 80 random bits (NIST SP 800-63B-4, section
3.1.2.2, asks for stretching below 112 bits only where the hash is not keyed with a secret kept elsewhere).
"""

from __future__ import annotations

import hmac

from chatwarden.ids import Randomness

COUNT = 10
_BYTES = 10
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base32: no letter looks like another
_READ_AS = str.maketrans("OIL", "011")


def new_codes(random: Randomness, count: int = COUNT) -> list[str]:
    """Codes like ``7K3M-0A9C-XR2T-5QHB``."""
    return [_code(int.from_bytes(random(_BYTES), "big")) for _ in range(count)]


def _code(number: int) -> str:
    letters = "".join(_LETTERS[number >> shift & 31] for shift in range(75, -1, -5))
    return "-".join(letters[i : i + 4] for i in range(0, 16, 4))


def lookup(code: str, key: bytes) -> bytes | None:
    """The keyed hash of *code*, however it was typed; None when it has not the form of one."""
    if len(code) > 64:
        return None
    letters = "".join(code.upper().replace("-", "").split()).translate(_READ_AS)
    if len(letters) != 16 or any(letter not in _LETTERS for letter in letters):
        return None
    return hmac.digest(key, b"recovery " + letters.encode("ascii"), "sha256")
