"""The book of hand-offs: what is under way, and how a change to it is made.

A change is planned into a transaction with its entry in the log, committed, and only then true in memory and on screens.
One gateway process owns the home, so what is under way is in memory and the rows follow. Changes to one conversation come
one after the other (``turn``); the version of its row refuses what was decided on an older one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from weakref import WeakValueDictionary

from chatwarden.audit.model import Detail, Event
from chatwarden.audit.service import AuditLog
from chatwarden.clock import Instant
from chatwarden.config.desk import DeskConfig
from chatwarden.errors import Conflict
from chatwarden.ids import new_id
from chatwarden.routing import moves, store
from chatwarden.routing.model import By, Handoff, Move, Talk, Talks, Why
from chatwarden.routing.rules import Happening
from chatwarden.storage.model import Database, Stale, Transaction

_EVENTS = {
    Happening.OFFER: Event.CONVERSATION_HANDOFF_OFFERED,
    Happening.REQUEST: Event.CONVERSATION_HANDOFF_REQUESTED,
    Happening.RAISE: Event.CONVERSATION_HANDOFF_RAISED,
    Happening.DECLINE: Event.CONVERSATION_HANDOFF_DECLINED,
    Happening.WITHDRAW: Event.CONVERSATION_HANDOFF_WITHDRAWN,
    Happening.GIVE_UP: Event.CONVERSATION_HANDOFF_NOT_TAKEN,
    Happening.TAKE: Event.CONVERSATION_HANDOFF_TAKEN,
    Happening.ASSIGN: Event.CONVERSATION_HANDOFF_ASSIGNED,
    Happening.REQUEUE: Event.CONVERSATION_HANDOFF_REQUEUED,
    Happening.TRANSFER: Event.CONVERSATION_HANDOFF_TRANSFERRED,
    Happening.FINISH: Event.CONVERSATION_HANDOFF_FINISHED,
    Happening.RESUME: Event.CONVERSATION_HANDOFF_RESUMED,
    Happening.RETURN: Event.CONVERSATION_HANDOFF_RETURNED,
    Happening.CLOSE: Event.CONVERSATION_HANDOFF_CLOSED,
    Happening.REOPEN: Event.CONVERSATION_HANDOFF_REOPENED,
}
_ASKED = frozenset({Happening.OFFER, Happening.REQUEST, Happening.RAISE})


class Book:
    """``on_moved`` is told after every change."""

    def __init__(self, database: Database, audit: AuditLog, config: DeskConfig, talks: Talks) -> None:
        self.config = config
        self.on_moved: list[Callable[[Move], None]] = []
        self._database = database
        self._audit = audit
        self._talks = talks
        self._open: dict[int, Handoff] = {}
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def load(self) -> None:
        """Reads what is under way."""
        self._open = {one.conversation: one for one in await store.under_way(self._database)}

    def of(self, talk: Talk) -> Handoff | None:
        """The hand-off of a conversation that is under way."""
        return self._open.get(talk.no)

    def all(self) -> list[Handoff]:
        """Everything that is under way."""
        return list(self._open.values())

    def put(self, handoff: Handoff) -> None:
        """Holds what was committed by other means than a move."""
        self._open[handoff.conversation] = handoff

    def turn(self, talk: Talk) -> asyncio.Lock:
        """Held by who changes whose a conversation is, or writes what only its owner may."""
        return self._turns.setdefault(talk.no, asyncio.Lock())

    # -- what is on record

    async def declined(self, talk: Talk) -> frozenset[str]:
        """For which reasons and topics its person was offered people and did not want them."""
        return await store.declined(self._database, talk.no)

    async def had_since(self, talk: Talk, at: Instant) -> bool:
        """Whether what was said at *at* has lain before an agent since."""
        return await store.had_since(self._database, talk.no, at)

    async def forget(self, before: Instant) -> None:
        """Lets go of what was declined before that."""
        tx = Transaction()
        store.forget_declined(tx, before=before)
        await self._database.commit(tx)

    # -- in a transaction

    def begin(self, tx: Transaction, talk: Talk, what: Happening, why: Why, by: By, now: Instant) -> Move:
        """The first move of a new hand-off."""
        new = moves.begun(new_id("hnd"), talk.no, talk.id, talk.bot, why, what, now, self.config)
        return self._noted(tx, Move(talk, what, by, why.reason, None, new), now)

    def request(self, tx: Transaction, talk: Talk, why: Why, by: By, now: Instant) -> Move:
        """A person is asked for, whether or not one was offered before."""
        current = self.of(talk)
        if current is None:
            return self.begin(tx, talk, Happening.REQUEST, why, by, now)
        return self.plan(tx, talk, current, Happening.REQUEST, by, now, why=why, reason=why.reason)

    def plan(
        self, tx: Transaction, talk: Talk, before: Handoff | None, what: Happening, by: By, now: Instant, *,
        reason: str = "", agent: str = "", why: Why | None = None,
    ) -> Move:  # fmt: skip
        """One move, with its entry."""
        new = None if before is None else moves.moved(
            before, what, now, self.config, agent=agent, why=why, reason=reason
        )  # fmt: skip
        return self._noted(tx, Move(talk, what, by, reason, before, new), now)

    def _noted(self, tx: Transaction, move: Move, now: Instant) -> Move:
        talk, after = move.talk, move.after
        if after is not None:
            store.write(tx, move.before, after)
        self._talks.set_state(tx, talk.no, move.state, (talk.state if move.before is None else move.before.state,))
        # What it is about may say much about a person: it can be erased with them.
        about = after.why.detail if after is not None and move.what in _ASKED else ""
        detail = Detail(talk.owner, {"about": about}) if about and self._audit.details is not None else None
        self._audit.append(
            tx, _EVENTS[move.what], lane=move.by.lane, actor=move.by.actor, at=now, cause=move.by.cause,
            object=talk.id, reason=move.reason, detail=detail,
        )  # fmt: skip
        return move

    # -- durable, then real

    async def change(
        self, talk: Talk, what: Happening, by: By, now: Instant, *, reason: str = "", agent: str = "",
        tx: Transaction | None = None,
    ) -> Move:  # fmt: skip
        """Under ``turn``: one move of what is under way, with whatever else is in *tx*."""
        tx = tx or Transaction()
        move = self.plan(tx, talk, self.of(talk), what, by, now, reason=reason, agent=agent)
        await self.commit(tx)
        self.done(move)
        return move

    async def commit(self, tx: Transaction) -> None:
        """Raises Conflict when somebody else changed what this was decided on."""
        try:
            await self._database.commit(tx)
        except Stale:
            raise Conflict("somebody else changed this conversation") from None

    def done(self, move: Move) -> None:
        """After the commit: true in memory, and told."""
        if move.after is None or move.after.ended_at is not None:
            self._open.pop(move.talk.no, None)
        else:
            self._open[move.talk.no] = move.after
        move.talk.state = move.state.value
        for told in self.on_moved:
            told(move)
