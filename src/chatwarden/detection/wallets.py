"""Addresses and private keys of crypto currencies, by their own checks.

Base58Check (Bitcoin and its family, Tron, XRP with its alphabet): four bytes of double SHA-256. Bech32 and Bech32m:
BIP-173, BIP-350. Ethereum: EIP-55, where the address has letters of both sizes. Monero's check is Keccak's and is not
computed; its shape is rare enough.
"""

from __future__ import annotations

import hashlib

from chatwarden.detection.keccak import keccak_256

_BITCOIN = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_RIPPLE = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32M = 0x2BC830A3


def base58_payload(text: str, alphabet: str = _BITCOIN) -> bytes | None:
    """What *text* stands for, version first, if its check is right."""
    number = 0
    for char in text:
        value = alphabet.find(char)
        if value < 0:
            return None
        number = number * 58 + value
    zeros = len(text) - len(text.lstrip(alphabet[0]))
    raw = bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
    payload, check = raw[:-4], raw[-4:]
    right = hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
    return payload if len(payload) > 4 and right == check else None


def base58_address(text: str) -> bool:
    """A version byte and twenty bytes of a hash."""
    payload = base58_payload(text, _RIPPLE if text[0] == "r" else _BITCOIN)
    return payload is not None and len(payload) == 21


def base58_key(text: str) -> bool:
    """A private key for import (WIF), or an extended private key (BIP-32)."""
    payload = base58_payload(text)
    return payload is not None and len(payload) in {33, 34, 78}


def bech32(text: str) -> bool:
    """BIP-173 or BIP-350: one size of letters, right check."""
    if text not in {text.lower(), text.upper()}:
        return False
    prefix, _, data = text.lower().rpartition("1")
    values = [_BECH32.find(char) for char in data]
    if not prefix or len(values) < 6 or -1 in values:
        return False
    check = 1
    for value in [*(ord(c) >> 5 for c in prefix), 0, *(ord(c) & 31 for c in prefix), *values]:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(_GENERATORS):
            check ^= generator if top >> place & 1 else 0
    return check in {1, _BECH32M}


def ethereum(text: str) -> bool:
    """EIP-55. An address in letters of one size has no check and is taken as it is; one digit repeated is a placeholder."""
    digits = text[2:]
    if len(set(digits.lower())) < 4:
        return False
    if digits in {digits.lower(), digits.upper()}:
        return True
    nibbles = keccak_256(digits.lower().encode()).hex()
    return all(
        char.isdigit() or char.isupper() == (int(nibble, 16) > 7) for char, nibble in zip(digits, nibbles, strict=False)
    )
