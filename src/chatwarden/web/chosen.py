"""Which entries are meant, as commands say it: a lane, an event, a party, a span of time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chatwarden.audit.model import Entry, Event, Lane
from chatwarden.audit.records import Record
from chatwarden.clock import SECOND, Instant
from chatwarden.errors import InvalidRequest
from chatwarden.web.context import Services
from chatwarden.web.people import text

EVER: Instant = 2**62
_NAMES = ("usr_", "vis_", "bot_", "bin_")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries are meant: of a lane, an event, a party (under any of its ``actors``) that acted or was acted for, a
    span of time.
    """

    lane: Lane | None = None
    event: Event | None = None
    actors: frozenset[str] = frozenset()
    begin: Instant = 0
    end: Instant = EVER

    def fits(self, entry: Entry) -> bool:
        """Whether *entry* is one of them."""
        return (
            self.begin <= entry.at < self.end
            and (self.lane is None or entry.lane is self.lane)
            and (self.event is None or entry.event is self.event)
            and (not self.actors or entry.actor in self.actors or not self.actors.isdisjoint(entry.act))
        )


async def wanted(services: Services, args: dict[str, Any]) -> Filter:
    """The filter in *args*. Raises InvalidRequest, and NotFound for a person who does not exist."""
    lane, event, actor = args.get("lane"), args.get("event"), args.get("actor")
    if lane is not None and lane not in list(Lane):
        raise InvalidRequest(f"lane is one of {', '.join(Lane)}")
    if event is not None and event not in list(Event):
        raise InvalidRequest("event is one of those in docs/audit-events.md")
    actors = frozenset[str]() if actor is None else await _actors(services, text(args, "actor"))
    return Filter(
        Lane(lane) if lane else None, Event(event) if event else None, actors, _instant(args, "from", 0),
        _instant(args, "to", EVER),
    )  # fmt: skip


async def _actors(services: Services, named: str) -> frozenset[str]:
    """A pseudonym as it is; a person's name becomes theirs. A bot is in the log by its name where it was asked, and by its
    account where it asked. Anything else (``control``) stays as it is.
    """
    if named.startswith(_NAMES):
        return frozenset({named})
    people = {user.name: user.id for user in await services.identity.all()}
    accounts = await services.administration.all()
    return frozenset({people.get(named, named), *(one.id for one in accounts if one.name == named)})


def _instant(args: dict[str, Any], name: str, otherwise: Instant) -> Instant:
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
