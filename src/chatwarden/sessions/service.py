"""Sessions as a service: starts, proves, moves and ends them, and tells others when one ends.

One gateway process owns the home, so the living sessions in memory are the truth and the rows follow: what grants is
durable before it is used, what ends takes effect in memory at once and is recorded right after. The stored idle
deadline may lag behind by a sixtieth of the idle period: after a crash a session can end that much early, never late.
"""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import replace

from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.clock import DAY, HOUR, SECOND, Duration, Instant
from chatwarden.config.model import SessionConfig, SessionPolicy
from chatwarden.errors import ConfirmationRequired, InvalidToken, NotFound, SessionEnded
from chatwarden.ids import Randomness, is_id, new_id
from chatwarden.principal import STAFF, Kind, Principal, Role
from chatwarden.sessions import rules, store
from chatwarden.sessions.model import Challenge, EndReason, Session, State
from chatwarden.sessions.rules import Happening
from chatwarden.storage.model import Database, StorageFailed, Transaction

TOKEN_PREFIX = "cws_"  # noqa: S105  scanners find leaked tokens by it
_TELL_REASON_FOR = DAY
_CACHE = 100_000
_FORGET_EVERY = HOUR

Ended = Callable[[Session], None]
Prompted = Callable[[Session], None]
CheckPassword = Callable[[Principal, str], Awaitable[bool]]


class Sessions:
    """``on_ended`` and ``on_prompted`` are told afterwards; correctness never depends on them."""

    def __init__(
        self, database: Database, audit: AuditLog, config: SessionConfig, random: Randomness = os.urandom
    ) -> None:
        self._database = database
        self._audit = audit
        self.config = config
        self._random = random
        self._by_hash: OrderedDict[bytes, Session] = OrderedDict()
        self._by_id: dict[str, Session] = {}
        self._unrecorded: list[tuple[Session, str]] = []
        self._owed: set[str] = set()  # whose end is not on record yet: their rows say that they live
        self._forgotten_at: Instant = 0
        self.on_ended: list[Ended] = []
        self.on_prompted: list[Prompted] = []

    # -- beginning

    async def start(
        self, principal: Principal, *, factors: tuple[str, ...], now: Instant, origin: str = "login"
    ) -> tuple[Session, str]:
        """A new session under the limits of the principal's role, and its token: 256 random bits, stored hashed."""
        policy = self.config.roles[principal.roles[0]]
        return await self._start(principal, policy, factors, now, origin, Event.SESSION_STARTED, principal.id)

    async def visitor(self, now: Instant) -> tuple[Session, str]:
        """A session for somebody who has not said who they are."""
        principal = Principal(new_id("vis", self._random), Kind.VISITOR, "visitor", (Role.VISITOR,))
        return await self.start(principal, factors=(), now=now, origin="visitor")

    async def issue(self, principal: Principal, lifetime: Duration, now: Instant, *, actor: str) -> tuple[Session, str]:
        """A session for a program that cannot log in and cannot answer a prompt: it lives exactly *lifetime*."""
        policy = replace(self.config.roles[principal.roles[0]], idle=lifetime, answer_within=0, absolute=lifetime)
        return await self._start(principal, policy, ("issued",), now, "issued", Event.SESSION_ISSUED, actor)

    async def _start(
        self,
        principal: Principal,
        policy: SessionPolicy,
        factors: tuple[str, ...],
        now: Instant,
        origin: str,
        event: Event,
        actor: str,
    ) -> tuple[Session, str]:
        token = TOKEN_PREFIX + self._random(32).hex()
        session = Session(
            id=new_id("ses", self._random),
            token_hash=_hash(token),
            principal=principal,
            created_at=now,
            last_input_at=now,
            idle=policy.idle,
            idle_deadline=now + policy.idle,
            absolute_deadline=now + policy.absolute,
            answer_within=policy.answer_within,
            confirmation=policy.confirmation if "password" in factors else "tap",
            attempts=policy.attempts,
            attempts_left=policy.attempts,
            factors=factors,
            authenticated_at=now,
            origin=origin,
            stored_deadline=now + policy.idle,
        )
        tx = Transaction()
        store.insert(tx, session)
        self._audit.append(tx, event, lane=_lane(principal), actor=actor, at=now, object=session.id, reason=origin)
        await self._database.commit(tx)
        self._remember(session)
        return session, token

    # -- use

    async def authenticate(self, token: str, now: Instant) -> Session:
        """The living session of *token*. Raises InvalidToken or SessionEnded; a prompted session is returned."""
        session = self._by_hash.get(_hash(token))
        if session is None:
            session = await self._load(token)
        reason = rules.reason_of(session, now)
        if reason is None:
            return session
        if session.ended_at is None:
            await self.end(session, reason, now, actor="system")
        if now - rules.ended_instant(session, now) > _TELL_REASON_FOR:
            raise InvalidToken
        raise _ended(session, now)

    async def _load(self, token: str) -> Session:
        if len(token) != len(TOKEN_PREFIX) + 64 or not token.startswith(TOKEN_PREFIX):
            raise InvalidToken
        session = await store.by_token(self._database, _hash(token))
        if session is None:
            raise InvalidToken
        # Two requests may load at once: the first object stays, so that there is one truth.
        return self._by_hash.get(session.token_hash) or self._remember(session)

    def require_active(self, session: Session, now: Instant) -> None:
        """Raises ConfirmationRequired while the person has not said that they are still there, SessionEnded when it is
        over: time goes on between a request's token and what it does.
        """
        state = rules.state_of(session, now)
        if state is State.PROMPTED:
            raise ConfirmationRequired(challenge=self.challenge_view(session, now))
        if state is State.ENDED:
            raise _ended(session, now)

    def is_live(self, session: Session, now: Instant) -> bool:
        """Whether *session* may still be served at *now*: asked again for every piece of a stream."""
        return session.ended_at is None and rules.reason_of(session, now) is None

    def touch(self, session: Session, now: Instant, happening: Happening = Happening.INPUT) -> None:
        """The person did something: the idle deadline moves, if the table of a session's life allows it. Otherwise
        raises ConfirmationRequired or SessionEnded: nothing revives. The row follows with the next sweep.
        """
        if not rules.allows(rules.state_of(session, now), happening):
            self.require_active(session, now)
            raise NotFound  # confirmed without having been asked
        session.last_input_at = now
        session.idle_deadline = rules.after_input(session, now)
        session.challenge = None
        session.prompt_told = False

    # -- "are you still there?"

    def challenge(self, session: Session, now: Instant) -> Challenge | None:
        """The question that a prompted session is waiting on; the same one until it is answered."""
        if rules.state_of(session, now) is not State.PROMPTED:
            return None
        if session.challenge is None:
            session.challenge = Challenge(
                new_id("chl", self._random), "still-there", session.confirmation, session.idle_deadline
            )
        return session.challenge

    def challenge_view(self, session: Session, now: Instant) -> object:
        """The challenge with what is left of its attempts, or None."""
        challenge = self.challenge(session, now)
        return None if challenge is None else (challenge, session.attempts_left)

    async def answer(
        self, session: Session, challenge_id: str, answer: str, now: Instant, check_password: CheckPassword
    ) -> Session:
        """Takes an answer to the session's own challenge. Raises NotFound, or ConfirmationRequired when it is wrong
        and attempts are left, or SessionEnded when none are.
        """
        challenge = self.challenge(session, now)
        if challenge is None or challenge.id != challenge_id:
            raise NotFound
        if challenge.kind == "tap":
            right = answer == "here"
        else:
            # The attempt is spent before it is checked: parallel guesses cannot share one.
            session.attempts_left -= 1
            right = session.attempts_left >= 0 and await check_password(session.principal, answer)
            if right:
                session.attempts_left = session.attempts
        if right and session.challenge is challenge and self.is_live(session, now):
            self.touch(session, now, Happening.CONFIRMED)
            await self._record(session, Event.SESSION_CONFIRMED, now)
            return session
        if challenge.kind == "tap":
            session.attempts_left -= 1
        if session.attempts_left <= 0:
            await self.end(session, EndReason.WRONG_ANSWERS, now, actor=session.principal.id)
            raise SessionEnded(reason=EndReason.WRONG_ANSWERS.value)
        await self._record(session, Event.SESSION_CONFIRMATION_REFUSED, now, decision="deny")
        raise ConfirmationRequired("That was not the right answer.", challenge=self.challenge_view(session, now))

    async def _record(self, session: Session, event: Event, now: Instant, decision: str = "allow") -> None:
        tx = Transaction()
        store.update_input(tx, session)
        self._audit.append(
            tx, event, lane=_lane(session.principal), actor=session.principal.id, at=now, object=session.id,
            decision=decision,
        )  # fmt: skip
        await self._database.commit(tx)
        session.stored_deadline = session.idle_deadline

    # -- end

    async def end(self, session: Session, reason: EndReason, now: Instant, *, actor: str) -> None:
        """Ends *session* at once, everywhere; the record follows and is retried if storage fails."""
        if session.ended_at is not None:
            return
        session.ended_at = rules.ended_instant(session, now)
        session.end_reason = reason
        session.challenge = None
        self._owed.add(session.id)
        for told in self.on_ended:
            told(session)
        try:
            await self._record_end(session, actor, late=False)
        except StorageFailed:
            self._unrecorded.append((session, actor))

    async def _record_end(self, session: Session, actor: str, *, late: bool) -> None:
        await self._database.commit(self._ending(session, actor, late=late))
        self._owed.discard(session.id)

    def _ending(self, session: Session, actor: str, *, late: bool) -> Transaction:
        assert session.ended_at is not None
        assert session.end_reason is not None
        tx = Transaction()
        store.end(tx, session.id, session.ended_at, session.end_reason)
        self._audit.append(
            tx, Event.SESSION_ENDED, lane=Lane.SYSTEM if actor == "system" else _lane(session.principal), actor=actor,
            at=session.ended_at, object=session.id, reason=session.end_reason.value, late=late,
        )  # fmt: skip
        return tx

    async def end_all_of(self, principal_id: str, reason: EndReason, now: Instant, *, actor: str) -> int:
        """Ends every session of one principal; returns how many."""
        sessions = await self.of(principal_id, now)
        for session in sessions:
            await self.end(session, reason, now, actor=actor)
        return len(sessions)

    # -- looking

    async def of(self, principal_id: str, now: Instant) -> list[Session]:
        """The living sessions of one principal."""
        return self._living(await store.live_of(self._database, principal_id), now)

    async def all(self, now: Instant) -> list[Session]:
        """Every living session."""
        return self._living(await store.live(self._database), now)

    async def find(self, session_id: str, now: Instant) -> Session:
        """One living session by id. Raises NotFound."""
        if not is_id(session_id, "ses"):
            raise NotFound
        session = self._by_id.get(session_id) or await store.by_id(self._database, session_id)
        if session is None or rules.reason_of(session, now) is not None:
            raise NotFound
        return self._by_id.get(session_id) or self._remember(session)

    def _living(self, stored: list[Session], now: Instant) -> list[Session]:
        known = [self._by_id.get(session.id) or self._remember(session) for session in stored]
        return [session for session in known if rules.reason_of(session, now) is None]

    # -- time passes

    async def sweep(self, now: Instant) -> None:
        """Makes true deadlines visible: prompts, endings, stored deadlines. Called about once a second and first of
        all at start.
        """
        for session in list(self._by_id.values()):
            if session.ended_at is not None:
                if now - session.ended_at > _TELL_REASON_FOR and session.id not in self._owed:
                    self._forget(session)
                continue
            reason = rules.reason_of(session, now)
            if reason is not None:
                await self.end(session, reason, now, actor="system")
            elif not session.prompt_told and rules.state_of(session, now) is State.PROMPTED:
                session.prompt_told = True
                for told in self.on_prompted:
                    told(session)
        for stored in await store.overdue(self._database, now):
            if stored.id not in self._by_id:
                reason = rules.reason_of(stored, now)
                assert reason is not None
                self._remember(stored)
                await self.end(stored, reason, now, actor="system")
        await self._write_behind(now)

    async def _write_behind(self, now: Instant) -> None:
        tx = Transaction()
        moved = [
            session
            for session in self._by_id.values()
            if session.ended_at is None
            and session.idle_deadline - session.stored_deadline >= max(SECOND, session.idle // 60)
        ]
        for session in moved:
            store.update_input(tx, session)
        if now - self._forgotten_at >= _FORGET_EVERY:
            self._forgotten_at = now
            store.forget(tx, now - _TELL_REASON_FOR)
        try:
            if tx.statements:
                await self._database.commit(tx)
            for session in moved:
                session.stored_deadline = session.idle_deadline
            await self._record_late()
        except StorageFailed:
            return  # the next sweep tries again

    async def _record_late(self) -> None:
        """Records the ends that could not be recorded when they happened."""
        waiting, self._unrecorded = self._unrecorded, []
        try:
            while waiting:
                session, actor = waiting[0]
                await self._record_end(session, actor, late=True)
                waiting.pop(0)
        finally:
            self._unrecorded = waiting + self._unrecorded

    async def flush(self) -> None:
        """Writes every moved idle deadline and every end: at an orderly stop nothing is lost."""
        await self._record_late()
        tx = Transaction()
        for session in self._by_id.values():
            if session.ended_at is None and session.idle_deadline != session.stored_deadline:
                store.update_input(tx, session)
        if tx.statements:
            await self._database.commit(tx)

    @property
    def count(self) -> int:
        """Sessions in memory that have not ended."""
        return sum(session.ended_at is None for session in self._by_id.values())

    def _remember(self, session: Session) -> Session:
        self._by_hash[session.token_hash] = session
        self._by_id[session.id] = session
        if len(self._by_hash) > _CACHE:
            # Only what the rows say already may be dropped.
            for old in list(self._by_hash.values())[:100]:
                if old.idle_deadline == old.stored_deadline and old.id not in self._owed and old is not session:
                    self._forget(old)
                    break
        return session

    def _forget(self, session: Session) -> None:
        self._by_hash.pop(session.token_hash, None)
        self._by_id.pop(session.id, None)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _ended(session: Session, now: Instant) -> SessionEnded:
    reason = rules.reason_of(session, now)
    assert reason is not None
    return SessionEnded(reason=reason.value, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


def _lane(principal: Principal) -> Lane:
    if principal.kind is Kind.BOT:
        return Lane.BOT
    return Lane.STAFF if STAFF.intersection(principal.roles) else Lane.CLIENT
