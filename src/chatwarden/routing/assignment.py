"""Who gets which conversation: skill, room, the longest wait, each in turn. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from chatwarden.clock import Instant
from chatwarden.routing.model import Handoff


@dataclass(frozen=True, slots=True)
class Free:
    """An agent who could take something. ``since``: when they were last given one."""

    id: str
    skills: tuple[str, ...]
    room: int
    assigned: int
    since: Instant


def in_order(queue: Iterable[Handoff]) -> list[Handoff]:
    """The queue as it is served: the highest priority first, then who asked first."""
    return sorted(queue, key=lambda one: (-one.why.priority, one.queued_at or 0, one.id))


def fits(handoff: Handoff, skills: Sequence[str]) -> bool:
    """Whether somebody with these skills can take it."""
    return not handoff.why.skill or handoff.why.skill in skills


def next_for(skills: Sequence[str], queue: Iterable[Handoff]) -> Handoff | None:
    """What an agent with these skills takes next."""
    return next((one for one in in_order(queue) if fits(one, skills)), None)


def pairs(queue: Iterable[Handoff], agents: Iterable[Free], strategy: str) -> list[tuple[Handoff, str]]:
    """Who gets what now. ``longest-wait``: of those with room, who has the fewest, and of these who has been without a new
    one longest; ``round-robin``: whose turn is longest ago, whatever they have; ``manual``: nobody.
    """
    if strategy == "manual":
        return []
    free = {one.id: one for one in agents}
    found: list[tuple[Handoff, str]] = []
    for handoff in in_order(queue):
        able = [one for one in free.values() if one.assigned < one.room and fits(handoff, one.skills)]
        if not able:
            continue
        if strategy == "round-robin":
            chosen = min(able, key=lambda one: (one.since, one.id))
        else:
            chosen = min(able, key=lambda one: (one.assigned, one.since, one.id))
        found.append((handoff, chosen.id))
        latest = max(one.since for one in free.values())
        free[chosen.id] = replace(chosen, assigned=chosen.assigned + 1, since=latest + 1)
    return found
