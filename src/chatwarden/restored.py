"""What must be done with a record that a backup brought back, before anybody may use it.

The restore leaves a note in the record, in the same transaction that puts it in place. Whoever opens the record next works it
off and removes the note last, so that nothing is skipped whatever ends the process: sessions of the backup end, one-time links
count no more, and messages whose keys were destroyed since become tombstones. The clock does not begin before the instant in
the note: what had expired when the backup was put back stays so.
"""

from __future__ import annotations

from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.backup.model import NOTE, Restoration, restoration
from chatwarden.clock import Instant, rfc3339
from chatwarden.conversations.service import Conversations
from chatwarden.identity.service import Identity
from chatwarden.sessions.model import EndReason
from chatwarden.sessions.service import Sessions
from chatwarden.storage.model import Database, Transaction


async def pending(database: Database) -> Restoration | None:
    """The restoration that is still to be finished."""
    rows = await database.fetch("SELECT value FROM meta WHERE name = ?", (NOTE,))
    return restoration(str(rows[0][0])) if rows else None


async def finish(
    todo: Restoration, now: Instant, *, database: Database, audit: AuditLog, sessions: Sessions, identity: Identity,
    conversations: Conversations, actor: str,
) -> None:  # fmt: skip
    """Does it. Raises StorageFailed, and then it is done again at the next start."""
    await conversations.endings.lose_what_has_no_key(now, planted=todo.planted)
    for session in await sessions.all(now):
        await sessions.end(session, EndReason.REVOKED, now, actor=actor)
    await sessions.flush()
    tx = Transaction()
    identity.forget_enrolments(tx)
    audit.append(
        tx, Event.BACKUP_RESTORED, lane=Lane.STAFF, actor=actor, at=now, object=todo.id,
        reason=f"made {rfc3339(todo.made_at)}",
    )  # fmt: skip
    tx.add("DELETE FROM meta WHERE name = ?", (NOTE,))
    await database.commit(tx)
