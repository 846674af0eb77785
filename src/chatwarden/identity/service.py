"""Accounts: adding people, checking passwords, one-time enrolment links."""

from __future__ import annotations

import hashlib
import os
from typing import cast

from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.clock import DAY, Instant
from chatwarden.errors import Conflict, InvalidCredentials, NotFound
from chatwarden.identity.model import User, parse_name, parse_new_password
from chatwarden.identity.passwords import Passwords
from chatwarden.ids import Randomness, new_id
from chatwarden.principal import STAFF, Principal, Role
from chatwarden.storage.model import Database, Row, Stale, Transaction

ENROLMENT_LIFETIME = DAY
_COLUMNS = "id, name, role, state, password"


class Identity:
    """The accounts of people."""

    def __init__(
        self, database: Database, audit: AuditLog, passwords: Passwords, random: Randomness = os.urandom
    ) -> None:
        self._database = database
        self._audit = audit
        self._passwords = passwords
        self._random = random

    async def login(self, name: str, password: str, now: Instant) -> User:
        """The user behind name and password. Raises InvalidCredentials: one answer and one cost for unknown, wrong,
        disabled and not enrolled; the log tells them apart.
        """
        user = await self._by_name(name)
        right = await self._passwords.verify(user.password if user else None, password)
        if user is not None and right and user.enabled:
            return user
        reason = "unknown" if user is None else "disabled" if right else "wrong-password"
        tx = Transaction()
        self._audit.append(
            tx, Event.LOGIN_REFUSED, lane=Lane.CLIENT, actor=user.id if user else "unknown", at=now,
            decision="deny", reason=reason,
        )  # fmt: skip
        await self._database.commit(tx)
        raise InvalidCredentials

    async def check_password(self, principal: Principal, password: str) -> bool:
        """Whether *password* is this person's own."""
        user = await self._by_name(principal.name)
        right = await self._passwords.verify(user.password if user else None, password)
        return right and user is not None and user.id == principal.id and user.enabled

    async def add(self, name: str, role: Role, now: Instant, *, actor: str, password: str | None = None) -> User:
        """A new account. Raises InvalidRequest, or Conflict when the name is taken."""
        hashed = None if password is None else await self._passwords.hash(parse_new_password(password))
        user = User(new_id("usr", self._random), parse_name(name), role, enabled=True, password=hashed)
        tx = Transaction()
        tx.add(
            f"INSERT INTO users ({_COLUMNS}, created_at) VALUES (?, ?, ?, ?, ?, ?)",  # noqa: S608
            (user.id, user.name, user.role.value, "enabled", hashed, now),
        )
        self._record(tx, Event.USER_ADDED, user, now, actor)
        try:
            await self._database.commit(tx)
        except Stale:
            raise Conflict(f"there is a user named {name} already") from None
        return user

    async def enrolment(self, name: str, now: Instant, *, actor: str) -> str:
        """A one-time token with which this person sets a password within a day. Earlier ones die."""
        user = await self.find(name)
        token = self._random(32).hex()
        tx = Transaction()
        tx.add("DELETE FROM enrolments WHERE user_id = ? OR expires_at < ?", (user.id, now))
        tx.add(
            "INSERT INTO enrolments (token_hash, user_id, expires_at) VALUES (?, ?, ?)",
            (_hash(token), user.id, now + ENROLMENT_LIFETIME),
        )
        self._record(tx, Event.USER_ENROLMENT_ISSUED, user, now, actor)
        await self._database.commit(tx)
        return token

    async def enrol(self, token: str, password: str, now: Instant) -> User:
        """Sets the password with a one-time token. Raises InvalidRequest or NotFound (absent, used, expired)."""
        parse_new_password(password)
        rows = await self._database.fetch(
            "SELECT u.id, u.name, u.role, u.state, u.password FROM enrolments e JOIN users u ON u.id = e.user_id "
            "WHERE e.token_hash = ? AND e.expires_at > ?",
            (_hash(token), now),
        )
        if not rows:
            raise NotFound
        user = _user(rows[0])
        hashed = await self._passwords.hash(password)
        tx = Transaction()
        # Taken in one statement: of two at once, one wins.
        tx.add("DELETE FROM enrolments WHERE token_hash = ? AND expires_at > ?", (_hash(token), now), expect=1)
        tx.add("UPDATE users SET password = ? WHERE id = ?", (hashed, user.id), expect=1)
        self._record(tx, Event.USER_ENROLLED, user, now, user.id)
        try:
            await self._database.commit(tx)
        except Stale:
            raise NotFound from None
        return user

    async def set_enabled(self, name: str, now: Instant, *, enabled: bool, actor: str) -> User:
        """Enables or disables an account; the caller ends its sessions."""
        user = await self.find(name)
        tx = Transaction()
        tx.add("UPDATE users SET state = ? WHERE id = ?", ("enabled" if enabled else "disabled", user.id), expect=1)
        self._record(tx, Event.USER_ENABLED if enabled else Event.USER_DISABLED, user, now, actor)
        await self._database.commit(tx)
        return user

    async def find(self, name: str) -> User:
        """The user with this name. Raises NotFound."""
        user = await self._by_name(name)
        if user is None:
            raise NotFound(f"there is no user named {name}")
        return user

    async def present(self, user: User) -> User | None:
        """The account as it is now: it may have changed since *user* was read."""
        return await self._by_name(user.name)

    async def all(self) -> list[User]:
        """Every account by name."""
        rows = await self._database.fetch(f"SELECT {_COLUMNS} FROM users ORDER BY name")  # noqa: S608
        return [_user(row) for row in rows]

    async def _by_name(self, name: str) -> User | None:
        rows = await self._database.fetch(f"SELECT {_COLUMNS} FROM users WHERE name = ?", (name,))  # noqa: S608
        return _user(rows[0]) if rows else None

    def _record(self, tx: Transaction, event: Event, user: User, now: Instant, actor: str) -> None:
        lane = Lane.CLIENT if actor == user.id and user.role not in STAFF else Lane.STAFF
        self._audit.append(tx, event, lane=lane, actor=actor, at=now, object=user.id, reason=user.role.value)


def _user(row: Row) -> User:
    id_, name, role, state, password = row
    return User(
        cast("str", id_), cast("str", name), Role(cast("str", role)), state == "enabled", cast("str | None", password)
    )


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
