"""What the desk did in numbers, over HTTP and for the command."""

from __future__ import annotations

from chatwarden.clock import Duration, Instant, rfc3339
from chatwarden.routing import store
from chatwarden.routing.model import Handoff
from chatwarden.routing.numbers import Numbers, Times, numbers
from chatwarden.routing.store import Begun
from chatwarden.web.context import Services
from chatwarden.web.desk_views import NumbersView, TimesView


async def counted(
    services: Services, since: Instant, until: Instant, step: Duration
) -> tuple[Numbers, list[Begun], list[Handoff]]:
    """The numbers of a time, what began step by step, and the hand-offs that were asked for."""
    database = services.gateway.database
    begun = await store.begun(database, since, until, step)
    asked = await store.asked_for(database, since, until)
    return numbers(sum(one.all for one in begun), sum(one.alone for one in begun), asked), begun, asked


async def numbers_since(services: Services, since: Instant) -> NumbersView:
    """From *since* until now."""
    until = services.clock.now() + 1
    found, _, _ = await counted(services, since, until, max(1, until - since))
    return NumbersView(
        rfc3339(since), found.inquiries, found.answered_by_bot, found.handed_over, found.by_reason, found.not_taken,
        times_view(found.waiting), times_view(found.handling),
    )  # fmt: skip


def times_view(times: Times) -> TimesView:
    """A median and what 90 % stayed within."""
    return TimesView(times.median, times.p90)
