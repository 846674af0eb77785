"""Sessions as a service: starts, proves, moves and ends them, and tells others when one ends.

One gateway process owns the home, so the living sessions in memory are the truth and the rows follow (record.py).
Answers to questions are in answers.py.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace

from chatwarden.audit.model import Event
from chatwarden.audit.service import AuditLog
from chatwarden.challenge import Asked, Challenge, Purpose, ask
from chatwarden.clock import Duration, Instant
from chatwarden.config.model import SessionConfig, SessionPolicy
from chatwarden.errors import (
    ConfirmationRequired,
    Forbidden,
    InvalidToken,
    NotFound,
    SecondFactorRequired,
    SessionEnded,
)
from chatwarden.hours import closes_at
from chatwarden.ids import Randomness, is_id, new_id
from chatwarden.principal import Kind, Principal, Role
from chatwarden.sessions import rules, store, watch
from chatwarden.sessions.model import Client, EndReason, Session, State, Why
from chatwarden.sessions.record import Record
from chatwarden.sessions.register import TELL_REASON_FOR, Register
from chatwarden.sessions.rules import Happening
from chatwarden.storage.model import Database, Transaction

TOKEN_PREFIX = "cws_"  # noqa: S105  scanners find leaked tokens by it
CAPACITY = 100_000

Told = Callable[[Session], None]


class Sessions:
    """``on_ended``, ``on_prompted`` and ``on_confirmed`` are told afterwards; correctness never depends on them. *key* (32
    bytes) hides from where sessions are used; without one that is forgotten with the process.
    """

    def __init__(
        self,
        database: Database,
        audit: AuditLog,
        config: SessionConfig,
        random: Randomness = os.urandom,
        *,
        key: bytes | None = None,
        capacity: int = CAPACITY,
    ) -> None:
        self.config = config
        self._database = database
        self._random = random
        self._key = key or random(32)
        self.record = Record(database, audit)
        self.register = Register(capacity, self.record.knows_all)
        self.on_ended: list[Told] = []
        self.on_prompted: list[Told] = []
        self.on_confirmed: list[Told] = []

    # -- beginning

    async def start(
        self,
        principal: Principal,
        *,
        factors: tuple[str, ...],
        now: Instant,
        origin: str = "login",
        means: tuple[str, ...] = (),
        together: tuple[Transaction, ...] = (),
        bind: Callable[[Session], Transaction] | None = None,
    ) -> tuple[Session, str]:
        """A new session under the limits of the principal's role, and its token: 256 random bits, stored hashed.
        *together*, and what *bind* makes of it, is made durable with it or not at all. Raises Forbidden outside the
        hours of the role.
        """
        policy = self.config.roles[principal.roles[0]]
        absolute = now + policy.absolute
        if policy.hours:
            closing = closes_at(policy.hours, self.config.time_zone, now)
            if closing is None:
                raise Forbidden("signing in is not possible at this hour", reason="hour")
            absolute = min(absolute, closing)
        session, token = self._made(principal, policy, factors, now, origin)
        session.absolute_deadline = absolute
        session.means = means
        session.incomplete = (
            policy.second_factor == "required" and principal.kind is Kind.PERSON and not rules.is_strong(factors)
        )
        if policy.recheck and rules.proof(session):
            session.recheck_at = now + rules.jittered(policy.recheck, self._random(4))
        bound = () if bind is None else (bind(session),)
        return await self._begun(session, token, Event.SESSION_STARTED, principal.id, *together, *bound)

    async def visitor(self, now: Instant) -> tuple[Session, str]:
        """A session for somebody who has not said who they are."""
        principal = Principal(new_id("vis", self._random), Kind.VISITOR, "visitor", (Role.VISITOR,))
        return await self.start(principal, factors=(), now=now, origin="visitor")

    async def issue(self, principal: Principal, lifetime: Duration, now: Instant, *, actor: str) -> tuple[Session, str]:
        """A session for a program that cannot log in and cannot answer a prompt: it lives exactly *lifetime*."""
        policy = replace(self.config.roles[principal.roles[0]], idle=lifetime, answer_within=0, absolute=lifetime)
        session, token = self._made(principal, policy, ("issued",), now, "issued")
        return await self._begun(session, token, Event.SESSION_ISSUED, actor)

    def _made(
        self, principal: Principal, policy: SessionPolicy, factors: tuple[str, ...], now: Instant, origin: str
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
            confirmation=policy.confirmation,
            attempts=policy.attempts,
            attempts_left=policy.attempts,
            factors=factors,
            authenticated_at=now,
            origin=origin,
            stored_deadline=now + policy.idle,
        )
        return session, token

    async def _begun(
        self, session: Session, token: str, event: Event, actor: str, *together: Transaction
    ) -> tuple[Session, str]:
        await self.record.begin(session, event, actor, *together)
        return self.register.add(session), token

    # -- use

    async def authenticate(self, token: str, now: Instant, client: Client | None = None) -> Session:
        """The living session of *token*, used by *client*. Raises InvalidToken or SessionEnded; a prompted session is
        returned.
        """
        session = self.register.by_token(_hash(token))
        if session is None:
            session = await self._load(token)
        reason = rules.reason_of(session, now)
        if reason is None:
            if client is not None and client != session.client:
                self._seen(session, client, now)
            return session
        if session.ended_at is None:
            await self.end(session, reason, now, actor="system")
        if now - rules.ended_instant(session, now) > TELL_REASON_FOR:
            raise InvalidToken
        raise ended(session, now)

    async def _load(self, token: str) -> Session:
        if len(token) != len(TOKEN_PREFIX) + 64 or not token.startswith(TOKEN_PREFIX):
            raise InvalidToken
        session = await store.by_token(self._database, _hash(token))
        if session is None:
            raise InvalidToken
        return self.register.add(session)

    def _seen(self, session: Session, client: Client, now: Instant) -> None:
        if not rules.proof(session):
            session.client = client  # nobody can be asked
            return
        seen = watch.fingerprint(self._key, client)
        why = watch.change(session.known, seen)
        if why and self._policy(session).recheck_on_change:
            if rules.state_of(session, now) is State.ACTIVE:
                self.ask(session, why, now)
            return  # what is seen now becomes known by the right answer only
        self.recognise(session, client)

    def recognise(self, session: Session, client: Client | None) -> None:
        """From now on this client is known to belong to the session."""
        if client is None:
            return
        session.client = client
        known = watch.with_known(session.known, watch.fingerprint(self._key, client))
        if known != session.known:
            session.known = known
            self.record.moved(session)

    def require_active(self, session: Session, now: Instant, *, incomplete: bool = False) -> None:
        """Raises ConfirmationRequired while the person has not said that they are still there or must prove who they
        are, SecondFactorRequired before a second factor is set up (unless *incomplete* will do), SessionEnded when it is
        over: time goes on between a request's token and what it does.
        """
        state = rules.state_of(session, now)
        if state is State.ACTIVE:
            why = rules.recheck_due(session, now)
            if why:
                self.ask(session, why, now)
                state = State.PROMPTED
        if state is State.PROMPTED:
            raise ConfirmationRequired(challenge=self.challenge(session, now))
        if state is State.ENDED:
            raise ended(session, now)
        if session.incomplete and not incomplete:
            raise SecondFactorRequired("Set up a second factor first: a passkey or one-time codes.")

    def is_live(self, session: Session, now: Instant) -> bool:
        """Whether *session* may still be served at *now*: asked again for every piece of a stream."""
        return session.ended_at is None and now < rules.ends_at(session)

    def touch(self, session: Session, now: Instant) -> None:
        """The person did something: the idle deadline moves, if the table of a session's life allows it. Otherwise
        raises ConfirmationRequired or SessionEnded: nothing revives. The row follows with the next sweep.
        """
        if not rules.allows(rules.state_of(session, now), Happening.INPUT):
            self.require_active(session, now)
        pace = watch.after(session.pace, now - session.last_input_at)
        self._moved(session, now)
        session.pace = pace
        if watch.sudden(pace) and rules.proof(session) and self._policy(session).recheck_on_change:
            self.ask(session, Why.PACE, now)

    def confirm(self, session: Session, now: Instant) -> None:
        """The person is still there. Raises SessionEnded when it is too late, NotFound when nobody asked."""
        state = rules.state_of(session, now)
        if not rules.allows(state, Happening.CONFIRMED):
            if state is State.ENDED:
                raise ended(session, now)
            raise NotFound
        if session.asked:
            session.asked = Why.NOTHING
            session.pace = replace(session.pace, usual=session.pace.recent)
        session.answer_deadline = None
        session.attempts_left = session.attempts
        self.put_off_recheck(session, now)
        self._moved(session, now)
        for told in self.on_confirmed:
            told(session)

    def put_off_recheck(self, session: Session, now: Instant) -> None:
        """A factor was proved just now: the next question comes an interval later."""
        if session.recheck_at is not None:
            interval = self._policy(session).recheck
            session.recheck_at = now + rules.jittered(interval, self._random(4)) if interval else None

    def _moved(self, session: Session, now: Instant) -> None:
        session.last_input_at = now
        session.idle_deadline = rules.after_input(session, now)
        session.question = None
        session.prompt_told = False
        self.record.input_moved(session)
        self.register.schedule(session)

    def _policy(self, session: Session) -> SessionPolicy:
        return self.config.roles[session.principal.roles[0]]

    # -- "are you still there?"

    def ask(self, session: Session, why: Why, now: Instant) -> None:
        """An active person is asked for a factor, at once and on every screen."""
        session.asked = why
        session.answer_deadline = now + session.answer_within
        session.question = None
        session.prompt_told = True
        self.record.note_later(session, Event.SESSION_ASKED, now, why.value)
        self.register.schedule(session)
        for told in self.on_prompted:
            told(session)

    def question(self, session: Session, now: Instant) -> Asked | None:
        """The question that a prompted session is waiting on; the same one until it is answered."""
        if rules.state_of(session, now) is not State.PROMPTED:
            return None
        if session.question is None:
            session.question = Asked(
                ask(
                    Purpose.STILL_THERE, rules.confirmation(session), rules.ends_at(session), session.attempts_left,
                    self._random,
                )
            )  # fmt: skip
        return session.question

    def challenge(self, session: Session, now: Instant) -> Challenge | None:
        """The same as data."""
        asked = self.question(session, now)
        return None if asked is None else asked.challenge

    # -- end

    async def end(self, session: Session, reason: EndReason, now: Instant, *, actor: str) -> None:
        """Ends *session* at once, everywhere; the record follows and is retried if storage fails."""
        if session.ended_at is not None:
            return
        session.ended_at = rules.ended_instant(session, now)
        session.end_reason = reason
        session.question = session.step_up = None
        session.approvals = {}
        self.register.note_end(session)
        for told in self.on_ended:
            told(session)
        await self.record.end(session, actor)

    async def end_all_of(self, principal_id: str, reason: EndReason, now: Instant, *, actor: str, but: str = "") -> int:
        """Ends every session of one principal, except the one with the id *but*; returns how many."""
        sessions = [session for session in await self.of(principal_id, now) if session.id != but]
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
        session = self.register.by_id(session_id) or await store.by_id(self._database, session_id)
        if session is None:
            raise NotFound
        session = self.register.add(session)
        if rules.reason_of(session, now) is not None:
            raise NotFound
        return session

    def _living(self, stored: list[Session], now: Instant) -> list[Session]:
        known = [self.register.add(session) for session in stored]
        return [session for session in known if rules.reason_of(session, now) is None]

    # -- time passes

    async def sweep(self, now: Instant) -> None:
        """Makes true deadlines visible: prompts, endings, stored deadlines. Called when the next of them comes, about
        once a second otherwise, and first of all at start.
        """
        await self.pass_time(now)
        for stored in await store.overdue(self._database, now):
            if self.register.by_id(stored.id) is None:
                reason = rules.reason_of(stored, now)
                assert reason is not None
                await self.end(self.register.add(stored), reason, now, actor="system")
        await self.record.catch_up(now)

    async def pass_time(self, now: Instant) -> None:
        """Prompts and ends the sessions in memory whose time has come."""
        for session in self.register.due(now):
            if session.ended_at is not None:
                if now - session.ended_at > TELL_REASON_FOR and not self.record.owes_end(session):
                    self.register.drop(session)
                else:
                    self.register.schedule(session)
                continue
            reason = rules.reason_of(session, now)
            if reason is not None:
                await self.end(session, reason, now, actor="system")
                continue
            session.prompt_told = True
            self.register.schedule(session)
            for told in self.on_prompted:
                told(session)

    async def flush(self) -> None:
        """Writes every moved idle deadline and every end: at an orderly stop nothing is lost."""
        await self.record.flush(list(self.register))

    @property
    def count(self) -> int:
        """Sessions in memory that have not ended."""
        return self.register.living


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def ended(session: Session, now: Instant) -> SessionEnded:
    """What the bearer of an ended session's token is told."""
    reason = rules.reason_of(session, now)
    assert reason is not None
    return SessionEnded(reason=reason.value, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
