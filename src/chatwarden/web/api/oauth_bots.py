"""Bots at the OAuth endpoints: a token of five minutes for client credentials, and what became of one's own.

The client id of a bot's instance is ``bin_…``; it shows a secret (RFC 6749 section 2.3.1) or an assertion of its own key
(RFC 7523 section 2.2). Each sign-in carries the generation that the last one answered, as the form field ``generation``
or, signed, as the claim of that name; the answer carries the next. Whatever is wrong is answered as for every client.
"""

from __future__ import annotations

from dataclasses import dataclass

from chatwarden.bots.accounts import rules
from chatwarden.bots.accounts.model import Proved, SignedIn
from chatwarden.clock import SECOND, Instant
from chatwarden.errors import NotAccepted
from chatwarden.identity.keys import from_pem
from chatwarden.ids import is_id
from chatwarden.web.api.oauth_clients import assertion_only, claimed, refusable, refuse
from chatwarden.web.api.oauth_wire import ClientAuthentication, Refused, basic, invalid_client, limited
from chatwarden.web.context import Services
from chatwarden.web.http import Request


@dataclass(frozen=True, slots=True)
class Arrived:
    """An instance that showed who it is. ``generation``: what its assertion says, if it does."""

    proved: Proved
    generation: int | None = None


def is_bot(request: Request, given: ClientAuthentication) -> bool:
    """Whether a bot's instance is named as the client."""
    return is_id(claimed(request, given), "bin")


async def bot_of(services: Services, request: Request, given: ClientAuthentication, now: Instant) -> Arrived:
    """The instance that asks. Raises Refused."""
    refusable(services, request, now)
    try:
        arrived = await _arrived(services, request, given, now)
        proved = arrived.proved
        if why := services.accounts.standing(proved.account, proved.instance):
            raise NotAccepted(why)  # noqa: TRY301  answered and recorded like every other refusal
    except NotAccepted as refused:
        await _refuse(services, request, given, refused, now)
        raise invalid_client(request) from None
    limited(services, f"oauth:{proved.instance.id}", services.config.limits.tokens, now)
    return arrived


async def sign_in(
    services: Services,
    request: Request,
    given: ClientAuthentication,
    *,
    generation: str,
    scope: str | None,
    now: Instant,
) -> SignedIn:
    """A token for a bot (RFC 6749 section 4.4). It has the rights of the bot's level, no more and no less."""
    try:
        written = rules.generation(generation)
    except ValueError as error:
        raise Refused("invalid_request", str(error)) from None
    arrived = await bot_of(services, request, given, now)
    if None not in {written, arrived.generation} and written != arrived.generation:
        raise Refused("invalid_request", "generation is given twice, and differs")
    level = services.accounts.levels[arrived.proved.account.level]
    if not set((scope or "").split()) <= set(level):
        raise Refused("invalid_scope", "the access level of this bot does not have these rights")
    carried = arrived.generation if written is None else written
    try:
        return await services.accounts.sign_in(arrived.proved, carried, now)
    except NotAccepted as refused:
        await _refuse(services, request, given, refused, now)
        if refused.reason == rules.Step.MISSING:
            # Only who has the credential gets here, and without the number it opens nothing.
            raise Refused("invalid_request", "this bot's sign-ins are counted: generation is missing") from None
        raise invalid_client(request) from None


async def own(services: Services, arrived: Arrived, token: str, now: Instant) -> dict[str, object]:
    """What one of its own tokens stands for. Raises NotAccepted."""
    caller = await services.accounts.caller(token, now, instance=arrived.proved.instance.id)
    return {
        "active": True, "token_type": "Bearer", "iss": services.public_url, "sub": caller.account,
        "client_id": caller.instance, "scope": " ".join(sorted(caller.rights)), "exp": caller.expires_at // SECOND,
    }  # fmt: skip


async def _arrived(services: Services, request: Request, given: ClientAuthentication, now: Instant) -> Arrived:
    pair = basic(request)
    accounts = services.accounts
    if sum((pair is not None, bool(given.client_secret), bool(given.client_assertion))) > 1:
        raise Refused("invalid_request", "show who you are in one way only")
    if pair is not None:
        if given.client_id not in {"", pair[0]}:
            raise NotAccepted("another-client")
        return Arrived(await accounts.with_secret(*pair, now))
    if given.client_secret:
        return Arrived(await accounts.with_secret(given.client_id, given.client_secret, now))
    assertion = assertion_only(given)
    name = claimed(request, given)
    able = await accounts.keys(name, now)
    number, shown = await services.provider.shown(
        assertion, able[0].account.id if able else "", name, [from_pem(one.credential.material) for one in able],
        (services.public_url, f"{services.public_url}/oauth/token"), now,
    )  # fmt: skip
    generation = shown.claims.get("generation")
    if generation is not None and (not isinstance(generation, int) or isinstance(generation, bool) or generation < 0):
        raise NotAccepted("bad-generation")
    return Arrived(able[number], generation)


async def _refuse(
    services: Services, request: Request, given: ClientAuthentication, refused: NotAccepted, now: Instant
) -> None:
    actor = await services.accounts.actor(claimed(request, given))
    await refuse(services, request, refused.reason, actor, now)
