"""What is going on, in numbers; each with the address of the list behind it (tally.py).

``list`` is an address below ``/api/v1/admin/``: what it lists is what was counted. The page of the overview asks again and
again by itself, so that looking at it keeps no session.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

import msgspec

from chatwarden.audit.filter import ANY, CLASSES
from chatwarden.clock import SECOND, Instant, rfc3339
from chatwarden.sessions import counting
from chatwarden.sessions.model import Session
from chatwarden.web.api.admin import BASE, READERS, REFUSALS, NumberView, PartView, asked, limit_of, number, one_of
from chatwarden.web.api.admin_audit import conversation_of
from chatwarden.web.chosen import wanted
from chatwarden.web.context import Services
from chatwarden.web.http import Reply, Request, json_reply
from chatwarden.web.routes import Access, Route
from chatwarden.web.tally import FOUND_MAX, NUMBERS, SPANS, Counted, Found, Number, query, span_of

_PARTS_MAX = 50


class ClassView(msgspec.Struct):
    """Messages of the span in which a data class was found, and how many of them are destroyed."""

    # "class" is the field's name outside.
    data_class: str = msgspec.field(name="class")
    found: int
    found_list: str
    destroyed: int
    destroyed_list: str


class BotsNow(msgspec.Struct):
    """Bots that are asked, and bots that are paused."""

    asked: int
    paused: int
    behind: str = msgspec.field(name="list")


class OverviewView(msgspec.Struct):
    """``people`` are living sessions by role. ``complete``: all of the span is counted; ``all_found``: so are its classes."""

    now: str
    since: str
    until: str
    step: int
    complete: bool
    all_found: bool
    people: list[PartView]
    bots: BotsNow
    numbers: list[NumberView]
    classes: list[ClassView]


class FoundView(msgspec.Struct):
    """A message with personal data in it. ``from`` is who said it."""

    message: str
    source: str = msgspec.field(name="from")
    at: str
    classes: list[str]
    conversation: str | None
    destroyed_at: str | None
    reason: str | None


class FoundList(msgspec.Struct):
    """The newest first; ``next`` is how many to skip for the rest, or null."""

    found: list[FoundView]
    next: int | None


async def overview(services: Services, request: Request, session: Session) -> Reply:
    """The numbers of the last hour, or of the last day."""
    given = asked(request, "span")
    name = one_of(given, "span", list(SPANS)) or "hour"
    now = services.clock.now()
    services.gateway.limit(session, now)
    since, until, step = span_of(name, now)
    tally = services.tally
    await tally.catch_up(services.records, now)
    counted = tally.counted(since, until, step)
    people = await counting.by_role(services.gateway.database, services.sessions.register, now)
    paused = sum(services.gateway.pauses.holds(bot.config.name) for bot in services.bots.all())
    return json_reply(
        OverviewView(
            rfc3339(now), rfc3339(since), rfc3339(until), step // SECOND, tally.complete, not tally.forgotten,
            [PartView(role, count, f"sessions?role={role}") for role, count in sorted(people.items())],
            BotsNow(len(services.bots.all()) - paused, paused, "bots"),
            [_number(one, counted[one.name], since, until) for one in NUMBERS],
            _classes(services, since, until),
        )
    )  # fmt: skip


def _number(one: Number, counted: Counted, since: Instant, until: Instant) -> NumberView:
    def behind(part: str = "") -> str:
        only = one.part(part) if part else one.counts
        return "audit?" + urlencode(query(replace(only, begin=since, end=until)))

    parts = [PartView(name, count, behind(name)) for name, count in counted.parts.most_common(_PARTS_MAX)]
    return NumberView(one.name, counted.count, counted.series, behind(), parts)


def _classes(services: Services, since: Instant, until: Instant) -> list[ClassView]:
    found: dict[str, list[int]] = {}
    for one in services.tally.with_class(ANY, since, until):
        for data_class in one.classes:
            counts = found.setdefault(data_class, [0, 0])
            counts[0] += 1
            counts[1] += one.destroyed_at is not None
    return [
        ClassView(name, total, _found_list(name, since, until), gone, _found_list(name, since, until, "destroyed"))
        for name, (total, gone) in sorted(found.items(), key=lambda row: (-row[1][0], row[0]))
    ]


def _found_list(data_class: str, since: Instant, until: Instant, state: str = "") -> str:
    given = {"class": data_class, "from": rfc3339(since), "to": rfc3339(until), **({"state": state} if state else {})}
    return "found?" + urlencode(given)


async def found(services: Services, request: Request, session: Session) -> Reply:
    """Messages of the last day in which personal data was found."""
    given = asked(request, "class", "state", "from", "to", "skip", "limit")
    now = services.clock.now()
    services.gateway.limit(session, now)
    await services.tally.catch_up(services.records, now)
    data_class, state = one_of(given, "class", [*sorted(CLASSES), ANY]), one_of(given, "state", ["live", "destroyed"])
    skip, most = number(given, "skip", otherwise=0, most=FOUND_MAX), limit_of(given)
    span = await wanted(services, {name: given[name] for name in ("from", "to") if name in given})
    rows = [
        one
        for one in services.tally.with_class(data_class, span.begin, span.end)
        if not state or (one.destroyed_at is not None) == (state == "destroyed")
    ]
    shown = [await _found_view(services, one) for one in rows[skip : skip + most]]
    return json_reply(FoundList(shown, skip + most if len(rows) > skip + most else None))


async def _found_view(services: Services, one: Found) -> FoundView:
    destroyed = None if one.destroyed_at is None else rfc3339(one.destroyed_at)
    source = "bot" if one.event == "message:answered" else "client"
    return FoundView(
        one.message, source, rfc3339(one.at), one.classes, await conversation_of(services, one.message), destroyed,
        one.ended or None,
    )  # fmt: skip


ROUTES = [
    Route(
        "GET", BASE + "/overview", "What is going on", Access.ACTIVE, overview, None, ((200, OverviewView),), REFUSALS,
        query=("span",), roles=READERS,
    ),
    Route(
        "GET", BASE + "/found", "Messages with personal data in them", Access.ACTIVE, found, None, ((200, FoundList),),
        REFUSALS, query=("class", "state", "from", "to", "skip", "limit"), roles=READERS,
    ),
]  # fmt: skip
