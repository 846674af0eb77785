"""The SQL of the outbox: table ``notices``, a row for each receiver, whose key begins with the receiver."""

from __future__ import annotations

from typing import cast

from chatwarden.clock import Instant
from chatwarden.ids import is_id
from chatwarden.notify.model import Notice, Receiver, Way
from chatwarden.principal import Role
from chatwarden.storage.model import Database, Row, Transaction

_COLUMNS = "id, event, user_id, at, next_try, tries"
_INSERT = f"INSERT INTO notices ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"  # noqa: S608  constants only
# While one waits that says the same, another would say nothing new.
_INSERT_ONCE = (
    f"INSERT INTO notices ({_COLUMNS}) SELECT ?, ?, ?, ?, ?, ? "  # noqa: S608  constants only
    "WHERE NOT EXISTS (SELECT 1 FROM notices WHERE event = ? AND user_id = ? AND id LIKE ?)"
)
_DUE = {
    Way.MAIL: f"SELECT {_COLUMNS} FROM notices WHERE next_try <= ? AND id NOT LIKE ? ORDER BY next_try, no LIMIT ?",  # noqa: S608
    Way.WEBHOOK: f"SELECT {_COLUMNS} FROM notices WHERE next_try <= ? AND id LIKE ? ORDER BY next_try, no LIMIT ?",  # noqa: S608
}


def insert(tx: Transaction, notice: Notice, *, once: bool) -> None:
    """Puts a notice in the outbox, due at once; with *once* only if none waits that says the same to the same."""
    row = (notice.key, notice.event, notice.user_id, notice.at, notice.at, notice.tries)
    if once:
        tx.add(_INSERT_ONCE, (*row, notice.event, notice.user_id, f"{notice.receiver}:%"))
    else:
        tx.add(_INSERT, row)


def remove(tx: Transaction, notice: Notice) -> None:
    """Takes a notice out."""
    tx.add("DELETE FROM notices WHERE id = ?", (notice.key,))


def postpone(tx: Transaction, notice: Notice, until: Instant, tries: int) -> None:
    """Leaves a notice for later."""
    tx.add("UPDATE notices SET next_try = ?, tries = ? WHERE id = ?", (until, tries, notice.key))


async def due(database: Database, way: Way, now: Instant, most: int) -> list[Notice]:
    """What is to be sent this way, the longest due first."""
    return [_notice(row) for row in await database.fetch(_DUE[way], (now, f"{Receiver.WEBHOOK}:%", most))]


def set_contact(tx: Transaction, user_id: str, sealed: bytes | None) -> None:
    """Where this person is told."""
    tx.add("UPDATE users SET contact = ? WHERE id = ?", (sealed, user_id), expect=1)


async def account(database: Database, user_id: str) -> tuple[str, str, bytes | None] | None:
    """Name, role and sealed address of an account, if there is one. A bot's has no address."""
    if is_id(user_id, "bot"):
        rows = await database.fetch("SELECT name FROM bot_accounts WHERE id = ?", (user_id,))
        return (cast("str", rows[0][0]), Role.BOT.value, None) if rows else None
    rows = await database.fetch("SELECT name, role, contact FROM users WHERE id = ?", (user_id,))
    return cast("tuple[str, str, bytes | None]", rows[0]) if rows else None


def _notice(row: Row) -> Notice:
    key, event, user_id, at, _, tries = row
    receiver, _, id_ = cast("str", key).partition(":")
    return Notice(
        id_, Receiver(receiver), cast("str", event), cast("str", user_id), cast("int", at), cast("int", tries)
    )
