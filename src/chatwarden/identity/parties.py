"""Programs that the configuration knows: clients and websites, and how each shows that it is who it says it is.

A party has either keys or secrets. Secrets are kept as hashes and compared in constant time, with the same work for a
name that nobody has. Whose assertion it is, the assertion says; whether that is so, the keys of that party alone decide.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from chatwarden.config.files import private_lines, readable
from chatwarden.config.model import ClientConfig, Config, SiteConfig
from chatwarden.errors import ConfigurationError, NotAccepted
from chatwarden.identity.keys import Keys, from_jwks, from_pem

# Letters that mean the same with and without the encoding that RFC 6749 section 2.3.1 asks for.
_SECRET = re.compile(r"[A-Za-z0-9._~-]{32,256}")
_SECRETS_MAX = 2


@dataclass(frozen=True, slots=True)
class Party:
    """One of them. ``id`` is how it names itself to us, ``actor`` how the log names it."""

    id: str
    actor: str
    config: ClientConfig | SiteConfig
    keys: Keys = ()
    secrets: tuple[bytes, ...] = field(default=(), repr=False)


class Parties:
    """Every party by its id. Raises ConfigurationError for a file that is not as it must be."""

    def __init__(self, config: Config, home: Path) -> None:
        self._home = home
        self._nobody = (os.urandom(32),)
        self._parties = {party.id: party for party in (self._read(one) for one in _configs(config))}

    def reconfigure(self, config: Config) -> list[str]:
        """Takes over who was written since, and reads every file again. Returns the names of those whose file cannot be
        used: they go on with what they had, unless they are new.
        """
        refused, found = [], {}
        for one in _configs(config):
            try:
                party = self._read(one)
            except ConfigurationError:
                refused.append(one.name)
                earlier = self._parties.get(_id(one))
                if earlier is None or type(earlier.config) is not type(one):
                    continue
                # What it may do is as written now; only how it is known stays.
                party = Party(earlier.id, _actor(one), one, earlier.keys, earlier.secrets)
            found[party.id] = party
        self._parties = found
        return refused

    def get(self, name: str) -> Party | None:
        """The party that names itself so."""
        return self._parties.get(name)

    def client(self, name: str) -> ClientConfig | None:
        """The client with this name."""
        party = self._parties.get(name)
        return party.config if party is not None and isinstance(party.config, ClientConfig) else None

    def with_secret(self, name: str, secret: str) -> Party:
        """The party with this id and secret. Raises NotAccepted."""
        party = self._parties.get(name)
        known = party.secrets if party is not None and party.secrets else self._nobody
        given = _hash(secret)
        # Every one is compared: how long it takes does not tell which one matched.
        right = [hmac.compare_digest(given, one) for one in known]
        if party is None:
            raise NotAccepted("unknown-client")
        if not any(right):
            raise NotAccepted("wrong-secret" if party.secrets else "wrong-method")
        return party

    def _read(self, one: ClientConfig | SiteConfig) -> Party:
        if isinstance(one, ClientConfig) and one.secret_file is not None:
            return Party(_id(one), _actor(one), one, secrets=_secrets(self._home / one.secret_file))
        if one.key_file is not None:
            keys = _keys(from_pem, self._home / one.key_file, "key_file")
        else:
            assert one.jwks_file is not None  # the configuration demands one of them
            keys = _keys(from_jwks, self._home / one.jwks_file, "jwks_file")
        return Party(_id(one), _actor(one), one, keys)


def _configs(config: Config) -> list[ClientConfig | SiteConfig]:
    return [*config.clients.values(), *config.sites.values()]


def _id(one: ClientConfig | SiteConfig) -> str:
    return one.name if isinstance(one, ClientConfig) else one.issuer


def _actor(one: ClientConfig | SiteConfig) -> str:
    return f"{'client' if isinstance(one, ClientConfig) else 'site'}:{one.name}"


def _keys(parse: Callable[[bytes], Keys], path: Path, setting: str) -> Keys:
    try:
        return parse(readable(path, setting))
    except ValueError as error:
        raise ConfigurationError(f"{path}: {error}", setting=setting) from None


def _secrets(path: Path) -> tuple[bytes, ...]:
    lines = private_lines(path, "secret_file")
    if not 1 <= len(lines) <= _SECRETS_MAX or not all(_SECRET.fullmatch(line) for line in lines):
        raise ConfigurationError(
            f"{path} does not hold a secret", hint="openssl rand -hex 32 makes one; two lines while one is replaced",
            setting="secret_file",
        )  # fmt: skip
    return tuple(_hash(line) for line in lines)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
