"""Check digits of accounts: the examples of the banks' own descriptions, and a wrong figure each."""

from collections.abc import Callable

import pytest

from chatwarden.detection import banks


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (banks.rib, "20041 01005 0500013M026 06", "20041 01005 0500013M026 07"),
        (banks.cin, "X 05428 11101 000000123456", "Y 05428 11101 000000123456"),
        (banks.belgian, "539-0075470-34", "539-0075470-35"),
        (banks.nrb, "61 1090 1014 0000 0712 1981 2874", "61 1090 1014 0000 0712 1981 2875"),
        (banks.clabe, "032180000118359719", "032180000118359718"),
        (banks.account, "12345678", "20261128"),
        (banks.account, "200145-201", "11111111"),
        (banks.account, "4402-118", "2019-2024"),
    ],
)
def test_an_account_is_told_from_one_with_a_wrong_figure(check: Callable[[str], bool], right: str, wrong: str) -> None:
    assert check(right)
    assert not check(wrong)
