"""Passwords, codes, keys and tokens. The keys here are made of one letter: nobody's, and no scanner of others minds."""

import pytest

from chatwarden.detection.families.secrets import SECRETS
from chatwarden.detection.scan import Scanner

SCANNER = Scanner(SECRETS)
KEYS = (
    "AKIA" + "Q" * 16, "gh" + "p_" + "a" * 36, "glpat-" + "b" * 20, "xox" + "b-" + "1" * 12 + "-" + "c" * 24, "AI" + "za" + "d" * 35, "hf_" + "e" * 34, "npm_" + "f" * 36, "SG" + "." + "g" * 22 + "." + "h" * 43, "dop_v1_" + "a" * 64,
    "shpat_" + "b" * 32, "hvs." + "i" * 24, "sk_" + "live_" + "j" * 24, "123456789:AA" + "k" * 33, "cws_" + "c" * 64,
)  # fmt: skip


@pytest.mark.parametrize("key", KEYS, ids=lambda key: str(key)[:8])
def test_a_key_is_known_by_its_prefix(key: str) -> None:
    text = f"I use {key} for it"
    assert [text[f.start : f.end] for f in SCANNER.scan(text).findings] == [key]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("my password is hunter2", "hunter2"), ("mot de passe : sesame99", "sesame99"), ("das Kennwort war Sommer50426?", "Sommer50426?"), ("login ada password Zx9012!", "Zx9012!"), ("the passphrase for it is correct1horse", "correct1horse"),
        ("OTP 482910", "482910"), ("482910 is the verification code", "482910"), ("your security code 482910 is not accepted", "482910"), ("I got the code 482910 by SMS", "482910"),
        ("postgres://ada:s3cret@db.example/x", "s3cret"), ("Authorization: Basic YWRhOmh1bnRlcjI=", "YWRhOmh1bnRlcjI="), ("api_key=9f86d081884c7d65", "9f86d081884c7d65"), ("client secret: kX8vPq2LmN4rTz7w", "kX8vPq2LmN4rTz7w"),
        ("5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ", "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ"),
    ],
)  # fmt: skip
def test_a_secret_is_found_behind_its_word(text: str, value: str) -> None:
    assert value in [text[f.start : f.end] for f in SCANNER.scan(text).findings]


@pytest.mark.parametrize(
    "text",
    [
        "I forgot my password, it is not working", "The password is wrong again", "password must have 8 characters", "the 2FA code never arrives", "the code is 123", "my API key does not work any more", "secret: documentation page",
        "token expired", "basic documentation", "https://example.org/a:b@c", "risk_management_for_everyone", "the basics YWRhOmh1bnRlcjI", "hf_model", "Sommer50426",
    ],
)  # fmt: skip
def test_what_is_said_about_secrets_is_none(text: str) -> None:
    assert SCANNER.scan(text).findings == ()
