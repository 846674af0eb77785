"""What is on record of sessions, behind what is true of them in memory.

What grants is durable before it is used; what ends takes effect at once and is recorded right after. The stored idle
deadline may lag behind by a sixtieth of the idle period: after a crash a session can end that much early, never late.
"""

from __future__ import annotations

from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.clock import HOUR, SECOND, Instant
from chatwarden.principal import STAFF, Kind, Principal
from chatwarden.sessions import store
from chatwarden.sessions.model import EndReason, Session
from chatwarden.sessions.register import TELL_REASON_FOR
from chatwarden.storage.model import Database, StorageFailed, Transaction

_FORGET_EVERY = HOUR
_CONTROL = "control"  # whoever may open the control socket


class Record:
    """The rows and the log entries of sessions."""

    def __init__(self, database: Database, audit: AuditLog) -> None:
        self._database = database
        self._audit = audit
        self._moved: dict[str, Session] = {}
        self._unrecorded: list[tuple[Session, str]] = []
        self._owed: set[str] = set()  # whose end is not on record yet: their rows say that they live
        self._later: list[tuple[Event, Session, Instant, str]] = []
        self._forgotten_at: Instant = 0

    def knows_all(self, session: Session) -> bool:
        """Whether the rows say everything: only then may memory forget it."""
        return session.idle_deadline == session.stored_deadline and session.id not in self._owed

    def owes_end(self, session: Session) -> bool:
        """Whether its end is not on record yet."""
        return session.id in self._owed

    async def begin(self, session: Session, event: Event, actor: str, *extra: Transaction) -> None:
        """A new session, with its entry and whatever must be true together with it."""
        tx = Transaction()
        for more in extra:
            tx.statements.extend(more.statements)
        store.insert(tx, session)
        self._audit.append(
            tx, event, lane=lane(session.principal), actor=actor, at=session.created_at, object=session.id,
            reason=" ".join([session.origin, *session.factors]),
        )  # fmt: skip
        await self._database.commit(tx)

    async def note(
        self, session: Session, event: Event, now: Instant, decision: str = "allow", reason: str = ""
    ) -> None:
        """An act of its person, with the row as it is now."""
        tx = Transaction()
        store.update(tx, session)
        self._audit.append(
            tx, event, lane=lane(session.principal), actor=session.principal.id, at=now, object=session.id,
            decision=decision, reason=reason,
        )  # fmt: skip
        await self._database.commit(tx)
        session.stored_deadline = session.idle_deadline

    def note_later(self, session: Session, event: Event, now: Instant, reason: str) -> None:
        """An entry that may follow its act: what asks takes effect at once."""
        self._later.append((event, session, now, reason))
        self.moved(session)

    def moved(self, session: Session) -> None:
        """Its row is behind."""
        self._moved[session.id] = session

    def input_moved(self, session: Session) -> None:
        """Its idle deadline moved: the row follows when it lags by more than it may."""
        if session.idle_deadline - session.stored_deadline >= max(SECOND, session.idle // 60):
            self._moved[session.id] = session

    async def end(self, session: Session, actor: str) -> None:
        """Records the end of a session, now or, if storage fails, later."""
        self._owed.add(session.id)
        try:
            await self._end(session, actor, late=False)
        except StorageFailed:
            self._unrecorded.append((session, actor))

    async def _end(self, session: Session, actor: str, *, late: bool) -> None:
        assert session.ended_at is not None
        assert session.end_reason is not None
        tx = Transaction()
        store.end(tx, session.id, session.ended_at, session.end_reason)
        self._audit.append(
            tx, Event.SESSION_ENDED, lane=_lane_of_end(session, actor), actor=actor,
            at=session.ended_at, object=session.id, reason=session.end_reason.value, late=late,
        )  # fmt: skip
        await self._database.commit(tx)
        self._owed.discard(session.id)

    async def catch_up(self, now: Instant) -> None:
        """Writes what is behind. What cannot be written now is tried again."""
        tx = Transaction()
        moved = [session for session in self._moved.values() if session.ended_at is None]
        for session in moved:
            store.update(tx, session)
        later = self._take_later(tx, late=False)
        if now - self._forgotten_at >= _FORGET_EVERY:
            self._forgotten_at = now
            store.forget(tx, now - TELL_REASON_FOR)
        try:
            deadlines = {session.id: session.idle_deadline for session in moved}
            if tx.statements:
                await self._database.commit(tx)
            for session in moved:
                session.stored_deadline = deadlines[session.id]
                if session.stored_deadline == session.idle_deadline:
                    self._moved.pop(session.id, None)
            await self._record_late()
        except StorageFailed:
            self._later = later + self._later
            return  # the next sweep tries again
        self._moved = {name: one for name, one in self._moved.items() if one.ended_at is None}

    def _take_later(self, tx: Transaction, *, late: bool) -> list[tuple[Event, Session, Instant, str]]:
        taken, self._later = self._later, []
        for event, session, at, reason in taken:
            self._audit.append(
                tx, event, lane=lane(session.principal), actor="system", at=at, object=session.id, reason=reason,
                late=late,
            )  # fmt: skip
        return taken

    async def _record_late(self) -> None:
        waiting, self._unrecorded = self._unrecorded, []
        try:
            while waiting:
                session, actor = waiting[0]
                await self._end(session, actor, late=True)
                waiting.pop(0)
        finally:
            self._unrecorded = waiting + self._unrecorded

    async def flush(self, sessions: list[Session]) -> None:
        """Writes everything: at an orderly stop nothing is lost. Raises StorageFailed."""
        await self._record_late()
        tx = Transaction()
        self._take_later(tx, late=False)
        for session in sessions:
            if session.ended_at is None and (session.id in self._moved or not self.knows_all(session)):
                store.update(tx, session)
        if tx.statements:
            await self._database.commit(tx)


def _lane_of_end(session: Session, actor: str) -> Lane:
    """Whose act the end was: an administrator's, where it was neither the person's own nor came by itself."""
    if actor == "system":
        return Lane.SYSTEM
    another = (
        actor.startswith("usr_") and actor != session.principal.id and session.end_reason is not EndReason.REPLACED
    )
    return Lane.STAFF if another or actor == _CONTROL else lane(session.principal)


def lane(principal: Principal) -> Lane:
    """Whose act it is when this principal acts."""
    if principal.kind is Kind.BOT:
        return Lane.BOT
    return Lane.STAFF if STAFF.intersection(principal.roles) else Lane.CLIENT
