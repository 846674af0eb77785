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
    """Which entries are meant: of a lane, an event, a party that acted or was acted for, a span of time."""

    lane: Lane | None = None
    event: Event | None = None
    actor: str = ""
    begin: Instant = 0
    end: Instant = EVER

    def fits(self, entry: Entry) -> bool:
        """Whether *entry* is one of them."""
        return (
            self.begin <= entry.at < self.end
            and (self.lane is None or entry.lane is self.lane)
            and (self.event is None or entry.event is self.event)
            and (not self.actor or entry.actor == self.actor or self.actor in entry.act)
        )


async def wanted(services: Services, args: dict[str, Any]) -> Filter:
    """The filter in *args*. Raises InvalidRequest, and NotFound for a person who does not exist."""
    lane, event, actor = args.get("lane"), args.get("event"), args.get("actor")
    if lane is not None and lane not in list(Lane):
        raise InvalidRequest(f"lane is one of {', '.join(Lane)}")
    if event is not None and event not in list(Event):
        raise InvalidRequest("event is one of those in docs/audit-events.md")
    if actor is not None:
        actor = await _actor(services, text(args, "actor"))
    return Filter(
        Lane(lane) if lane else None, Event(event) if event else None, actor or "", instant(args, "from", 0),
        instant(args, "to", EVER),
    )  # fmt: skip


async def _actor(services: Services, named: str) -> str:
    """A pseudonym as it is; a person's name becomes theirs, anything else (``control``, a bot) stays as it is."""
    if named.startswith(_NAMES):
        return named
    people = {user.name: user.id for user in await services.identity.all()}
    return people.get(named, named)


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
