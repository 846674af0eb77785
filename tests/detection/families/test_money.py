"""Cards, codes, stripes, IBANs and wallets."""

import pytest

from chatwarden.detection.families.money import MONEY
from chatwarden.detection.scan import Scanner

SCANNER = Scanner(MONEY)


@pytest.mark.parametrize(
    ("text", "data_class", "value"),
    [
        ("4111 1111 1111 1111", "payment-card", "4111 1111 1111 1111"), ("amex 378282246310005", "payment-card", "378282246310005"), ("cvc 123", "card-code", "123"), ("code de sécurité : 066", "card-code", "066"), ("Geheimzahl 4821", "card-code", "4821"),
        ("the cvv from the back side reads 727", "card-code", "727"), ("%B4111111111111111^SMITH/JOHN^27121010000000000?", "card-code", "%B4111111111111111^SMITH/JOHN^27121010000000000?"), (";4111111111111111=27121010000000000?", "card-code", ";4111111111111111=27121010000000000?"),
        ("DE89370400440532013000", "iban", "DE89370400440532013000"), ("send to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "crypto-wallet", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "crypto-wallet", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"), ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "crypto-wallet", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
        ("my solana wallet 7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV", "crypto-wallet", "7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV"),
    ],
)  # fmt: skip
def test_money_is_found(text: str, data_class: str, value: str) -> None:
    assert [(f.data_class, text[f.start : f.end]) for f in SCANNER.scan(text).findings] == [(data_class, value)]


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112", "EAN 4433765916126", "DE88370400440532013000", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD", "lottery 60 99 13 72 14 68",
        "0xd8fa2b1c", "5aeb6053f3e94c9b9a09f33669435e7ef1beaed0", "how do I change my PIN?", "cvv is three digits", "7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV",
    ],
)  # fmt: skip
def test_what_only_resembles_it_is_left_alone(text: str) -> None:
    assert SCANNER.scan(text).findings == ()


def test_a_text_full_of_what_is_costly_to_check_is_not_checked_to_the_end() -> None:
    wallets = " ".join(f"0x{at:040X}".replace("0X", "0x").replace("00", "aB") for at in range(10**18, 10**18 + 40))
    assert SCANNER.scan(wallets).unknown
