"""One form for all ways to write a value of the company's own."""

import pytest

from chatwarden.classes import DataClass, Finding
from chatwarden.detection.allow import AllowingScanner, AllowList, canonical
from chatwarden.detection.scan import Verdict


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+49 30 901820", "0049-30/901820"),
        ("DE89 3704 0044 0532 0130 00", "de89370400440532013000"),
        ("Help@Shop.example", " help@shop.example"),
        ("\uff14\uff19 30 90 18 20", "49 30 901820"),
    ],
)
def test_ways_to_write_the_same(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)
    assert other in AllowList([one])


@pytest.mark.parametrize(
    ("one", "other"), [("a.b@shop.example", "ab@shop.example"), ("+49 30 901820", "+49 30 901821"), ("12345", "2345")]
)
def test_other_values_stay_apart(one: str, other: str) -> None:
    assert other not in AllowList([one])


class Finds:
    """A scanner with one answer."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict

    def scan(self, text: str) -> Verdict:
        return self.verdict


def test_only_what_is_listed_is_taken_out_and_doubt_stays() -> None:
    listed, other = Finding(DataClass.PHONE, 0, 6, 0.9), Finding(DataClass.PHONE, 7, 13, 0.9)
    scanner = AllowingScanner(Finds(Verdict((listed, other))), AllowList(["111111"]))
    assert scanner.scan("111111 222222").findings == (other,)
    assert AllowingScanner(Finds(Verdict(unknown=True)), AllowList(["111111"])).scan("111111").unknown


def test_a_secret_is_found_though_it_is_listed() -> None:
    secret = Finding(DataClass.CREDENTIAL, 0, 6, 0.9)
    assert AllowingScanner(Finds(Verdict((secret,))), AllowList(["111111"])).scan("111111").findings == (secret,)
