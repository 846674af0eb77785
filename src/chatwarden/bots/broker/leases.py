"""Which lease a session has with which application, and what is still to be said about leases that are over.

A lease is opened when a session's bot first asks an application, and ends with the session: here at once, in memory, so
that nothing is asked under it any more and what is under way is cut. That it ended is put on record and told to the
broker afterwards, and again until both worked. Not kept here: tokens, which only the broker has.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.bots.broker.client import Broker
from chatwarden.broker import wire
from chatwarden.broker.wire import End
from chatwarden.clock import Instant
from chatwarden.ids import Randomness, new_id, pooled
from chatwarden.storage.model import Database, Transaction

Lives = Callable[[str, Instant], Awaitable[bool]]
Tell = Callable[[Transaction, str, str, Instant], None]


@dataclass(frozen=True, slots=True)
class Held:
    """One lease. ``account`` is the bot's."""

    id: str
    session: str
    application: str
    account: str


class Leases:
    """Of one gateway. ``ended`` is set while there is something to say; ``lives`` knows whether a session does."""

    def __init__(
        self, database: Database, audit: AuditLog, broker: Broker, *, lives: Lives, tell: Tell,
        random: Randomness = pooled,
    ) -> None:  # fmt: skip
        self._database = database
        self._audit = audit
        self._broker = broker
        self._lives = lives
        self._tell = tell
        self._random = random
        self._of: dict[str, dict[tuple[str, str], Held]] = {}
        self._ending: dict[str, tuple[Held, str]] = {}
        self.ended = asyncio.Event()

    def get(self, session: str, application: str, account: str) -> Held | None:
        """The lease that is open."""
        return self._of.get(session, {}).get((application, account))

    def made(self, session: str, application: str, account: str) -> Held:
        """A lease, not open yet."""
        return Held(new_id("lea", self._random), session, application, account)

    def open(self, held: Held) -> Held:
        """Opens it, unless one was opened meanwhile: then that one."""
        return self._of.setdefault(held.session, {}).setdefault((held.application, held.account), held)

    def all(self) -> list[Held]:
        """Those that are open."""
        return [one for held in self._of.values() for one in held.values()]

    # -- ends

    def end(self, session: str, reason: str) -> None:
        """The session is over: so are its leases, and what is being asked for it is taken back."""
        for held in self._of.pop(session, {}).values():
            self._over(held, reason)
        self._broker.cut(session)

    def end_of(self, application: str, reason: str) -> None:
        """The application was removed."""
        for held in [one for one in self.all() if one.application == application]:
            del self._of[held.session][held.application, held.account]
            self._over(held, reason)

    def _over(self, held: Held, reason: str) -> None:
        self._ending[held.id] = held, reason
        self.ended.set()

    def note(
        self, tx: Transaction, event: Event, held: Held, now: Instant, *, reason: str = "", act: Sequence[str] = (),
        late: bool = False, decision: str = "allow",
    ) -> None:  # fmt: skip
        """Puts something about a lease on record."""
        self._audit.append(
            tx, event, lane=Lane.BOT, actor=held.account, at=now, object=held.id, act=act, session=held.session,
            resource=f"app:{held.application}", reason=reason, late=late, decision=decision,
        )  # fmt: skip

    async def tend(self, now: Instant) -> None:
        """Puts ends on record, tells the broker, and hears what became of earlier ones. Raises BrokerGone, StorageFailed;
        what was not done is done the next time.
        """
        self.ended.clear()
        for held, reason in list(self._ending.values()):
            if reason:
                tx = Transaction()
                self.note(tx, Event.LEASE_ENDED, held, now, reason=reason, late=True)
                await self._database.commit(tx)
                self._ending[held.id] = held, ""  # on record; the broker is still to be told
            if self._broker.used:
                await self._broker.ask(End(leases=[held.id]))
            self._ending.pop(held.id, None)
        if self._broker.used:
            await self._hear(now)

    async def _hear(self, now: Instant) -> None:
        told, _ = await self._broker.ask(wire.Leases())
        while told.leases:
            settled = [one.id for one in told.leases if await self._heard(one, now)]
            if not settled and len(told.leases) < wire.PAGE:
                return
            told, _ = await self._broker.ask(wire.Leases(told=settled, after=told.leases[-1].id))

    async def _heard(self, one: wire.Lease, now: Instant) -> bool:
        """Whether something of it was put on record that the broker may now forget."""
        held = Held(one.id, one.session, one.application, one.bot)
        if one.state == "open":
            await self._adopt(held, now)
        if one.state not in {"revoked", "expired"} and (one.state != "not-revoked" or one.told):
            return False
        tx = Transaction()
        if one.state == "not-revoked":
            self.note(tx, Event.LEASE_NOT_REVOKED, held, now, reason=str(one.tries), decision="deny")
            self._tell(tx, "lease-not-revoked", one.bot, now)
        else:
            self.note(tx, Event.LEASE_REVOKED, held, now, reason=one.state)
        await self._database.commit(tx)
        return True

    async def _adopt(self, held: Held, now: Instant) -> None:
        """A lease that an earlier process opened goes on with its session, or ends like it."""
        known = self.get(held.session, held.application, held.account)
        if held.id in self._ending or (known is not None and known.id == held.id):
            return
        if known is not None:
            self._over(held, "replaced")
        elif await self._lives(held.session, now):
            self.open(held)
        else:
            self._over(held, "session-over")
