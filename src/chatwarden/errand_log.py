"""An errand on its way, and what the log has about errands: asked, answered, refused, and a credential that came back.

Nothing is asked before its entry is durable, and nothing comes back before the answer's is. A bot that is refused fast,
because it was talked into something or its token is stolen, must not fill the log: refusals stand there one by one as often
as ``limits.refusals`` permits for one bot and one person; those beyond are counted, and told in one entry a minute with how
many and why. A process that is killed loses the counts of its last minute, and of these only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from chatwarden.audit.model import Detail, Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.bots.accounts.model import BotCaller
from chatwarden.bots.broker.leases import Held, Leases
from chatwarden.bots.broker.model import Grant
from chatwarden.bots.turns import TurnGrant
from chatwarden.broker.wire import Answered, Application
from chatwarden.clock import MINUTE, Instant
from chatwarden.config.model import Rate
from chatwarden.conversations.model import Conversation
from chatwarden.edge.gcra import Throttle
from chatwarden.sessions.model import Session
from chatwarden.storage.model import Database, Transaction

SUMMED_EVERY = MINUTE
COUNTED = 10_000  # bots and persons whose refusals are counted apart; beyond, those of one bot are counted together
STRANGER = "unknown"
"""The actor of who shows no token of a bot."""
Tell = Callable[[Transaction, str, str, Instant], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a bot asks, as it was sent: ``path`` begins with a slash, behind the application's name."""

    application: str
    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(slots=True)
class Errand:
    """One errand that is allowed. ``entry`` is the one that says that it was asked."""

    caller: BotCaller
    asked: Asked
    turn: TurnGrant
    session: Session
    conversation: Conversation
    application: Application
    grant: Grant
    restored: frozenset[str] = frozenset()
    entry: str = ""


@dataclass(slots=True)
class _More:
    """Refusals of one bot and person that do not stand in the log one by one."""

    since: Instant
    reasons: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        counts = ", ".join(f"{-less} {reason}" for less, reason in sorted((-n, why) for why, n in self.reasons.items()))
        return f"and {self.reasons.total()} more: {counts}"


class ErrandLog:
    """Over the log. Replace ``rate`` when the configuration was read again; None: every refusal stands there."""

    def __init__(self, database: Database, audit: AuditLog, throttle: Throttle, tell: Tell, rate: Rate | None) -> None:
        self.rate = rate
        self._database = database
        self._audit = audit
        self._throttle = throttle
        self._tell = tell
        self._more: dict[tuple[str, str], _More] = {}

    # -- what was allowed

    async def called(self, errand: Errand, lease: Held, opening: Leases | None, now: Instant) -> None:
        """What is about to be asked, durably on record; and that *lease* is opened for it, where *opening* says so."""
        tx = Transaction()
        if opening is not None:
            opening.note(tx, Event.LEASE_OPENED, lease, now, act=(errand.session.principal.id,))
        detail = {
            "method": errand.asked.method, "path": errand.asked.path, "grant": errand.grant.id,
            "instance": errand.caller.instance,
        }  # fmt: skip
        errand.entry = self._append(
            tx, Event.BROKER_CALLED, errand, now, cause=errand.turn.cause, reason=" ".join(sorted(errand.restored)),
            detail=detail,
        )  # fmt: skip
        await self._database.commit(tx)

    async def answered(self, errand: Errand, failed: str, told: Answered | None, now: Instant) -> None:
        """What came of it. An application that returned a credential is an alarm."""
        tx = Transaction()
        detail = {"status": str(told.status)} if told is not None else None
        self._append(
            tx, Event.BROKER_ANSWERED, errand, now, cause=errand.entry, decision="deny" if failed else "allow",
            reason=failed, detail=detail, late=failed in {"session-ended", "grant-removed"},
        )  # fmt: skip
        if told is not None and told.echoes:
            self._append(tx, Event.BROKER_ECHO_FOUND, errand, now, cause=errand.entry, reason=str(told.echoes))
            self._tell(tx, "credential-echoed", errand.caller.account, now)
        await self._database.commit(tx)

    def _append(
        self, tx: Transaction, event: Event, errand: Errand, now: Instant, *, cause: str, decision: str = "allow",
        reason: str = "", detail: dict[str, str] | None = None, late: bool = False,
    ) -> str:  # fmt: skip
        person = errand.session.principal.id
        return self._audit.append(
            tx, event, lane=Lane.BOT, actor=errand.caller.account, at=now, act=(person,), cause=cause,
            object=errand.conversation.id, session=errand.session.id, resource=f"app:{errand.application.name}",
            decision=decision, reason=reason, late=late, detail=None if detail is None else Detail(person, detail),
        )  # fmt: skip

    # -- what was refused

    async def refused(
        self, actor: str, turn: TurnGrant | None, reason: str, now: Instant, *, grant: Grant | None = None,
        application: str = "",
    ) -> None:  # fmt: skip
        """Puts a refusal on record, or counts it. *application* is one that somebody granted: another name is the caller's
        own word, and stays out of the log.
        """
        person = "" if turn is None else turn.principal.id
        if self.rate is not None and self._throttle.take(f"refused:{actor}:{person}", self.rate, now):
            key = (actor, person)
            if key not in self._more and len(self._more) >= COUNTED:
                key = (actor, "")
            self._more.setdefault(key, _More(now)).reasons[reason] += 1
            return
        tx = Transaction()
        self._audit.append(
            tx, Event.BROKER_REFUSED, lane=Lane.BOT, actor=actor, at=now, decision="deny", reason=reason,
            act=(person,) if person else (), cause="" if turn is None else turn.cause,
            session="" if turn is None else turn.session, object="" if grant is None else grant.id,
            resource=f"app:{application}" if application else "",
        )  # fmt: skip
        await self._database.commit(tx)

    async def settle(self, now: Instant, *, ending: bool = False) -> None:
        """Puts what was counted on record, once it was counted for a minute, or because the gateway ends. Raises
        StorageFailed, and then it is written the next time.
        """
        for key, more in list(self._more.items()):
            if not ending and now - more.since < SUMMED_EVERY:
                continue
            actor, person = key
            tx = Transaction()
            self._audit.append(
                tx, Event.BROKER_REFUSED, lane=Lane.BOT, actor=actor, at=now, decision="deny", reason=str(more),
                act=(person,) if person else (), late=True,
            )  # fmt: skip
            del self._more[key]  # what comes while this is written is counted anew
            try:
                await self._database.commit(tx)
            except BaseException:
                known = self._more.setdefault(key, more)
                if known is not more:
                    known.since, known.reasons = more.since, known.reasons + more.reasons
                raise
