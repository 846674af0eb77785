"""One's own sessions: looking, ending, answering questions, step-up."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from chatwarden.clock import rfc3339
from chatwarden.config.model import ALWAYS
from chatwarden.errors import (
    ConfirmationRequired,
    Forbidden,
    InvalidCredentials,
    InvalidToken,
    NotFound,
    SecondFactorRequired,
    StepUpRequired,
    TooManyAttempts,
)
from chatwarden.sessions.model import EndReason, Session
from chatwarden.web.api.login import Text, let_in
from chatwarden.web.context import Services
from chatwarden.web.http import Reply, Request, json_reply
from chatwarden.web.routes import Access, Route
from chatwarden.web.views import (
    ApprovedView,
    SessionList,
    SessionsEnded,
    SessionStarted,
    SessionView,
    own_session_view,
    session_view,
)


class ChallengeAnswer(msgspec.Struct, forbid_unknown_fields=True):
    """An answer to a challenge: a tap answers ``here``, a passkey with the credential's JSON. ``kind`` says which of the
    challenge's kinds it is, if not the first.
    """

    answer: Annotated[str, msgspec.Meta(max_length=512)] | dict[str, Any]
    kind: Text = ""


class Operation(msgspec.Struct, forbid_unknown_fields=True):
    """What is about to be done."""

    operation: Text


_ANSWER = msgspec.json.Decoder(ChallengeAnswer)
_OPERATION = msgspec.json.Decoder(Operation)


async def show(services: Services, _request: Request, session: Session) -> Reply:
    """The session of the token."""
    return json_reply(session_view(services.sessions, session, services.clock.now(), services.relying_party))


async def logout(services: Services, _request: Request, session: Session) -> Reply:
    """Ends the session of the token, everywhere at once."""
    await services.sessions.end(session, EndReason.LOGOUT, services.clock.now(), actor=session.principal.id)
    return Reply(204)


async def listing(services: Services, _request: Request, session: Session) -> Reply:
    """One's own living sessions."""
    now = services.clock.now()
    own = await services.sessions.of(session.principal.id, now)
    return json_reply(SessionList([own_session_view(services, one, session, now) for one in own]))


async def end(services: Services, request: Request, session: Session) -> Reply:
    """Ends one of one's own sessions."""
    now = services.clock.now()
    other = await services.sessions.find(request.path["id"], now)
    if other.principal.id != session.principal.id:
        raise NotFound
    await services.sessions.end(other, EndReason.LOGOUT, now, actor=session.principal.id)
    return Reply(204)


async def end_others(services: Services, _request: Request, session: Session) -> Reply:
    """Ends all of one's own sessions but this one."""
    now = services.clock.now()
    who = session.principal.id
    ended = await services.sessions.end_all_of(who, EndReason.LOGOUT, now, actor=who, but=session.id)
    return json_reply(SessionsEnded(ended))


async def answer(services: Services, request: Request) -> Reply:
    """Answers a challenge: of a login, without a token; of a session, with its own."""
    given = await request.json(_ANSWER)
    challenge, now = request.path["id"], services.clock.now()
    if services.logins.waits(challenge):
        passed = await services.logins.answer(challenge, given.kind, given.answer, services.relying_party, now)
        return await let_in(services, request, passed, now)
    token = request.bearer()
    if not token:
        raise InvalidToken(headers={"WWW-Authenticate": 'Bearer realm="chatwarden"'})
    session = await services.sessions.authenticate(token, now)
    await services.answers.answer(session, challenge, given.kind, given.answer, now, request.client)
    return json_reply(session_view(services.sessions, session, services.clock.now(), services.relying_party))


async def step_up(services: Services, request: Request, session: Session) -> Reply:
    """Asks for a fresh factor before an operation, unless one was shown; looking spends nothing."""
    wanted = await request.json(_OPERATION)
    now = services.clock.now()
    answers = services.answers
    until = answers.approved_until(session, wanted.operation, now) if wanted.operation in answers.step_up else None
    if until is None:
        answers.require_fresh(session, wanted.operation, now)
        raise AssertionError("not approved, and yet nothing is asked")
    if wanted.operation in ALWAYS:  # a grant looks at the proof itself: an answer counts for one asking, then it is old
        session.approvals.pop(wanted.operation, None)
    return json_reply(ApprovedView(wanted.operation, rfc3339(until)))


ROUTES = [
    Route("GET", "/api/v1/session", "The session of the token", Access.SESSION, show, None, ((200, SessionView),)),
    Route("DELETE", "/api/v1/session", "Log out", Access.SESSION, logout, None, ((204, None),)),
    Route("GET", "/api/v1/sessions", "One's own sessions", Access.ACTIVE, listing, None, ((200, SessionList),)),
    Route(
        "DELETE", "/api/v1/sessions", "End all of one's own sessions but this one", Access.ACTIVE, end_others, None,
        ((200, SessionsEnded),),
    ),
    Route(
        "DELETE", "/api/v1/sessions/{id}", "End one of one's own sessions", Access.ACTIVE, end, None, ((204, None),),
        (NotFound,),
    ),
    Route(
        "POST", "/api/v1/challenges/{id}/answer", "Answer a challenge", Access.OWN, answer, ChallengeAnswer,
        ((200, SessionView), (201, SessionStarted)),
        (
            NotFound, InvalidCredentials, SecondFactorRequired, ConfirmationRequired, StepUpRequired, Forbidden,
            TooManyAttempts,
        ),
    ),
    Route(
        "POST", "/api/v1/step-up", "Prove who you are before an operation", Access.ACTIVE, step_up, Operation,
        ((200, ApprovedView),), (StepUpRequired, Forbidden),
    ),
]  # fmt: skip
