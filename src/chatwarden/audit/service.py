"""Appends entries beside the rows they describe, and reads them back."""

from __future__ import annotations

from collections.abc import AsyncIterator

from chatwarden.audit.model import Entry, Event, Lane, decode, encode
from chatwarden.clock import Instant
from chatwarden.ids import Randomness, new_id, pooled
from chatwarden.storage.model import Database, Transaction

_INSERT = "INSERT INTO audit (entry) VALUES (?)"
_PAGE = 1_000


class AuditLog:
    """The one writer of the table ``audit``."""

    def __init__(self, database: Database, random: Randomness = pooled) -> None:
        self._database = database
        self._random = random

    def append(
        self,
        tx: Transaction,
        event: Event,
        *,
        lane: Lane,
        actor: str,
        at: Instant,
        cause: str = "",
        object: str = "",  # noqa: A002  the field's word in the log
        decision: str = "allow",
        reason: str = "",
        commitment: str = "",
        late: bool = False,
        note: str = "",
    ) -> str:
        """Adds one entry to *tx* and returns its id. It is recorded when, and only when, *tx* is."""
        entry_id = new_id("aud", self._random)
        entry = Entry(
            id=entry_id, at=at, lane=lane, event=event, actor=actor, cause=cause, object=object,
            decision=decision, reason=reason, commitment=commitment, late=late, note=note,
        )  # fmt: skip
        tx.add(_INSERT, (encode(entry),))
        return entry_id

    async def read(self, lane: Lane | None = None) -> AsyncIterator[tuple[int, Entry]]:
        """Every committed entry with its index, oldest first; only those of *lane* if given."""
        after = 0
        while True:
            rows = await self._database.fetch(
                "SELECT seq, entry FROM audit WHERE seq > ? ORDER BY seq LIMIT ?", (after, _PAGE)
            )
            for seq, data in rows:
                assert isinstance(seq, int)
                assert isinstance(data, bytes)
                entry = decode(data)
                if lane is None or entry.lane is lane:
                    yield seq, entry
                after = seq
            if len(rows) < _PAGE:
                return

    async def last_instant(self) -> Instant:
        """The latest instant that the newest entries tell, or 0: the floor under the clock at start. The newest of all may
        tell of a deadline that was noticed late.
        """
        rows = await self._database.fetch("SELECT entry FROM audit ORDER BY seq DESC LIMIT ?", (_PAGE,))
        return max((decode(data).at for (data,) in rows if isinstance(data, bytes)), default=0)
