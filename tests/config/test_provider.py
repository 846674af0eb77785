"""Clients and websites: one way each to show who they are, and nothing that would be meaningless. With its line."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from chatwarden.clock import DAY
from chatwarden.config.model import ClientConfig, OAuthConfig, SiteConfig
from chatwarden.config.parse import parse
from chatwarden.config.provider import clients, oauth, sites
from chatwarden.config.written import Written
from chatwarden.errors import ConfigurationError
from chatwarden.principal import Role

SOUND = """
[oauth]
algorithm = "ES256"
rotate = "7d"
[clients.orders]
secret_file = "secrets/orders"
grants = ["token-exchange"]
scopes = ["orders:read"]
audiences = ["https://orders.example.org", "https://stock.example.org"]
[clients.proxy]
key_file = "secrets/proxy.pem"
[sites.shop]
issuer = "https://www.example.org"
jwks_file = "secrets/shop.json"
"""


def read(toml: str) -> Written:
    return Written(toml, tomllib.loads(toml))


def test_what_is_written_is_what_is_meant() -> None:
    written = read(SOUND)
    assert oauth(written) == OAuthConfig("ES256", 7 * DAY)
    assert clients(written) == {
        "orders": ClientConfig(
            "orders", secret_file=Path("secrets/orders"), grants=("token-exchange",), scopes=("orders:read",),
            audiences=("https://orders.example.org", "https://stock.example.org"),
        ),
        "proxy": ClientConfig("proxy", key_file=Path("secrets/proxy.pem")),
    }  # fmt: skip
    assert sites(written) == {
        "shop": SiteConfig("shop", "https://www.example.org", jwks_file=Path("secrets/shop.json"), role=Role.CUSTOMER)
    }


def test_nobody_is_known_unless_they_are_written() -> None:
    assert (oauth(read("")), clients(read("")), sites(read(""))) == (OAuthConfig(), {}, {})


@pytest.mark.parametrize(
    ("toml", "line", "says"),
    [
        ("[clients.a]\n", 1, "needs secret_file or key_file or jwks_file"),
        ("[clients.a]\nsecret_file = 's'\nkey_file = 'k'\n", 3, "has both secret_file and key_file"),
        ("[clients.a]\nkey_file = 'k'\njwks_file = 'j'\n", 3, "has both key_file and jwks_file"),
        ("[clients.a]\nsecret_file = 's'\ngrants = ['client_credentials']\n", 3, "needs audiences"),
        ("[clients.a]\nsecret_file = 's'\naudiences = ['https://o.example']\n", 3, "nothing without grants"),
        ("[clients.a]\nsecret_file = 's'\nscopes = ['a']\n", 3, "nothing without grants"),
        ("[sites.a]\nkey_file = 'k'\n", 1, "needs an issuer"),
        ("[sites.a]\nissuer = 'https://a.example'\n", 1, "needs key_file or jwks_file"),
        ("[sites.a]\nissuer = 'i'\nkey_file = 'k'\njwks_file = 'j'\n", 4, "has both"),
        (
            "[sites.a]\nissuer = 'i'\nkey_file = 'k'\n[sites.b]\nissuer = 'i'\nkey_file = 'k'\n", 5,
            "is the name of sites.a already",
        ),
        (
            "[clients.a]\nsecret_file = 's'\n[sites.b]\nissuer = 'a'\nkey_file = 'k'\n", 4,
            "is the name of clients.a already",
        ),
    ],
)  # fmt: skip
def test_what_is_impossible_is_refused_with_its_line(toml: str, line: int, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says) as refused:
        parse(toml)
    assert refused.value.line == line
