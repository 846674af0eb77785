"""How many living sessions there are, by role: from memory, and from the rows of those that are not in memory.

Cheap enough to be asked every few seconds: of the rows only ids and roles are read.
"""

from __future__ import annotations

from collections import Counter
from typing import cast

from chatwarden.clock import Instant
from chatwarden.sessions import rules
from chatwarden.sessions.register import Register
from chatwarden.storage.model import Database

_LIVING = (
    "SELECT id, roles FROM sessions WHERE ended_at IS NULL AND idle_deadline > ? AND absolute_deadline > ? "
    "AND (answer_deadline IS NULL OR answer_deadline > ?)"
)


async def by_role(database: Database, register: Register, now: Instant) -> Counter[str]:
    """The number of living sessions for each role that there is one of. Memory knows better than the rows."""
    rows = await database.fetch(_LIVING, (now, now, now))
    found = Counter(session.role for session in register if rules.reason_of(session, now) is None)
    found.update(
        cast("str", roles).split()[0] for name, roles in rows if register.by_id(cast("str", name)) is None
    )  # fmt: skip
    return found
