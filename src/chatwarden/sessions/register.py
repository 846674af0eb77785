"""The sessions in memory: found by token and by id, and in the order in which they change by themselves.

The order is a heap of instants that may be early: an input moves a deadline without touching the heap, and a session
that comes up too early is put back. Whoever makes a deadline come earlier calls ``schedule``.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Callable, Iterator

from chatwarden.clock import DAY, Duration, Instant
from chatwarden.sessions import rules
from chatwarden.sessions.model import Session

TELL_REASON_FOR: Duration = DAY


class Register:
    """At most *capacity* sessions; ``may_drop`` says whether the rows know all of one."""

    def __init__(self, capacity: int, may_drop: Callable[[Session], bool]) -> None:
        self._capacity = capacity
        self._may_drop = may_drop
        self._by_hash: OrderedDict[bytes, Session] = OrderedDict()
        self._by_id: dict[str, Session] = {}
        self._due: list[tuple[Instant, int, Session]] = []
        self._number = 0
        self.living = 0

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._by_id.values()))

    def by_token(self, token_hash: bytes) -> Session | None:
        """The session whose token has this hash, if it is in memory."""
        return self._by_hash.get(token_hash)

    def by_id(self, session_id: str) -> Session | None:
        """The session with this id, if it is in memory."""
        return self._by_id.get(session_id)

    def add(self, session: Session) -> Session:
        """Remembers *session*; the first object of two for one session stays, so that there is one truth."""
        known = self._by_id.get(session.id)
        if known is not None:
            return known
        self._by_hash[session.token_hash] = session
        self._by_id[session.id] = session
        self.living += session.ended_at is None
        session.due_at = 0
        self.schedule(session)
        if len(self._by_hash) > self._capacity:
            for old in list(self._by_hash.values())[:100]:
                if old is not session and self._may_drop(old):
                    self.drop(old)
                    break
        return session

    def drop(self, session: Session) -> None:
        """Forgets *session*."""
        self._by_hash.pop(session.token_hash, None)
        if self._by_id.pop(session.id, None) is not None:
            self.living -= session.ended_at is None

    def note_end(self, session: Session) -> None:
        """It ended just now."""
        if self._by_id.get(session.id) is session:
            self.living -= 1
        self.schedule(session)

    def schedule(self, session: Session) -> None:
        """Brings *session* up no later than its next change."""
        at = _next(session)
        if session.due_at == 0 or at < session.due_at:
            session.due_at = at
            self._number += 1
            heapq.heappush(self._due, (at, self._number, session))

    def due(self, now: Instant) -> list[Session]:
        """Those whose next change has come. Each comes once; ``schedule`` brings it again."""
        found = []
        while self._due and self._due[0][0] <= now:
            at, _, session = heapq.heappop(self._due)
            if at != session.due_at or self._by_id.get(session.id) is not session:
                continue  # there is an earlier entry, or it was forgotten
            session.due_at = 0
            if _next(session) > now:
                self.schedule(session)
            else:
                found.append(session)
        return found

    def next_due(self) -> Instant | None:
        """When somebody must look again at the latest."""
        return self._due[0][0] if self._due else None


def _next(session: Session) -> Instant:
    if session.ended_at is not None:
        return session.ended_at + TELL_REASON_FOR + 1
    return rules.next_deadline(session)
