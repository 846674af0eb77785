"""Recovery codes: for who lost the second factor. 80 bits each, shown once, stored as a keyed hash, good for one use.

NIST SP 800-63B-4, section 4.2.1.1, asks for 64 bits or more and a hash. The hash is keyed (HMAC-SHA-256) and not stretched:
the key lies outside the database, so that a stolen table cannot be guessed at, and a code is found by its hash in one
look. OWASP ASVS 6.5.2 wants a salted password hash for codes below 112 bits: the key stands in for it here.
"""

from __future__ import annotations

import hmac

from chatwarden.ids import Randomness

COUNT = 10
_BYTES = 10
_TYPED_MAX = 64
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
    if len(code) > _TYPED_MAX or not code.isascii():  # else upper() makes two letters of one, as of ß
        return None
    letters = "".join(code.upper().replace("-", "").split()).translate(_READ_AS)
    if len(letters) != 16 or any(letter not in _LETTERS for letter in letters):
        return None
    return hmac.digest(key, b"recovery " + letters.encode("ascii"), "sha256")
