"""Credentials where they do not belong: a person's as a bot's or the other way round, in a chat, in a file, in a vault.

Whatever this gateway hands out is known by its shape, whoever shows it. A password is known only by trying it: in a chat
against its writer's own hash and nobody else's, off the loop, a few times in a while, and beside the message, so that
neither the answer nor how long it takes says whether it was right. Only the log and an alarm say so.

Not here: taking what was typed out of the message (screening.py), refusing a request (web/doors.py).
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from chatwarden import tokens
from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.bots.accounts.service import BotAccounts
from chatwarden.clock import MINUTE, Instant
from chatwarden.config.files import credential
from chatwarden.config.model import BotConfig, Rate
from chatwarden.edge.gcra import Throttle
from chatwarden.errors import ConfigurationError, Problem
from chatwarden.identity.factors import Tell
from chatwarden.identity.service import Identity
from chatwarden.log import get_logger
from chatwarden.sessions.service import Sessions
from chatwarden.storage.model import Database, StorageFailed, Transaction

PASSWORD = "persons-password"  # noqa: S105  a word
TRIES = Rate(10 * MINUTE, 5)  # what one person types is tried so often
_VALUES = 4  # of one message
_WAITING = 1_000
_log = get_logger("misplaced")


class Misplaced:
    """Says whose a credential is, and tells when it is at the wrong place."""

    def __init__(
        self, database: Database, audit: AuditLog, identity: Identity, sessions: Sessions, accounts: BotAccounts,
        throttle: Throttle, tell: Tell,
    ) -> None:  # fmt: skip
        self._database = database
        self._audit = audit
        self._identity = identity
        self._sessions = sessions
        self._accounts = accounts
        self._throttle = throttle
        self._tell = tell
        self._trying: set[asyncio.Task[None]] = set()

    # -- whose it is

    async def whose(self, credential: str) -> str | None:
        """Why *credential* must not be kept as an application's or a bot's: a word, or None for one that is not known
        here. *credential* is a token, or ``user:password``, also as the value of an Authorization field.
        """
        found = tokens.kinds(tokens.first(credential))
        if found:
            return min(found)
        name, colon, password = _plain(credential).partition(":")
        user = await self._identity.by_name(name) if colon and password else None
        if user is not None and await self._identity.is_own_password(user.id, password):
            return PASSWORD
        return None

    async def counts(self, credential: str, now: Instant) -> str:
        """Who the log names for a token: who it was given to, or ``unknown`` for one that opens nothing."""
        token = tokens.first(credential)
        kind = tokens.kinds(token)
        if tokens.BOT in kind:
            return await self._accounts.holder(token)
        if tokens.PERSON not in kind:
            return "unknown"
        try:
            return (await self._sessions.authenticate(token, now)).principal.id
        except Problem:
            return "unknown"

    async def in_files(self, bots: Mapping[str, BotConfig], home: Path, now: Instant) -> list[tuple[str, str, str]]:
        """Bot, setting and reason for every file of a connector that holds what it must not: put on record and alarmed."""
        found = []
        for name, bot in bots.items():
            for setting, path in credential_files(bot):
                with suppress(ConfigurationError):  # a file that cannot be used is told where it would be used
                    if why := await self.whose(credential(home / path, setting)):
                        await self.note(f"bots.{name}.{setting}", why, now, actor="control", alarm=True)
                        found.append((name, setting, why))
        return found

    # -- telling

    async def note(
        self, where: str, why: str, now: Instant, *, actor: str, lane: Lane = Lane.SYSTEM, cause: str = "", alarm: bool
    ) -> None:  # fmt: skip
        """Puts on record that a credential was at the wrong place; with *alarm*, administrators are told."""
        tx = Transaction()
        self._audit.append(
            tx, Event.CREDENTIAL_MISPLACED, lane=lane, actor=actor, at=now, object=where, decision="deny", reason=why,
            cause=cause,
        )  # fmt: skip
        if alarm:
            self._tell(tx, "credential-misplaced", "" if actor == "unknown" else actor, now)
        await self._database.commit(tx)

    # -- what is typed

    def typed(self, person: str, values: Sequence[str], now: Instant, entry: str) -> None:
        """Looks at the secrets that a person typed, beside what becomes of the message."""
        if values and len(self._trying) < _WAITING:
            task = asyncio.get_running_loop().create_task(self._try(person, values[:_VALUES], now, entry))
            self._trying.add(task)
            task.add_done_callback(self._trying.discard)

    async def _try(self, person: str, values: Sequence[str], now: Instant, entry: str) -> None:
        try:
            for value in values:
                found = tokens.kinds(tokens.first(value))
                why = min(found) if found else PASSWORD if await self._is_own(person, value, now) else ""
                if why:
                    await self.note("chat", why, now, actor=person, lane=Lane.CLIENT, cause=entry, alarm=True)
        except StorageFailed:
            _log.error("misplaced-not-recorded")

    async def _is_own(self, person: str, value: str, now: Instant) -> bool:
        if self._throttle.take(f"typed:{person}", TRIES, now):
            return False
        return await self._identity.is_own_password(person, value)

    async def settled(self) -> None:
        """Waits until everything that was typed was looked at."""
        while self._trying:
            await asyncio.gather(*self._trying)


def credential_files(bot: BotConfig) -> list[tuple[str, Path]]:
    """The files whose content a connector shows to somebody, by the setting that names each."""
    files = [
        ("credential_file", bot.credential_file),
        ("token.secret_file", bot.token.secret_file if bot.token else None),
    ]
    return [(setting, path) for setting, path in files if path is not None]


def _plain(credential: str) -> str:
    """``user:password`` out of an Authorization field of HTTP Basic, or as it is."""
    scheme, _, rest = credential.partition(" ")
    if scheme.lower() != "basic":
        return credential
    try:
        return base64.b64decode(rest, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return credential
