"""What is random enough to be a secret, and what stands behind the word for one."""

import base64

import pytest

from chatwarden.classes import DataClass, Treatment
from chatwarden.clock import DAY
from chatwarden.detection import secrets_checks as checks
from chatwarden.detection.policy import decide
from chatwarden.detection.scan import Scanner
from chatwarden.detection.stream import StreamGuard

SCANNER = Scanner()


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


@pytest.mark.parametrize(
    ("word", "secret"),
    [("hunter2", True), ("hunter2.", True), ("wrong", False), ("Expired!", False), ("abc", False), ("abc...", False)],
)
def test_a_password_is_told_from_the_rest_of_a_sentence(word: str, *, secret: bool) -> None:
    assert checks.secret_word(word) is secret


PHRASES = [
    ("my password is tandem velvet orchid lantern", "tandem velvet orchid lantern"),
    ("my password is tandem velvet orchid lantern and I cannot log in", "tandem velvet orchid lantern"),
    ("password: correct horse battery staple, thanks", "correct horse battery staple"),
    ("Passwort: tandem-velvet-orchid bitte", "tandem-velvet-orchid"),
    ("the password for my account is tandem velvet orchid", "tandem velvet orchid"),
    ('my password is "two words" now', "two words"),
    ("my password is hunter2 and so on", "hunter2"),
    ("my password is Sommer2024 bitte helfen", "Sommer2024"),
]
NONE = [
    "my password is wrong again since Monday morning",
    "my password is required for every login attempt here",
    "the password for my account is wrong",
    "my password is not working please help",
    "password is secret.",
]


@pytest.mark.parametrize(("text", "value"), PHRASES)
def test_a_passphrase_is_hidden_to_its_last_word(text: str, value: str) -> None:
    (found,) = SCANNER.scan(text).findings
    assert text[found.start : found.end] == value


@pytest.mark.parametrize("text", NONE)
def test_a_sentence_about_a_password_is_none(text: str) -> None:
    assert SCANNER.scan(text).findings == ()


@pytest.mark.parametrize(("text", "value"), PHRASES)
def test_of_a_passphrase_in_a_stream_no_word_goes_out(text: str, value: str) -> None:
    removed = {DataClass.CREDENTIAL: Treatment.REMOVE}
    guard = StreamGuard(
        SCANNER, lambda verdict: decide(verdict, treatments=removed, lifetimes=dict.fromkeys(DataClass, DAY), default_lifetime=DAY)
    )  # fmt: skip
    out = "".join(guard.feed(char) for char in f"so {text}, it is said") + guard.finish()
    assert not any(word in out for word in value.split())
