"""Accounts that are no IBAN."""

import pytest

from chatwarden.detection.families.accounts import ACCOUNTS
from chatwarden.detection.scan import Scanner

SCANNER = Scanner(ACCOUNTS)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("routing 021000021, account 123456789", ["021000021", "123456789"]), ("sort code 20-26-11 account 12345678", ["20-26-11", "12345678"]), ("account 20-26-11 12345678", ["20-26-11 12345678"]),
        ("BSB 062-000", ["062-000"]), ("a/c no 00123456789", ["00123456789"]), ("Kontonummer 1234567890, BLZ 370 400 44", ["1234567890", "370 400 44"]), ("RIB 20041 01005 0500013M026 06", ["20041 01005 0500013M026 06"]),
        ("CLABE 032180000118359719", ["032180000118359719"]), ("CBU 2850590940090418135201", ["2850590940090418135201"]), ("nr konta 61 1090 1014 0000 0712 1981 2874", ["61 1090 1014 0000 0712 1981 2874"]), ("číslo účtu 19-2000145399/0800", ["19-2000145399/0800"]),
        ("cuenta 2100 0418 45 0200051332", ["2100 0418 45 0200051332"]), ("kontonr 8601.11.17947", ["8601.11.17947"]), ("IFSC HDFC0001234", ["HDFC0001234"]),
    ],
)  # fmt: skip
def test_an_account_is_found_behind_its_word(text: str, values: list[str]) -> None:
    assert [text[f.start : f.end] for f in SCANNER.scan(text).findings] == values


@pytest.mark.parametrize(
    "text",
    [
        "123456789", "my account is locked since 2026-11-28", "account ending in 1234", "account opened 12-05-2019", "2 accounts with 4000 users", "invoice for account order 123456789", "the account costs 12.50 a month",
        "routing table has 65000 entries", "Konto mit 3 % Zinsen", "account balance 1,234,567", "account 11111111",
    ],
)  # fmt: skip
def test_what_is_said_about_an_account_is_none(text: str) -> None:
    assert SCANNER.scan(text).findings == ()
