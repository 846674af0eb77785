"""What administrators do with accounts: add, enrol, reset, change, take over from a list, see off."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from chatwarden.clock import SECOND, Instant
from chatwarden.config import mail
from chatwarden.errors import Conflict, InvalidRequest, NotFound
from chatwarden.identity.model import User
from chatwarden.principal import PERSON_ROLES, Role
from chatwarden.sessions.model import EndReason
from chatwarden.web.context import Services

ADMINISTRATOR = "control"  # the actor: whoever may open the control socket (same user or root)
BATCH = 50

Operation = Callable[[Services, dict[str, Any]], Awaitable[object]]


async def user_add(services: Services, args: dict[str, Any]) -> object:
    """Adds a person; without a password, returns an enrolment link. ``email``: where they are told of changes."""
    password = text(args, "password") if args.get("password") else None
    user = await add(
        services, text(args, "name"), parse_role(text(args, "role")), services.clock.now(), actor=ADMINISTRATOR,
        email=str(args.get("email") or ""), password=password,
    )  # fmt: skip
    shown = {"user": {"id": user.id, "name": user.name, "role": user.role.value}}
    if password is None:
        return {**shown, "enrolment_link": await invitation(services, user.name, actor=ADMINISTRATOR)}
    return shown


async def add(
    services: Services, name: str, role: Role, now: Instant, *, actor: str, email: str = "", password: str | None = None
) -> User:
    """A new account. ``email``: where its person is told of changes. Raises InvalidRequest or Conflict."""
    email = _address({"email": email}, "email")
    user = await services.identity.add(name, role, now, actor=actor, password=password)
    if email:
        await services.notify.change_contact(user.id, email, now, actor=actor)
    return user


async def user_list(services: Services, _args: dict[str, Any]) -> object:
    """Every account."""
    return {
        "users": [
            {
                "id": user.id,
                "name": user.name,
                "role": user.role.value,
                "enabled": user.enabled,
                "enrolled": user.password is not None,
                "second_factors": list(await services.factors.means(user.id)),
            }
            for user in await services.identity.all()
        ]
    }


async def user_enrol(services: Services, args: dict[str, Any]) -> object:
    """A new one-time enrolment link; earlier ones die."""
    return {"enrolment_link": await invitation(services, text(args, "name"), actor=ADMINISTRATOR)}


async def invitation(services: Services, name: str, *, actor: str) -> str:
    """A one-time enrolment link. Raises Conflict for who needs no password."""
    token = await services.identity.enrolment(name, services.clock.now(), actor=actor)
    return _link(services, token)


def _link(services: Services, token: str) -> str:
    return f"{services.public_url}/enrol#{token}"


async def user_disable(services: Services, args: dict[str, Any]) -> object:
    """Disables an account and ends its sessions at once."""
    name, ended = await disable(services, text(args, "name"), services.clock.now(), actor=ADMINISTRATOR)
    return {"disabled": name, "sessions_ended": ended}


async def disable(
    services: Services, name: str, now: Instant, *, actor: str, keep_admin: bool = False
) -> tuple[str, int]:  # fmt: skip
    """Disables an account and ends its sessions: its name, and how many these were."""
    user = await services.identity.set_enabled(name, now, enabled=False, actor=actor, keep_admin=keep_admin)
    return user.name, await services.sessions.end_all_of(user.id, EndReason.DISABLED, now, actor=actor)


async def user_enable(services: Services, args: dict[str, Any]) -> object:
    """Enables an account again."""
    now = services.clock.now()
    user = await services.identity.set_enabled(text(args, "name"), now, enabled=True, actor=ADMINISTRATOR)
    return {"enabled": user.name}


async def user_reset(services: Services, args: dict[str, Any]) -> object:
    """Takes password and factors away, ends the sessions, and returns a new enrolment link for who needs a password."""
    now = services.clock.now()
    user, token = await services.identity.reset(text(args, "name"), now, actor=ADMINISTRATOR)
    ended = await _end_all(services, user, EndReason.CREDENTIAL_CHANGED, now)
    done = {"reset": user.name, "sessions_ended": ended}
    return {**done, "enrolment_link": _link(services, token)} if token else done


async def user_role(services: Services, args: dict[str, Any]) -> object:
    """Gives an account another role; its sessions, which have the rights of the old one, end at once."""
    role = parse_role(text(args, "role"))
    user, ended = await give_role(services, text(args, "name"), role, services.clock.now(), actor=ADMINISTRATOR)
    return {"name": user.name, "role": user.role.value, "sessions_ended": ended}


async def give_role(
    services: Services, name: str, role: Role, now: Instant, *, actor: str, keep_admin: bool = False
) -> tuple[User, int]:
    """Gives an account another role and ends its sessions: the account, and how many these were."""
    user = await services.identity.set_role(name, role, now, actor=actor, keep_admin=keep_admin)
    return user, await services.sessions.end_all_of(user.id, EndReason.REVOKED, now, actor=actor)


async def user_contact(services: Services, args: dict[str, Any]) -> object:
    """Sets the mail address at which a person is told of changes to their account; an empty one takes it away."""
    user = await services.identity.find(text(args, "name"))
    address = _address(args, "address")
    await services.notify.change_contact(user.id, address, services.clock.now(), actor=ADMINISTRATOR)
    return {"user": user.name, "told_at": address or "nowhere"}


async def user_import(services: Services, args: dict[str, Any]) -> object:
    """Adds the people of up to ``BATCH`` rows (``name``, ``role``), each for itself: one that cannot be added is named
    with its reason and keeps nobody else from being added.
    """
    rows = args.get("rows")
    if not isinstance(rows, list) or not 0 < len(rows) <= BATCH or not all(isinstance(row, dict) for row in rows):
        raise InvalidRequest(f"rows is a list of up to {BATCH} people")
    results = []
    for row in rows:
        name = row.get("name")
        try:
            added = await user_add(services, {"name": text(row, "name"), "role": text(row, "role")})
        except (InvalidRequest, Conflict) as refused:
            results.append({"name": name, "refused": str(refused)})
        else:
            assert isinstance(added, dict)
            results.append({"name": name, "enrolment_link": added["enrolment_link"]})
    return {"results": results}


async def user_leavers(services: Services, args: dict[str, Any]) -> object:
    """Disables people by ``names``, or those whom nobody saw for ``unused`` seconds, and ends their sessions. With ``dry``
    it only says whom.
    """
    now = services.clock.now()
    unused, names = args.get("unused"), args.get("names")
    if isinstance(unused, int) and not isinstance(unused, bool) and unused > 0:
        names = [user.name for user in await services.identity.unused_since(now - unused * SECOND)]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InvalidRequest("give names, or unused seconds")
    results = []
    for name in names:
        try:
            user = await services.identity.find(name)
            if args.get("dry") is True:
                results.append({"name": user.name, "sessions_ended": 0})
                continue
            found, ended = await disable(services, user.name, now, actor=ADMINISTRATOR)
            results.append({"name": found, "sessions_ended": ended})
        except NotFound as absent:
            results.append({"name": name, "refused": str(absent)})
    return {"results": results}


async def _end_all(services: Services, user: User, reason: EndReason, now: Instant) -> int:
    return await services.sessions.end_all_of(user.id, reason, now, actor=ADMINISTRATOR)


OPERATIONS: dict[str, Operation] = {
    "user.add": user_add,
    "user.list": user_list,
    "user.enrol": user_enrol,
    "user.disable": user_disable,
    "user.enable": user_enable,
    "user.reset": user_reset,
    "user.role": user_role,
    "user.contact": user_contact,
    "user.import": user_import,
    "user.leavers": user_leavers,
}


def text(args: dict[str, Any], name: str) -> str:
    """A short text among the arguments. Raises InvalidRequest."""
    value = args.get(name)
    if not isinstance(value, str) or not value or len(value) > 512:
        raise InvalidRequest(f"{name} is missing")
    return value


def _address(args: dict[str, Any], name: str) -> str:
    try:
        return mail.optional_address(args.get(name) or "")
    except ValueError as error:
        raise InvalidRequest(f"{name}: {error}") from None


def parse_role(value: str) -> Role:
    """A role of people. Raises InvalidRequest."""
    if value not in [role.value for role in PERSON_ROLES]:
        raise InvalidRequest(f"role is one of {', '.join(role.value for role in PERSON_ROLES)}")
    return Role(value)
