"""Company logins in the browser: the way to the provider and back, and the logouts that the provider tells of.

Whatever is wrong with a login, people and programs are told the same; the log has the reason. Only what is refused
counts against a source: an office whose people all come from one address is not slowed down.
"""

from __future__ import annotations

import re

import msgspec

from chatwarden.audit.model import Event
from chatwarden.clock import SECOND, Instant
from chatwarden.errors import (
    InvalidCredentials,
    InvalidRequest,
    NotAccepted,
    NotFound,
    Problem,
    TooManyRequests,
    Unavailable,
)
from chatwarden.identity.company.model import Arrived, LoggedOut
from chatwarden.identity.company.service import AWAY
from chatwarden.outgoing import Unreachable
from chatwarden.sessions.model import EndReason, Session
from chatwarden.web.api.oauth_wire import Refused, Token, answering, form
from chatwarden.web.context import Services
from chatwarden.web.files import Folder
from chatwarden.web.http import JSON_HEADERS, SECURITY_HEADERS, Reply, Request, json_reply, problem_reply
from chatwarden.web.routes import Access, Route

COOKIE = "__Host-chatwarden-login"
PAGES = (
    "/demo",
    "/account",
    "/widget/back",
    "/console",
    "/console/conversation",
)  # those of our own that know what to do with a code: nobody is sent anywhere else
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # S256 (RFC 7636, section 4.2)
_COOKIE = "{name}={value}; Path=/; Max-Age={age}; Secure; HttpOnly; SameSite=Lax"
_AGAIN = {"Retry-After": "5"}
_DEMO = Folder("demo")


class CompanyLoginView(msgspec.Struct):
    """One button: ``/login/NAME`` is where it leads."""

    name: str
    title: str


class LogoutRequest(msgspec.Struct):
    """What a provider posts (OpenID Connect Back-Channel Logout 1.0, section 2.5)."""

    logout_token: Token = ""


async def listing(services: Services, _request: Request) -> Reply:
    """The company logins that people can choose from."""
    return json_reply([CompanyLoginView(one.name, one.title or one.name) for one in services.companies.listed])


async def begin(services: Services, request: Request) -> Reply:
    """Sends the browser to the company's provider."""
    query, name, now = request.query, request.path["company"], services.clock.now()
    challenge, page = query.get("challenge", ""), query.get("return", PAGES[0])
    if not _CHALLENGE.fullmatch(challenge):
        raise InvalidRequest("challenge is the S256 challenge of a verifier that the page keeps (RFC 7636)")
    if page not in PAGES:
        raise InvalidRequest(f"return is one of {', '.join(PAGES)}")
    try:
        target, carried = await services.companies.begin(
            name, challenge=challenge, page=page, base=services.public_url, now=now
        )
    except (NotAccepted, Unreachable) as wrong:
        return await _no_login(services, request, name, wrong, now)
    return _away(302, target, _COOKIE.format(name=COOKIE, value=carried, age=AWAY // SECOND))


async def callback(services: Services, request: Request) -> Reply:
    """The browser is back: sends it to the page that began, with a code that only that page can use."""
    name, now = request.path["company"], services.clock.now()
    try:
        page, code = await services.companies.arrive(
            name, _told(request), carried=_carried(request), base=services.public_url, now=now
        )
    except (NotAccepted, Unreachable) as wrong:
        return await _no_login(services, request, name, wrong, now)
    return _away(303, f"{page}#login={code}", _COOKIE.format(name=COOKIE, value="", age=0))


def _told(request: Request) -> dict[str, str]:
    try:
        return request.query
    except InvalidRequest:
        raise NotAccepted("malformed-answer") from None


def _carried(request: Request) -> str:
    for pair in request.header(b"cookie").split(";"):
        name, _, value = pair.strip().partition("=")
        if name == COOKIE:
            return value
    return ""


def _away(status: int, target: str, cookie: str) -> Reply:
    headers = [(b"location", target.encode("ascii")), (b"set-cookie", cookie.encode("ascii")), *SECURITY_HEADERS]
    return Reply(status, headers=headers)


async def _no_login(
    services: Services, request: Request, name: str, wrong: NotAccepted | Unreachable, now: Instant
) -> Reply:
    """One answer for all that is wrong with a login, another one where the provider did not answer."""
    problem: Problem
    if isinstance(wrong, NotAccepted):
        await _count(services, request, name, wrong.reason, now)
        problem = InvalidCredentials()
    else:
        problem = Unavailable("the company's login does not answer; try again later", headers=_AGAIN)
    services.metrics.refusal(problem.name)
    if "text/html" not in request.header(b"accept"):
        return problem_reply(problem)
    return _DEMO.page("refused.html", "demo", services.languages, request, problem.status)


async def _count(
    services: Services, request: Request, name: str, reason: str, now: Instant, event: Event = Event.LOGIN_REFUSED
) -> None:
    """Puts a refusal on record, unless this source had too many: then nothing is written, and it is told to wait."""
    rate = services.config.limits.logins
    wait = 0 if rate is None else services.throttle.take(f"company-refused:{request.source}", rate, now)
    if wait:
        raise TooManyRequests(headers={"Retry-After": str(-(-wait // SECOND))})
    await services.companies.refused(name, reason, now, event=event)


# -- the page fetches its session (login.py)


async def fetched(services: Services, request: Request, code: str, verifier: str, now: Instant) -> Arrived:
    """Who came back with *code*. Raises InvalidCredentials."""
    try:
        return services.companies.redeem(code, verifier, now)
    except NotAccepted as refused:
        await _count(services, request, "unknown", refused.reason, now)
        raise InvalidCredentials from None


async def settle(services: Services, arrived: Arrived, session: Session) -> None:
    """Ends what the new *session* leaves behind: earlier ones with a role or rights that their person has no longer. And
    the session itself, if the company logged it out while it was made. Raises InvalidCredentials.
    """
    now = services.clock.now()
    if services.companies.is_over(arrived):
        await services.sessions.end(session, EndReason.COMPANY_LOGOUT, now, actor=_actor(arrived.company))
        raise InvalidCredentials
    roles, rights = session.principal.roles, frozenset(session.principal.rights)
    for one in await services.sessions.of(session.principal.id, now):
        if one.id != session.id and (one.principal.roles != roles or not rights.issuperset(one.principal.rights)):
            await services.sessions.end(one, EndReason.REVOKED, now, actor=_actor(arrived.company))


# -- logouts


@answering
async def logout(services: Services, request: Request) -> Reply:
    """Ends every session that the logout token means, at once and everywhere."""
    asked, name, now = await form(request, LogoutRequest), request.path["company"], services.clock.now()
    try:
        who = await services.companies.logout(name, asked.logout_token, now)
    except NotAccepted as refused:
        try:
            await _count(services, request, name, refused.reason, now, Event.COMPANY_LOGOUT_REFUSED)
        except TooManyRequests as many:
            raise Refused("temporarily_unavailable", "too many requests", 429, many.headers) from None
        raise Refused("invalid_request", "the logout token was not accepted") from None
    except NotFound:  # not on record: anybody can make up names
        raise Refused("invalid_request", "the logout token was not accepted") from None
    except Unreachable:
        raise Refused("temporarily_unavailable", "the keys of the logout token are not there", 503, _AGAIN) from None
    ended = await _end(services, who)
    await services.companies.noted(who, ended, now)
    return Reply(200, headers=JSON_HEADERS)


async def _end(services: Services, who: LoggedOut) -> int:
    """Asked again until nothing is left: a session that another one took over from meanwhile must not be missed."""
    ended = 0
    while living := await _living(services, who):
        for session in living:
            await services.sessions.end(
                session, EndReason.COMPANY_LOGOUT, services.clock.now(), actor=_actor(who.company)
            )
        ended += len(living)
    return ended


async def _living(services: Services, who: LoggedOut) -> list[Session]:
    found = []
    for session_id in await services.companies.sessions.of(who):
        try:
            found.append(await services.sessions.find(session_id, services.clock.now()))
        except NotFound:
            continue  # it ended before
    return found


def _actor(company: str) -> str:
    return f"company:{company}"


ROUTES = [
    Route(
        "GET", "/login", "The company logins", Access.ANYBODY, listing, None, ((200, list[CompanyLoginView]),),
        tag="company",
    ),
    Route(
        "GET", "/login/{company}", "Go to a company's login", Access.ANYBODY, begin, None, ((302, None),),
        (InvalidCredentials, NotFound, TooManyRequests, Unavailable), query=("challenge", "return"), tag="company",
    ),
    Route(
        "GET", "/login/{company}/callback", "Come back from it", Access.ANYBODY, callback, None, ((303, None),),
        (InvalidCredentials, NotFound, TooManyRequests, Unavailable),
        query=("code", "state", "iss", "error"), tag="company",
    ),
    Route(
        "POST", "/login/{company}/backchannel-logout", "Log people out", Access.ANYBODY, logout, LogoutRequest,
        ((200, None),), tag="company", oauth=True,
    ),
]  # fmt: skip
