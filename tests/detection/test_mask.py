"""A mask shows what stood there and is not found itself."""

import json
from pathlib import Path

import pytest

from chatwarden.classes import DataClass
from chatwarden.detection.mask import DOT, mask
from chatwarden.detection.scan import CLEAN, Scanner

SCANNER = Scanner()
VECTORS = Path(__file__).parents[1] / "vectors" / "detection"
VALUES = [
    (DataClass(file.stem), entry["value"])
    for file in sorted(VECTORS.glob("*.json"))
    for entry in json.loads(file.read_text())["found"]
]


@pytest.mark.parametrize(
    ("data_class", "value", "expected"),
    [
        (DataClass.PAYMENT_CARD, "4111 1111 1111 1111", "4111 11•• •••• 1111"),
        (DataClass.PAYMENT_CARD, "4111111111111111", "411111••••••1111"),
        (DataClass.PAYMENT_CARD, "411111111111", "••••••••••••"),
        (DataClass.IBAN, "DE89 3704 0044 0532 0130 00", "DE•• •••• •••• •••• ••30 00"),
        (DataClass.EMAIL, "jane.doe@example.com", "j•••@example.com"),
        (DataClass.EMAIL, "jane at example dot com", "[email hidden]"),
        (DataClass.PHONE, "+49 30 901820", "+49 3• ••••20"),
        (DataClass.PHONE, "020 7946 0018", "••• •••• ••18"),
        (DataClass.CREDENTIAL, "hunter2", "[secret hidden]"),
        (DataClass.CARD_CODE, "123", "[card code hidden]"),
        (DataClass.NATIONAL_ID, "536-90-4399", "[id number hidden]"),
        (DataClass.IP_ADDRESS, "93.184.216.34", "[ip address hidden]"),
        (DataClass.HEALTH, "anything", "[health hidden]"),
    ],
)
def test_a_mask_says_what_stood_there(data_class: DataClass, value: str, expected: str) -> None:
    assert mask(data_class, value) == expected


@pytest.mark.parametrize(("data_class", "value"), VALUES)
def test_a_mask_is_never_found_as_personal_data(data_class: DataClass, value: str) -> None:
    shown = mask(data_class, value)
    assert shown != value
    for text in (shown, f"card {shown}", f"my number is {shown}.", f"{shown} {shown}"):
        assert SCANNER.scan(text) == CLEAN


@pytest.mark.parametrize(("data_class", "value"), VALUES)
def test_no_more_than_first_six_and_last_four_are_shown(data_class: DataClass, value: str) -> None:
    if data_class in {DataClass.PAYMENT_CARD, DataClass.IBAN}:
        shown = mask(data_class, value)
        assert sum(c.isalnum() for c in shown) <= 10
        assert DOT * 1 in shown


@pytest.mark.parametrize("data_class", DataClass)
def test_every_class_has_a_mask_even_for_nothing(data_class: DataClass) -> None:
    mask(data_class, "")
    assert "secret-value" not in mask(data_class, "secret-value-0")
