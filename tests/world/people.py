"""Accounts and factors over a database, without a gateway around them; and the devices that people hold."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

import pyotp

from chatwarden.audit.service import AuditLog
from chatwarden.clock import SECOND, Instant
from chatwarden.config.parse import parse
from chatwarden.identity.factors import Factors
from chatwarden.identity.passkeys import RelyingParty
from chatwarden.identity.passwords import Passwords
from chatwarden.identity.policy import PasswordPolicy
from chatwarden.identity.service import Identity
from chatwarden.storage.model import Database, Transaction

RP = RelyingParty("localhost", "Test", ("https://localhost:8443",))
HERE = "203.0.113.7"


@dataclass
class Office:
    """Who keeps the accounts. ``told`` are the notices that went to people."""

    identity: Identity
    factors: Factors
    passwords: Passwords
    told: list[tuple[str, str]]

    def close(self) -> None:
        self.passwords.close()


def office(database: Database, toml: str = "") -> Office:
    audit = AuditLog(database)
    passwords = Passwords(2, b"p" * 32)
    told: list[tuple[str, str]] = []

    def tell(_tx: Transaction, event: str, user_id: str, _now: Instant) -> None:
        told.append((event, user_id))

    config = parse(toml)
    identity = Identity(
        database, audit, passwords, PasswordPolicy(config, Path("/nowhere")), key=b"k" * 32, rights=config.rights,
        tell=tell,
    )  # fmt: skip
    return Office(identity, Factors(database, audit, b"f" * 32, tell=tell), passwords, told)


def code(secret: str | bytes, now: Instant) -> str:
    """What an authenticator app shows at *now* (base32 text or the raw key)."""
    text = secret if isinstance(secret, str) else base64.b32encode(secret).decode()
    return pyotp.TOTP(text).at(now // SECOND)
