"""The rows of company logins: what may be written there."""

from __future__ import annotations

import pytest

from chatwarden.config.parse import parse
from chatwarden.config.settings_company import COMPANY_SETTINGS, issuer, scopes, words
from chatwarden.errors import ConfigurationError


def test_all_of_them_are_taken_over_by_a_reload() -> None:
    assert all(setting.reload for setting in COMPANY_SETTINGS)


def test_an_issuer_stays_letter_by_letter() -> None:
    for text in ("https://login.example.org", "https://login.example.org/", "https://LOGIN.example.org:443/a/b/"):
        assert issuer(text) == text


@pytest.mark.parametrize(
    "value",
    ["login.example.org", "ftp://a.example", "https://", "https://u@a.example", "https://a.example?", "https://a#b",
     "https://a.example/a b", "https://a.example:0", "https://a.example:99999", "https://ä.example", "", 7, None],
)  # fmt: skip
def test_what_is_no_issuer_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="as the provider writes it"):
        issuer(value)


@pytest.mark.parametrize("value", ["mfa", [1], ["two words"], [""], ["x" * 256], ["a"] * 33, None])
def test_a_list_of_words_holds_words(value: object) -> None:
    with pytest.raises(ValueError, match="list of at most 32 words"):
        words(value)


def test_a_login_asks_for_openid() -> None:
    assert scopes(["openid", "groups", "openid"]) == ("openid", "groups")
    with pytest.raises(ValueError, match="openid"):
        scopes(["profile"])


@pytest.mark.parametrize(
    ("toml", "line"),
    [
        ("[company.a]\ndefault_role = 'admin'\n", 2),
        ("[company.a]\ndefault_role = 'auditor'\n", 2),
        ("[company.a]\ndefault_role = 'visitor'\n", 2),
        ("[company.a.roles]\nx = 'bot'\n", 2),
        ("[company.a.roles]\nx = ['agent']\n", 2),
        ("[company.a.rights]\nx = 'all'\n", 2),
        ("[company.a]\nsecret = 'abc'\n", 2),
        ("[company.A]\nclient = 'c'\n", 2),
        ("[company.a]\nmax_age = 3\n", 2),
        ("[company.a]\ndiscovery = 'x'\n", 2),
    ],
)
def test_what_may_not_be_written_is_refused_with_its_line(toml: str, line: int) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse(toml)
    assert refused.value.line == line
