"""Wallets: the vectors of BIP-173, BIP-350, EIP-55 and BIP-32, and one wrong sign."""

import pytest

from chatwarden.detection import wallets as w


@pytest.mark.parametrize(
    "text",
    [
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
        "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
        "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
        "TJRabPrwbZy45sbavfcjinPJC18kjpRTv8",
    ],
)
def test_base58check(text: str) -> None:
    assert w.base58_address(text)
    assert not w.base58_address(text[:-1] + ("a" if text[-1] != "a" else "b"))
    assert not w.base58_address(text[:-1] + "0")


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", True),
        ("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", True),
        ("bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr", True),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", False),
        ("bc1QW508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", False),
        ("bc1qw5", False),
        ("1qqqqqqqq", False),
    ],
)
def test_bech32(text: str, *, right: bool) -> None:
    assert w.bech32(text) is right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", True),
        ("0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359", True),
        ("0x52908400098527886E0F7030069857D2E4169EE7", True),
        ("0xde709f2102306220921060314715629080e2fb77", True),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD", False),
        ("0x0000000000000000000000000000000000000000", False),
    ],
)
def test_ethereum(text: str, *, right: bool) -> None:
    assert w.ethereum(text) is right


def test_private_keys() -> None:
    assert w.base58_key("5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ")
    assert w.base58_key(
        "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi"
    )
    assert not w.base58_key("5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTK")
    assert not w.base58_key("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")
