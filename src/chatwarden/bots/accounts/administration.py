"""What administrators do with the accounts of bots, and what time does: add, rotate, stop, sweep.

A secret is made here, returned once and kept hashed. A locked instance comes back by another credential and by nothing
else: the old one is known to somebody who should not have it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.bots.accounts import rules, store
from chatwarden.bots.accounts.model import SECRET_PREFIX, Account, Credential, Instance, Issued, Method, State, Tell
from chatwarden.bots.accounts.service import digest
from chatwarden.clock import DAY, Duration, Instant
from chatwarden.config.model import AccountsConfig
from chatwarden.errors import Conflict, InvalidRequest, NotFound
from chatwarden.ids import Randomness, new_id
from chatwarden.storage.model import Database, Stale, Transaction

FIRST = "main"  # what the one instance of most bots is called


class Administration:
    """The accounts as administrators see them. Replace ``config`` when it was read again."""

    def __init__(
        self,
        database: Database,
        audit: AuditLog,
        config: AccountsConfig,
        *,
        tell: Tell,
        random: Randomness = os.urandom,
    ) -> None:
        self.config = config
        self._tell = tell
        self._database = database
        self._audit = audit
        self._random = random

    # -- making

    async def add(
        self, name: str, level: str, now: Instant, *, life: Duration, label: str = FIRST, key: bytes = b"",
        plain: bool = False, actor: str,
    ) -> Issued:  # fmt: skip
        """A new instance, and with the first one the account. *key*: its public key in PEM, instead of a secret. Raises
        Conflict, or InvalidRequest.
        """
        if not rules.is_label(label):
            raise InvalidRequest("an instance is called by 1 to 32 small letters, digits or dashes")
        account = await self._find(name)
        tx = Transaction()
        if account is None:
            account = Account(new_id("bot", self._random), name, level, State.ENABLED, now)
            store.add_account(tx, account)
            self._record(tx, Event.BOT_ADDED, account.id, now, actor, f"{name} {level}")
        elif account.level != level:
            raise Conflict(
                f"{name} has the access level {account.level}: chatwarden bot level {name} {level} changes it"
            )
        elif any(one.label == label for one in account.instances):
            raise Conflict(
                f"{name} has an instance {label} already: name another one with --instance, or rotate that one"
            )
        credential, secret = self._credential(1, key, now, life)
        instance = Instance(
            new_id("bin", self._random), account.id, label, plain, State.ENABLED, "", now, now, None, (credential,)
        )
        store.add_instance(tx, instance)
        store.add_credential(tx, instance.id, credential)
        told = f"{label} {credential.method}{' plain' if plain else ''}"
        self._record(tx, Event.BOT_INSTANCE_ADDED, instance.id, now, actor, told)
        await self._commit(tx, name)
        return Issued(account, instance, credential, secret)

    async def rotate(
        self, name: str, label: str, now: Instant, *, life: Duration, overlap: Duration, key: bytes = b"", actor: str
    ) -> Issued:
        """Another credential; the earlier ones count for *overlap* more. Those of a locked instance are over at once, and
        it is enabled again. Raises NotFound, Conflict or InvalidRequest.
        """
        account, instance = await self._one(name, label)
        methods = {one.method for one in instance.credentials}
        if methods and methods != {Method.KEY if key else Method.SECRET}:
            words = (
                "a key: give the new one with --key-file" if Method.KEY in methods else "a secret: leave --key-file out"
            )
            raise InvalidRequest(f"{instance.label} shows {words}")
        until = now if instance.state is State.LOCKED else now + overlap
        number = 1 + max((one.number for one in instance.credentials), default=0)
        credential, secret = self._credential(number, key, now, life)
        tx = Transaction()
        store.shorten(tx, instance.id, until)
        if until <= now:
            store.end_tokens(tx, instance.id)
        store.add_credential(tx, instance.id, credential)
        if instance.state is State.LOCKED:
            store.set_state(tx, instance, State.ENABLED, "")
            instance = replace(instance, state=State.ENABLED, reason="")
        self._record(tx, Event.BOT_ROTATED, instance.id, now, actor, f"{credential.method} {number}")
        await self._commit(tx, name)
        return Issued(account, instance, credential, secret)

    def _credential(self, number: int, key: bytes, now: Instant, life: Duration) -> tuple[Credential, str]:
        if not 0 < life <= rules.LIFE_MAX_DAYS * DAY:
            raise InvalidRequest(f"a credential lives for {rules.LIFE_MAX_DAYS}d at most")
        secret = "" if key else SECRET_PREFIX + self._random(32).hex()
        method, material = (Method.KEY, key) if key else (Method.SECRET, digest(secret))
        return Credential(number, method, material, 0, now, now + life), secret

    # -- stopping and going on

    async def set_enabled(self, name: str, label: str | None, now: Instant, *, enabled: bool, actor: str) -> None:
        """Stops or starts an account, or one of its instances: at once, with its tokens. Raises NotFound or Conflict."""
        state, event = (State.ENABLED, Event.BOT_ENABLED) if enabled else (State.DISABLED, Event.BOT_DISABLED)
        tx = Transaction()
        if label is None:
            account = await self.find(name)
            store.set_account_state(tx, account.id, state)
            for instance in account.instances:
                store.end_tokens(tx, instance.id)
            self._record(tx, event, account.id, now, actor)
        else:
            account, instance = await self._one(name, label)
            if instance.state is State.LOCKED:
                raise Conflict(f"{label} is locked: only another credential unlocks it, chatwarden bot rotate {name}")
            store.set_state(tx, instance, state, "" if enabled else "administrator")
            store.end_tokens(tx, instance.id)
            if enabled:
                store.restart_use(tx, instance.id, now)
            self._record(tx, event, instance.id, now, actor)
        await self._commit(tx, name)

    async def lock_all(self, tx: Transaction, now: Instant, reason: str, *, actor: str) -> None:
        """Ends every credential and token; what was enabled is locked for *reason* until it gets another credential."""
        for account in await self.all():
            for instance in account.instances:
                store.shorten(tx, instance.id, now)
                store.end_tokens(tx, instance.id)
                if instance.state is State.ENABLED:
                    store.set_state(tx, instance, State.LOCKED, reason)
                    self._record(tx, Event.BOT_LOCKED, instance.id, now, actor, reason)

    async def set_level(self, name: str, level: str, now: Instant, *, actor: str) -> Account:
        """Another access level: from the next use on, also for tokens that are out. Raises NotFound."""
        account = await self.find(name)
        tx = Transaction()
        store.set_level(tx, account.id, level)
        self._record(tx, Event.BOT_LEVEL_CHANGED, account.id, now, actor, f"{account.level} {level}")
        await self._commit(tx, name)
        return replace(account, level=level)

    # -- looking

    async def all(self) -> list[Account]:
        """Every account by name."""
        return await store.all_accounts(self._database)

    async def find(self, name: str) -> Account:
        """The account of this bot. Raises NotFound."""
        account = await self._find(name)
        if account is None:
            raise NotFound(f"{name} has no account: chatwarden bot add {name} --level LEVEL")
        return account

    async def _find(self, name: str) -> Account | None:
        return next((one for one in await self.all() if one.name == name), None)

    async def _one(self, name: str, label: str) -> tuple[Account, Instance]:
        """An instance by its label; without one, the only one there is."""
        account = await self.find(name)
        found = [one for one in account.instances if label in {"", one.label}]
        if not found:
            raise NotFound(f"{name} has no instance {label}")
        if len(found) > 1:
            labels = ", ".join(one.label for one in found)
            raise InvalidRequest(f"{name} has several instances: name one with --instance ({labels})")
        return account, found[0]

    # -- as time passes

    async def tend(self, now: Instant) -> None:
        """Disables what nobody uses, tells ahead what runs out, removes what is over. Each is a unit of its own: one that
        changed in this instant keeps no other from its turn.
        """
        for account in await self.all():
            for instance in account.instances:
                for tx in self._due(account, instance, now):
                    try:
                        await self._database.commit(tx)
                    except Stale:
                        continue  # it was used or changed in this instant: the next round sees it as it is
        tx = Transaction()
        store.forget_tokens(tx, now)
        await self._database.commit(tx)

    def _due(self, account: Account, instance: Instance, now: Instant) -> Iterator[Transaction]:
        for credential in instance.credentials:
            if credential.expires_at <= now:
                tx = Transaction()
                store.drop_credential(tx, instance.id, credential.number)
                self._record(
                    tx, Event.BOT_CREDENTIAL_ENDED, instance.id, now, "system",
                    f"{credential.method} {credential.number}", Lane.SYSTEM,
                )  # fmt: skip
                yield tx
        if account.state is not State.ENABLED:
            return
        if rules.is_unused(instance, now, self.config.unused_after):
            tx = Transaction()
            store.disable_if_still_unused(tx, instance)
            store.end_tokens(tx, instance.id)
            self._record(tx, Event.BOT_DISABLED, instance.id, now, "system", "unused", Lane.SYSTEM)
            self._tell(tx, "bot-unused", account.id, now)
            yield tx
        elif expiring := rules.is_expiring(instance, now, self.config.warn_before):
            tx = Transaction()
            store.note_warned(tx, instance.id, expiring.number)
            self._tell(tx, "bot-expiring", account.id, now)
            yield tx

    # -- the log

    def _record(
        self, tx: Transaction, event: Event, object_: str, now: Instant, actor: str, reason: str = "",
        lane: Lane = Lane.STAFF,
    ) -> None:  # fmt: skip
        self._audit.append(tx, event, lane=lane, actor=actor, at=now, object=object_, reason=reason)

    async def _commit(self, tx: Transaction, name: str) -> None:
        try:
            await self._database.commit(tx)
        except Stale:
            raise Conflict(f"the account of {name} changed meanwhile; look at it and try again") from None
