"""What the desk did in numbers, over HTTP and for the command."""

from __future__ import annotations

from chatwarden.clock import Instant, rfc3339
from chatwarden.routing import store
from chatwarden.routing.numbers import Times, numbers
from chatwarden.web.context import Services
from chatwarden.web.desk_views import NumbersView, TimesView


async def numbers_since(services: Services, since: Instant) -> NumbersView:
    """From *since* until now."""
    database = services.gateway.database
    found = numbers(await store.begun_since(database, since), await store.asked_since(database, since))
    return NumbersView(
        rfc3339(since), found.inquiries, found.answered_by_bot, found.handed_over, found.by_reason, found.not_taken,
        _view(found.waiting), _view(found.handling),
    )  # fmt: skip


def _view(times: Times) -> TimesView:
    return TimesView(times.median, times.p90)
