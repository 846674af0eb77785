"""Machine readable zones of passports, identity cards and visas: ICAO Doc 9303, parts 3 to 7 (TD1, TD2, TD3, MRV).

A line counts where its check digits are right, and the lines around it go with it. `<<` is where to look.
"""

from __future__ import annotations

import re

Spans = list[tuple[int, int, float]]

_VALUES = {char: value for value, char in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")} | {"<": 0}
_WEIGHTS = (7, 3, 1)
_AROUND = 100
_LINE = re.compile(r"(?i)[A-Z0-9<]{24,46}")
_DATES = r"[0-9]{6}[0-9][MFX<][0-9]{6}[0-9]"
# Names first: TD2, TD3 and visas. TD1 has them last and its number first.
_NAMES = re.compile(r"[PVIAC][A-Z<][A-Z<]{3}[A-Z<]{25,39}")
_SECOND = re.compile(rf"[A-Z0-9<]{{9}}[0-9][A-Z<]{{3}}{_DATES}[A-Z0-9<]{{8,16}}")
_CARD_FIRST = re.compile(r"[ACI][A-Z0-9<][A-Z<]{3}[A-Z0-9<]{9}[0-9<][A-Z0-9<]{10,16}")
_CARD_SECOND = re.compile(rf"{_DATES}[A-Z<]{{3}}[A-Z0-9<]{{11}}[0-9]")
_CARD_NAMES = re.compile(r"[A-Z<]{24,32}")


def check_digit(field: str) -> str:
    """The check digit of *field*: weights 7, 3, 1, modulo 10 (part 3, section 4.9)."""
    return str(sum(_VALUES[char] * _WEIGHTS[place % 3] for place, char in enumerate(field)) % 10)


def zone(text: str, start: int, end: int) -> Spans:
    """The zone around the filling signs at *start*: its lines, from the first to the last."""
    low = max(0, start - _AROUND)
    lines = list(_LINE.finditer(text, low, min(len(text), end + _AROUND)))
    parts = [line for line in lines if _part(line[0].upper())]
    if not any(_sure(line[0].upper()) for line in parts):
        return []
    return [(parts[0].start(), parts[-1].end(), 0.95)]


def _part(line: str) -> bool:
    return any(form.fullmatch(line) for form in (_NAMES, _SECOND, _CARD_FIRST, _CARD_SECOND, _CARD_NAMES))


def _sure(line: str) -> bool:
    """Whether its check digits say that this is what it seems to be: two of them, one time in a hundred by chance."""
    if _SECOND.fullmatch(line):
        return _right(line, (0, 9), (13, 19), (21, 27))
    if _CARD_SECOND.fullmatch(line):
        return _right(line, (0, 6), (8, 14))
    return bool(_CARD_FIRST.fullmatch(line)) and line[14] != "<" and line.endswith("<<") and _right(line, (5, 14))


def _right(line: str, *fields: tuple[int, int]) -> bool:
    return all(check_digit(line[start:end]) == line[end] for start, end in fields)
