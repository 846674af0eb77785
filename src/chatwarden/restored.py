"""What must be done with a record that a backup brought back, before anybody may use it.

The restore leaves a note in the record, in the same transaction that puts it in place. Whoever opens the record next works it
off and removes the note last, so that nothing is skipped whatever ends the process. The log comes first, and goes on where it
stood. Then sessions of the backup end, one-time links count no more, messages whose keys were destroyed since become
tombstones, bots must be given another credential, and grants that were taken away since, as the log says, stay away. The
clock does not begin before the instant in the note: what had expired when the backup was put back stays so.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chatwarden.audit import continued
from chatwarden.audit.details import Details
from chatwarden.audit.integrate import Damaged
from chatwarden.audit.model import Event, Lane
from chatwarden.audit.records import Records
from chatwarden.audit.service import AuditLog
from chatwarden.backup.model import NOTE, Restoration, restoration
from chatwarden.bots.accounts.administration import Administration
from chatwarden.bots.broker.applications import Applications
from chatwarden.clock import MINUTE, Instant, rfc3339
from chatwarden.config.home import Home
from chatwarden.conversations.service import Conversations
from chatwarden.errors import CannotRun
from chatwarden.identity.service import Identity
from chatwarden.sessions.model import EndReason
from chatwarden.sessions.service import Sessions
from chatwarden.storage.model import Database, StorageFailed, Transaction

_MARGIN = MINUTE  # entries are nearly in the order of their time


async def pending(database: Database) -> Restoration | None:
    """The restoration that is still to be finished."""
    rows = await database.fetch("SELECT value FROM meta WHERE name = ?", (NOTE,))
    return restoration(str(rows[0][0])) if rows else None


async def carry_on(todo: Restoration, home: Home, database: Database, details: Details) -> None:
    """The log and its details, before anything is appended. Raises CannotRun and StorageFailed."""
    key = Ed25519PrivateKey.from_private_bytes(home.key("audit-sign", 32))
    try:
        await continued.carry_on(database, home.audit, home.audit_head, key, todo.floor)
    except Damaged as damaged:
        raise CannotRun(
            f"the log in HOME/audit does not belong to this record: {damaged}",
            hint="restore another backup; or move HOME/audit and HOME/data/audit-head away, and with them what the log had more",
        ) from damaged
    except OSError as error:
        raise StorageFailed(f"the log's folder cannot be written: {error.strerror}") from error
    carried = home.details_carried.read_bytes() if home.details_carried.exists() else b""
    await details.resume(carried, lost=not todo.details)


async def finish(
    todo: Restoration, now: Instant, *, database: Database, audit: AuditLog, sessions: Sessions, identity: Identity,
    conversations: Conversations, bots: Administration, applications: Applications, actor: str,
) -> None:  # fmt: skip
    """Does it. Raises StorageFailed, and then it is done again at the next start."""
    await conversations.endings.lose_what_has_no_key(now, planted=todo.planted)
    for session in await sessions.all(now):
        await sessions.end(session, EndReason.REVOKED, now, actor=actor)
    await sessions.flush()
    tx = Transaction()
    identity.forget_enrolments(tx)
    await bots.lock_all(tx, now, "restored", actor=actor)
    removed = await _removed_since(database, todo.made_at)
    applications.forget(tx, *removed)
    audit.append(
        tx, Event.BACKUP_RESTORED, lane=Lane.STAFF, actor=actor, at=now, object=todo.id,
        reason=f"made {rfc3339(todo.made_at)}",
    )  # fmt: skip
    tx.add("DELETE FROM meta WHERE name = ?", (NOTE,))
    await database.commit(tx)


async def _removed_since(database: Database, made_at: Instant) -> tuple[set[str], set[str]]:
    """The grants, and the applications, that the log says were taken away after the backup was made."""
    grants, applications = set(), set()
    records = Records(database)
    async for record in records.all(await records.before(made_at - _MARGIN)):
        if record.entry.at >= made_at:
            if record.entry.event is Event.GRANT_REMOVED:
                grants.add(record.entry.object)
            elif record.entry.event is Event.APPLICATION_REMOVED:
                applications.add(record.entry.resource.removeprefix("app:"))
    return grants, applications
