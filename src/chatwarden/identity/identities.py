"""Accounts of people whom somebody else names: a website or a company. Found again by issuer and subject alone.

A name or an e-mail address that comes along never leads to an account: it is not the issuer's to give away. The account
is made when it is first needed; it has no password, so its person comes only by the way by which they came first.
"""

from __future__ import annotations

import os
import re
from typing import cast

from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.clock import Instant
from chatwarden.identity.model import User
from chatwarden.ids import Randomness, new_id
from chatwarden.principal import Role
from chatwarden.storage.model import Database, Stale, Transaction

_READABLE = re.compile(r"[A-Za-z0-9._-]{1,31}")
_TRIES = 3


class Identities:
    """The table ``identities`` and the accounts behind it."""

    def __init__(self, database: Database, audit: AuditLog, random: Randomness = os.urandom) -> None:
        self._database = database
        self._audit = audit
        self._random = random

    async def account(
        self, issuer: str, subject: str, *, prefix: str, role: Role, now: Instant, actor: str, called: str = ""
    ) -> User:
        """The account of this person; a new one is named after *prefix* and what the person is *called* there, or the
        subject, where that is readable.
        """
        readable = called or (subject if _READABLE.fullmatch(subject) else "")
        for attempt in range(_TRIES):
            user = await self._find(issuer, subject)
            if user is not None:
                return user
            # A name that is taken, and be it by chance, is not this person's: another one is.
            name = f"{prefix}+{readable}" if readable and not attempt else f"{prefix}+{self._random(8).hex()}"
            user = User(new_id("usr", self._random), name, role, enabled=True, password=None)
            try:
                await self._add(user, issuer, subject, now, actor)
            except Stale:
                continue
            return user
        raise AssertionError("unreachable: a random name is free")

    async def issuers_of(self, user_id: str) -> list[str]:
        """Who names this person."""
        rows = await self._database.fetch("SELECT issuer FROM identities WHERE user_id = ?", (user_id,))
        return [cast("str", row[0]) for row in rows]

    async def _find(self, issuer: str, subject: str) -> User | None:
        rows = await self._database.fetch(
            "SELECT u.id, u.name, u.role, u.state, u.password FROM identities i JOIN users u ON u.id = i.user_id "
            "WHERE i.issuer = ? AND i.subject = ?",
            (issuer, subject),
        )
        if not rows:
            return None
        id_, name, role, state, password = rows[0]
        return User(
            cast("str", id_), cast("str", name), Role(cast("str", role)), state == "enabled",
            cast("str | None", password),
        )  # fmt: skip

    async def _add(self, user: User, issuer: str, subject: str, now: Instant, actor: str) -> None:
        tx = Transaction()
        tx.add(
            "INSERT INTO users (id, name, role, state, password, created_at) VALUES (?, ?, ?, ?, ?, ?)",
            (user.id, user.name, user.role.value, "enabled", None, now),
        )
        tx.add("INSERT INTO identities (issuer, subject, user_id) VALUES (?, ?, ?)", (issuer, subject, user.id))
        self._audit.append(
            tx, Event.USER_ADDED, lane=Lane.CLIENT, actor=actor, at=now, object=user.id, reason=user.role.value
        )
        await self._database.commit(tx)
