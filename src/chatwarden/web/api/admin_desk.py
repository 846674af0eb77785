"""The desk for those who answer for it: what it was worth in numbers, the inquiries and hand-offs behind each number, and,
for administrators alone, who waits and who is there now.

Nothing here is said by anybody: a conversation is named, its reason and its times are told, and its words are not. So the
page that shows this asks again and again by itself, keeps no session with it, and reads nothing in bulk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from urllib.parse import urlencode

import msgspec

from chatwarden.audit.filter import EVER
from chatwarden.clock import DAY, HOUR, MINUTE, SECOND, Duration, Instant, rfc3339
from chatwarden.conversations.service import NUMBERS_END
from chatwarden.errors import InvalidRequest
from chatwarden.ids import is_id
from chatwarden.routing import store
from chatwarden.routing.model import Handoff, Reason
from chatwarden.routing.numbers import Times, handled, waited
from chatwarden.routing.rules import Happening, State
from chatwarden.sessions.model import Session
from chatwarden.web.api.admin import (
    ADMINS,
    BASE,
    READERS,
    REFUSALS,
    NumberView,
    PartView,
    asked,
    limit_of,
    number,
    one_of,
)
from chatwarden.web.chosen import instant
from chatwarden.web.context import Services
from chatwarden.web.desk_numbers import counted
from chatwarden.web.desk_views import AgentNameView, AgentView, agent_at_desk, name_view
from chatwarden.web.http import Reply, Request, json_reply
from chatwarden.web.routes import Access, Route

SPANS: dict[str, tuple[Duration, Duration]] = {
    "hour": (HOUR, MINUTE), "day": (DAY, 30 * MINUTE), "week": (7 * DAY, 6 * HOUR), "month": (30 * DAY, DAY),
}  # fmt: skip
_BY = ["bot", "people"]
_ENDS = [
    one.value for one in (Happening.DECLINE, Happening.WITHDRAW, Happening.GIVE_UP, Happening.RETURN, Happening.CLOSE)
]
_SKIP_MAX = 1_000_000
_UNDER_WAY = {State.OFFERED: "offered", State.QUEUED: "queue"}


class TimesNumber(msgspec.Struct):
    """Seconds: half of ``count`` stayed within ``median``, 90 % within ``p90``; null where there were none."""

    name: str
    count: int
    median: float | None
    p90: float | None
    behind: str = msgspec.field(name="list")


class DeskNumbers(msgspec.Struct):
    """What the desk did in a time, by steps of seconds."""

    since: str
    until: str
    step: int
    numbers: list[NumberView]
    times: list[TimesNumber]


class InquiryRow(msgspec.Struct):
    """A conversation that began. ``handed_over``: a person was asked for."""

    conversation: str
    bot: str
    state: str
    began_at: str
    handed_over: bool


class InquiryPage(msgspec.Struct):
    """The newest first; ``next`` is the conversation to go on after, or null."""

    inquiries: list[InquiryRow]
    next: str | None


class HandoffRow(msgspec.Struct):
    """A hand-off. Times are seconds; ``outcome`` is empty while it is under way."""

    conversation: str
    bot: str
    state: str
    reason: str
    skill: str
    asked_at: str | None
    waited: float | None
    agent: AgentNameView | None
    handled: float | None
    outcome: str


class HandoffPage(msgspec.Struct):
    """The newest first; ``next`` is how many to skip for the rest, or null."""

    handoffs: list[HandoffRow]
    next: int | None


class UnderWay(msgspec.Struct):
    """A conversation that waits, or that an agent has. ``detail`` is the topic's name."""

    conversation: str
    bot: str
    state: str
    reason: str
    detail: str
    skill: str
    priority: int
    waiting_since: str | None
    agent: AgentNameView | None
    assigned_at: str | None
    answer_due: str | None
    resolve_due: str | None


class AtDesk(AgentView):
    """An agent, and since when their presence is what it is."""

    since: str


class DeskNow(msgspec.Struct):
    """Who is there, who waits in the order in which they are served, who was offered a person, and what agents have."""

    now: str
    agents: list[AtDesk]
    queue: list[UnderWay]
    offered: list[UnderWay]
    assigned: list[UnderWay]


# -- numbers


async def numbers(services: Services, request: Request, session: Session) -> Reply:
    """What the desk did in the last hour, day, week or month."""
    name = one_of(asked(request, "span"), "span", list(SPANS)) or "day"
    now = services.clock.now()
    services.gateway.limit(session, now)
    length, step = SPANS[name]
    until = now // MINUTE * MINUTE + MINUTE
    since = until - length
    found, begun, handoffs = await counted(services, since, until, step)
    steps = length // step

    def behind(path: str, **only: str) -> str:
        return f"{path}?" + urlencode({**only, "from": rfc3339(since), "to": rfc3339(until)})

    def over(moments: Iterable[Instant | None]) -> list[int]:
        at = Counter((one - since) // step for one in moments if one is not None)
        return [at[one] for one in range(steps)]

    def spread(counts: dict[int, int]) -> list[int]:
        return [counts.get(one, 0) for one in range(steps)]

    not_taken = [one.queued_at for one in handoffs if one.outcome == Happening.GIVE_UP]
    reasons = sorted(found.by_reason.items(), key=lambda row: (-row[1], row[0]))
    parts = [PartView(reason, count, behind("handoffs", reason=reason)) for reason, count in reasons]
    shown = [
        NumberView("inquiries", found.inquiries, spread({one.step: one.all for one in begun}), behind("inquiries"), []),
        NumberView(
            "answered-by-bot", found.answered_by_bot, spread({one.step: one.alone for one in begun}),
            behind("inquiries", by="bot"), [],
        ),
        NumberView(
            "asked-people", found.handed_over, over(one.queued_at for one in handoffs), behind("handoffs"), parts
        ),
        NumberView("not-taken", found.not_taken, over(not_taken), behind("handoffs", outcome="give-up"), []),
    ]  # fmt: skip
    times = [
        _times("waiting", found.waiting, sum(waited(one) is not None for one in handoffs), behind("handoffs", stage="taken")),
        _times(
            "handling", found.handling, sum(handled(one) is not None for one in handoffs),
            behind("handoffs", stage="finished"),
        ),
    ]  # fmt: skip
    return json_reply(DeskNumbers(rfc3339(since), rfc3339(until), step // SECOND, shown, times))


def _times(name: str, times: Times, count: int, behind: str) -> TimesNumber:
    return TimesNumber(name, count, times.median, times.p90, behind)


# -- the lists behind them


def _time(given: dict[str, str]) -> tuple[Instant, Instant]:
    return instant(given, "from", 0), instant(given, "to", EVER)


async def inquiries(services: Services, request: Request, session: Session) -> Reply:
    """Conversations that began in a time."""
    given = asked(request, "by", "bot", "from", "to", "after", "limit")
    services.gateway.limit(session, services.clock.now())
    if "after" in given and not is_id(given["after"], "cnv"):
        raise InvalidRequest("after is the id of a conversation")
    before = (await services.conversations.find(given["after"])).no if "after" in given else NUMBERS_END
    since, until = _time(given)
    most = limit_of(given)
    found = await store.inquiries(
        services.gateway.database, since, until, by=one_of(given, "by", _BY), bot=given.get("bot", ""), before=before,
        limit=most + 1,
    )  # fmt: skip
    shown = [
        InquiryRow(one.conversation, one.bot, one.state, rfc3339(one.began_at), not one.alone) for one in found[:most]
    ]
    return json_reply(InquiryPage(shown, shown[-1].conversation if len(found) > most else None))


async def handoffs(services: Services, request: Request, session: Session) -> Reply:
    """Hand-offs for which a person was asked for in a time."""
    given = asked(request, "reason", "outcome", "stage", "bot", "from", "to", "skip", "limit")
    services.gateway.limit(session, services.clock.now())
    only = store.Only(
        one_of(given, "reason", list(Reason)), given.get("bot", ""), one_of(given, "outcome", _ENDS),
        one_of(given, "stage", list(store.STAGES)),
    )  # fmt: skip
    skip, most = number(given, "skip", otherwise=0, most=_SKIP_MAX), limit_of(given)
    since, until = _time(given)
    found = await store.asked_for(services.gateway.database, since, until, only, skip=skip, limit=most + 1)
    shown = [await _row(services, one) for one in found[:most]]
    return json_reply(HandoffPage(shown, skip + most if len(found) > most else None))


async def _row(services: Services, one: Handoff) -> HandoffRow:
    return HandoffRow(
        one.talk, one.bot, one.state.value, one.why.reason.value, one.why.skill, _at(one.queued_at), _seconds(waited(one)),
        await _agent(services, one.agent), _seconds(handled(one)), one.outcome,
    )  # fmt: skip


def _seconds(span: Duration | None) -> float | None:
    return None if span is None else span / SECOND


def _at(at: Instant | None) -> str | None:
    return None if at is None else rfc3339(at)


async def _agent(services: Services, agent_id: str) -> AgentNameView | None:
    shown = name_view(services, agent_id)
    if shown is not None and not shown.name:  # not here since the start
        user = await services.identity.by_id(agent_id)
        shown.name = user.name if user is not None else ""
    return shown


# -- now


async def desk(services: Services, request: Request, session: Session) -> Reply:
    """The queue and the agents as they are now."""
    asked(request)
    now = services.clock.now()
    services.gateway.limit(session, now)
    lists: dict[str, list[UnderWay]] = {"queue": [], "offered": [], "assigned": []}
    queue = services.desk.queue()
    rest = [one for one in services.desk.book.all() if one.state is not State.QUEUED]
    for handoff in [*queue, *sorted(rest, key=lambda one: (one.assigned_at or one.began_at, one.id))]:
        lists[_UNDER_WAY.get(handoff.state, "assigned")].append(await _under_way(services, handoff))
    agents = []
    for one in services.desk.agents:
        named = await _agent(services, one.id)
        seen = agent_at_desk(services, one)
        silent = seen.presence != one.presence.value  # out of touch, which no sweep has seen yet
        since = one.seen_at + services.desk.config.cut_off if silent else one.since
        agents.append(
            AtDesk(
                seen.id, named.name if named else "", seen.presence, seen.assigned, seen.capacity, seen.skills,
                rfc3339(since),
            )
        )  # fmt: skip
    agents.sort(key=lambda one: (one.presence == "offline", one.name))
    return json_reply(DeskNow(rfc3339(now), agents, lists["queue"], lists["offered"], lists["assigned"]))


async def _under_way(services: Services, one: Handoff) -> UnderWay:
    queued = one.state is State.QUEUED
    return UnderWay(
        one.talk, one.bot, one.state.value, one.why.reason.value, one.why.detail, one.why.skill, one.why.priority,
        _at(one.queued_at) if queued else None, None if queued else await _agent(services, one.agent), _at(one.assigned_at),
        _at(one.answer_due), _at(one.resolve_due),
    )  # fmt: skip


ROUTES = [
    Route(
        "GET", BASE + "/desk", "Who waits and who is there", Access.ACTIVE, desk, None, ((200, DeskNow),), REFUSALS,
        roles=ADMINS,
    ),
    Route(
        "GET", BASE + "/desk/numbers", "What the desk did in a time", Access.ACTIVE, numbers, None,
        ((200, DeskNumbers),), REFUSALS, query=("span",), roles=READERS,
    ),
    Route(
        "GET", BASE + "/inquiries", "Conversations that began in a time", Access.ACTIVE, inquiries, None,
        ((200, InquiryPage),), REFUSALS, query=("by", "bot", "from", "to", "after", "limit"), roles=READERS,
    ),
    Route(
        "GET", BASE + "/handoffs", "Hand-offs of a time", Access.ACTIVE, handoffs, None, ((200, HandoffPage),), REFUSALS,
        query=("reason", "outcome", "stage", "bot", "from", "to", "skip", "limit"), roles=READERS,
    ),
]  # fmt: skip
