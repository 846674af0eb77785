"""Driving licences: forms and checks. GB: DVLA, "what the driver number means". DE: Fahrerlaubnis-Verordnung annex 8, the
check digit in place ten. BR: DENATRAN resolution 598/2016, two check digits. US: AAMVA, forms of the states.
"""

from __future__ import annotations

import re

# Five letters of the name padded with 9; decade; month, plus 50 for women; day; year; initials; two figures of the office.
BRITISH = r"[A-Z][A-Z9]{4}[0-9](?:[05][1-9]|[16][0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9][A-Z9]{2}[0-9A-Z][A-Z]{2}"
STATES = (
    r"[A-Z][0-9]{7}|[A-Z][0-9]{8}|[A-Z][0-9]{12}|[A-Z][0-9]{11}|[A-Z][0-9]{14}|[A-Z]{2}[0-9]{6}[A-Z]?|[0-9]{7,9}|"
    r"[A-Z][0-9]{3}[ \-][0-9]{3}[ \-][0-9]{2}[ \-][0-9]{3}[ \-]?[0-9]?|[A-Z][0-9]{4}[ \-][0-9]{4}[ \-][0-9]{4}|"
    r"[0-9]{3}[ \-][0-9]{3}[ \-][0-9]{3}|[0-9]{2}[ \-][0-9]{3}[ \-][0-9]{4}|[A-Z][0-9]{2}[ \-][0-9]{2}[ \-][0-9]{4}|"
    r"[A-Z]{3}[0-9A-Z*]{9}"
)


def some_digits(text: str) -> bool:
    """At least four digits: not a word."""
    return sum(char.isdigit() for char in text) >= 4


def german(text: str) -> bool:
    """Weights nine to one over the first nine, modulo 11; ten is X."""
    total = sum(int(char, 36) * weight for char, weight in zip(text[:9], range(9, 0, -1), strict=True))
    return some_digits(text) and "0123456789X"[total % 11] == text[9].upper()


def brazilian(text: str) -> bool:
    """Two check digits over nine, modulo 11."""
    figures = [int(char) for char in re.sub(r"\D", "", text)]
    if len(set(figures)) == 1:
        return False
    first = sum(figure * weight for figure, weight in zip(figures[:9], range(9, 0, -1), strict=True)) % 11
    less = 2 if first > 9 else 0
    first = 0 if first > 9 else first
    second = sum(figure * weight for figure, weight in zip(figures[:9], range(1, 10), strict=True)) % 11 - less
    second = second + 11 if second < 0 else second
    return figures[9:] == [first, 0 if second > 9 else second]
