"""Bots sign in and act: secrets and generations in, tokens of five minutes out, and back from a token to who calls.

A token is 256 random bits, kept hashed, bound to an instance, to the credential that it signed in with and to that
sign-in's generation. It is looked up at every use together with the state of all of them, so that whatever is disabled,
locked or rotated away is dead at once. Where sign-ins are counted, an instance has one living token per credential.

Everything that is wrong raises NotAccepted; its reason is for the log. Not here: the signature of an assertion
(identity/jose.py), making and changing accounts (administration.py).
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable, Collection, Mapping
from typing import NoReturn

from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.bots.accounts import rules, store
from chatwarden.bots.accounts.model import (
    LIFETIME,
    TOKEN_PREFIX,
    Account,
    BotCaller,
    Instance,
    Method,
    Proved,
    SignedIn,
    State,
    Tell,
)
from chatwarden.bots.accounts.rules import Step
from chatwarden.clock import Instant
from chatwarden.errors import NotAccepted
from chatwarden.ids import Randomness
from chatwarden.storage.model import Database, Stale, Transaction

Levels = Mapping[str, tuple[str, ...]]
_TRIES = 3


class BotAccounts:
    """*bots* are the configured bots, *paused* says which of them must not act, ``levels`` are the access levels of the
    configuration; ``tell`` puts a notice into the unit that changes something.
    """

    def __init__(
        self,
        database: Database,
        audit: AuditLog,
        levels: Levels,
        *,
        bots: Collection[str],
        paused: Callable[[str], bool],
        tell: Tell,
        random: Randomness = os.urandom,
    ) -> None:
        self.levels = levels
        self.bots = bots
        self._paused = paused
        self._tell = tell
        self._database = database
        self._audit = audit
        self._random = random
        self._nobody = random(32)

    # -- who is it

    async def with_secret(self, instance_id: str, secret: str, now: Instant) -> Proved:
        """The instance with this id and secret. Raises NotAccepted, after the same work for an id that nobody has, one
        that has no secret, and a wrong one: two look-ups, one hash, comparisons in constant time.
        """
        found = await store.instance(self._database, instance_id)
        alive = rules.living(found[1], now) if found is not None else ()
        known = [one for one in alive if one.method is Method.SECRET]
        given = digest(secret)
        right = [one for one in known if hmac.compare_digest(given, one.material)]
        if not known:
            hmac.compare_digest(given, self._nobody)
        if found is None:
            raise NotAccepted("unknown-client")
        if not known:
            raise NotAccepted("wrong-method" if alive else "expired")
        if not right:
            raise NotAccepted("wrong-secret")
        return Proved(*found, right[0])

    async def keys(self, instance_id: str, now: Instant) -> list[Proved]:
        """What this instance would have shown with each of its living keys; empty for an id that nobody has."""
        found = await store.instance(self._database, instance_id)
        if found is None:
            return []
        return [Proved(*found, one) for one in rules.living(found[1], now) if one.method is Method.KEY]

    def standing(self, account: Account, instance: Instance) -> str:
        """Why this instance may neither sign in nor act, or an empty string."""
        why = rules.standing(account, instance, bots=self.bots, levels=self.levels)
        return why or ("paused" if self._paused(account.name) else "")

    # -- signing in

    async def sign_in(self, proved: Proved, generation: int | None, now: Instant) -> SignedIn:
        """A token for who showed a credential. Raises NotAccepted; what shows a copy locks the instance at once."""
        for _ in range(_TRIES):
            try:
                return await self._sign_in(proved, generation, now)
            except Stale:  # somebody else signed in with it, or stopped it: look again
                found = await store.instance(self._database, proved.instance.id)
                numbers = {} if found is None else {one.number: one for one in rules.living(found[1], now)}
                if found is None or proved.credential.number not in numbers:
                    raise NotAccepted("expired") from None
                proved = Proved(*found, numbers[proved.credential.number])
        raise NotAccepted("busy")

    async def _sign_in(self, proved: Proved, generation: int | None, now: Instant) -> SignedIn:
        account, instance, credential = proved.account, proved.instance, proved.credential
        if why := self.standing(account, instance):
            raise NotAccepted(why)
        behind = generation is not None and generation == credential.generation - 1
        unused = behind and await store.last_is_unused(self._database, instance, credential)
        step = rules.step(credential, generation, plain=instance.plain, unused=unused, now=now)
        if step.locks:
            await self._lock(account, instance, step.value, now)
        if step is Step.MISSING:
            raise NotAccepted(step.value)
        tx = Transaction()
        reached = 0 if instance.plain else credential.generation + (step is Step.ADVANCE)
        store.note_use(tx, instance, now)
        if step is Step.AGAIN:
            store.replace_last(tx, instance.id, credential)
        elif not instance.plain:
            store.advance(tx, instance.id, credential, now)
        token, ends = TOKEN_PREFIX + self._random(32).hex(), min(now + LIFETIME, credential.expires_at)
        store.add_token(tx, digest(token), instance.id, credential.number, reached, ends)
        self._audit.append(
            tx, Event.BOT_SIGNED_IN, lane=Lane.BOT, actor=account.id, at=now, object=instance.id,
            reason=f"{credential.method} {credential.number} {'plain' if instance.plain else reached}"
            + (" again" if step is Step.AGAIN else ""),
        )  # fmt: skip
        await self._database.commit(tx)
        return SignedIn(token, ends, reached, self.levels[account.level])

    async def _lock(self, account: Account, instance: Instance, reason: str, now: Instant) -> NoReturn:
        """Stops an instance whose credential two seem to have, with its tokens. Raises NotAccepted."""
        tx = Transaction()
        store.set_state(tx, instance, State.LOCKED, reason)
        store.end_tokens(tx, instance.id)
        self._audit.append(
            tx, Event.BOT_LOCKED, lane=Lane.SYSTEM, actor="system", at=now, object=instance.id, decision="deny",
            reason=reason,
        )  # fmt: skip
        self._tell(tx, "bot-copied", account.id, now)
        await self._database.commit(tx)
        raise NotAccepted(reason)

    # -- acting

    async def caller(self, token: str, now: Instant, *, instance: str = "") -> BotCaller:
        """Who calls with *token*, which must be this *instance*'s if one is given. Raises NotAccepted."""
        for _ in range(_TRIES):
            try:
                return await self._caller(token, instance, now)
            except Stale:  # it was replaced or stopped in this instant: look again
                continue
        raise NotAccepted("busy")

    async def _caller(self, token: str, only: str, now: Instant) -> BotCaller:
        if not is_token(token):
            raise NotAccepted("no-bot-token")
        key = digest(token)
        shown = await store.token(self._database, key)
        if shown is None:
            raise NotAccepted("unknown-token")
        account, instance = shown.account, shown.instance
        if only and only != instance.id:
            raise NotAccepted("another-client")
        if now >= shown.ends:
            raise NotAccepted("expired")
        if why := self.standing(account, instance):
            raise NotAccepted(why)
        if shown.replaced:
            await self._lock(account, instance, "answer-not-lost", now)
        if not shown.used:
            tx = Transaction()
            store.note_shown(tx, key)
            await self._database.commit(tx)
        rights = frozenset(self.levels[account.level])
        return BotCaller(
            account.id, account.name, instance.id, account.level, rights, shown.generation, shown.ends
        )  # fmt: skip

    async def holder(self, token: str) -> str:
        """How the log names who *token* was given to, as long as it is remembered."""
        shown = await store.token(self._database, digest(token))
        return "unknown" if shown is None else shown.account.id

    async def claimant(self, instance_id: str, secret: str, now: Instant) -> str:
        """How the log names the account whose id and secret these are."""
        try:
            return (await self.with_secret(instance_id, secret, now)).account.id
        except NotAccepted:
            return "unknown"

    async def actor(self, instance_id: str) -> str:
        """How the log names who an instance belongs to; never a stranger's words."""
        found = await store.instance(self._database, instance_id)
        return "unknown" if found is None else found[0].id

    async def revoke(self, token: str, instance_id: str, now: Instant) -> bool:
        """Takes a token back that belongs to this instance; whether it does. One that is over is taken back already."""
        shown = await store.token(self._database, digest(token))
        if shown is None:
            return True
        if shown.instance.id != instance_id:
            return False
        tx = Transaction()
        store.remove_token(tx, digest(token))
        self._audit.append(
            tx, Event.TOKEN_REVOKED, lane=Lane.BOT, actor=shown.account.id, at=now, object=instance_id
        )  # fmt: skip
        await self._database.commit(tx)
        return True


def is_token(text: str) -> bool:
    """Whether *text* has the shape of a bot's token."""
    return text.startswith(TOKEN_PREFIX) and len(text) == len(TOKEN_PREFIX) + 64


def digest(text: str) -> bytes:
    """What is kept of a token or a secret: both are 256 random bits, so nothing slower is needed."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
