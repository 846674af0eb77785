"""What the overview counts: entries of the log, minute by minute for a day, kept in memory.

A number is a filter over the log, so the list behind it is what that same filter finds. Counting reads what was committed
since somebody looked last, a bounded piece a look: no message waits for it, and nothing is counted while nobody looks.
After a start the last day is read again in such pieces; ``complete`` says whether all of it is in.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from chatwarden.audit.filter import ANY, EVER, WITH_CLASSES, Filter, classes_in
from chatwarden.audit.model import Entry, Event, decode
from chatwarden.audit.records import Records
from chatwarden.clock import DAY, HOUR, MINUTE, Duration, Instant, rfc3339

PAGE, PAGES = 250, 60  # entries that are read together, and how often in one look
FOUND_MAX = 20_000  # messages whose classes are remembered
SLACK = 10 * MINUTE  # how far entries may be out of the order of their time
SPANS: dict[str, tuple[Duration, Duration]] = {"hour": (HOUR, MINUTE), "day": (DAY, 30 * MINUTE)}


@dataclass(frozen=True, slots=True)
class Number:
    """One number: its name, what it counts, and by what its parts differ."""

    name: str
    counts: Filter
    by: str = ""

    def parts(self, entry: Entry) -> list[str]:
        """To which of its parts an entry that it counts belongs."""
        if self.by == "class":
            return classes_in(entry)
        if self.by == "refusal":
            return [f"{entry.event} {entry.reason}".strip()]
        return [str(getattr(entry, self.by))] if self.by else []

    def part(self, name: str) -> Filter:
        """What a part counts."""
        if self.by == "class":
            return replace(self.counts, data_class=name)
        if self.by == "event":
            return replace(self.counts, events=frozenset({Event(name)}))
        if self.by == "refusal":
            event, _, reason = name.partition(" ")
            return replace(self.counts, events=frozenset({Event(event)}), reason=reason)
        return (
            replace(self.counts, actors=frozenset({name})) if self.by == "actor" else replace(self.counts, reason=name)
        )


def _of(*events: Event) -> Filter:
    return Filter(events=frozenset(events))


NUMBERS = (
    Number("messages", _of(Event.MESSAGE_RECEIVED, Event.MESSAGE_HELD)),
    Number("answered", _of(Event.MESSAGE_ANSWERED), "actor"),
    Number("handed-over", _of(Event.CONVERSATION_HANDOFF_REQUESTED), "reason"),
    Number("bot-failures", _of(Event.BOT_FAILED), "reason"),
    Number("found", Filter(events=WITH_CLASSES, data_class=ANY), "class"),
    Number("destroyed", _of(Event.MESSAGE_DESTROYED), "reason"),
    Number("refused", Filter(decision="deny"), "refusal"),
    Number(
        "attacks",
        _of(
            Event.CREDENTIAL_MISPLACED, Event.BOT_LOCKED, Event.BULK_READ_NOTICED, Event.BROKER_ECHO_FOUND,
            Event.SESSION_CONFIRMATION_REFUSED, Event.STEP_UP_REFUSED, Event.COMPANY_LOGOUT_REFUSED, Event.TOKEN_REFUSED,
            Event.AUDIT_DAMAGED, Event.WITNESS_REFUSED,
        ),
        "event",
    ),
)  # fmt: skip


# Most entries count in one number or in none: which ones may count it is known by its event.
_OF_ANY = tuple(one for one in NUMBERS if not one.counts.events)
_MAY_COUNT = {
    event: tuple(one for one in NUMBERS if not one.counts.events or event in one.counts.events) for event in Event
}


@dataclass(slots=True)
class Found:
    """A message with personal data in it. ``destroyed_at``: when it was destroyed, and ``ended`` why."""

    message: str
    at: Instant
    event: Event
    classes: list[str]
    destroyed_at: Instant | None = None
    ended: str = ""


@dataclass(slots=True)
class Counted:
    """What one number is over a span: in total, step by step, and by part."""

    count: int = 0
    series: list[int] = field(default_factory=list)
    parts: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Tally:
    """The counts. Pure but for ``catch_up``."""

    complete: bool = False
    found: OrderedDict[str, Found] = field(default_factory=OrderedDict)
    forgotten: int = 0
    _minutes: dict[Instant, Counter[tuple[str, str]]] = field(default_factory=dict)
    _number: int = -1
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def catch_up(self, records: Records, now: Instant) -> None:
        """Counts what was committed since, a piece of it at most."""
        async with self._reading:
            if self._number < 0:
                self._number = await records.before(now - DAY - SLACK)
            self.complete = False
            for _ in range(PAGES):
                rows = await records.rows(self._number, PAGE)
                for number, data in rows:
                    self.add(decode(data))
                    self._number = number
                if len(rows) < PAGE:
                    self.complete = True
                    break
            self.forget(now)

    def add(self, entry: Entry) -> None:
        """Counts one entry."""
        for number in _MAY_COUNT.get(entry.event, _OF_ANY):
            if number.counts.fits(entry):
                at = entry.at // MINUTE * MINUTE
                minute = self._minutes.get(at) or self._minutes.setdefault(at, Counter())
                for part in ("", *number.parts(entry)):
                    minute[number.name, part] += 1
        if entry.event is Event.MESSAGE_DESTROYED and entry.object in self.found:
            found = self.found[entry.object]
            found.destroyed_at, found.ended = entry.at, entry.reason
        elif entry.event is not Event.MESSAGE_BLOCKED and (classes := classes_in(entry)):
            self.found[entry.object] = Found(entry.object, entry.at, entry.event, classes)
            if len(self.found) > FOUND_MAX:
                self.found.popitem(last=False)
                self.forgotten += 1

    def forget(self, now: Instant) -> None:
        """Lets go of what is older than a day."""
        oldest = now - DAY - HOUR
        for minute in [one for one in self._minutes if one < oldest]:
            del self._minutes[minute]
        while self.found and next(iter(self.found.values())).at < oldest:
            self.found.popitem(last=False)

    def counted(self, since: Instant, until: Instant, step: Duration) -> dict[str, Counted]:
        """Every number over the minutes from *since* up to *until*."""
        steps = (until - since) // step
        numbers = {one.name: Counted(series=[0] * steps) for one in NUMBERS}
        for minute, counts in self._minutes.items():
            if since <= minute < until:
                for (name, part), count in counts.items():
                    if part:
                        numbers[name].parts[part] += count
                    else:
                        numbers[name].count += count
                        numbers[name].series[(minute - since) // step] += count
        return numbers

    def with_class(self, data_class: str, since: Instant, until: Instant) -> Iterator[Found]:
        """Messages of that span in which a class was found, or any, the newest first."""
        for one in reversed(self.found.values()):
            if since <= one.at < until and (data_class in {"", ANY} or data_class in one.classes):
                yield one


def span_of(name: str, now: Instant) -> tuple[Instant, Instant, Duration]:
    """From when to when a span goes that ends with the minute of *now*, and its step."""
    length, step = SPANS[name]
    until = now // MINUTE * MINUTE + MINUTE
    return until - length, until, step


def query(only: Filter) -> dict[str, str]:
    """*only* as parameters of the list that shows what it means."""
    asked = {
        "event": ",".join(sorted(only.events)), "actor": next(iter(only.actors), ""), "decision": only.decision,
        "class": only.data_class,
        "from": rfc3339(only.begin) if only.begin else "", "to": rfc3339(only.end) if only.end != EVER else "",
    }  # fmt: skip
    found = {name: value for name, value in asked.items() if value}
    return found if only.reason is None else {**found, "reason": only.reason}
