"""Checks of national numbers that python-stdnum does not have, each after the authority that issues the number.

DE Versicherungsnummer: VKVV § 2 annex. ES: TGSS, number modulo 97. HU: Act XX of 1996. RU SNILS: PFR. TW: MOI, letter as
two figures. HK: Immigration Department, modulo 11. JP My Number: ordinance 85 of 2014, article 5. SG: ICA, weights and
letters. AU: Services Australia. NZ NHI: HISO 10046. EG: century, date, governorate. KR: modulo 11, only before October
2020. All take the text as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatwarden.detection.mrz import check_digit
from chatwarden.detection.validators import luhn

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TW_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
_NHI_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def _bare(text: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", text).upper()


def _weighed(digits: Sequence[int], weights: Sequence[int]) -> int:
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=True))


def _digits(text: str) -> list[int]:
    return [int(char) for char in text if char in "0123456789"]


def luhn_of(text: str) -> bool:
    """Luhn over the digits."""
    return luhn(_bare(text))


def de_pension(text: str) -> bool:
    """Area, date of birth, letter as two figures, serial, check digit: weights, sums of digits, modulo 10."""
    bare = _bare(text)
    if not _is_day(int(bare[2:4]), int(bare[4:6])):
        return False
    figures = _digits(f"{bare[:8]}{_ALPHABET.index(bare[8]) + 1:02d}{bare[9:11]}")
    products = [figure * weight for figure, weight in zip(figures, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True)]
    return sum(product // 10 + product % 10 for product in products) % 10 == int(bare[11])


def _is_day(day: int, month: int) -> bool:
    return 1 <= day <= 31 and 1 <= month <= 12


def icao_or_bare(text: str) -> bool:
    """A German card: nine characters, and where a tenth stands, ICAO 9303's check digit."""
    bare = _bare(text)
    return sum(char.isdigit() for char in bare) >= 3 and (len(bare) == 9 or check_digit(bare[:9]) == bare[9])


def es_nuss(text: str) -> bool:
    """Province, serial, and what both leave modulo 97."""
    bare = _bare(text)
    province, serial, check = bare[:2], bare[2:-2], int(bare[-2:])
    number = int(province) * 10_000_000 + int(serial) if int(serial) < 10_000_000 else int(province + serial)
    return 1 <= int(province) <= 66 and number % 97 == check


def hu_tax(text: str) -> bool:
    """Weights one to nine, modulo 11."""
    digits = _digits(text)
    return _weighed(digits[:9], range(1, 10)) % 11 == digits[9]


def ru_snils(text: str) -> bool:
    """Weights nine to one, modulo 101."""
    digits = _digits(text)
    return _weighed(digits[:9], range(9, 0, -1)) % 101 % 100 == int(_bare(text)[9:])


def tw_id(text: str) -> bool:
    """The letter as two figures, weights, modulo 10."""
    bare = _bare(text)
    letter = _TW_LETTERS.index(bare[0]) + 10
    return (letter // 10 + letter % 10 * 9 + _weighed(_digits(bare[1:]), (8, 7, 6, 5, 4, 3, 2, 1, 1))) % 10 == 0


def hk_id(text: str) -> bool:
    """One letter or two, weights, modulo 11."""
    bare = _bare(text)
    letters = bare[:-7]
    values = [36] * (2 - len(letters)) + [_ALPHABET.index(letter) + 10 for letter in letters]
    check = 10 if bare[-1] == "A" else int(bare[-1])
    return (_weighed(values + _digits(bare[-7:-1]), range(9, 1, -1)) + check) % 11 == 0


def jp_my_number(text: str) -> bool:
    """Weights two to seven from the right, modulo 11."""
    digits = _digits(text)
    rest = _weighed(digits[:11], (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return digits[11] == (0 if rest <= 1 else 11 - rest)


def kr_rrn(text: str) -> bool:
    """The date must be one. The check digit is no condition: numbers since October 2020 have none."""
    bare = _bare(text)
    return _is_day(int(bare[4:6]), int(bare[2:4]))


def sg_nric(text: str) -> bool:
    """Weights and a table of letters for each series."""
    bare = _bare(text)
    series, letter = bare[0], bare[-1]
    total = _weighed(_digits(bare[1:8]), (2, 7, 6, 5, 4, 3, 2)) + {"T": 4, "G": 4, "M": 3}.get(series, 0)
    table = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "F": "XWUTRQPNMLK", "G": "XWUTRQPNMLK", "M": "XWUTRQPNJLK"}[series]
    return table[total % 11] == letter


def au_medicare(text: str) -> bool:
    """Weights, modulo 10, over the first eight figures."""
    digits = _digits(text)
    return _weighed(digits[:8], (1, 3, 7, 9, 1, 3, 7, 9)) % 10 == digits[8]


def nz_nhi(text: str) -> bool:
    """Both forms: a check digit modulo 11, or since 2026 a letter modulo 24."""
    bare = _bare(text)
    values = [_NHI_LETTERS.index(char) + 1 if char.isalpha() else int(char) for char in bare[:6]]
    total = _weighed(values, (7, 6, 5, 4, 3, 2))
    if bare[6].isalpha():
        return 24 - total % 24 == _NHI_LETTERS.index(bare[6]) + 1
    return total % 11 != 0 and (11 - total % 11) % 10 == int(bare[6])


def eg_national(text: str) -> bool:
    """A century, a date and a governorate."""
    bare = _bare(text)
    return _is_day(int(bare[5:7]), int(bare[3:5])) and (1 <= int(bare[7:9]) <= 35 or bare[7:9] == "88")
