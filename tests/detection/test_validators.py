"""Evidence beyond the pattern."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.detection import validators as v


@given(st.text("0123456789", min_size=1, max_size=18), st.data())
def test_luhn_notices_every_single_wrong_digit(payload: str, data: st.DataObject) -> None:
    number = next(payload + check for check in "0123456789" if v.luhn(payload + check))
    place = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[place]]))
    assert not v.luhn(number[:place] + other + number[place + 1 :])


@pytest.mark.parametrize(
    ("digits", "valid"),
    [
        ("4111111111111111", True),
        ("5555555555554444", True),
        ("2223003122003222", True),
        ("378282246310005", True),
        ("6011111111111117", True),
        ("30569309025904", True),
        ("3530111333300000", True),
        ("4222222222222", True),
        ("4111111111111112", False),
        ("0000000000000000", False),
        ("1111111111111117", False),
        ("411111111111", False),
        ("41111111111111111111", False),
    ],
)
def test_a_card_number_has_an_issuer_a_length_and_a_check_digit(digits: str, *, valid: bool) -> None:
    assert v.payment_card(digits) is valid


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("4111 1111 1111 1111", ["4111 1111 1111 1111"]),
        ("12 4111 1111 1111 1111 99", ["4111 1111 1111 1111"]),
        ("4111111111111111 5555555555554444", ["4111111111111111", "5555555555554444"]),
        ("4111 1111 1111 1112", []),
        ("94111111111111111", []),
        ("", []),
    ],
)
def test_card_numbers_stand_on_the_borders_of_groups(text: str, found: list[str]) -> None:
    assert [text[low:high] for low, high in v.card_spans(text)] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("DE89 3704 0044 0532 0130 00", ["DE89 3704 0044 0532 0130 00"]),
        ("DE89370400440532013000 GB29NWBK60161331926819", ["DE89370400440532013000", "GB29NWBK60161331926819"]),
        ("DE89 3704 0044 0532 0130 00 and more", ["DE89 3704 0044 0532 0130 00"]),
        ("DE893704004405320130001", []),
        ("DE88370400440532013000", []),
        ("XX89370400440532013000", []),
        ("DE89 3704", []),
    ],
)
def test_an_iban_has_a_country_its_length_and_its_check_digits(text: str, found: list[str]) -> None:
    assert [text[low:high] for low, high in v.iban_spans(text)] == found


@pytest.mark.parametrize(
    ("text", "public"),
    [
        ("93.184.216.34", True),
        ("192.168.1.20", False),
        ("2001:db8::1", False),
        ("2003:d1::1", True),
        ("203.0.113.7", False),
        ("127.0.0.1", False),
        ("0.0.0.0", False),
        ("255.255.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("300.1.1.1", False),
        ("nonsense", False),
    ],
)
def test_an_address_that_may_be_somebodys(text: str, *, public: bool) -> None:
    assert v.public_ip(text) is public


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("+49 30 901820", True),
        ("004930901820", True),
        ("+1 202 555 0101", True),
        ("+999 12345678", False),
        ("+", False),
    ],
)
def test_an_international_number_fits_its_countrys_plan(text: str, *, valid: bool) -> None:
    assert v.phone_international(text) is valid


@pytest.mark.parametrize(("text", "valid"), [("020 7946 0018", True), ("030 901820", True), ("1", False), ("0", False)])
def test_a_national_number_fits_some_home_regions_plan(text: str, *, valid: bool) -> None:
    assert v.phone_national(text) is valid


@pytest.mark.parametrize(
    ("name", "text", "valid"),
    [
        ("es.dni", "54362315K", True),
        ("es.dni", "54362315A", False),
        ("gb.nhs", "943 476 5870", True),
        ("us.ssn", "000-12-3456", False),
        ("be.nn", "85.07.30-033.28", True),
    ],
)
def test_a_national_number_is_checked_by_its_countrys_rule(name: str, text: str, *, valid: bool) -> None:
    assert v.stdnum(name)(text) is valid
