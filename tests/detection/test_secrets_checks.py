"""What is random enough to be a secret."""

import base64

import pytest

from chatwarden.detection import secrets_checks as checks


@pytest.mark.parametrize(
    ("text", "random"),
    [("9f86d081884c7d65", True), ("kX8vPq2LmN4rTz7w", True), ("aaaaaaaaaaaa1", False), ("documentation", False), ("123456789012", False)],
)  # fmt: skip
def test_letters_and_digits_without_repetition(text: str, *, random: bool) -> None:
    assert checks.looks_random(text) is random


@pytest.mark.parametrize(("text", "both"), [("hunter2", True), ("hunter", False), ("12345", False)])
def test_a_digit_and_a_letter(text: str, *, both: bool) -> None:
    assert checks.mixed(text) is both


@pytest.mark.parametrize(
    ("said", "pair"), [(b"ada:hunter2", True), (b"ada:", False), (b":pw", False), (b"no pair", False), (b"\xff\xfe:x", False)]
)  # fmt: skip
def test_a_name_and_a_password(said: bytes, *, pair: bool) -> None:
    assert checks.basic(base64.b64encode(said).decode().rstrip("=")) is pair
    assert not checks.basic("basic")
