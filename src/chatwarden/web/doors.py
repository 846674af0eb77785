"""Which kind of principal may come in by which door: asked once for every request, before its route is.

A request carries the credential of one principal. One that carries a person's and a bot's is refused, whatever each of
them could do alone, and so is a bot's at a person's door and a person's at a bot's. All are one answer to whoever sent
them; the log tells them apart, as often as ``limits.token_failures`` permits for one source, and administrators are told
where one of the credentials is real.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote_plus

from chatwarden import tokens
from chatwarden.audit.model import Lane
from chatwarden.clock import Instant
from chatwarden.errors import InvalidToken
from chatwarden.principal import Kind
from chatwarden.web.context import Services
from chatwarden.web.http import Request

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="chatwarden"'}


async def one_kind(
    services: Services, request: Request, *, door: Kind | None = Kind.PERSON, form: Iterable[str] = ()
) -> None:
    """Raises InvalidToken unless the request carries what belongs to this *door*; with None, to either. *form*: values of
    a body that carries credentials.
    """
    carried = [*_fields(request), *form]
    found = frozenset[str]().union(*map(tokens.kinds, carried)) if carried else frozenset[str]()
    if not found:
        return
    why = ""
    if tokens.mixed(carried):
        why = "mixed"
    elif door is Kind.PERSON and tokens.BOT in found:
        why = tokens.BOT
    elif door is Kind.BOT and tokens.PERSON in found:
        why = tokens.PERSON
    if why:
        await refuse(services, request, why, carried)
        raise InvalidToken(headers=CHALLENGE)


async def at_login(services: Services, name: str, password: str, now: Instant) -> None:
    """Puts on record that a bot's account or one of our tokens was tried as a person's. It was refused already, by the
    same work as every other name, and is counted there.
    """
    found = tokens.kinds(name) | tokens.kinds(password)
    if not found:
        return
    holder = await services.accounts.claimant(name, password, now)
    if holder == "unknown" and tokens.first(password):
        holder = await services.misplaced.counts(password, now)
    await services.misplaced.note("login", min(found), now, actor=holder, lane=Lane.CLIENT, alarm=holder != "unknown")


async def refuse(services: Services, request: Request, why: str, carried: Iterable[str]) -> None:
    """Puts it on record, as long as this source did not use that up."""
    now, rate = services.clock.now(), services.config.limits.token_failures
    if rate is not None and services.throttle.take(f"misplaced:{request.source}", rate, now):
        return  # who knows nothing must not fill the log
    holders = [await services.misplaced.counts(value, now) for value in carried if tokens.first(value)]
    known = next((one for one in holders if one != "unknown"), "unknown")
    lane = Lane.BOT if known.startswith("bot_") else Lane.CLIENT
    await services.misplaced.note("request", why, now, actor=known, lane=lane, alarm=known != "unknown")


def _fields(request: Request) -> list[str]:
    """What of the head could be a credential of ours: cheap, since it is done for every request."""
    scope = request.scope
    found = [str(value, "latin-1") for _, value in scope["headers"] if b"cw" in value]
    if b"cw" in scope["query_string"] or b"%" in scope["query_string"]:
        found.append(unquote_plus(str(scope["query_string"], "latin-1")))
    return found
