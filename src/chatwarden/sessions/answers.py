"""Answers to questions in the middle of a session: "are you still there?", rechecks, step-up (RFC 9470).

A challenge is answered with the session's own token and is bound to that session and, for step-up, to one operation.
Wrong answers in a row are counted over all of a session's questions: a few end the operation, a few more the session.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from chatwarden import assurance
from chatwarden.audit.model import Event
from chatwarden.challenge import TAP, Asked, Challenge, Purpose, ask, spent
from chatwarden.clock import SECOND, Instant
from chatwarden.config.model import StepUp
from chatwarden.errors import ConfirmationRequired, Forbidden, InvalidRequest, NotFound, StepUpRequired
from chatwarden.ids import Randomness
from chatwarden.principal import Kind, Principal
from chatwarden.sessions import rules
from chatwarden.sessions.model import Client, EndReason, Session
from chatwarden.sessions.service import Sessions, ended

Given = str | Mapping[str, Any]
Check = Callable[[Principal, Challenge, str, Given, Instant], Awaitable[str]]

_HERE = "here"


class Answers:
    """``check`` says which factor an answer proves, or an empty string."""

    def __init__(
        self, sessions: Sessions, check: Check, step_up: Mapping[str, StepUp], random: Randomness = os.urandom
    ) -> None:
        self.step_up = step_up
        self._sessions = sessions
        self._check = check
        self._random = random

    # -- step-up

    def require_fresh(self, session: Session, operation: str, now: Instant) -> None:
        """Lets *operation* begin once, or as long as a factor is fresh, as its policy says. Raises StepUpRequired with
        the question, Forbidden for who has nothing to answer with, InvalidRequest for an operation that is not known.
        """
        policy = self.step_up.get(operation)
        if policy is None:
            raise InvalidRequest("there is no such operation", status=422)
        approved = now < session.approvals.get(operation, 0)
        if approved and policy.once:
            del session.approvals[operation]  # good for one
        if approved or (not policy.once and self.fresh(session, policy, now)):
            return
        kinds = rules.proof(session)
        if not kinds:
            raise Forbidden("this needs a factor that this session's person does not have here")
        if session.step_up is None or session.step_up.operation != operation or not session.step_up.open(now):
            attempts = min(policy.attempts, session.attempts_left)
            asked = ask(Purpose.STEP_UP, kinds, now + policy.within, attempts, self._random)
            session.step_up = Asked(asked, operation)
        raise _step_up(policy, session.step_up.challenge)

    def fresh(self, session: Session, policy: StepUp, now: Instant) -> bool:
        """Whether a factor was proved here, or at the company's login, recently enough."""
        proved = session.principal.kind is Kind.PERSON and not {"issued", "assertion"}.issuperset(session.factors)
        return proved and now - session.authenticated_at <= policy.fresh

    def approved_until(self, session: Session, operation: str, now: Instant) -> Instant | None:
        """Until when *operation* may begin without another question; looking spends nothing."""
        policy = self.step_up[operation]
        until = session.approvals.get(operation, 0)
        if not policy.once and self.fresh(session, policy, now):
            until = max(until, session.authenticated_at + policy.fresh)
        return until if until > now else None

    # -- answers

    async def answer(
        self, session: Session, challenge_id: str, kind: str, given: Given, now: Instant, client: Client | None = None
    ) -> Session:
        """Takes an answer to one of the session's own questions. Raises NotFound (another's, over, answered), or
        ConfirmationRequired or StepUpRequired when it is wrong and attempts are left, or SessionEnded when none are.
        """
        asked = self._asked(session, challenge_id, now)
        kind = kind or asked.challenge.kind
        if kind not in asked.challenge.kinds:
            raise InvalidRequest("this question is not answered that way", status=422)

        async def check() -> str:
            if kind == TAP:
                return TAP if given == _HERE else ""
            return await self._check(session.principal, asked.challenge, kind, given, now)

        proved = await asked.answer(check, now, halve=kind != TAP)
        if session.ended_at is not None:
            raise ended(session, now)
        if proved is None:
            raise NotFound
        if not proved:
            await self._wrong(session, asked, kind, now)
        elif asked.challenge.purpose is Purpose.STEP_UP:
            await self._stepped_up(session, asked.operation, proved, now)
        else:
            self._sessions.confirm(session, now)
            self._sessions.recognise(session, client)
            if proved != TAP:
                _prove(session, proved, now)
            await self._sessions.record.note(session, Event.SESSION_CONFIRMED, now, reason=proved)
        return session

    def _asked(self, session: Session, challenge_id: str, now: Instant) -> Asked:
        for asked in (self._sessions.question(session, now), session.step_up):
            if asked is not None and asked.challenge.id == challenge_id:
                if asked is session.step_up:
                    self._sessions.require_active(session, now, incomplete=True)
                return asked
        raise NotFound

    async def _stepped_up(self, session: Session, operation: str, proved: str, now: Instant) -> None:
        self._sessions.touch(session, now)
        session.step_up = None
        session.attempts_left = session.attempts
        session.approvals[operation] = now + self.step_up[operation].within
        _prove(session, proved, now)
        self._sessions.put_off_recheck(session, now)
        await self._sessions.record.note(session, Event.STEP_UP_CONFIRMED, now, reason=f"{operation} {proved}")

    async def _wrong(self, session: Session, asked: Asked, kind: str, now: Instant) -> None:
        session.attempts_left -= 1
        step_up = asked.challenge.purpose is Purpose.STEP_UP
        if session.attempts_left <= 0:
            await self._sessions.end(session, EndReason.WRONG_ANSWERS, now, actor=session.principal.id)
            raise ended(session, now)
        if not step_up and kind != TAP:
            session.answer_deadline = asked.challenge.expires_at
            self._sessions.register.schedule(session)
        event = Event.STEP_UP_REFUSED if step_up else Event.SESSION_CONFIRMATION_REFUSED
        await self._sessions.record.note(session, event, now, decision="deny", reason=kind)
        if not step_up:
            raise ConfirmationRequired("That was not the right answer.", challenge=asked.challenge)
        if spent(asked.challenge, now):
            session.step_up = None
            raise StepUpRequired("That was not the right answer. This operation is over.")
        raise StepUpRequired("That was not the right answer.", challenge=asked.challenge)


def _prove(session: Session, factor: str, now: Instant) -> None:
    session.authenticated_at = now
    if factor not in session.factors:
        session.factors = (*session.factors, factor)


def _step_up(policy: StepUp, challenge: Challenge) -> StepUpRequired:
    age = 0 if policy.once else policy.fresh // SECOND
    strongest = assurance.ONE if challenge.kinds == ("password",) else assurance.TWO
    return StepUpRequired(
        challenge=challenge,
        headers={
            "WWW-Authenticate": 'Bearer error="insufficient_user_authentication", '
            f'error_description="a fresh factor is needed", acr_values="{strongest}", max_age={age}'
        },
    )
