"""The SQL of conversations and messages."""

from __future__ import annotations

from typing import cast

from chatwarden.clock import Instant
from chatwarden.conversations.model import Conversation, Message, Sealed
from chatwarden.storage.model import Database, Row, Transaction

_CONVERSATION = "no, id, bot, owner, subject, state, created_at"
MESSAGE = "seq, bucket, page, idx, source, at, destroy_at, state, reply_to, payload"
_INSERT_MESSAGE = (
    "INSERT INTO messages (conversation, seq, bucket, page, idx, source, at, destroy_at, state, reply_to, client_key, "
    "payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def insert_conversation(tx: Transaction, c: Conversation) -> None:
    """Records a new conversation."""
    tx.add(
        f"INSERT INTO conversations ({_CONVERSATION}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
        (c.no, c.id, c.bot, c.owner, c.subject, c.state, c.created_at),
    )


def insert_message(tx: Transaction, no: int, m: Message, sealed: Sealed, client_key: bytes | None) -> None:
    """Records a sealed message."""
    tx.add(
        _INSERT_MESSAGE,
        (
            no, m.seq, sealed.bucket, sealed.page, sealed.index, m.source, m.at, m.destroy_at, m.state,
            m.reply_to, client_key, sealed.blob,
        ),
    )  # fmt: skip


def set_message_state(tx: Transaction, no: int, seq: int, old: str, new: str) -> None:
    """Moves a message on; Stale when it is not in *old*."""
    tx.add(
        "UPDATE messages SET state = ? WHERE conversation = ? AND seq = ? AND state = ?", (new, no, seq, old), expect=1
    )


def set_conversation_state(tx: Transaction, no: int, old: str, new: str) -> None:
    """Moves a conversation on; Stale when it is not in *old*."""
    tx.add("UPDATE conversations SET state = ? WHERE no = ? AND state = ?", (new, no, old), expect=1)


def move(tx: Transaction, old: str, new: str) -> None:
    """Gives the conversations of one owner to another."""
    tx.add("UPDATE conversations SET owner = ?, subject = ? WHERE owner = ?", (new, new, old))


def destroy(tx: Transaction, no: int, seq: int, at: Instant, reason: str, *, expect: int | None = 1) -> None:
    """Row out, tombstone in. Stale when it was not there."""
    tx.add(
        "INSERT INTO tombstones (conversation, seq, source, at, destroyed_at, reason) "
        "SELECT conversation, seq, source, at, ?, ? FROM messages WHERE conversation = ? AND seq = ?",
        (at, reason, no, seq),
        expect=expect,
    )
    tx.add("DELETE FROM messages WHERE conversation = ? AND seq = ?", (no, seq), expect=expect)


def forget_tombstones(tx: Transaction, before: Instant) -> None:
    """Removes tombstones older than *before*."""
    tx.add("DELETE FROM tombstones WHERE destroyed_at < ?", (before,))


async def last_number(database: Database) -> int:
    """The highest conversation number in use."""
    return cast("int", (await database.fetch("SELECT coalesce(max(no), 0) FROM conversations"))[0][0])


async def by_id(database: Database, conversation_id: str) -> Conversation | None:
    """The conversation with this id; its next sequence number is after everything ever written in it."""
    rows = await database.fetch(f"SELECT {_CONVERSATION} FROM conversations WHERE id = ?", (conversation_id,))  # noqa: S608
    if not rows:
        return None
    conversation = _conversation(rows[0])
    last = await database.fetch(
        "SELECT max(coalesce((SELECT max(seq) FROM messages WHERE conversation = ?), 0), "
        "coalesce((SELECT max(seq) FROM tombstones WHERE conversation = ?), 0))",
        (conversation.no, conversation.no),
    )
    conversation.next_seq = cast("int", last[0][0]) + 1
    return conversation


async def owned(database: Database, owner: str, limit: int) -> list[Conversation]:
    """What one principal owns, newest first."""
    rows = await database.fetch(
        f"SELECT {_CONVERSATION} FROM conversations WHERE owner = ? ORDER BY no DESC LIMIT ?",  # noqa: S608
        (owner, limit),
    )
    return [_conversation(row) for row in rows]


async def about(database: Database, subject: str) -> list[Conversation]:
    """Every conversation whose data are about this subject."""
    rows = await database.fetch(f"SELECT {_CONVERSATION} FROM conversations WHERE subject = ?", (subject,))  # noqa: S608
    return [_conversation(row) for row in rows]


async def numbered(database: Database, no: int) -> Conversation | None:
    """The conversation with this number."""
    rows = await database.fetch(f"SELECT {_CONVERSATION} FROM conversations WHERE no = ?", (no,))  # noqa: S608
    return _conversation(rows[0]) if rows else None


async def messages(database: Database, no: int, after: int, limit: int) -> list[Row]:
    """Rows of messages after a sequence number, oldest first."""
    return await database.fetch(
        f"SELECT {MESSAGE} FROM messages WHERE conversation = ? AND seq > ? ORDER BY seq LIMIT ?",  # noqa: S608
        (no, after, limit),
    )


async def newest(database: Database, no: int, limit: int) -> list[Row]:
    """Rows of the newest messages, oldest first."""
    rows = await database.fetch(
        f"SELECT {MESSAGE} FROM messages WHERE conversation = ? ORDER BY seq DESC LIMIT ?",  # noqa: S608
        (no, limit),
    )
    return rows[::-1]


async def message(database: Database, no: int, seq: int) -> Row | None:
    """The row of one message."""
    rows = await database.fetch(f"SELECT {MESSAGE} FROM messages WHERE conversation = ? AND seq = ?", (no, seq))  # noqa: S608
    return rows[0] if rows else None


async def by_client_key(database: Database, no: int, key: bytes) -> int | None:
    """The sequence number of the message that a client sent under this key."""
    rows = await database.fetch("SELECT seq FROM messages WHERE conversation = ? AND client_key = ?", (no, key))
    return cast("int", rows[0][0]) if rows else None


async def replies(database: Database, no: int, seq: int) -> list[Row]:
    """Rows of the answers to a message."""
    return await database.fetch(
        f"SELECT {MESSAGE} FROM messages WHERE conversation = ? AND seq > ? AND reply_to = ? ORDER BY seq",  # noqa: S608
        (no, seq, seq),
    )


async def tombstones(database: Database, no: int, after: int, limit: int) -> list[Row]:
    """``(no, seq, source, at, destroyed_at, reason)`` of destroyed messages after a sequence number."""
    return await database.fetch(
        "SELECT no, seq, source, at, destroyed_at, reason FROM tombstones WHERE conversation = ? AND seq > ? "
        "ORDER BY seq LIMIT ?",
        (no, after, limit),
    )


async def tombstones_since(database: Database, no: int, after: int) -> list[Row]:
    """The same, by the order in which they were destroyed."""
    return await database.fetch(
        "SELECT no, seq, source, at, destroyed_at, reason FROM tombstones WHERE conversation = ? AND no > ? "
        "ORDER BY no",
        (no, after),
    )


async def due(database: Database, now: Instant, limit: int) -> list[Row]:
    """``(conversation, seq, destroy_at)`` of messages whose time has come."""
    return await database.fetch(
        "SELECT conversation, seq, destroy_at FROM messages WHERE bucket <= ? ORDER BY bucket LIMIT ?", (now, limit)
    )


def _conversation(row: Row) -> Conversation:
    no, id_, bot, owner, subject, state, created_at = row
    return Conversation(
        cast("int", no), cast("str", id_), cast("str", bot), cast("str", owner), cast("str", subject),
        cast("str", state), cast("int", created_at),
    )  # fmt: skip
