"""Reading in bulk: many different things, read by one party in little time, are noticed and told to administrators.

What it is for: a stolen account, a curious colleague or a bot that was talked into it reads what is there, one permitted
request after the other. Each kind counts different things per reader in a sliding window, in memory; beyond the threshold
of ``[alarms]`` there is one entry and one notice per reader, kind and window. Nothing is refused or held up by it, so it
fails open: whether somebody may read is decided where they read. After a restart the windows begin anew.

    conversations   whose messages were read, or what the log has about them, by a person or by staff
    exports         of everything about a person
    lookups         things that a bot looked up in applications, per bot and person
    reveals         masked values that an agent had shown
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.clock import SECOND, Instant
from chatwarden.config.alarms import AlarmsConfig, Threshold
from chatwarden.storage.model import Database, Transaction

READERS = 10_000  # windows that are kept; beyond, the one that was used longest ago is forgotten
Tell = Callable[[Transaction, str, str, Instant], None]


class Kind(StrEnum):
    """What is counted."""

    CONVERSATIONS = "conversations"
    EXPORTS = "exports"
    LOOKUPS = "lookups"
    REVEALS = "reveals"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: the pseudonym, its lane, and for whom (a bot reads on behalf of a person)."""

    actor: str
    lane: Lane
    person: str = ""


@dataclass(slots=True)
class Window:
    """What one reader read of one kind, the longest ago first. Pure."""

    seen: OrderedDict[int, Instant] = field(default_factory=OrderedDict)  # hashes: what is read may name a person
    quiet_until: Instant = 0

    def note(self, what: str, threshold: Threshold, now: Instant) -> bool:
        """Counts *what*; whether these are many, for the first time in a window."""
        self.seen[hash(what)] = now
        self.seen.move_to_end(hash(what))
        oldest = now - threshold.within
        # One more than the threshold is as many as have to be told apart.
        while len(self.seen) > threshold.count + 1 or next(iter(self.seen.values())) <= oldest:
            self.seen.popitem(last=False)
        if len(self.seen) <= threshold.count or now < self.quiet_until:
            return False
        self.quiet_until = now + threshold.within
        return True


class BulkReading:
    """Counts, and notes what it noticed. Replace ``config`` when the configuration was read again."""

    def __init__(self, database: Database, audit: AuditLog, tell: Tell, config: AlarmsConfig) -> None:
        self.config = config
        self._database = database
        self._audit = audit
        self._tell = tell
        self._windows: OrderedDict[tuple[Kind, str, str], Window] = OrderedDict()
        self._noticed: deque[tuple[Kind, Reader, Threshold, Instant]] = deque(maxlen=READERS)

    def note(self, kind: Kind, reader: Reader, what: str, now: Instant) -> None:
        """*reader* read *what*. Costs no input or output; ``settle`` writes what was noticed."""
        threshold: Threshold | None = getattr(self.config, f"bulk_{kind.value}")
        if threshold is None:
            return
        key = (kind, reader.actor, reader.person)
        window = self._windows.setdefault(key, Window())
        self._windows.move_to_end(key)
        if len(self._windows) > READERS:
            self._windows.popitem(last=False)
        if window.note(what, threshold, now):
            self._noticed.append((kind, reader, threshold, now))

    async def settle(self, _now: Instant) -> None:
        """Writes what was noticed to the log and tells administrators. Raises StorageFailed, and then it is written the
        next time.
        """
        while self._noticed:
            kind, reader, threshold, at = self._noticed[0]
            tx = Transaction()
            self._audit.append(
                tx, Event.BULK_READ_NOTICED, lane=reader.lane, actor=reader.actor, at=at, object=reader.person,
                reason=f"{kind} more than {threshold.count} in {threshold.within // SECOND}s", late=True,
            )  # fmt: skip
            self._tell(tx, "bulk-read", reader.actor if reader.actor.startswith("usr_") else "", at)
            await self._database.commit(tx)
            self._noticed.popleft()
