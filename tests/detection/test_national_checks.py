"""Checks of national numbers, with the examples of the authorities that issue them, and one wrong figure each."""

from collections.abc import Callable

import pytest

from chatwarden.detection import national_checks as n


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (n.de_pension, ["15 070649 C 103", "65170839J003"], ["65170839J004", "65171339J003"]),
        (n.icao_or_bare, ["T22000129", "T220001293", "LZ6311T475"], ["T220001294", "PERSONXYZ"]),
        (n.es_nuss, ["28 12345678 40", "281234567840", "28/0123456742"], ["28 12345678 41", "99 12345678 40"]),
        (n.hu_tax, ["8071592153"], ["8071592154"]),
        (n.ru_snils, ["112-233-445 95"], ["112-233-445 96"]),
        (n.tw_id, ["A123456789"], ["A123456788"]),
        (n.hk_id, ["A123456(3)", "G123456(A)", "AB987654(3)"], ["A123456(4)"]),
        (n.jp_my_number, ["1234 5678 9018"], ["123456789012"]),
        (n.kr_rrn, ["850730-1099260"], ["851330-1099260", "850740-1099260"]),
        (n.sg_nric, ["S1234567D", "T1234567J", "F1234567N", "G1234567X", "M1234567K"], ["S1234567A", "M1234567X"]),
        (n.au_medicare, ["2123 45670 1"], ["2123 45671 1"]),
        (n.nz_nhi, ["ZZZ0016", "JBX3656", "ZZZ00AX", "ZVU27KZ"], ["ZZZ0017", "ZVU27KA"]),
        (n.eg_national, ["28801011234567"], ["28813011234567", "28801019934567"]),
        (n.luhn_of, ["784-1985-1234567-3"], ["784-1985-1234567-4"]),
    ],
)
def test_a_number_is_right_and_with_a_wrong_figure_it_is_not(
    check: Callable[[str], bool], right: list[str], wrong: list[str]
) -> None:
    assert [check(one) for one in right] == [True] * len(right)
    assert [check(one) for one in wrong] == [False] * len(wrong)
