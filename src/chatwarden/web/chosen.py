"""Which entries are meant, as commands and the console say it: a lane, events, a party, a decision, a span of time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from chatwarden.audit.filter import ANY, CLASSES, EVER, Filter
from chatwarden.audit.model import Event, Lane
from chatwarden.audit.records import Record
from chatwarden.clock import SECOND, Instant
from chatwarden.errors import InvalidRequest
from chatwarden.web.context import Services
from chatwarden.web.people import text

DECISIONS = ("allow", "deny", "observe")
_NAMES = ("usr_", "vis_", "bot_", "bin_")


async def wanted(services: Services, args: dict[str, Any]) -> Filter:
    """The filter in *args*. Raises InvalidRequest, and NotFound for a person who does not exist."""
    lane, actor = args.get("lane"), args.get("actor")
    if lane is not None and lane not in list(Lane):
        raise InvalidRequest(f"lane is one of {', '.join(Lane)}")
    actors = frozenset[str]() if actor is None else await _actors(services, text(args, "actor"))
    return Filter(
        Lane(lane) if lane else None, _events(args), actors, instant(args, "from", 0), instant(args, "to", EVER),
        text(args, "object") if args.get("object") else "", _one_of(args, "decision", DECISIONS),
        args.get("reason"), _one_of(args, "class", (*sorted(CLASSES), ANY)),
    )  # fmt: skip


def _events(args: dict[str, Any]) -> frozenset[Event]:
    """One event, or several with commas between."""
    named = str(args.get("event") or "").split(",") if args.get("event") else []
    if any(one not in list(Event) for one in named):
        raise InvalidRequest("event is one of those in docs/audit-events.md")
    return frozenset(map(Event, named))


def _one_of(args: dict[str, Any], name: str, known: tuple[str, ...]) -> str:
    given = args.get(name) or ""
    if given and given not in known:
        raise InvalidRequest(f"{name} is one of {', '.join(known)}")
    return str(given)


async def _actors(services: Services, named: str) -> frozenset[str]:
    """A pseudonym as it is; a person's name becomes theirs. A bot is in the log by its name where it was asked, and by its
    account where it asked. Anything else (``control``) stays as it is.
    """
    if named.startswith(_NAMES):
        return frozenset({named})
    people = {user.name: user.id for user in await services.identity.all()}
    accounts = await services.administration.all()
    return frozenset({people.get(named, named), *(one.id for one in accounts if one.name == named)})


def instant(args: dict[str, Any], name: str, otherwise: Instant) -> Instant:
    """The time that *name* says, or *otherwise*. Raises InvalidRequest."""
    if args.get(name) is None:
        return otherwise
    try:
        at = datetime.fromisoformat(text(args, name))
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
        return round(at.timestamp() * SECOND)
    except (ValueError, OverflowError):
        raise InvalidRequest(f"{name} is written like 2026-11-28 or 2026-11-28T09:30:00Z, in UTC") from None


async def matching(services: Services, only: Filter) -> AsyncIterator[Record]:
    """The records that *only* means, oldest first."""
    async for record in services.records.all():
        if only.fits(record.entry):
            yield record
