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
    """``inquiries``: conversations that began; those of them for which no person was asked for, the bot answered.
    ``handed_over``: hand-offs for which a person was asked for. ``waiting``: from the request until an agent had it;
    ``handling``: from then until it was finished.
    """

    inquiries: int
    answered_by_bot: int
    handed_over: int
    by_reason: dict[str, int]
    not_taken: int
    waiting: Times
    handling: Times


def waited(one: Handoff) -> Duration | None:
    """From the request until an agent had it."""
    return None if one.taken_at is None or one.queued_at is None else one.taken_at - one.queued_at


def handled(one: Handoff) -> Duration | None:
    """From when an agent had it until it was finished."""
    end = one.finished_at or one.ended_at
    return None if one.taken_at is None or end is None else end - one.taken_at


def numbers(inquiries: int, answered_by_bot: int, handoffs: Iterable[Handoff]) -> Numbers:
    """Of the conversations that began, those of them that stayed with the bot, and the hand-offs that were asked for."""
    asked = [one for one in handoffs if one.queued_at is not None]
    return Numbers(
        inquiries, answered_by_bot, len(asked), dict(sorted(Counter(o.why.reason.value for o in asked).items())),
        sum(one.outcome == Happening.GIVE_UP for one in asked), times(_known(map(waited, asked))),
        times(_known(map(handled, asked))),
    )  # fmt: skip


def _known(spans: Iterable[Duration | None]) -> list[Duration]:
    return [one for one in spans if one is not None]


def times(spans: Sequence[Duration]) -> Times:
    """Median and 90 %: nearest rank."""
    if not spans:
        return Times(None, None)
    ordered = sorted(spans)
    return Times(_rank(ordered, 50), _rank(ordered, 90))


def _rank(ordered: Sequence[Duration], percent: int) -> float:
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)] / SECOND
