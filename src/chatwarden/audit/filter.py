"""Which entries of the log are meant: conditions on an entry, all of which must hold. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from chatwarden.audit.model import Entry, Event, Lane
from chatwarden.classes import DataClass
from chatwarden.clock import Instant

EVER: Instant = 2**62
ANY = "any"
CLASSES = frozenset(one.value for one in DataClass)
# The reasons of these list the data classes that were found in a message.
WITH_CLASSES = frozenset({Event.MESSAGE_RECEIVED, Event.MESSAGE_HELD, Event.MESSAGE_ANSWERED, Event.MESSAGE_BLOCKED})


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries are meant: of a lane, one of some events, a party (under any of its ``actors``) that acted or was acted
    for, what it is about, what was decided and why, a data class among the reasons (``ANY`` for whichever), a span of time.
    """

    lane: Lane | None = None
    events: frozenset[Event] = frozenset()
    actors: frozenset[str] = frozenset()
    begin: Instant = 0
    end: Instant = EVER
    object: str = ""
    decision: str = ""
    reason: str | None = None
    data_class: str = ""

    def fits(self, entry: Entry) -> bool:
        """Whether *entry* is one of them."""
        return (
            self.begin <= entry.at < self.end
            and (self.lane is None or entry.lane is self.lane)
            and (not self.events or entry.event in self.events)
            and (not self.actors or entry.actor in self.actors or not self.actors.isdisjoint(entry.act))
            and (not self.object or entry.object == self.object)
            and (not self.decision or entry.decision == self.decision)
            and (self.reason is None or entry.reason == self.reason)
            and (not self.data_class or self._has_class(entry))
        )

    def _has_class(self, entry: Entry) -> bool:
        found = classes_in(entry)
        return bool(found) if self.data_class == ANY else self.data_class in found


def classes_in(entry: Entry) -> list[str]:
    """The data classes that the reason of *entry* lists, as those of messages do."""
    if entry.event not in WITH_CLASSES:
        return []
    return [word for one in entry.reason.split() if (word := one.partition(":")[0]) in CLASSES]
