"""Accounts, for administrators and auditors. Administrators invite people, give roles, switch accounts off and on, and end
every session of somebody: by the functions that the command uses, with a fresh proof of their own wherever somebody gets
in or is kept out. Ending sessions waits for no proof, as ending one does not.

Nobody changes their own role or switches themselves off here, and the last administrator who can sign in stays one. The
password of somebody who has one is nobody's business here: a lost one is reset by whoever runs the gateway.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from chatwarden.clock import Instant, rfc3339
from chatwarden.errors import Conflict, InvalidRequest, NotFound, StepUpRequired
from chatwarden.identity.listing import Listed, listed
from chatwarden.identity.model import User
from chatwarden.principal import PERSON_ROLES
from chatwarden.sessions.model import EndReason, Session
from chatwarden.web import people as domain
from chatwarden.web.api.admin import ADMINS, BASE, READERS, REFUSALS, act, asked, limit_of, one_of
from chatwarden.web.context import Services
from chatwarden.web.http import Reply, Request, json_reply
from chatwarden.web.routes import Access, Route

OPERATION = "people"
_STATES = ["enabled", "disabled"]
_ROLES = [one.value for one in PERSON_ROLES]


class PersonRow(msgspec.Struct):
    """An account. ``second_factors``: its kinds; ``sessions``: how many live; ``vouched``: a company login or a website says
    who they are, and they need no password.
    """

    id: str
    name: str
    role: str
    state: str
    enrolled: bool
    second_factors: list[str]
    created_at: str
    seen_at: str | None
    sessions: int
    vouched: bool


class PersonPage(msgspec.Struct):
    """By name; ``next`` is the name to go on after, or null."""

    people: list[PersonRow]
    next: str | None


class PersonChanged(msgspec.Struct):
    """The account as it is now, and how many of its sessions ended."""

    id: str
    name: str
    role: str
    state: str
    sessions_ended: int


class NewPerson(msgspec.Struct, forbid_unknown_fields=True):
    """``email``: where they are told of changes to their account."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
    role: str
    email: Annotated[str, msgspec.Meta(max_length=512)] = ""


class NewRole(msgspec.Struct, forbid_unknown_fields=True):
    """What somebody is from now on."""

    role: str


class Invited(msgspec.Struct):
    """The link is told here and nowhere else; it is for one use, within a day."""

    id: str
    name: str
    role: str
    enrolment_link: str


_PERSON = msgspec.json.Decoder(NewPerson)
_ROLE = msgspec.json.Decoder(NewRole)


async def people(services: Services, request: Request, session: Session) -> Reply:
    """Accounts."""
    given = asked(request, "name", "role", "state", "after", "limit")
    act(services, session)
    most = limit_of(given)
    found = await listed(
        services.gateway.database, beginning=given.get("name", ""), role=one_of(given, "role", _ROLES),
        state=one_of(given, "state", _STATES), after=given.get("after", ""), limit=most + 1,
    )  # fmt: skip
    shown = [await _row(services, one) for one in found[:most]]
    return json_reply(PersonPage(shown, shown[-1].name if len(found) > most else None))


async def _row(services: Services, one: Listed) -> PersonRow:
    user = one.user
    return PersonRow(
        user.id, user.name, user.role.value, _state(user), user.password is not None,
        list(await services.factors.means(user.id)), rfc3339(one.created_at),
        None if one.seen_at is None else rfc3339(one.seen_at),
        len(await services.sessions.of(user.id, services.clock.now())), await services.identity.vouched(user.id),
    )  # fmt: skip


def _state(user: User) -> str:
    return "enabled" if user.enabled else "disabled"


def _changed(user: User, state: str, ended: int) -> Reply:
    return json_reply(PersonChanged(user.id, user.name, user.role.value, state, ended))


def _fresh(services: Services, session: Session) -> Instant:
    """The time of an act for which a fresh proof was shown. Raises StepUpRequired, or Forbidden for a program's token."""
    now = services.clock.now()
    services.answers.require_fresh(session, OPERATION, now)
    return now


async def invite(services: Services, request: Request, session: Session) -> Reply:
    """Adds a person, and gives the link with which they come in."""
    asked(request)
    wanted = await request.json(_PERSON)
    act(services, session)
    role = domain.parse_role(wanted.role)
    now, actor = _fresh(services, session), session.principal.id
    user = await domain.add(services, wanted.name, role, now, actor=actor, email=wanted.email)
    link = await domain.invitation(services, user.name, actor=actor)
    return json_reply(Invited(user.id, user.name, user.role.value, link), 201)


async def invite_again(services: Services, request: Request, session: Session) -> Reply:
    """Another link for somebody who has not come in yet; earlier ones die."""
    user = await _meant(services, request, session)
    if user.password is not None:
        raise Conflict(f"{user.name} has a password; what was lost is reset with chatwarden user reset")
    _fresh(services, session)
    link = await domain.invitation(services, user.name, actor=session.principal.id)
    return json_reply(Invited(user.id, user.name, user.role.value, link), 201)


async def give_role(services: Services, request: Request, session: Session) -> Reply:
    """Another role; the sessions that have the rights of the old one end at once."""
    wanted = await request.json(_ROLE)
    user = await _other(services, request, session, "changes their own role")
    role = domain.parse_role(wanted.role)
    if role is user.role:
        raise InvalidRequest(f"{user.name} has this role", status=422)
    now = _fresh(services, session)
    after, ended = await domain.give_role(
        services, user.name, role, now, actor=session.principal.id, keep_admin=True
    )  # fmt: skip
    return _changed(after, _state(after), ended)


async def switch_off(services: Services, request: Request, session: Session) -> Reply:
    """Disables an account; its sessions end at once."""
    user = await _other(services, request, session, "disables the account that they are signed in with")
    now = _fresh(services, session)
    _, ended = await domain.disable(services, user.name, now, actor=session.principal.id, keep_admin=True)
    return _changed(user, "disabled", ended)


async def switch_on(services: Services, request: Request, session: Session) -> Reply:
    """Enables an account again."""
    user = await _meant(services, request, session)
    now = _fresh(services, session)
    await services.identity.set_enabled(user.name, now, enabled=True, actor=session.principal.id)
    return _changed(user, "enabled", 0)


async def end_sessions(services: Services, request: Request, session: Session) -> Reply:
    """Ends every session of somebody, everywhere at once."""
    user = await _meant(services, request, session)
    now, actor = services.clock.now(), session.principal.id
    ended = await services.sessions.end_all_of(user.id, EndReason.REVOKED, now, actor=actor)
    return _changed(user, _state(user), ended)


async def _meant(services: Services, request: Request, session: Session) -> User:
    asked(request)
    act(services, session)
    user = await services.identity.by_id(request.path["id"])
    if user is None:
        raise NotFound
    return user


async def _other(services: Services, request: Request, session: Session, does: str) -> User:
    user = await _meant(services, request, session)
    if user.id == session.principal.id:
        raise Conflict(f"nobody {does}")
    return user


_ONE = BASE + "/people/{id}"
ROUTES = [
    Route(
        "GET", BASE + "/people", "Accounts", Access.ACTIVE, people, None, ((200, PersonPage),), REFUSALS,
        query=("name", "role", "state", "after", "limit"), roles=READERS,
    ),
    Route(
        "POST", BASE + "/people", "Invite somebody", Access.ACTIVE, invite, NewPerson, ((201, Invited),),
        (*REFUSALS, Conflict, StepUpRequired), roles=ADMINS,
    ),
    Route(
        "POST", _ONE + "/invitation", "Invite somebody again", Access.ACTIVE, invite_again, None, ((201, Invited),),
        (*REFUSALS, Conflict, StepUpRequired), roles=ADMINS,
    ),
    Route(
        "PUT", _ONE + "/role", "Give somebody another role", Access.ACTIVE, give_role, NewRole, ((200, PersonChanged),),
        (*REFUSALS, Conflict, StepUpRequired), roles=ADMINS,
    ),
    Route(
        "POST", _ONE + "/disable", "Switch an account off", Access.ACTIVE, switch_off, None, ((200, PersonChanged),),
        (*REFUSALS, Conflict, StepUpRequired), roles=ADMINS,
    ),
    Route(
        "POST", _ONE + "/enable", "Switch an account on again", Access.ACTIVE, switch_on, None, ((200, PersonChanged),),
        (*REFUSALS, StepUpRequired), roles=ADMINS,
    ),
    Route(
        "DELETE", _ONE + "/sessions", "End every session of somebody", Access.ACTIVE, end_sessions, None,
        ((200, PersonChanged),), REFUSALS, roles=ADMINS,
    ),
]  # fmt: skip
