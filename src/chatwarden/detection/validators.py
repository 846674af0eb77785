"""Evidence beyond the pattern: check digits, number plans, issuer ranges. Each takes the matched text.

A checksum of modulus m passes by chance once in m: it is evidence, not proof; the weights are in patterns.py.
python-stdnum and phonenumbers are loaded when a candidate first asks for them.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LI": 21, "LT": 20, "LU": 20, "LV": 21,
    "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28,
    "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TN": 24,
    "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip
# Issuer ranges, with the lengths that their numbers have.
_ISSUERS = tuple(
    (re.compile(prefix), frozenset(lengths))
    for prefix, lengths in (
        (r"4", (13, 16, 19)),  # Visa
        (r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720", (16,)),  # Mastercard
        (r"3[47]", (15,)),  # American Express
        (r"30[0-5]|3095|3[689]", (14, 16, 17, 18, 19)),  # Diners Club
        (r"6011|64[4-9]|65|62", (16, 17, 18, 19)),  # Discover, UnionPay
        (r"352[89]|35[3-8]", (16, 17, 18, 19)),  # JCB
        (r"50|5[6-9]|6[0379]", (12, 13, 14, 15, 16, 17, 18, 19)),  # Maestro and national debit cards
    )
)
_LUHN_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_NO_PHONE = re.compile(
    r"\d{1,3}(?:\.\d{1,3}){3}|\d{1,2}[./-]\d{1,2}[./-](?:\d\d)?\d\d|(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2}"
)  # addresses, dates
_HOME_REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "NL", "PL", "AT", "CH", "BE", "SE")


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 annex B."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = ord(char) - 48
        total += _LUHN_DOUBLED[value] if place % 2 else value
    return total % 10 == 0


def payment_card(digits: str) -> bool:
    """Length, issuer range, Luhn; not one digit repeated."""
    return (
        12 <= len(digits) <= 19
        and len(set(digits)) > 1
        and any(len(digits) in lengths and prefix.match(digits) for prefix, lengths in _ISSUERS)
        and luhn(digits)
    )


def card_spans(text: str) -> list[tuple[int, int]]:
    """Card numbers within a run of digits and separators: on the borders of its groups, longest first."""
    groups = [match.span() for match in re.finditer(r"\d+", text)]
    spans: list[tuple[int, int]] = []
    at = 0
    while at < len(groups):
        digits = ""
        best = None
        for last in range(at, min(len(groups), at + 19)):
            digits += text[groups[last][0] : groups[last][1]]
            if len(digits) > 19:
                break
            if payment_card(digits):
                best = last
        if best is None:
            at += 1
        else:
            spans.append((groups[at][0], groups[best][1]))
            at = best + 1
    if not spans and _only_cards("".join(text[low:high] for low, high in groups)):
        return [(groups[0][0], groups[-1][1])]  # pasted one behind the other, with nothing on the border
    return spans


def _only_cards(digits: str) -> bool:
    """Whether *digits* are two card numbers or more of the usual lengths, from the first digit to the last."""
    if not 28 <= len(digits) <= 96:
        return False
    reached = {0}
    for at in range(len(digits)):
        if at in reached:
            reached |= {at + size for size in (14, 15, 16) if payment_card(digits[at : at + size])}
    return len(digits) in reached


def unusual_card(text: str) -> float:
    """Most cards have 15 or 16 digits; so many or so few are as often the number of a thing."""
    digits = sum(char.isdigit() for char in text)
    return 0.0 if digits in {15, 16} else 0.45 if digits < 14 else 0.15


def iban_span(text: str) -> tuple[int, int] | None:
    """The IBAN at the start of *text* (ISO 13616): country, length, ISO 7064 mod 97-10."""
    length = _IBAN_LENGTHS.get(text[:2].upper())
    if length is None:
        return None
    compact = ""
    for at, char in enumerate(text):
        if char.isalnum():
            compact += char.upper()
            if len(compact) == length:
                follows = text[at + 1 : at + 2]
                if follows.isalnum():
                    return None
                number = "".join(str(int(c, 36)) for c in compact[4:] + compact[:4])
                return (0, at + 1) if int(number) % 97 == 1 else None
    return None


def iban_spans(text: str) -> list[tuple[int, int]]:
    """Every IBAN in a run of letters, digits and separators."""
    spans: list[tuple[int, int]] = []
    for match in re.finditer(r"(?i)(?<![A-Z0-9])[A-Z]{2}\d{2}", text):
        if spans and match.start() < spans[-1][1]:
            continue
        span = iban_span(text[match.start() : match.start() + 80])
        if span is not None:
            spans.append((match.start(), match.start() + span[1]))
    return spans


def luhn_of(text: str) -> bool:
    """Luhn over the digits of the first fifteen, or of all twenty of a SIM card; a software version behind an IMEI is none."""
    digits = re.sub(r"\D", "", text)
    return luhn(digits[:15] if len(digits) == 16 else digits) or (len(digits) in {18, 19} and digits.startswith("89"))


def hardware_address(text: str, start: int, end: int) -> list[tuple[int, int, float]]:
    """A unicast address of an interface (IEEE 802): no fingerprint of which it is a part, not all the same."""
    if text[start - 1 : start] in {":", "-", "."} or (
        text[end : end + 1] in {":", "-", "."} and text[end + 1 : end + 2].isalnum()
    ):
        return []
    figures = re.sub(r"[^0-9A-Fa-f]", "", text[start:end])
    return [(start, end, 0.75)] if int(figures[:2], 16) % 2 == 0 and len(set(figures)) > 2 else []


def public_ip(text: str) -> bool:
    """An address that may stand for a person's device: not private, loopback, multicast, for documentation or a netmask (IANA
    special-purpose registries).
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return address.is_global and not address.is_multicast


def ipv6(text: str, start: int, end: int) -> list[tuple[int, int, float]]:
    """An IPv6 address that is no part of something longer, as of a fingerprint."""
    if text[start - 1 : start] == ":" or text[end : end + 1] == ":" or not public_ip(text[start:end]):
        return []
    return [(start, end, 0.8)]


def phone_international(text: str) -> bool:
    """A valid number that begins with + or 00 (ITU-T E.164, by libphonenumber's plan)."""
    number = "+" + text[2:] if text.startswith("00") else text
    return _phone(number, None)


def phone_national(text: str) -> bool:
    """A valid number in one of the home regions."""
    return _NO_PHONE.fullmatch(text) is None and any(_phone(text, region) for region in _HOME_REGIONS)


def _phone(text: str, region: str | None) -> bool:
    phonenumbers = import_module("phonenumbers")
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(text, region)))
    except phonenumbers.NumberParseException:
        return False


def stdnum(name: str) -> Callable[[str], bool]:
    """The check of a python-stdnum module, for example ``es.dni``."""

    def check(text: str) -> bool:
        return bool(_module(name).is_valid(text))

    return check


@cache
def _module(name: str) -> Any:
    return import_module(f"stdnum.{name}")
