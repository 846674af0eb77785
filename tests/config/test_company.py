"""Company logins: what they need, and what would let in whom nobody meant. With its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatwarden.clock import HOUR
from chatwarden.config.model import CompanyConfig
from chatwarden.config.parse import parse
from chatwarden.errors import ConfigurationError
from chatwarden.principal import Role

SOUND = """
[company.acme]
issuer = "https://login.example.org/realms/staff"
client = "chatwarden"
secret_file = "secrets/acme"
title = "Acme"
scopes = ["openid", "profile", "groups"]
acr_values = ["gold"]
strong = ["mfa", "gold"]
max_age = "8h"
role_claim = "groups"
default_role = "customer"
[company.acme.roles]
"/staff/chat.admins" = "admin"
"support team" = "agent"
[company.acme.rights]
tellers = ["accounts:read"]
"""
LEAST = "[company.a]\nissuer = 'https://a.example'\nclient = 'c'\nsecret_file = 's'\n"


def test_what_is_written_is_what_is_meant() -> None:
    assert parse(SOUND).company == {
        "acme": CompanyConfig(
            "acme", "https://login.example.org/realms/staff", "chatwarden", secret_file=Path("secrets/acme"),
            title="Acme", scopes=("openid", "profile", "groups"), acr_values=("gold",), strong=("mfa", "gold"),
            max_age=8 * HOUR, role_claim="groups", default_role=Role.CUSTOMER,
            roles={"/staff/chat.admins": Role.ADMIN, "support team": Role.AGENT},
            rights={"tellers": ("accounts:read",)},
        )
    }  # fmt: skip


def test_roles_keep_the_order_in_which_they_are_written() -> None:
    assert list(parse(SOUND).company["acme"].roles) == ["/staff/chat.admins", "support team"]


def test_one_factor_is_what_a_login_counts_as_unless_it_says_otherwise() -> None:
    company = parse(LEAST + "default_role = 'customer'\n").company["a"]
    assert (company.strong, company.max_age, company.scopes) == (("mfa",), 0, ("openid", "profile"))


@pytest.mark.parametrize(
    ("toml", "line", "says"),
    [
        ("[company.a]\n", 1, "needs issuer"),
        ("[company.a]\nissuer = 'https://a.example'\n", 1, "needs client"),
        (LEAST.replace("secret_file = 's'\n", ""), 1, "needs either secret_file or key_file"),
        (LEAST + "key_file = 'k'\n", 1, "needs either secret_file or key_file"),
        (LEAST, 1, "lets nobody in"),
        (LEAST + "[company.a.roles]\nx = 'agent'\n", 5, "nothing without role_claim"),
        (LEAST + "default_role = 'agent'\n[company.a.rights]\nx = ['y']\n", 6, "nothing without role_claim"),
        (LEAST.replace("https", "http") + "default_role = 'customer'\n", 2, "is plain http"),
        (LEAST.replace("https://a.example", "http://127.0.0.1:9") + "default_role = 'agent'\n", 2, "is plain http"),
        (
            "[server]\nlab = true\n" + LEAST.replace("https", "http") + "default_role = 'agent'\n", 4,
            "is plain http",
        ),
        (
            LEAST + "default_role = 'agent'\n" + LEAST.replace(".a]", ".b]") + "default_role = 'agent'\n", 7,
            "is the issuer of company.a already",
        ),
        (
            LEAST + "default_role = 'agent'\n[sites.b]\nissuer = 'https://a.example'\nkey_file = 'k'\n", 2,
            "is the issuer of sites.b already",
        ),
    ],
)  # fmt: skip
def test_what_is_unsafe_or_impossible_is_refused_with_its_line(toml: str, line: int, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says) as refused:
        parse(toml)
    assert refused.value.line == line


def test_plain_http_is_for_the_lab_on_loopback() -> None:
    toml = LEAST.replace("https://a.example", "http://127.0.0.1:9/x") + "default_role = 'customer'\n"
    assert parse("[server]\nlab = true\n" + toml).company["a"].issuer == "http://127.0.0.1:9/x"
