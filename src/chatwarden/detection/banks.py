"""Check digits of account numbers that python-stdnum does not have. FR: clé RIB, modulo 97. IT: CIN, odd and even table.
BE: modulo 97. PL: NRB, ISO 7064 mod 97-10 as in the IBAN. MX: CLABE, weights 3-7-1.
"""

from __future__ import annotations

import re

_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
_RIB_LETTERS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "12345678912345678923456789")


def _bare(text: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", text).upper()


def rib(text: str) -> bool:
    """A French account: letters as figures, weights 89, 15 and 3."""
    figures = _bare(text).translate(_RIB_LETTERS)
    return (89 * int(figures[:5]) + 15 * int(figures[5:10]) + 3 * int(figures[10:21]) + int(figures[21:])) % 97 == 0


def cin(text: str) -> bool:
    """An Italian account: its first letter checks the rest."""
    bare = _bare(text)
    values = [int(char) if char.isdigit() else ord(char) - 65 for char in bare[1:]]
    total = sum(value if place % 2 else _ODD[value] for place, value in enumerate(values))
    return total % 26 == ord(bare[0]) - 65


def belgian(text: str) -> bool:
    """Ten figures modulo 97, 97 for none."""
    bare = _bare(text)
    return (int(bare[:10]) % 97 or 97) == int(bare[10:])


def nrb(text: str) -> bool:
    """A Polish account is an IBAN without its country."""
    bare = _bare(text)
    return int(bare[2:] + "2521" + bare[:2]) % 97 == 1


def clabe(text: str) -> bool:
    """Seventeen figures, weights 3, 7 and 1, each product modulo 10."""
    figures = [int(char) for char in _bare(text)]
    total = sum(figure * (3, 7, 1)[place % 3] % 10 for place, figure in enumerate(figures[:17]))
    return (10 - total % 10) % 10 == figures[17]


def account(text: str) -> bool:
    """At least six figures, not one repeated, and no date."""
    bare = _bare(text)
    return 6 <= len(bare) <= 18 and len(set(bare)) > 1 and _DATE.fullmatch(text) is None


_DATE = re.compile(r"(?:19|20)\d\d-?[01]\d-?[0-3]\d|[0-3]?\d-[01]?\d-(?:19|20)?\d\d|(?:19|20)\d\d-(?:19|20)?\d\d")
