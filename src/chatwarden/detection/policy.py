"""From findings to what is done: pure.

The lifetime of a message is the shortest of the default and of every class found. Classes that are never written are
removed or refused, whatever was configured. A text that could not be checked lives as short as the strictest class, and callers
show it to nobody but its author.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chatwarden.classes import NEVER, Action, DataClass, Finding, Treatment
from chatwarden.clock import Duration
from chatwarden.detection.scan import Verdict

_ACTIONS = {
    Treatment.ALLOW: Action.ALLOWED,
    Treatment.PLACEHOLDER: Action.PLACEHOLDER,
    Treatment.MASK: Action.MASKED,
    Treatment.REMOVE: Action.REMOVED,
    Treatment.HOLD: Action.HELD,
    Treatment.BLOCK: Action.BLOCKED,
}


@dataclass(frozen=True, slots=True)
class Treated:
    """A finding and what is done with it."""

    finding: Finding
    action: Action


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done with a text. ``hold``: the person is asked before it goes on. ``blocked``: the classes for which it is
    refused.
    """

    items: tuple[Treated, ...]
    lifetime: Duration
    hold: bool

    @property
    def blocked(self) -> list[DataClass]:
        """In their order of names."""
        return sorted({item.finding.data_class for item in self.items if item.action is Action.BLOCKED})


def decide(
    verdict: Verdict,
    *,
    treatments: Mapping[DataClass, Treatment],
    lifetimes: Mapping[DataClass, Duration],
    default_lifetime: Duration,
) -> Decision:
    """What is done with a text of this verdict."""
    if not verdict.findings and not verdict.possible and not verdict.unknown:
        return Decision((), default_lifetime, hold=False)
    if verdict.unknown:
        return Decision((), min([default_lifetime, *(life for life in lifetimes.values() if life > 0)]), hold=False)
    items = tuple(Treated(finding, action_of(finding.data_class, treatments)) for finding in verdict.findings)
    classes = {finding.data_class for finding in verdict.findings} | verdict.possible
    lives = [default_lifetime, *(lifetimes[one] for one in classes)]
    return Decision(
        items, min(life for life in lives if life > 0), hold=any(item.action is Action.HELD for item in items)
    )


def action_of(data_class: DataClass, treatments: Mapping[DataClass, Treatment]) -> Action:
    """What is done with this class."""
    action = _ACTIONS[treatments[data_class]]
    return action if data_class not in NEVER or action is Action.BLOCKED else Action.REMOVED
