"""What administrators do, by name: the same functions behind the control socket and behind a command that holds the
home itself. Each takes the services and plain arguments and returns plain data.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

import msgspec

from chatwarden.audit.model import Event
from chatwarden.bots.pause import ALL
from chatwarden.clock import SECOND, rfc3339
from chatwarden.errors import InvalidRequest, NotFound
from chatwarden.sessions.model import EndReason
from chatwarden.web import applications, bot_accounts, embedded, evidence, people, subjects
from chatwarden.web.context import Services
from chatwarden.web.desk_numbers import numbers_since
from chatwarden.web.lines import Lines
from chatwarden.web.people import ADMINISTRATOR, Operation, text
from chatwarden.web.views import session_view

_SIDES = {Event.MESSAGE_RECEIVED: "person", Event.MESSAGE_HELD: "person", Event.MESSAGE_ANSWERED: "bot"}


async def notify_test(services: Services, _args: dict[str, Any]) -> object:
    """Sends a test notice every way that is configured and says what worked."""
    checks = await services.notify.test(services.clock.now())
    if not checks:
        raise InvalidRequest("nobody is told: [notify] has neither smtp nor webhook")
    return {"ok": all(check.ok for check in checks), "checks": [asdict(check) for check in checks]}


async def session_list(services: Services, _args: dict[str, Any]) -> object:
    """Every living session."""
    now = services.clock.now()
    return {
        "sessions": [
            session_view(services.sessions, one, now, services.relying_party)
            for one in await services.sessions.all(now)
        ]
    }


async def session_revoke(services: Services, args: dict[str, Any]) -> object:
    """Ends a session, those of a person, or all of them: at once, everywhere."""
    now = services.clock.now()
    if args.get("all") is True:
        sessions = await services.sessions.all(now)
    elif args.get("user"):
        sessions = await services.sessions.of((await services.identity.find(text(args, "user"))).id, now)
    else:
        sessions = [await services.sessions.find(text(args, "id"), now)]
    for session in sessions:
        await services.sessions.end(session, EndReason.REVOKED, now, actor=ADMINISTRATOR)
    return {"revoked": args["id"]} if args.get("id") else {"sessions_ended": len(sessions)}


async def session_issue(services: Services, args: dict[str, Any]) -> object:
    """A token for a program that cannot log in."""
    now = services.clock.now()
    seconds = args.get("seconds")
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 1 <= seconds <= 400 * 86_400:
        raise InvalidRequest("seconds is a whole number from 1 to 34560000")
    user = await services.identity.find(text(args, "user"))
    if not user.enabled:
        raise InvalidRequest(f"{user.name} is disabled")
    session, token = await services.sessions.issue(
        services.identity.principal(user), seconds * SECOND, now, actor=ADMINISTRATOR
    )
    if await services.identity.present(user) != user:
        # Disabled meanwhile: the end of all its sessions did not see this one.
        await services.sessions.end(session, EndReason.DISABLED, now, actor=ADMINISTRATOR)
        raise InvalidRequest(f"{user.name} changed meanwhile; try again")
    return {"token": token, "session": session.id, "expires_at": rfc3339(session.absolute_deadline)}


async def bot_test(services: Services, args: dict[str, Any]) -> object:
    """Says what works with one bot and what does not."""
    name = text(args, "name")
    if services.bots.get(name) is None:
        raise NotFound(f"there is no bot named {name}")
    return await services.bots.test(name)


async def bot_pause(services: Services, args: dict[str, Any]) -> object:
    """Stops asking a bot, or every bot."""
    name = _bot_or_all(services, args)
    await services.gateway.pauses.pause(name, services.clock.now(), actor=ADMINISTRATOR)
    return {"paused": "every bot" if name == ALL else name}


async def bot_resume(services: Services, args: dict[str, Any]) -> object:
    """Asks a bot, or every bot, again."""
    name = _bot_or_all(services, args)
    await services.gateway.pauses.resume(name, services.clock.now(), actor=ADMINISTRATOR)
    return {"resumed": "every bot" if name == ALL else name}


def _bot_or_all(services: Services, args: dict[str, Any]) -> str:
    if args.get("all") is True:
        return ALL
    name = text(args, "name")
    if services.bots.get(name) is None:
        raise NotFound(f"there is no bot named {name}")
    return name


async def bot_report(services: Services, args: dict[str, Any]) -> object:
    """What the rules did, or would have done, with the messages of one bot: from the log, so it outlives restarts."""
    name = text(args, "name")
    if services.bots.get(name) is None:
        raise NotFound(f"there is no bot named {name}")
    seconds = args.get("seconds")
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 1 <= seconds <= 400 * 86_400:
        raise InvalidRequest("seconds is a whole number from 1 to 34560000")
    since = services.clock.now() - seconds * SECOND
    numbers = await services.conversations.numbers_of(name)
    counts = Counter[str]()
    found = Counter[tuple[str, str, str]]()
    async for _, entry in services.audit.read():
        side = _SIDES.get(entry.event)
        if side is None or entry.at < since or services.conversations.rows.number(entry.object) not in numbers:
            continue
        counts[side] += 1
        for word in entry.reason.split():
            data_class, _, would = word.partition(":")
            found[side, data_class, would] += 1
    return {
        "bot": name,
        "since": rfc3339(since),
        "messages": counts["person"],
        "answers": counts["bot"],
        "findings": [
            {"from": side, "class": data_class, "would": would, "messages": count}
            for (side, data_class, would), count in sorted(found.items())
        ],
    }


async def audit_integrate(services: Services, _args: dict[str, Any]) -> object:
    """Brings the log's tree up to what is committed; says what is damaged about it, if anything."""
    return {"damaged": await services.integrate()}


async def keys_rotate(services: Services, args: dict[str, Any]) -> object:
    """A new key for tokens to other services; with ``forget``, what earlier ones signed counts no more."""
    forget = args.get("forget") is True
    kid = await services.provider.keys.rotate(services.clock.now(), actor=ADMINISTRATOR, forget=forget)
    return {"kid": kid, "forgotten": forget}


async def desk_numbers(services: Services, args: dict[str, Any]) -> object:
    """What the desk did."""
    seconds = args.get("seconds")
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 1 <= seconds <= 400 * 86_400:
        raise InvalidRequest("seconds is a whole number from 1 to 34560000")
    return await numbers_since(services, services.clock.now() - seconds * SECOND)


async def backup(services: Services, _args: dict[str, Any]) -> object:
    """A backup, as it is made."""
    return Lines(services.backups.make(services.clock.now(), actor=ADMINISTRATOR))


OPERATIONS: dict[str, Operation] = {
    **people.OPERATIONS,
    **subjects.OPERATIONS,
    **evidence.OPERATIONS,
    **applications.OPERATIONS,
    **bot_accounts.OPERATIONS,
    **embedded.OPERATIONS,
    "notify.test": notify_test,
    "session.list": session_list,
    "session.revoke": session_revoke,
    "session.issue": session_issue,
    "bot.test": bot_test,
    "bot.pause": bot_pause,
    "bot.resume": bot_resume,
    "bot.report": bot_report,
    "keys.rotate": keys_rotate,
    "audit.integrate": audit_integrate,
    "desk.numbers": desk_numbers,
    "backup": backup,
}


async def run(services: Services, command: str, args: dict[str, Any]) -> object:
    """Runs one operation. Raises Problem for what the caller did wrong; the result is plain data, or Lines."""
    operation = OPERATIONS.get(command)
    if operation is None:
        raise InvalidRequest(f"there is no operation {command[:64]}")
    result = await operation(services, args)
    return result if isinstance(result, Lines) else msgspec.to_builtins(result)
