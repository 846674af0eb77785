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
from chatwarden.ids import new_id
from chatwarden.storage.model import Database, Transaction

RP = RelyingParty("localhost", "Test", ("https://localhost:8443",))
HERE = "203.0.113.7"


@dataclass
class Office:
    """Who keeps the accounts."""

    identity: Identity
    factors: Factors
    passwords: Passwords
    database: Database

    async def told(self) -> list[tuple[object, object]]:
        """The notices that wait to be sent: event and user."""
        return [(row[0], row[1]) for row in await self.database.fetch("SELECT event, user_id FROM notices ORDER BY no")]

    def close(self) -> None:
        self.passwords.close()


def office(database: Database, toml: str = "") -> Office:
    audit = AuditLog(database)
    passwords = Passwords(2, b"p" * 32)

    def tell(tx: Transaction, event: str, user_id: str, now: Instant) -> None:
        tx.add(
            "INSERT INTO notices (id, event, user_id, at, next_try, tries) VALUES (?, ?, ?, ?, ?, ?)",
            (new_id("ntc"), event, user_id, now, now, 0),
        )

    config = parse(toml)
    identity = Identity(
        database, audit, passwords, PasswordPolicy(config, Path("/nowhere")), key=b"k" * 32, rights=config.rights,
        tell=tell,
    )  # fmt: skip
    return Office(identity, Factors(database, audit, b"f" * 32, tell=tell), passwords, database)


def code(secret: str | bytes, now: Instant) -> str:
    """What an authenticator app shows at *now* (base32 text or the raw key)."""
    text = secret if isinstance(secret, str) else base64.b32encode(secret).decode()
    return pyotp.TOTP(text).at(now // SECOND)
