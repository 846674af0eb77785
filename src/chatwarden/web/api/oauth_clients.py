"""Who asks at the OAuth endpoints: one way of authentication each time, one answer for all that is wrong.

Refused attempts are counted per source, so that guessing is slow; accepted requests per client, so that nobody can use up
what belongs to another.
"""

from __future__ import annotations

from chatwarden.clock import Instant
from chatwarden.config.model import ClientConfig
from chatwarden.errors import NotAccepted
from chatwarden.identity.jose import unverified
from chatwarden.identity.parties import Party
from chatwarden.web.api.oauth_wire import ClientAuthentication, Refused, basic, invalid_client, limited
from chatwarden.web.context import Services
from chatwarden.web.http import Request

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt")


def shows_client(request: Request, given: ClientAuthentication) -> bool:
    """Whether the request carries a client's credentials."""
    shown = (given.client_secret, given.client_assertion, given.client_assertion_type)
    return bool(request.header(b"authorization")) or any(shown)


async def authenticated(services: Services, request: Request, given: ClientAuthentication, now: Instant) -> Party:
    """The client or website that asks. Raises Refused."""
    refusable(services, request, now)
    try:
        party = await _party(services, request, given, now)
    except NotAccepted as refused:
        await refuse(services, request, refused.reason, services.provider.claimed(claimed(request, given)), now)
        raise invalid_client(request) from None
    limited(services, f"oauth:{party.actor}", services.config.limits.tokens, now)
    return party


def client_of(party: Party, grant: str) -> ClientConfig:
    """The party as a client that may ask with *grant*. Raises Refused."""
    if not isinstance(party.config, ClientConfig) or grant not in party.config.grants:
        raise Refused("unauthorized_client", f"this client may not use {grant}")
    return party.config


def refusable(services: Services, request: Request, now: Instant) -> None:
    """Raises Refused where too much from this source was refused already."""
    limited(services, f"oauth-refused:{request.source}", services.config.limits.token_failures, now, charge=False)


async def refuse(services: Services, request: Request, reason: str, actor: str, now: Instant) -> None:
    """Counts a refusal for its source and puts it on record."""
    rate = services.config.limits.token_failures
    if rate is not None:
        services.throttle.take(f"oauth-refused:{request.source}", rate, now)
    await services.provider.refused(reason, now, actor=actor)


async def _party(services: Services, request: Request, given: ClientAuthentication, now: Instant) -> Party:
    pair = basic(request)
    if sum((pair is not None, bool(given.client_secret), bool(given.client_assertion))) > 1:
        raise Refused("invalid_request", "show who you are in one way only")
    provider = services.provider
    if pair is not None:
        if given.client_id not in {"", pair[0]}:
            raise NotAccepted("another-client")
        return provider.parties.with_secret(*pair)
    if given.client_secret:
        return provider.parties.with_secret(given.client_id, given.client_secret)
    issuer = services.public_url
    party = await provider.assertion_of(assertion_only(given), (issuer, f"{issuer}/oauth/token"), now)
    if given.client_id not in {"", party.id}:
        raise NotAccepted("another-client")
    return party


def assertion_only(given: ClientAuthentication) -> str:
    """The assertion, where nothing else is left to show. Raises NotAccepted."""
    if not given.client_assertion:
        raise NotAccepted("no-authentication")
    if given.client_assertion_type != ASSERTION_TYPE:
        raise NotAccepted("assertion-type")
    return given.client_assertion


def claimed(request: Request, given: ClientAuthentication) -> str:
    """Who the client says it is, believed by nobody yet."""
    pair = basic(request)
    if pair is not None:
        return pair[0]
    if given.client_id or not given.client_assertion:
        return given.client_id
    try:
        return unverified(given.client_assertion).text("iss")
    except NotAccepted:
        return ""
