"""Sends every committed entry to the syslog receiver too, in order, at least once, and never on anybody's road.

A follower: it reads what is committed and remembers in the table ``meta`` up to where the receiver has taken it, so that
restarts, kill -9 and a receiver that is away for a month lose nothing. Where to the entries are written nobody waits for
it. A receiver that does not take is tried again, ever later, up to once a minute; when entries wait for longer than
``audit.syslog.alarm_after`` without progress, administrators are told and the log says so, and again when all was taken.
So they are when a year of the log was dropped (``audit.keep``) before the receiver had all of it.

A receiver that is named for the first time gets the log from its first entry on. Another one goes on where the last one
stopped.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from chatwarden.audit.model import Event, Lane
from chatwarden.audit.records import Record, Records
from chatwarden.audit.service import AuditLog
from chatwarden.audit.syslog import NotTaken, Receiver, message
from chatwarden.clock import MINUTE, SECOND, Duration, Instant
from chatwarden.ids import Randomness
from chatwarden.log import get_logger
from chatwarden.metrics import Metrics
from chatwarden.storage.model import Database, Transaction

_NAME = "syslog"
_SET = "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
_BATCH = 1_000
_BYTES = 2_000_000
_FIRST_WAIT: Duration = SECOND
_LONGEST_WAIT: Duration = MINUTE
_DOUBLINGS = 7
_log = get_logger("syslog")

Tell = Callable[[Transaction, str, str, Instant], None]
Write = Callable[[Record], bytes]
"""An entry as the receiver wants it."""


@dataclass(slots=True)
class _Place:
    """The number of the last entry that was taken, and when there was progress."""

    number: int
    at: Instant


class Forwarder:
    """The follower of one gateway. *host* names it to the receiver."""

    def __init__(
        self, database: Database, audit: AuditLog, receiver: Receiver, write: Write, tell: Tell, host: Callable[[], str],
        metrics: Metrics, random: Randomness = os.urandom,
    ) -> None:  # fmt: skip
        self._database = database
        self._records = Records(database)
        self._audit = audit
        self._receiver = receiver
        self._write = write
        self._tell = tell
        self._host = host
        self._metrics = metrics
        self._random = random
        self._place: _Place | None = None
        self._tries = 0
        self._next_try: Instant = 0
        self._behind = False

    @property
    def place(self) -> int:
        """The number of the last entry of which it is known that it was taken."""
        return self._place.number if self._place is not None else 0

    async def deliver(self, now: Instant) -> bool:
        """Sends some of what waits; whether more can be sent at once. Raises StorageFailed."""
        place = self._place or await self._begin(now)
        if now < self._next_try:
            return False
        batch = await self._records.page(place.number, _BATCH)
        await self._measure(place, batch, now)
        if not batch:
            return False
        if 0 < place.number < batch[0].number - 1:
            await self._look_for_missed(place, batch[0].number, now)
        messages, size = [], 0
        for one in batch:
            messages.append(self._said(one))
            size += len(messages[-1])
            if size > _BYTES:
                break
        try:
            await self._receiver.take(messages)
        except NotTaken as failure:
            await self._failed(failure, batch[0], now)
            return False
        self._tries = 0
        self._metrics.syslog("taken")
        await self._advance(batch[len(messages) - 1].number, now)
        more = len(messages) < len(batch) or len(batch) == _BATCH
        if self._behind and not more:
            await self._note(Event.SYSLOG_CAUGHT_UP, now)
        return more

    def _said(self, record: Record) -> bytes:
        entry = record.entry
        return message(
            host=self._host(), at=entry.at, event=entry.event, denied=entry.decision == "deny", number=record.number,
            text=self._write(record),
        )  # fmt: skip

    async def _begin(self, now: Instant) -> _Place:
        rows = await self._database.fetch("SELECT value FROM meta WHERE name = ?", (_NAME,))
        if rows:
            number, at = cast("str", rows[0][0]).split()
            self._place = _Place(int(number), int(at))
            return self._place
        return await self._advance(0, now)

    async def _advance(self, number: int, now: Instant) -> _Place:
        """Remembers what was taken. If that fails, it is sent again."""
        tx = Transaction()
        tx.add(_SET, (_NAME, f"{number} {now}"))
        await self._database.commit(tx)
        self._place = _Place(number, now)
        return self._place

    async def _measure(self, place: _Place, batch: list[Record], now: Instant) -> None:
        last = await self._records.last_number() if len(batch) == _BATCH else (batch[-1].number if batch else 0)
        self._metrics.syslog_waiting.set(max(0, last - place.number))
        self._metrics.syslog_oldest.set(max(0, now - batch[0].entry.at) / SECOND if batch else 0)

    async def _failed(self, failure: NotTaken, oldest: Record, now: Instant) -> None:
        self._metrics.syslog("failed")
        _log.warning("syslog-not-taken", reason=failure.reason, tries=self._tries + 1)
        wait = min(_LONGEST_WAIT, _FIRST_WAIT << min(self._tries, _DOUBLINGS))
        # The second half of the wait by chance: many gateways do not come back together.
        self._next_try = now + wait // 2 + wait // 2 * self._random(1)[0] // 0xFF
        self._tries += 1
        assert self._place is not None
        stuck_since = max(self._place.at, oldest.entry.at)
        if not self._behind and now - stuck_since > self._receiver.config.alarm_after:
            await self._note(Event.SYSLOG_BEHIND, now, failure.reason)

    async def _look_for_missed(self, place: _Place, first: int, now: Instant) -> None:
        """Numbers may have gaps; a year that was dropped before it was taken is none of these, and is told."""
        rows = await self._database.fetch(
            "SELECT min(n.first_seq) FROM audit_years AS y JOIN audit_years AS n ON n.first_seq > y.first_seq "
            "WHERE y.dropped_at IS NOT NULL GROUP BY y.year"
        )
        end = min(first, max((cast("int", row[0]) for row in rows), default=0))
        if end > place.number + 1:
            _log.error("syslog-missed", entries=end - place.number - 1)
            await self._note(Event.SYSLOG_MISSED, now, str(end - place.number - 1))
            await self._advance(end - 1, place.at)

    async def _note(self, event: Event, now: Instant, reason: str = "") -> None:
        tx = Transaction()
        behind = event is not Event.SYSLOG_CAUGHT_UP
        self._audit.append(
            tx, event, lane=Lane.SYSTEM, actor="system", at=now, decision="deny" if behind else "allow", reason=reason
        )
        if behind:
            self._tell(tx, "syslog-behind", "", now)
        await self._database.commit(tx)
        self._behind = event is Event.SYSLOG_BEHIND or (self._behind and behind)
