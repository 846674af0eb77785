"""Appends entries beside the rows they describe, and reads them back."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence

from chatwarden.audit.details import Details
from chatwarden.audit.model import VERSION, Detail, Entry, Event, Lane, decode, encode
from chatwarden.audit.ocsf import OCSF
from chatwarden.clock import Instant
from chatwarden.ids import Randomness, new_id, pooled
from chatwarden.storage.model import Database, Transaction

_INSERT = "INSERT INTO audit (entry) VALUES (?)"
_PAGE = 1_000


class AuditLog:
    """The one writer of the table ``audit``. *key* (32 bytes): under which ids of sessions are hashed."""

    def __init__(
        self, database: Database, random: Randomness = pooled, *, key: bytes = b"", details: Details | None = None
    ) -> None:
        self._database = database
        self._random = random
        self._key = key
        self.details = details

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
        act: Sequence[str] = (),
        session: str = "",
        resource: str = "",
        detail: Detail | None = None,
    ) -> str:
        """Adds one entry to *tx* and returns its id. It is recorded when, and only when, *tx* is. *session* is the id of a
        session; the entry has a keyed hash of it. *detail* is sealed beside the entry. Raises TooLong.
        """
        entry_id = new_id("aud", self._random)
        committed = ""
        if detail is not None:
            assert self.details is not None, "who records details has somewhere to keep them"
            committed = self.details.add(tx, entry_id, detail)
        entry = Entry(
            v=VERSION, id=entry_id, at=at, lane=lane, event=event, ocsf=OCSF[event], actor=actor, act=tuple(act),
            session=self.session_hash(session) if session else "", cause=cause, object=object, resource=resource,
            decision=decision, reason=reason, commitment=commitment, detail=committed, late=late,
        )  # fmt: skip
        tx.add(_INSERT, (encode(entry),))
        return entry_id

    def session_hash(self, session_id: str) -> str:
        """How entries name a session: it tells nothing to who has no key."""
        assert self._key, "who records sessions has a key"
        return hashlib.blake2b(session_id.encode(), digest_size=16, key=self._key, person=b"audit session").hexdigest()

    async def detail(self, entry: Entry) -> dict[str, str] | None:
        """The record that *entry* commits to; None where there is none, or its person was erased. Raises Tampered."""
        if not entry.detail or self.details is None:
            return None
        return await self.details.read(entry.id, entry.detail)

    async def read(self, lane: Lane | None = None, *, after: int = 0) -> AsyncIterator[tuple[int, Entry]]:
        """Every committed entry with its number, oldest first; only those of *lane* if given, only what is after the
        number *after*. Numbers begin at 1; years.py says where each year's tree begins.
        """
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
        """When the newest entry was made, or 0: the floor under the clock at start."""
        rows = await self._database.fetch("SELECT entry FROM audit ORDER BY seq DESC LIMIT 1")
        if not rows:
            return 0
        data = rows[0][0]
        assert isinstance(data, bytes)
        return decode(data).at
