"""``[oauth]``, ``[clients.NAME]`` and ``[sites.NAME]``: who may ask for tokens, and how they show that it is they."""

from __future__ import annotations

from chatwarden.config.model import ClientConfig, OAuthConfig, SiteConfig
from chatwarden.config.written import Written
from chatwarden.principal import Role

_KEYS = ("key_file", "jwks_file")


def oauth(written: Written) -> OAuthConfig:
    """How tokens are signed."""
    return OAuthConfig(**written.table("oauth"))


def clients(written: Written) -> dict[str, ClientConfig]:
    """Every client. Raises ConfigurationError."""
    return {name: _client(written, name) for name in written.names("clients")}


def sites(written: Written) -> dict[str, SiteConfig]:
    """Every website. Raises ConfigurationError."""
    found: dict[str, SiteConfig] = {}
    taken = {name: f"clients.{name}" for name in written.names("clients")}
    for name in written.names("sites"):
        table = written.table("sites", name)
        table["role"] = Role(table.get("role", Role.CUSTOMER))
        site = SiteConfig(name, **table)
        if not site.issuer:
            raise written.error(
                ("sites", name), f"sites.{name} needs an issuer", 'for example issuer = "https://www.example.org"'
            )
        if site.issuer in taken:
            raise written.error(
                ("sites", name, "issuer"), f"sites.{name}.issuer is the name of {taken[site.issuer]} already",
                "each issuer has its own keys and its own people",
            )  # fmt: skip
        _one_file(written, "sites", name, _KEYS)
        taken[site.issuer] = f"sites.{name}"
        found[name] = site
    return found


def _client(written: Written, name: str) -> ClientConfig:
    client = ClientConfig(name, **written.table("clients", name))
    _one_file(written, "clients", name, ("secret_file", *_KEYS))
    if client.grants and not client.audiences:
        raise written.error(
            ("clients", name, "grants"), f"clients.{name} needs audiences",
            'a token is for a service that is named: audiences = ["https://orders.example.org"]',
        )  # fmt: skip
    for field in ("audiences", "scopes"):
        if getattr(client, field) and not client.grants:
            raise written.error(
                ("clients", name, field), f"clients.{name}.{field} means nothing without grants",
                'for example grants = ["token-exchange"]',
            )  # fmt: skip
    return client


def _one_file(written: Written, table: str, name: str, fields: tuple[str, ...]) -> None:
    """Exactly one way to show who one is: with two, the weaker one would count."""
    given = [field for field in fields if (table, name, field) in written.values]
    if not given:
        raise written.error((table, name), f"{table}.{name} needs {' or '.join(fields)}")
    if len(given) > 1:
        raise written.error(
            (table, name, given[1]), f"{table}.{name} has both {given[0]} and {given[1]}", "keep one of them"
        )
