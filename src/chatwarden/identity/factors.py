"""The factors of people beside the password: one-time codes, passkeys, recovery codes. Set up, proved, removed.

A factor counts from the moment in which its person has shown once that it works. Each proof is used up in the store, by
one statement that only one of several at once can win: a time step (RFC 6238, section 5.2), a signature counter, a
recovery code. After a hundred failures in a row a factor is no longer looked at (NIST SP 800-63B-4, section 3.2.2).
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.challenge import Challenge, Means
from chatwarden.clock import MINUTE, Instant
from chatwarden.crypto import seal, unseal
from chatwarden.errors import InvalidRequest, NotFound
from chatwarden.identity import passkeys, recovery, totp
from chatwarden.identity.model import User
from chatwarden.identity.passkeys import NotAccepted, RelyingParty
from chatwarden.ids import Randomness, new_id
from chatwarden.principal import STAFF
from chatwarden.storage.model import Database, Row, Stale, Transaction

PENDING_FOR = 10 * MINUTE
PER_USER = 16
FAILURES_MAX = 100
PRESENCE = "passkey-presence"
_NAME_MAX = 64
_PENDING_MAX = 10_000
_TRIES = 5
_COLUMNS = "id, user_id, kind, name, lookup, secret, mark, failures, created_at, used_at"

Given = str | Mapping[str, Any]
Tell = Callable[[Transaction, str, str, Instant], None]


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor as its person may see it."""

    id: str
    kind: str
    name: str
    created_at: Instant
    used_at: Instant | None


@dataclass(slots=True)
class _Pending:
    id: str
    user_id: str
    kind: str
    name: str
    secret: bytes
    ends: Instant
    tries: int = _TRIES


@dataclass(frozen=True, slots=True)
class _Stored:
    id: str
    user_id: str
    kind: str
    name: str
    secret: bytes
    mark: int
    failures: int
    created_at: Instant
    used_at: Instant | None


def untold(_tx: Transaction, _event: str, _user_id: str, _now: Instant) -> None:
    """Nobody is told."""


class Factors:
    """The factors of everybody. *key* (32 bytes) seals the keys of one-time codes and hides recovery codes; ``tell``
    puts a notice to the person into the unit that changes something.
    """

    def __init__(
        self, database: Database, audit: AuditLog, key: bytes, random: Randomness = os.urandom, tell: Tell = untold
    ) -> None:
        self.tell = tell
        self._database = database
        self._audit = audit
        self._key = key
        self._random = random
        self._pending: OrderedDict[str, _Pending] = OrderedDict()

    # -- looking

    async def of(self, user_id: str) -> list[Factor]:
        """Passkeys and one-time codes, oldest first."""
        rows = [one for one in await self._rows(user_id) if one.kind != Means.RECOVERY]
        return [Factor(one.id, one.kind, one.name, one.created_at, one.used_at) for one in rows]

    async def means(self, user_id: str) -> tuple[str, ...]:
        """The kinds of second factors that this person has, the strongest first; recovery codes are none by themselves."""
        kinds = {one.kind for one in await self._rows(user_id) if one.failures < FAILURES_MAX}
        return tuple(kind.value for kind in (Means.PASSKEY, Means.TOTP) if kind in kinds)

    async def recovery_left(self, user_id: str) -> int:
        """How many recovery codes are left."""
        return sum(one.kind == Means.RECOVERY for one in await self._rows(user_id))

    # -- setting up

    async def begin_totp(self, user: User, name: str, issuer: str, now: Instant) -> dict[str, str]:
        """A key for one-time codes, shown once: ``id``, ``secret`` (base32) and ``uri`` (otpauth)."""
        secret = totp.new_secret(self._random)
        pending = await self._begin(user, Means.TOTP, name, secret, now)
        text = base64.b32encode(secret).decode()
        return {"id": pending.id, "secret": text, "uri": totp.uri(secret, user.name, issuer)}

    async def begin_passkey(self, user: User, name: str, rp: RelyingParty, now: Instant) -> dict[str, Any]:
        """``id`` and the ``options`` for navigator.credentials.create."""
        pending = await self._begin(user, Means.PASSKEY, name, b"", now)
        exclude = [_unpacked(one.secret)[0] for one in await self._rows(user.id) if one.kind == Means.PASSKEY]
        options = passkeys.creation_options(
            rp, user_id=user.id, user_name=user.name, challenge=pending.id.encode(), exclude=exclude
        )
        return {"id": pending.id, "options": options}

    async def _begin(self, user: User, kind: Means, name: str, secret: bytes, now: Instant) -> _Pending:
        name = name.strip() or {"totp": "One-time codes", "passkey": "Passkey"}[kind.value]
        if len(name) > _NAME_MAX or not name.isprintable():
            raise InvalidRequest(
                f"a name has at most {_NAME_MAX} printable characters", status=422, reason="factor-name", n=_NAME_MAX
            )
        if len(await self.of(user.id)) >= PER_USER:
            raise InvalidRequest(
                f"a person has at most {PER_USER} factors", status=422, reason="factors-many", n=PER_USER
            )
        for old in [one for one in self._pending.values() if one.user_id == user.id and one.kind == kind]:
            del self._pending[old.id]
        while len(self._pending) >= _PENDING_MAX:
            self._pending.popitem(last=False)
        pending = _Pending(new_id("fac", self._random), user.id, kind.value, name, secret, now + PENDING_FOR)
        self._pending[pending.id] = pending
        return pending

    async def confirm(self, user: User, pending_id: str, given: Given, rp: RelyingParty, now: Instant) -> Factor:
        """The factor works: from now on it counts. Raises NotFound (absent, over, another's) or InvalidRequest 422 when
        what was given does not prove it.
        """
        pending = self._pending.get(pending_id)
        if pending is None or pending.user_id != user.id or now >= pending.ends:
            raise NotFound
        pending.tries -= 1
        if pending.tries <= 0:
            del self._pending[pending_id]
        secret, mark, lookup = self._proved(pending, given, rp, now)
        self._pending.pop(pending_id, None)
        tx = Transaction()
        tx.add(
            f"INSERT INTO factors ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            (pending.id, user.id, pending.kind, pending.name, lookup, secret, mark, 0, now, None),
        )
        self._note(tx, Event.FACTOR_ADDED, user, pending.id, pending.kind, now)
        self.tell(tx, "factor-added", user.id, now)
        try:
            await self._database.commit(tx)
        except Stale:
            raise InvalidRequest("this passkey is set up already", status=422, reason="passkey-known") from None
        return Factor(pending.id, pending.kind, pending.name, now, None)

    def _proved(
        self, pending: _Pending, given: Given, rp: RelyingParty, now: Instant
    ) -> tuple[bytes, int, bytes | None]:
        if pending.kind == Means.TOTP:
            step = totp.accepted_step(pending.secret, given, now, 0) if isinstance(given, str) else None
            if step is None:
                raise InvalidRequest(
                    "the code is not right; is the clock of that device right?", status=422, reason="code-wrong"
                )
            return seal(self._key, pending.id.encode(), pending.secret, self._random), step, None
        try:
            made = passkeys.registered(rp, pending.id.encode(), {} if isinstance(given, str) else given)
        except NotAccepted:
            raise InvalidRequest("the passkey was not accepted", status=422, reason="passkey-wrong") from None
        if not made.user_verified:
            raise InvalidRequest(
                "a passkey must ask for your finger, face or code", status=422, reason="passkey-presence"
            )
        packed = made.credential_id + made.public_key + len(made.public_key).to_bytes(2, "big")
        return packed, made.sign_count, _lookup(made.credential_id)

    async def renew_recovery(self, user: User, now: Instant) -> list[str]:
        """New recovery codes, shown once; earlier ones die."""
        codes = recovery.new_codes(self._random)
        tx = Transaction()
        tx.add("DELETE FROM factors WHERE user_id = ? AND kind = ?", (user.id, Means.RECOVERY.value))
        for code in codes:
            tx.add(
                f"INSERT INTO factors ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
                (
                    new_id("fac", self._random), user.id, Means.RECOVERY.value, "", recovery.lookup(code, self._key),
                    b"", 0, 0, now, None,
                ),
            )  # fmt: skip
        self._note(tx, Event.RECOVERY_RENEWED, user, user.id, "", now)
        self.tell(tx, "recovery-renewed", user.id, now)
        await self._database.commit(tx)
        return codes

    async def rename(self, user: User, factor_id: str, name: str, now: Instant) -> Factor:
        """Another name. Raises NotFound or InvalidRequest."""
        name = name.strip()
        if not name or len(name) > _NAME_MAX or not name.isprintable():
            raise InvalidRequest(
                f"a name has 1 to {_NAME_MAX} printable characters", status=422, reason="factor-name", n=_NAME_MAX
            )
        tx = Transaction()
        tx.add(
            "UPDATE factors SET name = ? WHERE id = ? AND user_id = ? AND kind <> ?",
            (name, factor_id, user.id, Means.RECOVERY.value), expect=1,
        )  # fmt: skip
        self._note(tx, Event.FACTOR_RENAMED, user, factor_id, "", now)
        await self._commit_or_absent(tx)
        return next(one for one in await self.of(user.id) if one.id == factor_id)

    async def remove(self, user: User, factor_id: str, now: Instant) -> None:
        """The factor counts no longer. Raises NotFound."""
        tx = Transaction()
        tx.add(
            "DELETE FROM factors WHERE id = ? AND user_id = ? AND kind <> ?",
            (factor_id, user.id, Means.RECOVERY.value), expect=1,
        )  # fmt: skip
        self._note(tx, Event.FACTOR_REMOVED, user, factor_id, "", now)
        self.tell(tx, "factor-removed", user.id, now)
        await self._commit_or_absent(tx)

    async def _commit_or_absent(self, tx: Transaction) -> None:
        try:
            await self._database.commit(tx)
        except Stale:
            raise NotFound from None

    # -- proving

    async def check(
        self, user_id: str, challenge: Challenge, kind: str, given: Given, rp: RelyingParty, now: Instant
    ) -> str:
        """The factor that *given* proves, or an empty string: ``totp``, ``recovery``, ``passkey``, or
        ``passkey-presence`` where the authenticator did not verify its user.
        """
        rows = [one for one in await self._rows(user_id) if one.kind == kind and one.failures < FAILURES_MAX]
        proved = ""
        if kind == Means.TOTP and isinstance(given, str):
            proved = await self._check_totp(rows, given, now)
        elif kind == Means.RECOVERY and isinstance(given, str):
            proved = await self._check_recovery(user_id, given, now)
        elif kind == Means.PASSKEY and not isinstance(given, str):
            proved = await self._check_passkey(rows, challenge, given, rp, now)
        if not proved and rows and kind != Means.RECOVERY:
            tx = Transaction()
            tx.add("UPDATE factors SET failures = failures + 1 WHERE user_id = ? AND kind = ?", (user_id, kind))
            if max(one.failures for one in rows) + 1 == FAILURES_MAX:
                self.tell(tx, "authenticator-disabled", user_id, now)
            await self._database.commit(tx)
        return proved

    async def _check_totp(self, rows: list[_Stored], code: str, now: Instant) -> str:
        for one in rows:
            step = totp.accepted_step(unseal(self._key, one.id.encode(), one.secret), code, now, one.mark)
            if step is not None and await self._used(one, step, now):
                return Means.TOTP.value
        return ""

    async def _check_recovery(self, user_id: str, code: str, now: Instant) -> str:
        lookup = recovery.lookup(code, self._key)
        if lookup is None:
            return ""
        tx = Transaction()
        tx.add(
            "DELETE FROM factors WHERE user_id = ? AND kind = ? AND lookup = ?",
            (user_id, Means.RECOVERY.value, lookup), expect=1,
        )  # fmt: skip
        self._audit.append(tx, Event.RECOVERY_USED, lane=Lane.CLIENT, actor=user_id, at=now, object=user_id)
        self.tell(tx, "recovery-used", user_id, now)
        try:
            await self._database.commit(tx)
        except Stale:
            return ""
        return Means.RECOVERY.value

    async def _check_passkey(
        self, rows: list[_Stored], challenge: Challenge, given: Mapping[str, Any], rp: RelyingParty, now: Instant
    ) -> str:
        try:
            credential_id, _ = passkeys.presented(given)
            for one in rows:
                own, public_key = _unpacked(one.secret)
                if own == credential_id:
                    done = passkeys.verified(rp, challenge.id.encode(), given, public_key, one.mark)
                    if not await self._used(one, done.sign_count, now, growing=done.sign_count > 0):
                        return ""
                    return Means.PASSKEY.value if done.user_verified else PRESENCE
        except NotAccepted:
            return ""
        return ""

    async def owner(self, given: Given) -> str:
        """Whose passkey is presented, or an empty string; nothing is proved yet."""
        if isinstance(given, str):
            return ""
        try:
            credential_id, _ = passkeys.presented(given)
        except NotAccepted:
            return ""
        rows = await self._database.fetch("SELECT user_id FROM factors WHERE lookup = ?", (_lookup(credential_id),))
        return cast("str", rows[0][0]) if rows else ""

    async def _used(self, one: _Stored, mark: int, now: Instant, *, growing: bool = True) -> bool:
        tx = Transaction()
        tx.add(
            f"UPDATE factors SET mark = ?, used_at = ?, failures = 0 WHERE id = ? AND mark {'<' if growing else '='} ?",  # noqa: S608
            (mark, now, one.id, mark), expect=1,
        )  # fmt: skip
        try:
            await self._database.commit(tx)
        except Stale:
            return False  # another answer at once used it
        return True

    async def _rows(self, user_id: str) -> list[_Stored]:
        rows = await self._database.fetch(
            f"SELECT {_COLUMNS} FROM factors WHERE user_id = ? ORDER BY created_at, id",  # noqa: S608
            (user_id,),
        )
        return [_stored(row) for row in rows]

    def _note(self, tx: Transaction, event: Event, user: User, factor_id: str, reason: str, now: Instant) -> None:
        lane = Lane.STAFF if user.role in STAFF else Lane.CLIENT
        self._audit.append(tx, event, lane=lane, actor=user.id, at=now, object=factor_id, reason=reason)


def _stored(row: Row) -> _Stored:
    id_, user_id, kind, name, _, secret, mark, failures, created_at, used_at = row
    return _Stored(
        cast("str", id_), cast("str", user_id), cast("str", kind), cast("str", name), cast("bytes", secret),
        cast("int", mark), cast("int", failures), cast("int", created_at), cast("int | None", used_at),
    )  # fmt: skip


def _unpacked(secret: bytes) -> tuple[bytes, bytes]:
    """Credential id and public key of a stored passkey."""
    size = int.from_bytes(secret[-2:], "big")
    return secret[: -size - 2], secret[-size - 2 : -2]


def _lookup(credential_id: bytes) -> bytes:
    return hashlib.sha256(credential_id).digest()
