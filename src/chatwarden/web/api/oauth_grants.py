"""What ``POST /oauth/token`` gives for what: a client's own token, a visitor's session, a token on behalf of a person."""

from __future__ import annotations

import msgspec

from chatwarden.clock import SECOND, Instant
from chatwarden.errors import Forbidden, NotAccepted, NotFound, Problem
from chatwarden.identity.grants import Behalf
from chatwarden.identity.model import User
from chatwarden.identity.parties import Party
from chatwarden.sessions.model import EndReason, Session
from chatwarden.sessions.rules import ends_at
from chatwarden.sessions.service import TOKEN_PREFIX
from chatwarden.web.api import oauth_bots
from chatwarden.web.api.oauth_clients import authenticated, client_of, refusable, refuse, shows_client
from chatwarden.web.api.oauth_wire import ClientAuthentication, Refused, Text, Token, limited
from chatwarden.web.context import Services
from chatwarden.web.http import Request

_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:"  # noqa: S105  a name
ACCESS_TOKEN, JWT = f"{_TOKEN_TYPE}access_token", f"{_TOKEN_TYPE}jwt"
CLIENT_CREDENTIALS = "client_credentials"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105  a name
GRANT_TYPES = (CLIENT_CREDENTIALS, JWT_BEARER, TOKEN_EXCHANGE)


class TokenRequest(ClientAuthentication):
    """What a token is asked for with. ``grant_type`` says which of the others count."""

    grant_type: Text = ""
    scope: Text | None = None
    assertion: Token = ""
    subject_token: Token = ""
    subject_token_type: Text = ""
    requested_token_type: Text = ""
    actor_token: Token = ""
    generation: Text = ""
    audience: Text = ""
    resource: Text = ""


class TokenAnswer(msgspec.Struct, omit_defaults=True):
    """A token (RFC 6749 section 5.1, RFC 8693 section 2.2.1). ``generation``: what a bot's next sign-in must carry."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str = ""
    issued_token_type: str = ""
    generation: int = 0


async def client_credentials(services: Services, request: Request, asked: TokenRequest, now: Instant) -> TokenAnswer:
    """A token for the client itself (RFC 6749 section 4.4)."""
    if oauth_bots.is_bot(request, asked):
        return await _for_bot(services, request, asked, now)
    client = client_of(await authenticated(services, request, asked, now), CLIENT_CREDENTIALS)
    told = await services.provider.access_token(
        client, issuer=services.public_url, service=_service(asked), rights=asked.scope, behalf=None, now=now
    )
    return TokenAnswer(**told)


async def _for_bot(services: Services, request: Request, asked: TokenRequest, now: Instant) -> TokenAnswer:
    if _service(asked) not in {"", services.public_url}:
        raise Refused("invalid_target", "a bot's token is for this gateway's broker: leave audience and resource out")
    signed = await oauth_bots.sign_in(services, request, asked, generation=asked.generation, scope=asked.scope, now=now)
    return TokenAnswer(
        signed.token, "Bearer", (signed.expires_at - now) // SECOND, " ".join(signed.rights),
        generation=signed.generation,
    )  # fmt: skip


async def jwt_bearer(services: Services, request: Request, asked: TokenRequest, now: Instant) -> TokenAnswer:
    """A session for a visitor whom a website vouches for (RFC 7523 section 2.1). The assertion says who asks, so no
    client need be shown; one that is shown must be right (RFC 7521 section 4.1).
    """
    if not asked.assertion:
        raise Refused("invalid_request", "assertion is missing")
    if shows_client(request, asked):
        await authenticated(services, request, asked, now)
    refusable(services, request, now)
    try:
        party, user = await services.provider.visitor_of(asked.assertion, services.public_url, now)
        limited(services, f"oauth:{party.actor}", services.config.limits.tokens, now)
        session, token = await _session_for(services, request, user)
    except NotAccepted as refused:
        await refuse(services, request, refused.reason, services.provider.claimed("", asked.assertion), now)
        raise not_accepted() from None
    lifetime = (session.absolute_deadline - services.clock.now()) // SECOND
    return TokenAnswer(token, "Bearer", lifetime, " ".join(session.principal.rights))


async def _session_for(services: Services, request: Request, user: User) -> tuple[Session, str]:
    now = services.clock.now()
    try:
        session, token = await services.sessions.start(
            services.identity.principal(user), factors=("assertion",), now=now, origin="assertion",
            together=(services.identity.arrived(user, request.source, now),),
        )  # fmt: skip
    except Forbidden:
        raise NotAccepted("hours") from None
    if await services.identity.present(user) != user:
        # It was disabled meanwhile: the end of all its sessions did not see this one.
        await services.sessions.end(session, EndReason.DISABLED, services.clock.now(), actor="system")
        raise NotAccepted("disabled")
    return session, token


async def token_exchange(services: Services, request: Request, asked: TokenRequest, now: Instant) -> TokenAnswer:
    """A token for another service, on behalf of the person of a session (RFC 8693)."""
    party = await authenticated(services, request, asked, now)
    client = client_of(party, "token-exchange")
    if not asked.subject_token or not asked.subject_token_type:
        raise Refused("invalid_request", "subject_token and subject_token_type are needed")
    if asked.subject_token_type != ACCESS_TOKEN:
        raise Refused("invalid_request", f"subject_token_type is {ACCESS_TOKEN}")
    if asked.requested_token_type not in {"", ACCESS_TOKEN, JWT}:
        raise Refused("invalid_request", f"requested_token_type is {ACCESS_TOKEN} or {JWT}")
    if asked.actor_token:
        raise Refused("invalid_request", "the client is the actor: leave actor_token out")
    session = await _subject(services, request, asked.subject_token, party, now)
    behalf = Behalf(
        subject=session.principal.id, session=session.id, rights=session.principal.rights, factors=session.factors,
        authenticated_at=session.authenticated_at, until=ends_at(session),
    )  # fmt: skip
    told = await services.provider.access_token(
        client, issuer=services.public_url, service=_service(asked), rights=asked.scope, behalf=behalf, now=now
    )
    # While it was put on record the session may have ended.
    await _subject(services, request, asked.subject_token, party, services.clock.now())
    return TokenAnswer(**told, issued_token_type=asked.requested_token_type or ACCESS_TOKEN)


async def _subject(services: Services, request: Request, token: str, party: Party, now: Instant) -> Session:
    try:
        return await standing(services, token, now)
    except Problem as problem:
        await refuse(services, request, f"subject-{problem.name}", party.actor, now)
        raise not_accepted() from None


async def standing(services: Services, token: str, now: Instant) -> Session:
    """The session behind a session's or a turn's token, if it may act now: not ended, not asked, complete. Raises
    Problem.
    """
    if token.startswith(TOKEN_PREFIX):
        session = await services.sessions.authenticate(token, now)
    else:
        grant = services.gateway.turns.resolve(token, now)
        if grant is None:
            raise NotFound
        session = await services.sessions.find(grant.session, now)
    services.sessions.require_active(session, now)
    return session


def not_accepted() -> Refused:
    """One answer for every grant that is not accepted, whatever is wrong with it."""
    return Refused("invalid_grant", "the grant was not accepted")


def _service(asked: TokenRequest) -> str:
    """The service that is named by ``audience`` (RFC 8693) or ``resource`` (RFC 8707)."""
    if asked.audience and asked.resource and asked.audience != asked.resource:
        raise Refused("invalid_target", "a token is for one service: audience and resource differ")
    return asked.audience or asked.resource
