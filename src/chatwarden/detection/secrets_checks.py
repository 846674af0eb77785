"""Whether a word is a secret: as random as one, or a pair of name and password (RFC 7617)."""

from __future__ import annotations

import base64
import binascii
import math
from collections import Counter

_BITS_MIN = 3.0


def looks_random(text: str) -> bool:
    """Letters and digits mixed, and no repetition: at least three bits a character (Shannon)."""
    if not (any(c.isdigit() for c in text) and any(c.isalpha() for c in text)):
        return False
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values()) >= _BITS_MIN


def mixed(text: str) -> bool:
    """A digit and a letter in one word: no word of a sentence."""
    return any(c.isdigit() for c in text) and any(c.isalpha() for c in text)


def basic(text: str) -> bool:
    """Base64 of a name, a colon and a password."""
    try:
        said = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    name, colon, password = said.partition(":")
    return bool(name and colon and password) and said.isprintable()
