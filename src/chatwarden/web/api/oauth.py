"""The provider endpoints: metadata (RFC 8414), keys (RFC 7517), tokens (RFC 6749), introspection (RFC 7662),
revocation (RFC 7009).

A token counts as long as its session does, and that is asked of the session each time: introspection knows no cache.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from chatwarden import assurance
from chatwarden.clock import SECOND, Instant
from chatwarden.config.model import SiteConfig
from chatwarden.errors import NotAccepted, Problem
from chatwarden.identity.jose import ALGORITHMS, Verified
from chatwarden.identity.parties import Party
from chatwarden.sessions.model import EndReason, Session
from chatwarden.sessions.rules import ends_at
from chatwarden.sessions.service import TOKEN_PREFIX
from chatwarden.web.api import oauth_bots as bots
from chatwarden.web.api import oauth_grants as grants
from chatwarden.web.api.oauth_clients import METHODS, authenticated
from chatwarden.web.api.oauth_grants import TokenAnswer, TokenRequest, standing
from chatwarden.web.api.oauth_wire import (
    ClientAuthentication,
    Refused,
    Text,
    Token,
    answer,
    answering,
    basic,
    form,
)
from chatwarden.web.context import Services
from chatwarden.web.doors import one_kind
from chatwarden.web.http import Reply, Request
from chatwarden.web.routes import Access, Route

_Form = TypeVar("_Form", bound=ClientAuthentication)


class TokenQuestion(ClientAuthentication):
    """A token that is asked about, or taken back."""

    token: Token = ""
    token_type_hint: Text = ""


class Introspection(msgspec.Struct, omit_defaults=True):
    """What a token stands for now (RFC 7662 section 2.2). One that counts no longer is only ``active: false``."""

    active: bool
    token_type: str = ""
    iss: str = ""
    sub: str = ""
    aud: str = ""
    client_id: str = ""
    scope: str = ""
    roles: list[str] = []
    iat: int = 0
    exp: int = 0
    jti: str = ""
    sid: str = ""
    act: dict[str, str] = {}
    acr: str = ""
    amr: list[str] = []
    auth_time: int = 0
    conversation: str = ""


class JwkSet(msgspec.Struct):
    """Public keys (RFC 7517 section 5)."""

    keys: list[dict[str, str]]


class Metadata(msgspec.Struct):
    """What is where, and what is understood there (RFC 8414 section 2)."""

    issuer: str
    token_endpoint: str
    introspection_endpoint: str
    revocation_endpoint: str
    jwks_uri: str
    grant_types_supported: list[str]
    response_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    token_endpoint_auth_signing_alg_values_supported: list[str]
    introspection_endpoint_auth_methods_supported: list[str]
    introspection_endpoint_auth_signing_alg_values_supported: list[str]
    revocation_endpoint_auth_methods_supported: list[str]
    revocation_endpoint_auth_signing_alg_values_supported: list[str]
    acr_values_supported: list[str]


@answering
async def metadata(services: Services, _request: Request) -> Reply:
    """What is where. There is no endpoint for browsers, so there are no response types."""
    base, methods, algorithms = services.public_url, list(METHODS), list(ALGORITHMS)
    return answer(
        Metadata(
            issuer=base, token_endpoint=f"{base}/oauth/token", introspection_endpoint=f"{base}/oauth/introspect",
            revocation_endpoint=f"{base}/oauth/revoke", jwks_uri=f"{base}/oauth/jwks",
            grant_types_supported=list(grants.GRANT_TYPES), response_types_supported=[],
            # An assertion of a website needs no client beside it.
            token_endpoint_auth_methods_supported=[*methods, "none"],
            token_endpoint_auth_signing_alg_values_supported=algorithms,
            introspection_endpoint_auth_methods_supported=methods,
            introspection_endpoint_auth_signing_alg_values_supported=algorithms,
            revocation_endpoint_auth_methods_supported=methods,
            revocation_endpoint_auth_signing_alg_values_supported=algorithms,
            acr_values_supported=list(assurance.LEVELS),
        )
    )  # fmt: skip


@answering
async def jwks(services: Services, _request: Request) -> Reply:
    """The keys with which tokens for other services are verified."""
    return answer(JwkSet(await services.provider.keys.published(services.clock.now())))


@answering
async def token(services: Services, request: Request) -> Reply:
    """Gives a token for what the grant type says."""
    asked = await _asked(services, request, TokenRequest)
    now = services.clock.now()
    match asked.grant_type:
        case grants.CLIENT_CREDENTIALS:
            return answer(await grants.client_credentials(services, request, asked, now))
        case grants.JWT_BEARER:
            return answer(await grants.jwt_bearer(services, request, asked, now))
        case grants.TOKEN_EXCHANGE:
            return answer(await grants.token_exchange(services, request, asked, now))
        case "":
            raise Refused("invalid_request", "grant_type is missing")
    raise Refused("unsupported_grant_type", f"grant_type is one of {', '.join(grants.GRANT_TYPES)}")


@answering
async def introspect(services: Services, request: Request) -> Reply:
    """Whether a token counts at this instant, and for what."""
    asked = await _asked(services, request, TokenQuestion)
    now = services.clock.now()
    bot = await bots.bot_of(services, request, asked, now) if bots.is_bot(request, asked) else None
    if bot is None:
        await authenticated(services, request, asked, now)
    try:
        if bot is not None:
            return answer(msgspec.convert(await bots.own(services, bot, _needed(asked), now), Introspection))
        return answer(await _introspected(services, _needed(asked), now))
    except (NotAccepted, Problem):
        return answer(Introspection(active=False))


async def _introspected(services: Services, text: str, now: Instant) -> Introspection:
    if text.count(".") == 2:
        shown = await services.provider.own(text, services.public_url, now)
        if "sid" in shown.claims:
            session = await services.sessions.find(shown.claims["sid"], now)
            services.sessions.require_active(session, now)
        return msgspec.convert({**shown.claims, "active": True, "token_type": "Bearer"}, Introspection)
    session = await standing(services, text, now)
    found = _of_session(session, services.public_url)
    grant = services.gateway.turns.resolve(text, now)
    if grant is not None:
        found.conversation = grant.conversation
        found.exp = min(found.exp, grant.expires_at // SECOND)
    return found


def _of_session(session: Session, issuer: str) -> Introspection:
    person = session.principal
    return Introspection(
        active=True, token_type="Bearer", iss=issuer, sub=person.id, scope=" ".join(person.rights),  # noqa: S106
        roles=[role.value for role in person.roles], iat=session.created_at // SECOND,
        exp=ends_at(session) // SECOND, sid=session.id, acr=assurance.acr(session.factors),
        amr=assurance.amr(session.factors), auth_time=session.authenticated_at // SECOND,
    )  # fmt: skip


@answering
async def revoke(services: Services, request: Request) -> Reply:
    """Takes a token back; one that counts no longer is taken back already (RFC 7009 section 2.2)."""
    asked = await _asked(services, request, TokenQuestion)
    now = services.clock.now()
    if bots.is_bot(request, asked):
        bot = await bots.bot_of(services, request, asked, now)
        if not await services.accounts.revoke(_needed(asked), bot.proved.instance.id, now):
            raise _not_its_own()
        return Reply(200)
    party = await authenticated(services, request, asked, now)
    text = _needed(asked)
    try:
        if text.count(".") == 2:
            await _revoke_own(services, party, await services.provider.own(text, services.public_url, now), now)
        else:
            await _revoke_session(services, party, text, now)
    except (NotAccepted, Problem):
        return Reply(200)
    return Reply(200)


async def _revoke_own(services: Services, party: Party, shown: Verified, now: Instant) -> None:
    if shown.claims["client_id"] != party.id:
        raise _not_its_own()
    await services.provider.revoke(shown, now, actor=party.actor)


async def _revoke_session(services: Services, party: Party, text: str, now: Instant) -> None:
    """A website may end the sessions of its own visitors: they logged out there."""
    if not text.startswith(TOKEN_PREFIX):
        if services.gateway.turns.resolve(text, now) is not None:
            raise _not_its_own()
        return
    session = await services.sessions.authenticate(text, now)
    issuers = await services.provider.identities.issuers_of(session.principal.id)
    if not isinstance(party.config, SiteConfig) or session.origin != "assertion" or party.id not in issuers:
        raise _not_its_own()
    await services.sessions.end(session, EndReason.REVOKED, services.clock.now(), actor=party.actor)


async def _asked(services: Services, request: Request, kind: type[_Form]) -> _Form:
    """The form, in which not both a person's and a bot's credentials stand. Raises Refused or InvalidToken."""
    asked = await form(request, kind)
    values = [value for value in msgspec.structs.astuple(asked) if isinstance(value, str)]
    await one_kind(services, request, door=None, form=[*values, *(basic(request) or ())])
    return asked


def _needed(asked: TokenQuestion) -> str:
    if not asked.token:
        raise Refused("invalid_request", "token is missing")
    return asked.token


def _not_its_own() -> Refused:
    return Refused("invalid_grant", "the token was not issued to this client")


def _route(method: str, path: str, summary: str, handler: Any, request: Any, told: Any) -> Route:
    return Route(
        method, path, summary, Access.ANYBODY, handler, request, ((200, told),), tag="oauth", oauth=True
    )  # fmt: skip


ROUTES = [
    _route("GET", "/.well-known/oauth-authorization-server", "What is where", metadata, None, Metadata),
    _route("GET", "/oauth/jwks", "The keys of our tokens", jwks, None, JwkSet),
    _route("POST", "/oauth/token", "Get a token", token, TokenRequest, TokenAnswer),
    _route("POST", "/oauth/introspect", "Ask whether a token counts", introspect, TokenQuestion, Introspection),
    _route("POST", "/oauth/revoke", "Take a token back", revoke, TokenQuestion, None),
]
