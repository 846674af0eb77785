"""Checks for what is sensitive beyond numbers and names: health records, exact places, links.

KVNR: § 290 SGB V, annex 1 (letter as two figures, weights 1 and 2, sum of digits, modulus 10). NPI: ISO/IEC 7812 Luhn with
the prefix 80840 (45 CFR 162.406). Coordinates: WGS 84 ranges. Plus codes: Open Location Code.
"""

from __future__ import annotations

import re

from chatwarden.detection.names import Spans
from chatwarden.detection.validators import luhn

_LATITUDE, _LONGITUDE = 90, 180
_NUMBER = re.compile(r"[+-]?\d{1,3}(?:[.,]\d+)?")
_SAYS_PLACE = re.compile(
    r"(?i)\b(?:lat|latitude|lon|lng|long|longitude|coord\w*|gps|koordinat\w*|standort|position|location|located|ubicaci[oó]n|at|@)\b[^\n]{0,24}$"
)
_OLC = "23456789CFGHJMPQRVWX"
_END_OF_LINK = ".,;:!?'\"»”’…*_"


def kvnr(text: str) -> bool:
    """The number of a person in German statutory health insurance."""
    digits = f"{ord(text[0].upper()) - 64:02d}{text[1:]}"
    total = 0
    for place, char in enumerate(digits[:10]):
        value = int(char) * (1 + place % 2)
        total += value // 10 + value % 10
    return total % 10 == int(digits[10])


def npi(text: str) -> bool:
    """A US provider of health care."""
    return luhn("80840" + text)


def coordinates(text: str, start: int, end: int) -> Spans:
    """Latitude and longitude. With three decimals a price list looks the same: then a word must say what they are."""
    numbers = [match for match in _NUMBER.finditer(text, start, end) if re.search(r"[.,]\d{3}", match[0])]
    if len(numbers) != 2 or (text[start - 1 : start] in (".", "-", "/", "$", "€", "£") and start):
        return []
    if not (abs(_degrees(numbers[0][0])) <= _LATITUDE and abs(_degrees(numbers[1][0])) <= _LONGITUDE):
        return []
    exact = min(len(match[0]) - match[0].index("." if "." in match[0] else ",") - 1 for match in numbers) >= 4
    lettered = re.search(r"[NSEW]", text[start:end]) is not None
    said = (
        _SAYS_PLACE.search(text, max(0, start - 40), start) is not None
        or re.search(r"(?i)l(?:at|on|ng)", text[start:end]) is not None
    )
    if end < len(text) and text[end] in ".,%€$" and text[end + 1 : end + 2].isdigit():
        return []
    return [(start, start + len(text[start:end].rstrip()), 0.8 if exact or lettered or said else 0.4)]


def degrees(text: str) -> bool:
    """Degrees, minutes and seconds within their ranges."""
    parts = [float(part.replace(",", ".")) for part in re.findall(r"\d+(?:[.,]\d+)?", text)]
    return all(part <= _LONGITUDE for part in parts) and max(parts[1:], default=0) < 181


def plus_code(text: str, start: int, end: int) -> Spans:
    """A full Open Location Code; a short one needs its town behind it or a word that says so."""
    code = text[start:end].split("+", maxsplit=1)[0]
    if len(code) == 8:
        return [(start, end, 0.85 if code[0] in _OLC[:9] and code[1] in _OLC[:18] else 0.0)]
    town = re.compile(r",? [A-ZÀ-Þ][^\W\d_]+(?:,? [A-ZÀ-Þ][^\W\d_]+)?").match(text, end)
    if re.search(r"(?i)plus ?code", text[max(0, start - 24) : start]) is not None:
        return [(start, end, 0.8)]
    return [(start, town.end(), 0.7)] if town is not None and any(c.isdigit() for c in code) else []


def link(text: str, start: int, end: int) -> Spans:
    """A link without the punctuation of the sentence that it stands in."""
    close = end
    while close > start and (
        text[close - 1] in _END_OF_LINK
        or (text[close - 1] == ")" and text.count("(", start, close) < text.count(")", start, close))
        or (text[close - 1] in "]}>" and text.count({"]": "[", "}": "{", ">": "<"}[text[close - 1]], start, close) == 0)
    ):
        close -= 1
    host = re.compile(r"(?i)(?:[a-z][a-z+]*://)?([^/?#\s]*)").match(text, start, close)
    return [(start, close, 0.6)] if host is not None and len(host[1].strip(".")) > 2 else []


def map_link(text: str, start: int, end: int) -> Spans:
    """A link into a map: as far as the link goes."""
    return [(low, high, 0.85) for low, high, _ in link(text, start, end)]


def _degrees(number: str) -> float:
    return float(number.replace(",", "."))
