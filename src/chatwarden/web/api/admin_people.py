"""Accounts, for administrators and auditors; administrators switch one off and on again, with a fresh proof of their own."""

from __future__ import annotations

import msgspec

from chatwarden.clock import rfc3339
from chatwarden.errors import Conflict, NotFound, StepUpRequired
from chatwarden.identity.listing import Listed, listed
from chatwarden.identity.model import User
from chatwarden.principal import PERSON_ROLES
from chatwarden.sessions.model import Session
from chatwarden.web.api.admin import ADMINS, BASE, READERS, REFUSALS, act, asked, limit_of, one_of
from chatwarden.web.context import Services
from chatwarden.web.http import Reply, Request, json_reply
from chatwarden.web.people import disable
from chatwarden.web.routes import Access, Route

OPERATION = "people"
_STATES = ["enabled", "disabled"]


class PersonRow(msgspec.Struct):
    """An account. ``second_factors``: its kinds; ``sessions``: how many live."""

    id: str
    name: str
    role: str
    state: str
    enrolled: bool
    second_factors: list[str]
    created_at: str
    seen_at: str | None
    sessions: int


class PersonPage(msgspec.Struct):
    """By name; ``next`` is the name to go on after, or null."""

    people: list[PersonRow]
    next: str | None


class PersonChanged(msgspec.Struct):
    """The account as it is now, and how many of its sessions ended."""

    id: str
    name: str
    state: str
    sessions_ended: int


async def people(services: Services, request: Request, session: Session) -> Reply:
    """Accounts."""
    given = asked(request, "name", "role", "state", "after", "limit")
    act(services, session)
    most = limit_of(given)
    found = await listed(
        services.gateway.database, beginning=given.get("name", ""),
        role=one_of(given, "role", [one.value for one in PERSON_ROLES]), state=one_of(given, "state", _STATES),
        after=given.get("after", ""), limit=most + 1,
    )  # fmt: skip
    shown = [await _row(services, one) for one in found[:most]]
    return json_reply(PersonPage(shown, shown[-1].name if len(found) > most else None))


async def _row(services: Services, one: Listed) -> PersonRow:
    user = one.user
    return PersonRow(
        user.id, user.name, user.role.value, _state(user), user.password is not None,
        list(await services.factors.means(user.id)), rfc3339(one.created_at),
        None if one.seen_at is None else rfc3339(one.seen_at),
        len(await services.sessions.of(user.id, services.clock.now())),
    )  # fmt: skip


def _state(user: User) -> str:
    return "enabled" if user.enabled else "disabled"


async def switch_off(services: Services, request: Request, session: Session) -> Reply:
    """Disables an account; its sessions end at once."""
    user = await _meant(services, request, session)
    if user.id == session.principal.id:
        raise Conflict("nobody disables the account that they are signed in with")
    now = services.clock.now()
    services.answers.require_fresh(session, OPERATION, now)
    name, ended = await disable(services, user.name, now, actor=session.principal.id)
    return json_reply(PersonChanged(user.id, name, "disabled", ended))


async def switch_on(services: Services, request: Request, session: Session) -> Reply:
    """Enables an account again."""
    user = await _meant(services, request, session)
    now = services.clock.now()
    services.answers.require_fresh(session, OPERATION, now)
    await services.identity.set_enabled(user.name, now, enabled=True, actor=session.principal.id)
    return json_reply(PersonChanged(user.id, user.name, "enabled", 0))


async def _meant(services: Services, request: Request, session: Session) -> User:
    asked(request)
    act(services, session)
    user = await services.identity.by_id(request.path["id"])
    if user is None:
        raise NotFound
    return user


ROUTES = [
    Route(
        "GET", BASE + "/people", "Accounts", Access.ACTIVE, people, None, ((200, PersonPage),), REFUSALS,
        query=("name", "role", "state", "after", "limit"), roles=READERS,
    ),
    Route(
        "POST", BASE + "/people/{id}/disable", "Switch an account off", Access.ACTIVE, switch_off, None,
        ((200, PersonChanged),), (*REFUSALS, Conflict, StepUpRequired), roles=ADMINS,
    ),
    Route(
        "POST", BASE + "/people/{id}/enable", "Switch an account on again", Access.ACTIVE, switch_on, None,
        ((200, PersonChanged),), (*REFUSALS, StepUpRequired), roles=ADMINS,
    ),
]  # fmt: skip
