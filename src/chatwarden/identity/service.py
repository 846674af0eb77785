"""Accounts: adding people, checking passwords, one-time enrolment links, roles, resets.

Unknown, wrong, disabled and locked are one answer, by the same statements and the same hashing (ASVS 6.3.8). A password
that was wrong a hundred times in a row is taken only from where its person signed in before (NIST SP 800-63B-4, section
3.2.2): a stranger who guesses from elsewhere locks nobody out.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping
from typing import cast

from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.clock import DAY, Instant
from chatwarden.errors import Conflict, InvalidCredentials, NotFound
from chatwarden.identity.factors import Tell, untold
from chatwarden.identity.model import User, parse_name
from chatwarden.identity.passwords import Passwords
from chatwarden.identity.policy import PasswordPolicy
from chatwarden.ids import Randomness, new_id
from chatwarden.principal import STAFF, Kind, Principal, Role
from chatwarden.storage.model import Database, Row, Stale, Transaction

ENROLMENT_LIFETIME = DAY
KNOWN_FOR = 90 * DAY
FAILURES_MAX = 100
_WARN_AT = (10, 50, FAILURES_MAX)
_COLUMNS = "id, name, role, state, password, failures"
_NOBODY = ""
# Touches a row where, besides this account, an administrator is left who can come in. In a unit with what takes an
# administrator away: of two who take each other away at once, the second is refused.
_ANOTHER_ADMIN = (
    "UPDATE users SET state = state WHERE id = ? AND EXISTS (SELECT 1 FROM users AS other WHERE other.id <> users.id "
    "AND other.role = 'admin' AND other.state = 'enabled' AND (other.password IS NOT NULL "
    "OR EXISTS (SELECT 1 FROM identities WHERE identities.user_id = other.id)))"
)


class Identity:
    """The accounts of people. *key* (32 bytes) hides from where they sign in; ``rights`` are what a role may do in
    applications; ``tell`` puts a notice to the person into the unit that changes something.
    """

    def __init__(
        self,
        database: Database,
        audit: AuditLog,
        passwords: Passwords,
        policy: PasswordPolicy,
        random: Randomness = os.urandom,
        *,
        key: bytes,
        rights: Mapping[Role, tuple[str, ...]] | None = None,
        tell: Tell = untold,
    ) -> None:
        self.policy = policy
        self.rights = rights or {}
        self.tell = tell
        self._database = database
        self._audit = audit
        self._passwords = passwords
        self._random = random
        self._key = key

    # -- passwords

    async def login(self, name: str, password: str, source: str, now: Instant) -> User:
        """The user behind name and password, tried from *source*. Raises InvalidCredentials: one answer and one cost
        for unknown, wrong, disabled, locked and not enrolled; the log tells them apart.
        """
        user = await self.by_name(name)
        known = await self._is_known(user.id if user else _NOBODY, source, now)
        checked = await self._passwords.verify(user.password if user else None, password)
        locked = user is not None and user.failures >= FAILURES_MAX and not known
        if user is not None and checked.right and user.enabled and not locked:
            if checked.outdated:
                await self._rehash(user, password)
                user = await self.by_name(name) or user
            return user
        reason = "unknown"
        if user is not None:
            reason = "wrong-password" if not checked.right else "disabled" if not user.enabled else "locked"
        await self._refuse(user, reason, now)
        raise InvalidCredentials

    async def _refuse(self, user: User | None, reason: str, now: Instant) -> None:
        tx = Transaction()
        self._audit.append(
            tx, Event.LOGIN_REFUSED, lane=Lane.CLIENT, actor=user.id if user else "unknown", at=now,
            decision="deny", reason=reason,
        )  # fmt: skip
        self._count(tx, user, now)
        await self._database.commit(tx)

    def _count(self, tx: Transaction, user: User | None, now: Instant) -> None:
        # For nobody the same statement touches no row: an unknown name costs what a known one does.
        tx.add("UPDATE users SET failures = failures + 1 WHERE id = ?", (user.id if user else _NOBODY,))
        if user is not None and user.failures + 1 in _WARN_AT:
            self.tell(tx, "many-wrong-attempts", user.id, now)

    async def _rehash(self, user: User, password: str) -> None:
        """The parameters rose since: the password is hashed anew while it is at hand."""
        tx = Transaction()
        hashed = await self._passwords.hash(password)
        tx.add("UPDATE users SET password = ? WHERE id = ? AND password = ?", (hashed, user.id, user.password))
        await self._database.commit(tx)

    async def check_password(self, principal: Principal, password: str, now: Instant) -> bool:
        """Whether *password* is this person's own; a wrong one is counted."""
        user = await self.by_id(principal.id)
        checked = await self._passwords.verify(user.password if user else None, password)
        if checked.right and user is not None and user.enabled:
            return True
        tx = Transaction()
        self._count(tx, user, now)
        await self._database.commit(tx)
        return False

    async def set_password(self, user: User, password: str, now: Instant) -> None:
        """Another password, chosen by its person. Raises InvalidRequest."""
        hashed = await self._passwords.hash(self.policy.check(password, user.role, user.name))
        tx = Transaction()
        tx.add("UPDATE users SET password = ?, failures = 0 WHERE id = ?", (hashed, user.id), expect=1)
        self._record(tx, Event.PASSWORD_CHANGED, user, now, user.id)
        self.tell(tx, "password-changed", user.id, now)
        await self._database.commit(tx)

    def arrived(self, user: User, source: str, now: Instant) -> Transaction:
        """What is noted together with the session of somebody who proved who they are: wrong passwords before are
        forgiven, and *source* is known from now on.
        """
        tx = Transaction()
        tx.add("UPDATE users SET failures = 0, seen_at = ? WHERE id = ?", (now, user.id))
        tx.add(
            "INSERT INTO known_sources (user_id, source, at) VALUES (?, ?, ?) "
            "ON CONFLICT (user_id, source) DO UPDATE SET at = excluded.at",
            (user.id, self._source(source), now),
        )
        tx.add("DELETE FROM known_sources WHERE user_id = ? AND at < ?", (user.id, now - KNOWN_FOR))
        return tx

    async def _is_known(self, user_id: str, source: str, now: Instant) -> bool:
        return bool(
            await self._database.fetch(
                "SELECT 1 FROM known_sources WHERE user_id = ? AND source = ? AND at > ?",
                (user_id, self._source(source), now - KNOWN_FOR),
            )
        )

    def _source(self, source: str) -> bytes:
        return hmac.digest(self._key, b"source " + source.encode(), "sha256")

    # -- accounts

    async def add(self, name: str, role: Role, now: Instant, *, actor: str, password: str | None = None) -> User:
        """A new account. Raises InvalidRequest, or Conflict when the name is taken."""
        name = parse_name(name)
        hashed = None
        if password is not None:
            hashed = await self._passwords.hash(self.policy.check(password, role, name))
        user = User(new_id("usr", self._random), name, role, enabled=True, password=hashed)
        tx = Transaction()
        tx.add(
            f"INSERT INTO users ({_COLUMNS}, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            (user.id, user.name, user.role.value, "enabled", hashed, 0, now),
        )
        self._record(tx, Event.USER_ADDED, user, now, actor)
        try:
            await self._database.commit(tx)
        except Stale:
            raise Conflict(f"there is a user named {name} already") from None
        return user

    async def enrolment(self, name: str, now: Instant, *, actor: str) -> str:
        """A one-time token with which this person sets a password within a day. Earlier ones die. Raises Conflict for
        somebody who comes by a company login or a website: whoever leaves there must not come in here by a password.
        """
        user = await self.find(name)
        if await self.vouched(user.id):
            raise Conflict(f"{user.name} comes by a company login or a website and needs no password")
        tx = Transaction()
        token = self._enrolment(tx, user, now, actor)
        await self._database.commit(tx)
        return token

    def _enrolment(self, tx: Transaction, user: User, now: Instant, actor: str) -> str:
        token = self._random(32).hex()
        tx.add("DELETE FROM enrolments WHERE user_id = ? OR expires_at < ?", (user.id, now))
        tx.add(
            "INSERT INTO enrolments (token_hash, user_id, expires_at) VALUES (?, ?, ?)",
            (_hash(token), user.id, now + ENROLMENT_LIFETIME),
        )
        self._record(tx, Event.USER_ENROLMENT_ISSUED, user, now, actor)
        self.tell(tx, "enrolment-issued", user.id, now)
        return token

    def forget_enrolments(self, tx: Transaction) -> None:
        """No one-time link counts any more."""
        tx.add("DELETE FROM enrolments")

    async def enrol(self, token: str, password: str, now: Instant) -> User:
        """Sets the password with a one-time token. Raises InvalidRequest or NotFound (absent, used, expired)."""
        rows = await self._database.fetch(
            "SELECT u.id, u.name, u.role, u.state, u.password, u.failures FROM enrolments e "
            "JOIN users u ON u.id = e.user_id WHERE e.token_hash = ? AND e.expires_at > ?",
            (_hash(token), now),
        )
        if not rows:
            raise NotFound
        user = _user(rows[0])
        hashed = await self._passwords.hash(self.policy.check(password, user.role, user.name))
        tx = Transaction()
        # Taken in one statement: of two at once, one wins.
        tx.add("DELETE FROM enrolments WHERE token_hash = ? AND expires_at > ?", (_hash(token), now), expect=1)
        tx.add("UPDATE users SET password = ?, failures = 0 WHERE id = ?", (hashed, user.id), expect=1)
        self._record(tx, Event.USER_ENROLLED, user, now, user.id)
        self.tell(tx, "password-changed", user.id, now)
        try:
            await self._database.commit(tx)
        except Stale:
            raise NotFound from None
        return user

    async def reset(self, name: str, now: Instant, *, actor: str) -> tuple[User, str]:
        """Takes password and factors away, for somebody who lost them or whose account fell into other hands, and gives
        a new enrolment token; nothing, for somebody who needs no password. Nobody can choose another's password (ASVS
        6.4.6); the caller ends the sessions.
        """
        user = await self.find(name)
        vouched = await self.vouched(user.id)
        tx = Transaction()
        tx.add("UPDATE users SET password = NULL, failures = 0 WHERE id = ?", (user.id,), expect=1)
        tx.add("DELETE FROM factors WHERE user_id = ?", (user.id,))
        tx.add("DELETE FROM known_sources WHERE user_id = ?", (user.id,))
        self._record(tx, Event.USER_RESET, user, now, actor)
        token = "" if vouched else self._enrolment(tx, user, now, actor)
        self.tell(tx, "factors-reset", user.id, now)
        await self._database.commit(tx)
        return user, token

    async def set_role(
        self, name: str, role: Role, now: Instant, *, actor: str, keep_admin: bool = False
    ) -> User:  # fmt: skip
        """Another role; the caller ends the sessions, which have the rights of the old one. Raises Conflict, with
        *keep_admin*, where no administrator would be left who can come in.
        """
        user = await self.find(name)
        tx = Transaction()
        if keep_admin and role is not Role.ADMIN:
            self._keep_admin(tx, user)
        tx.add("UPDATE users SET role = ? WHERE id = ?", (role.value, user.id), expect=1)
        self._audit.append(
            tx, Event.USER_ROLE_CHANGED, lane=Lane.STAFF, actor=actor, at=now, object=user.id,
            reason=f"{user.role.value} {role.value}",
        )  # fmt: skip
        await self._commit_keeping(tx)
        return await self.find(name)

    async def set_enabled(
        self, name: str, now: Instant, *, enabled: bool, actor: str, keep_admin: bool = False
    ) -> User:  # fmt: skip
        """Enables or disables an account; the caller ends its sessions. Raises Conflict as ``set_role`` does."""
        user = await self.find(name)
        tx = Transaction()
        if keep_admin and not enabled:
            self._keep_admin(tx, user)
        tx.add("UPDATE users SET state = ? WHERE id = ?", ("enabled" if enabled else "disabled", user.id), expect=1)
        self._record(tx, Event.USER_ENABLED if enabled else Event.USER_DISABLED, user, now, actor)
        await self._commit_keeping(tx)
        return user

    def _keep_admin(self, tx: Transaction, user: User) -> None:
        if user.role is Role.ADMIN:
            tx.add(_ANOTHER_ADMIN, (user.id,), expect=1)

    async def _commit_keeping(self, tx: Transaction) -> None:
        try:
            await self._database.commit(tx)
        except Stale:
            raise Conflict("no administrator would be left who can sign in") from None

    async def note_export(self, user: User, now: Instant, *, actor: str) -> None:
        """All that is this person's own is about to be given out: in the log, and told to them."""
        tx = Transaction()
        self._record(tx, Event.EXPORT_MADE, user, now, actor)
        self.tell(tx, "data-exported", user.id, now)
        await self._database.commit(tx)

    # -- looking

    def principal(self, user: User, rights: tuple[str, ...] = ()) -> Principal:
        """The person as a principal, with the rights of the role and *rights* besides."""
        own = dict.fromkeys((*self.rights.get(user.role, ()), *rights))
        return Principal(user.id, Kind.PERSON, user.name, (user.role,), tuple(own))

    async def find(self, name: str) -> User:
        """The user with this name. Raises NotFound."""
        user = await self.by_name(name)
        if user is None:
            raise NotFound(f"there is no user named {name}")
        return user

    async def of(self, principal: Principal) -> User:
        """The account behind a principal. Raises NotFound: visitors and programs have none."""
        user = await self.by_id(principal.id)
        if user is None:
            raise NotFound
        return user

    async def vouched(self, user_id: str) -> bool:
        """Whether somebody else says who this person is: then they come in by that way and by no other."""
        return bool(await self._database.fetch("SELECT 1 FROM identities WHERE user_id = ?", (user_id,)))

    async def named_by(self, user: User) -> list[str]:
        """Who else says who this person is: issuers of company logins and websites."""
        rows = await self._database.fetch("SELECT issuer FROM identities WHERE user_id = ? ORDER BY issuer", (user.id,))
        return [cast("str", row[0]) for row in rows]

    async def dates(self, user: User) -> tuple[Instant, Instant | None]:
        """When the account was made, and when its person last signed in. Raises NotFound."""
        rows = await self._database.fetch("SELECT created_at, seen_at FROM users WHERE id = ?", (user.id,))
        if not rows:
            raise NotFound
        return cast("tuple[Instant, Instant | None]", tuple(rows[0]))

    async def present(self, user: User) -> User | None:
        """The account as it is now: it may have changed since *user* was read."""
        return await self.by_id(user.id)

    async def all(self) -> list[User]:
        """Every account by name."""
        rows = await self._database.fetch(f"SELECT {_COLUMNS} FROM users ORDER BY name")  # noqa: S608
        return [_user(row) for row in rows]

    async def unused_since(self, at: Instant) -> list[User]:
        """Enabled accounts that nobody used since *at* (PCI DSS 8.2.6); a new one counts from its making."""
        rows = await self._database.fetch(
            f"SELECT {_COLUMNS} FROM users WHERE state = 'enabled' AND COALESCE(seen_at, created_at) < ? ORDER BY name",  # noqa: S608
            (at,),
        )
        return [_user(row) for row in rows]

    async def is_own_password(self, user_id: str, password: str) -> bool:
        """Whether *password* is this person's own, for whoever only wants to know: nothing is counted, nobody let in."""
        user = await self.by_id(user_id)
        return (await self._passwords.verify(user.password if user else None, password)).right

    async def by_name(self, name: str) -> User | None:
        """The account with this name."""
        rows = await self._database.fetch(f"SELECT {_COLUMNS} FROM users WHERE name = ?", (name,))  # noqa: S608
        return _user(rows[0]) if rows else None

    async def by_id(self, user_id: str) -> User | None:
        """The account with this id."""
        rows = await self._database.fetch(f"SELECT {_COLUMNS} FROM users WHERE id = ?", (user_id,))  # noqa: S608
        return _user(rows[0]) if rows else None

    def _record(self, tx: Transaction, event: Event, user: User, now: Instant, actor: str) -> None:
        lane = Lane.CLIENT if actor == user.id and user.role not in STAFF else Lane.STAFF
        self._audit.append(tx, event, lane=lane, actor=actor, at=now, object=user.id, reason=user.role.value)


def _user(row: Row) -> User:
    id_, name, role, state, password, failures = row
    return User(
        cast("str", id_), cast("str", name), Role(cast("str", role)), state == "enabled", cast("str | None", password),
        cast("int", failures),
    )  # fmt: skip


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
