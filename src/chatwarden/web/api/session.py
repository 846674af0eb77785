"""Sessions, challenges and enrolment over HTTP."""

from __future__ import annotations

from typing import Annotated

import msgspec

from chatwarden.clock import SECOND, Instant
from chatwarden.config.model import Rate
from chatwarden.errors import (
    ConfirmationRequired,
    Forbidden,
    InvalidCredentials,
    InvalidRequest,
    InvalidToken,
    NotFound,
    Problem,
    SessionEnded,
    TooManyAttempts,
    TooManyRequests,
    Unavailable,
)
from chatwarden.identity.model import User
from chatwarden.principal import Kind
from chatwarden.sessions.model import EndReason, Session
from chatwarden.web.context import Services
from chatwarden.web.http import Reply, Request, json_reply
from chatwarden.web.routes import Access, Route
from chatwarden.web.views import EnrolledView, SessionList, SessionStarted, SessionView, session_view

Text = Annotated[str, msgspec.Meta(max_length=512)]


class Login(msgspec.Struct, forbid_unknown_fields=True):
    """Who wants in: name and password, or nothing for a visitor."""

    username: Text | None = None
    password: Text | None = None


class ChallengeAnswer(msgspec.Struct, forbid_unknown_fields=True):
    """An answer to a challenge; a tap answers ``here``."""

    answer: Text


class Enrolment(msgspec.Struct, forbid_unknown_fields=True):
    """A one-time token and the password that the person chose."""

    token: Text
    password: Text


_LOGIN = msgspec.json.Decoder(Login)
_ANSWER = msgspec.json.Decoder(ChallengeAnswer)
_ENROLMENT = msgspec.json.Decoder(Enrolment)


async def start(services: Services, request: Request) -> Reply:
    """Logs a person in, or lets a visitor in."""
    login = await request.json(_LOGIN, optional=True)
    now = services.clock.now()
    if login.username is None and login.password is None:
        return await _visitor(services, request, now)
    if login.username is None or login.password is None:
        raise InvalidRequest("give both username and password, or neither", status=422)
    earlier = await _earlier(services, request, now)
    user = await _checked(services, request, login.username, login.password, now)
    session, token = await services.sessions.start(user.principal, factors=("password",), now=services.clock.now())
    await _still(services, user, session)
    if earlier is not None:
        await services.conversations.move(earlier.principal, user.principal, now)
        await services.sessions.end(earlier, EndReason.REPLACED, services.clock.now(), actor=user.id)
    return _started(services, session, token)


async def _visitor(services: Services, request: Request, now: Instant) -> Reply:
    if not services.sessions.config.visitors:
        raise Forbidden("visitors must log in here")
    _take(services, "visitor:" + request.source, services.config.limits.visitors, now, TooManyRequests)
    session, token = await services.sessions.visitor(now)
    return _started(services, session, token)


async def _earlier(services: Services, request: Request, now: Instant) -> Session | None:
    """The living visitor's session that the request carries, if any."""
    token = request.bearer()
    if not token:
        return None
    try:
        session = await services.sessions.authenticate(token, now)
    except (InvalidToken, SessionEnded):
        return None
    return session if session.principal.kind is Kind.VISITOR else None


async def _checked(services: Services, request: Request, username: str, password: str, now: Instant) -> User:
    """The user, unless source or account made too many wrong attempts. The two limits stand side by side: the
    account's limit is kept per source too, so that a stranger can lock nobody out.
    """
    limits = services.config.limits
    _take(services, "login:" + request.source, limits.logins, now, TooManyRequests)
    key = f"login-failure:{username}:{request.source}"
    if limits.login_failures is not None:
        # Charged before the check and given back by nobody: parallel guesses cannot share one attempt.
        _take(services, key, limits.login_failures, now, TooManyAttempts)
    user = await services.identity.login(username, password, now)
    services.throttle.forgive(key)
    return user


async def _still(services: Services, user: User, session: Session) -> None:
    """Ends the new *session* of an account that was disabled, or got another password, while its password was checked:
    the end of all its sessions did not see this one. Raises InvalidCredentials.
    """
    present = await services.identity.present(user)
    if present == user:
        return
    reason = EndReason.CREDENTIAL_CHANGED if present is not None and present.enabled else EndReason.DISABLED
    await services.sessions.end(session, reason, services.clock.now(), actor="system")
    raise InvalidCredentials


def _take(services: Services, key: str, rate: Rate | None, now: Instant, problem: type[Problem]) -> None:
    wait = 0 if rate is None else services.throttle.take(key, rate, now)
    if wait:
        raise problem(headers={"Retry-After": str(-(-wait // SECOND))})


def _started(services: Services, session: Session, token: str) -> Reply:
    view = session_view(services.sessions, session, services.clock.now())
    return json_reply(SessionStarted(token, "Bearer", view), 201)


async def show(services: Services, _request: Request, session: Session) -> Reply:
    """The session of the token."""
    return json_reply(session_view(services.sessions, session, services.clock.now()))


async def logout(services: Services, _request: Request, session: Session) -> Reply:
    """Ends the session of the token, everywhere at once."""
    await services.sessions.end(session, EndReason.LOGOUT, services.clock.now(), actor=session.principal.id)
    return Reply(204)


async def listing(services: Services, _request: Request, session: Session) -> Reply:
    """One's own living sessions."""
    now = services.clock.now()
    own = await services.sessions.of(session.principal.id, now)
    return json_reply(SessionList([session_view(services.sessions, one, now) for one in own]))


async def end(services: Services, request: Request, session: Session) -> Reply:
    """Ends one of one's own sessions."""
    now = services.clock.now()
    other = await services.sessions.find(request.path["id"], now)
    if other.principal.id != session.principal.id:
        raise NotFound
    await services.sessions.end(other, EndReason.LOGOUT, now, actor=session.principal.id)
    return Reply(204)


async def answer(services: Services, request: Request, session: Session) -> Reply:
    """Answers the session's own challenge."""
    given = await request.json(_ANSWER)
    now = services.clock.now()
    await services.sessions.answer(session, request.path["id"], given.answer, now, services.identity.check_password)
    return json_reply(session_view(services.sessions, session, services.clock.now()))


async def enrol(services: Services, request: Request) -> Reply:
    """Sets a password with a one-time token."""
    given = await request.json(_ENROLMENT)
    now = services.clock.now()
    _take(services, "login:" + request.source, services.config.limits.logins, now, TooManyRequests)
    user = await services.identity.enrol(given.token, given.password, now)
    await services.sessions.end_all_of(user.id, EndReason.CREDENTIAL_CHANGED, services.clock.now(), actor=user.id)
    return json_reply(EnrolledView(user.name), 201)


ROUTES = [
    Route(
        "POST", "/api/v1/session", "Log in, or begin as a visitor", Access.ANYBODY, start, Login,
        ((201, SessionStarted),), (InvalidCredentials, Forbidden, TooManyAttempts, TooManyRequests, Unavailable),
        bodiless=True,
    ),
    Route("GET", "/api/v1/session", "The session of the token", Access.SESSION, show, None, ((200, SessionView),)),
    Route("DELETE", "/api/v1/session", "Log out", Access.SESSION, logout, None, ((204, None),)),
    Route("GET", "/api/v1/sessions", "One's own sessions", Access.ACTIVE, listing, None, ((200, SessionList),)),
    Route(
        "DELETE", "/api/v1/sessions/{id}", "End one of one's own sessions", Access.ACTIVE, end, None, ((204, None),),
        (NotFound,),
    ),
    Route(
        "POST", "/api/v1/challenges/{id}/answer", "Answer a challenge", Access.SESSION, answer, ChallengeAnswer,
        ((200, SessionView),), (NotFound, ConfirmationRequired),
    ),
    Route(
        "POST", "/api/v1/enrolments", "Set a password with a one-time token", Access.ANYBODY, enrol, Enrolment,
        ((201, EnrolledView),), (NotFound, TooManyRequests, Unavailable),
    ),
]  # fmt: skip
