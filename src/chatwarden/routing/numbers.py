"""What the desk did in a time, in numbers. Pure. Times are seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chatwarden.clock import SECOND, Duration
from chatwarden.routing.model import Handoff
from chatwarden.routing.rules import Happening


@dataclass(frozen=True, slots=True)
class Times:
    """Half were no longer than the median; None where there were none."""

    median: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class Numbers:
    """``inquiries``: conversations that began. ``handed_over``: hand-offs for which a person was asked for; the rest of the
    inquiries the bot answered. ``waiting``: from the request until an agent had it; ``handling``: from then until it was
    finished.
    """

    inquiries: int
    answered_by_bot: int
    handed_over: int
    by_reason: dict[str, int]
    not_taken: int
    waiting: Times
    handling: Times


def numbers(inquiries: int, handoffs: Iterable[Handoff]) -> Numbers:
    """Of the conversations that began, and the hand-offs that were asked for."""
    asked = [one for one in handoffs if one.queued_at is not None]
    waited = [one.taken_at - one.queued_at for one in asked if one.taken_at is not None and one.queued_at is not None]
    handled = [
        end - one.taken_at
        for one in asked
        if one.taken_at is not None and (end := one.finished_at or one.ended_at) is not None
    ]
    talks = len({one.conversation for one in asked})
    return Numbers(
        inquiries, max(0, inquiries - talks), len(asked), dict(sorted(Counter(o.why.reason.value for o in asked).items())),
        sum(one.outcome == Happening.GIVE_UP for one in asked), times(waited), times(handled),
    )  # fmt: skip


def times(spans: Sequence[Duration]) -> Times:
    """Median and 90 %: nearest rank."""
    if not spans:
        return Times(None, None)
    ordered = sorted(spans)
    return Times(_rank(ordered, 50), _rank(ordered, 90))


def _rank(ordered: Sequence[Duration], percent: int) -> float:
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)] / SECOND
