"""What administrators do with applications that bots may reach: add, grant, look, explain, rotate, remove.

No operation returns a credential; one that brings a credential hands it to the broker and forgets it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from chatwarden.audit.model import Lane
from chatwarden.bots.broker import paths
from chatwarden.bots.broker.applications import origin, shown
from chatwarden.bots.broker.client import BrokerGone
from chatwarden.bots.broker.model import METHODS, Facts, Grant, Wish
from chatwarden.bots.broker.rules import judged, wider
from chatwarden.broker.wire import Application
from chatwarden.classes import SECRETS, DataClass
from chatwarden.clock import SECOND, Instant, rfc3339
from chatwarden.config import values
from chatwarden.errand import is_active, proved_ago
from chatwarden.errors import InvalidRequest, NotFound, Unavailable
from chatwarden.principal import Principal
from chatwarden.web.context import Services
from chatwarden.web.people import ADMINISTRATOR, Operation, text

_FIELDS = ("account", "token_url", "revoke_url", "scope", "audience", "header", "check", "ca")
_RIGHT = r"[a-z][a-z0-9:._-]{0,63}"
_DAY = 86_400


async def app_add(services: Services, args: dict[str, Any]) -> object:
    """Hands an application and its credential to the broker, which signs in with it first."""
    now = services.clock.now()
    await _belongs(services, text(args, "credential"), str(args.get("account") or ""), now)
    given = {name: text(args, name) for name in _FIELDS if args.get(name)}
    given |= {"header": given["header"].lower()} if "header" in given else {}  # names of fields have no case
    application = Application(
        name=text(args, "name"), url=text(args, "url").rstrip("/"), sign_in=text(args, "sign_in"),
        private=args.get("private") is True,
    )  # fmt: skip
    application = msgspec.structs.replace(application, **given)
    added = await services.errands.applications.add(
        application, text(args, "credential"), now, actor=ADMINISTRATOR,
        subject=await services.errands.trial(application, now),
    )  # fmt: skip
    return {"application": shown(added)}


async def app_rotate(services: Services, args: dict[str, Any]) -> object:
    """Another credential, once signing in with it worked."""
    now = services.clock.now()
    application = await _application(services, text(args, "name"))
    await _belongs(services, text(args, "credential"), application.account, now)
    rotated = await services.errands.applications.rotate(
        application.name, text(args, "credential"), now, actor=ADMINISTRATOR,
        subject=await services.errands.trial(application, now),
    )  # fmt: skip
    return {"application": shown(rotated)}


async def _belongs(services: Services, credential: str, account: str, now: Instant) -> None:
    """Refuses what is somebody's here: a token or secret of this gateway, or a person's own password."""
    why = await services.misplaced.whose(credential) or await services.misplaced.whose(f"{account}:{credential}")
    if why:
        await services.misplaced.note("application", why, now, actor=ADMINISTRATOR, lane=Lane.STAFF, alarm=True)
        raise InvalidRequest("this is a credential of this gateway or of a person: give the bot an account of its own")


async def app_remove(services: Services, args: dict[str, Any]) -> object:
    """Takes an application away, with its grants and its leases."""
    name = (await _application(services, text(args, "name"))).name
    grants = await services.errands.applications.remove(name, services.clock.now(), actor=ADMINISTRATOR)
    services.errands.leases.end_of(name, "application-removed")
    return {"removed": name, "grants": grants}


async def app_list(services: Services, _args: dict[str, Any]) -> object:
    """Every application and every grant."""
    try:
        known = await services.errands.applications.known()
    except BrokerGone:
        raise _no_broker() from None
    return {
        "applications": [{**shown(one), "at": rfc3339(one.at)} for one in known.values()],
        "grants": [grant_view(one) for one in services.errands.applications.grants],
    }


async def app_grant(services: Services, args: dict[str, Any]) -> object:
    """Lets a bot ask an application for something."""
    application = await _application(services, text(args, "application"))
    bot = text(args, "bot")
    if services.bots.get(bot) is None:
        raise NotFound(f"there is no bot named {bot}")
    grant = Grant(
        "", bot, application.name, origin(application), _right(args, "right"), _methods(args), _patterns(args),
        _classes(args), _right(args, "person_right") if args.get("person_right") else "",
        _seconds(args, "step_up") * SECOND, _rate(args),
    )  # fmt: skip
    made = await services.errands.applications.grant(grant, services.clock.now(), actor=ADMINISTRATOR)
    return {"grant": grant_view(made), "fits": not wider(made, await _rights_of(services, bot))}


async def app_ungrant(services: Services, args: dict[str, Any]) -> object:
    """Takes a grant away."""
    gone = await services.errands.applications.revoke(text(args, "id"), services.clock.now(), actor=ADMINISTRATOR)
    return {"removed": gone.id}


async def app_explain(services: Services, args: dict[str, Any]) -> object:
    """What decides whether a bot may ask for something now: every grant with every condition."""
    now = services.clock.now()
    bot, name, method = text(args, "bot"), text(args, "application"), text(args, "method").upper()
    path, _, query = text(args, "path").partition("?")
    unclear = ""
    parts: tuple[str, ...] | None = None
    try:
        parts = paths.segments(path)
        paths.query(query)
    except paths.Unclear as error:
        unclear, parts = str(error), None
    try:
        known = (await services.errands.applications.known()).get(name)
    except BrokerGone:
        raise _no_broker() from None
    facts = Facts(
        origin="" if known is None else origin(known), rights=await _rights_of(services, bot),
        person_rights=frozenset(), session=False, own_turn=True,
    )  # fmt: skip
    if args.get("user"):
        facts = await _with_person(services, facts, text(args, "user"), now)
    left_out = frozenset() if args.get("user") else frozenset({"session", "person-right", "step-up"})
    wish = Wish(bot, name, method, parts)
    found = []
    for grant in services.errands.applications.grants:
        if (grant.bot, grant.application) == (bot, name):
            conditions = [one for one in judged(grant, wish, facts) if one.name not in left_out]
            found.append(
                {
                    "grant": grant.id, "allowed": all(one.holds for one in conditions),
                    "conditions": [{"name": c.name, "holds": c.holds, "said": c.said} for c in conditions],
                }
            )  # fmt: skip
    return {
        "allowed": any(one["allowed"] for one in found), "unclear": unclear, "grants": found,
        "without_person": bool(left_out),
    }  # fmt: skip


async def _with_person(services: Services, facts: Facts, name: str, now: Instant) -> Facts:
    user = await services.identity.find(name)
    principal: Principal = services.identity.principal(user)
    active = [one for one in await services.sessions.of(user.id, now) if is_active(one, now)]
    proofs = [ago for one in active if (ago := proved_ago(one, now)) is not None]
    return replace(
        facts, person_rights=frozenset(principal.rights), session=bool(active), proved_ago=min(proofs, default=None)
    )  # fmt: skip


async def _rights_of(services: Services, bot: str) -> frozenset[str]:
    account = next((one for one in await services.administration.all() if one.name == bot), None)
    return frozenset(services.accounts.levels.get(account.level, ())) if account is not None else frozenset()


async def app_drift(services: Services, _args: dict[str, Any]) -> object:
    """Where grants do not fit any more: wider than the bot's level, or for a place where no such application stands."""
    try:
        known = await services.errands.applications.known()
    except BrokerGone:
        raise _no_broker() from None
    found = []
    for grant in services.errands.applications.grants:
        application = known.get(grant.application)
        if wider(grant, await _rights_of(services, grant.bot)):
            found.append({**grant_view(grant), "drift": f"the bot's level lacks {grant.right}"})
        if services.bots.get(grant.bot) is None:
            found.append({**grant_view(grant), "drift": "there is no such bot"})
        if application is None or origin(application) != grant.origin:
            found.append({**grant_view(grant), "drift": f"no such application stands at {grant.origin}"})
    return {"drift": found}


async def app_leases(services: Services, _args: dict[str, Any]) -> object:
    """What is signed in for which session, and what could not be taken back yet."""
    errands = services.errands
    rows = {
        one.id: {
            "id": one.id, "application": one.application, "bot": one.account, "session": one.session, "state": "open",
            "tries": 0,
        }
        for one in errands.leases.all()
    }  # fmt: skip
    if errands.broker.used:
        try:
            told = [one async for one in errands.broker.all_leases()]
        except BrokerGone:
            raise _no_broker() from None
        for one in told:
            rows[one.id] = {
                "id": one.id, "application": one.application, "bot": one.bot, "session": one.session,
                "state": one.state, "tries": one.tries,
                "opened_at": rfc3339(one.opened_at),
                "token_ends_at": rfc3339(one.until) if one.until < services.clock.now() + 366 * _DAY * SECOND else None,
                "next_try": rfc3339(one.next_try) if one.state in {"ending", "not-revoked"} else None,
            }  # fmt: skip
    return {"leases": list(rows.values())}


def grant_view(grant: Grant) -> dict[str, Any]:
    """A grant as an administrator sees it."""
    return {
        "id": grant.id, "bot": grant.bot, "application": grant.application, "origin": grant.origin,
        "right": grant.right, "methods": list(grant.methods), "paths": list(grant.paths),
        "classes": sorted(grant.classes), "person_right": grant.person_right, "step_up": grant.step_up // SECOND,
        "rate": values.shown(grant.rate).strip('"') if grant.rate else None,
    }  # fmt: skip


async def _application(services: Services, name: str) -> Application:
    try:
        return await services.errands.applications.find(name)
    except BrokerGone:
        raise _no_broker() from None


def _no_broker() -> Unavailable:
    return Unavailable("the broker does not answer; nothing was changed")


def _methods(args: dict[str, Any]) -> tuple[str, ...]:
    given = [word.upper() for one in _list(args, "methods") for word in one.split(",")]
    if not given or any(one not in METHODS for one in given):
        raise InvalidRequest(f"methods are {', '.join(METHODS)}")
    return tuple(dict.fromkeys(given))


def _patterns(args: dict[str, Any]) -> tuple[str, ...]:
    try:
        found = tuple(dict.fromkeys(paths.pattern(one) for one in _list(args, "paths")))
    except paths.Unclear:
        raise InvalidRequest("a path is written like /orders/* or /orders/**, and in one way only") from None
    if not found:
        raise InvalidRequest("give a path like /orders/*")
    return found


def _classes(args: dict[str, Any]) -> frozenset[DataClass]:
    words = [word.strip() for one in _list(args, "classes") for word in one.split(",") if word.strip()]
    try:
        found = frozenset(map(DataClass, words))
    except ValueError:
        raise InvalidRequest(f"data classes are {', '.join(DataClass)}") from None
    if found & SECRETS:
        raise InvalidRequest(f"{', '.join(sorted(found & SECRETS))}: such values are never kept, so never put in")
    return found


def _right(args: dict[str, Any], name: str) -> str:
    try:
        (right,) = values.rights([text(args, name)])
    except ValueError as error:
        raise InvalidRequest(str(error)) from None
    return right


def _seconds(args: dict[str, Any], name: str) -> int:
    seconds = args.get(name) or 0
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 <= seconds <= _DAY:
        raise InvalidRequest(f"{name} is at most a day")
    return seconds


def _rate(args: dict[str, Any]) -> Any:
    try:
        return values.rate(text(args, "rate")) if args.get("rate") else None
    except ValueError as error:
        raise InvalidRequest(str(error)) from None


def _list(args: dict[str, Any], name: str) -> list[str]:
    given = args.get(name) or []
    try:
        return msgspec.convert(given, list[str])
    except msgspec.ValidationError:
        raise InvalidRequest(f"{name} is a list of words") from None


OPERATIONS: dict[str, Operation] = {
    "app.add": app_add,
    "app.rotate": app_rotate,
    "app.remove": app_remove,
    "app.list": app_list,
    "app.grant": app_grant,
    "app.ungrant": app_ungrant,
    "app.explain": app_explain,
    "app.drift": app_drift,
    "app.leases": app_leases,
}
