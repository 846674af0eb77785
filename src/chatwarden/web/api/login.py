"""Coming in: as a visitor, by name and password, by a passkey; and choosing a password by a one-time link."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import msgspec

from chatwarden.clock import SECOND, Instant
from chatwarden.config.model import Rate
from chatwarden.errors import (
    Forbidden,
    InvalidCredentials,
    InvalidRequest,
    InvalidToken,
    NotFound,
    Problem,
    SecondFactorRequired,
    SessionEnded,
    TooManyAttempts,
    TooManyRequests,
    Unavailable,
)
from chatwarden.identity.logins import Passed
from chatwarden.principal import Kind
from chatwarden.sessions.model import EndReason, Session
from chatwarden.web import doors
from chatwarden.web.api import company
from chatwarden.web.context import Services
from chatwarden.web.http import Reply, Request, json_reply
from chatwarden.web.routes import Access, Route
from chatwarden.web.views import ChallengeAsked, EnrolledView, SessionStarted, challenge_view, session_view

Text = Annotated[str, msgspec.Meta(max_length=512)]


class Login(msgspec.Struct, forbid_unknown_fields=True):
    """Who wants in: name and password, what a company login gave the page, or nothing for a visitor."""

    username: Text | None = None
    password: Text | None = None
    code: Text | None = None
    verifier: Text | None = None


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """An empty object."""


class Enrolment(msgspec.Struct, forbid_unknown_fields=True):
    """A one-time token and the password that the person chose."""

    token: Text
    password: Text


_LOGIN = msgspec.json.Decoder(Login)
_NOTHING = msgspec.json.Decoder(Nothing)
_ENROLMENT = msgspec.json.Decoder(Enrolment)


async def start(services: Services, request: Request) -> Reply:
    """Logs a person in, or lets a visitor in."""
    login = await request.json(_LOGIN, optional=True)
    now = services.clock.now()
    given = {name for name in ("username", "password", "code", "verifier") if getattr(login, name) is not None}
    if not given:
        return await _visitor(services, request, now)
    if login.code is not None and login.verifier is not None and len(given) == 2:
        arrived = await company.fetched(services, request, login.code, login.verifier, now)
        return await let_in(services, request, await services.logins.company(arrived, now), now)
    if login.username is None or login.password is None or len(given) != 2:
        raise InvalidRequest("give both username and password, both code and verifier, or nothing", status=422)
    _take(services, "login:" + request.source, services.config.limits.logins, now, TooManyRequests)
    key = f"login-failure:{login.username}:{request.source}"
    # Beside the account's own count there is one for account and source: a stranger can use up only their own. Charged
    # before the check and given back when it was right: parallel guesses cannot share one attempt.
    _take(services, key, services.config.limits.login_failures, now, TooManyAttempts)
    try:
        passed = await services.logins.password(login.username, login.password, request.source, now)
    except SecondFactorRequired:
        services.throttle.forgive(key)  # the password was right
        raise
    except InvalidCredentials:
        await doors.at_login(services, login.username, login.password, now)
        raise
    services.throttle.forgive(key)
    return await let_in(services, request, passed, now)


async def passkey(services: Services, request: Request) -> Reply:
    """Begins a login by passkey alone."""
    await request.json(_NOTHING, optional=True)
    now = services.clock.now()
    _take(services, "login:" + request.source, services.config.limits.logins, now, TooManyRequests)
    return json_reply(ChallengeAsked(challenge_view(services.logins.passkey(now), services.relying_party)))


async def let_in(services: Services, request: Request, passed: Passed, now: Instant) -> Reply:
    """A session for who proved who they are. A visitor's session that the request carries ends, and its conversations
    move to the person.
    """
    earlier = await _earlier(services, request, now)
    user, arrived = passed.user, passed.company
    session, token = await services.sessions.start(
        services.identity.principal(user, arrived.rights if arrived else ()), factors=passed.factors,
        now=services.clock.now(), origin="company" if arrived else "login", means=passed.means,
        together=(services.identity.arrived(user, request.source, now),),
        bind=partial(services.companies.sessions.bind, arrived) if arrived else None,
    )  # fmt: skip
    services.sessions.recognise(session, request.client)
    await _still(services, passed, session)
    if arrived:
        await company.settle(services, arrived, session)
    if earlier is not None:
        await services.conversations.move(earlier.principal, session.principal, now)
        await services.sessions.end(earlier, EndReason.REPLACED, services.clock.now(), actor=user.id)
    return started(services, session, token)


async def _visitor(services: Services, request: Request, now: Instant) -> Reply:
    if not services.sessions.config.visitors:
        raise Forbidden("visitors must log in here")
    _take(services, "visitor:" + request.source, services.config.limits.visitors, now, TooManyRequests)
    session, token = await services.sessions.visitor(now)
    return started(services, session, token)


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


async def _still(services: Services, passed: Passed, session: Session) -> None:
    """Ends the new *session* of an account that was disabled, or got another password, while its password was checked:
    the end of all its sessions did not see this one. Raises InvalidCredentials.
    """
    present = await services.identity.present(passed.user)
    if present == passed.user:
        return
    reason = EndReason.CREDENTIAL_CHANGED if present is not None and present.enabled else EndReason.DISABLED
    await services.sessions.end(session, reason, services.clock.now(), actor="system")
    raise InvalidCredentials


def _take(services: Services, key: str, rate: Rate | None, now: Instant, problem: type[Problem]) -> None:
    wait = 0 if rate is None else services.throttle.take(key, rate, now)
    if wait:
        raise problem(headers={"Retry-After": str(-(-wait // SECOND))})


def started(services: Services, session: Session, token: str) -> Reply:
    """The answer to every login: the token is shown once."""
    view = session_view(services.sessions, session, services.clock.now(), services.relying_party)
    return json_reply(SessionStarted(token, "Bearer", view), 201)


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
        ((201, SessionStarted),),
        (InvalidCredentials, SecondFactorRequired, Forbidden, TooManyAttempts, TooManyRequests, Unavailable),
        bodiless=True,
    ),
    Route(
        "POST", "/api/v1/session/passkey", "Begin a login by passkey alone", Access.ANYBODY, passkey, Nothing,
        ((200, ChallengeAsked),), (TooManyRequests,), bodiless=True,
    ),
    Route(
        "POST", "/api/v1/enrolments", "Set a password with a one-time token", Access.ANYBODY, enrol, Enrolment,
        ((201, EnrolledView),), (NotFound, TooManyRequests, Unavailable),
    ),
]  # fmt: skip
