"""The SQL of conversations and messages.

An engine may keep messages apart by the time of their destruction; ``message_ranges`` says where those of a conversation
may lie, and every look at them names such a range.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import cast

from chatwarden.clock import Instant
from chatwarden.conversations.model import NOTES, PLACES, Conversation, Message, Sealed, Where
from chatwarden.storage.model import Database, Row, Transaction

_CONVERSATION = "no, id, bot, owner, subject, state, created_at"
MESSAGE = "seq, bucket, page, idx, source, at, destroy_at, state, reply_to, payload"
_MOVE_ON = "UPDATE messages SET state = ? WHERE conversation = ? AND seq = ? AND bucket = ? AND state = ?"
_BURY = (
    "INSERT INTO tombstones (conversation, seq, source, at, destroyed_at, reason) "
    "SELECT conversation, seq, source, at, ?, ? FROM messages WHERE conversation = ? AND seq = ? AND bucket = ?"
)
_DELETE = "DELETE FROM messages WHERE conversation = ? AND seq = ? AND bucket = ?"
_ENDING, _AFTER_ENDING = "ending:", "ending;"
_STRICT_PAGES = 1 << 32
_IN_RANGE = "conversation = ? AND bucket >= ? AND bucket < ?"
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


def remove_message(tx: Transaction, no: int, m: Message) -> None:
    """Takes the row of a message out, to be written anew; Stale when it is not there as it was."""
    tx.add(_DELETE + " AND state = ?", (no, m.seq, m.where[0], m.state), expect=1)


def mark_ending(tx: Transaction, where: Where) -> None:
    """Notes that the key at *where* is to be destroyed."""
    tx.add("INSERT INTO meta (name, value) VALUES (?, '')", (_ENDING + ".".join(map(str, where)),))


def unmark_ending(tx: Transaction, where: Where) -> None:
    """It is."""
    tx.add("DELETE FROM meta WHERE name = ?", (_ENDING + ".".join(map(str, where)),))


def set_message_state(tx: Transaction, no: int, m: Message, new: str) -> None:
    """Moves a message on; Stale when it is no longer in the state it had."""
    tx.add(_MOVE_ON, (new, no, m.seq, m.where[0], m.state), expect=1)


def set_conversation_state(tx: Transaction, no: int, before: Collection[str], new: str) -> None:
    """Moves a conversation on from one of *before*; where it is in none of them it stays."""
    marks = ", ".join("?" * len(before))
    tx.add(f"UPDATE conversations SET state = ? WHERE no = ? AND state IN ({marks})", (new, no, *before))  # noqa: S608


def move(tx: Transaction, old: str, new: str) -> None:
    """Gives the conversations of one owner to another."""
    tx.add("UPDATE conversations SET owner = ?, subject = ? WHERE owner = ?", (new, new, old))


def destroy(
    tx: Transaction, no: int, seq: int, bucket: Instant, at: Instant, reason: str, *, expect: int | None = 1
) -> None:
    """Row out, tombstone in. Stale when it was not there."""
    tx.add(_BURY, (at, reason, no, seq, bucket), expect=expect)
    tx.add(_DELETE, (no, seq, bucket), expect=expect)


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
    conversation.next_seq = await _next_place(database, conversation.no, 1, NOTES)
    conversation.next_note = await _next_place(database, conversation.no, NOTES, PLACES)
    return conversation


async def _next_place(database: Database, no: int, first: int, end: int) -> int:
    """Behind everything that was ever written from *first* on."""
    gone = await database.fetch(
        "SELECT coalesce(max(seq), 0) FROM tombstones WHERE conversation = ? AND seq >= ? AND seq < ?", (no, first, end)
    )
    newest_one = await newest(database, no, 1, first=first, end=end)
    return max(first - 1, cast("int", gone[0][0]), *(cast("int", row[0]) for row in newest_one)) + 1


async def owned(database: Database, owner: str, limit: int) -> list[Conversation]:
    """What one principal owns, newest first."""
    rows = await database.fetch(
        f"SELECT {_CONVERSATION} FROM conversations WHERE owner = ? ORDER BY no DESC LIMIT ?",  # noqa: S608
        (owner, limit),
    )
    return [_conversation(row) for row in rows]


async def listed(
    database: Database, *, bot: str, state: str, owner: str, before: int, limit: int
) -> list[Conversation]:
    """Conversations before a number, newest first: all, or those with a bot, in a state, of an owner."""
    asked = {"bot": bot, "state": state, "owner": owner}
    where = "".join(f" AND {name} = ?" for name, value in asked.items() if value)
    rows = await database.fetch(
        f"SELECT {_CONVERSATION} FROM conversations WHERE no < ?{where} ORDER BY no DESC LIMIT ?",  # noqa: S608
        (before, *filter(None, asked.values()), limit),
    )
    return [_conversation(row) for row in rows]


async def about(database: Database, subject: str) -> list[Conversation]:
    """Every conversation whose data are about this subject."""
    rows = await database.fetch(f"SELECT {_CONVERSATION} FROM conversations WHERE subject = ? ORDER BY no", (subject,))  # noqa: S608
    return [_conversation(row) for row in rows]


async def numbers_of(database: Database, bot: str) -> set[int]:
    """The number of every conversation with a bot."""
    rows = await database.fetch("SELECT no FROM conversations WHERE bot = ?", (bot,))
    return {cast("int", row[0]) for row in rows}


async def numbered(database: Database, no: int) -> Conversation | None:
    """The conversation with this number."""
    rows = await database.fetch(f"SELECT {_CONVERSATION} FROM conversations WHERE no = ?", (no,))  # noqa: S608
    return _conversation(rows[0]) if rows else None


async def _ranges(database: Database, no: int) -> list[tuple[Instant, Instant]]:
    """Where messages of a conversation may lie, neighbours joined."""
    rows = await database.fetch("SELECT begins, ends FROM message_ranges WHERE conversation = ? ORDER BY begins", (no,))
    found: list[tuple[Instant, Instant]] = []
    for begins, ends in cast("list[tuple[int, int]]", rows):
        if found and found[-1][1] == begins:
            found[-1] = (found[-1][0], ends)
        else:
            found.append((begins, ends))
    return found


async def _messages(database: Database, no: int, rest: str, *params: int | bytes) -> list[Row]:
    """Rows of messages of a conversation for which *rest* holds, range by range."""
    found: list[Row] = []
    for begins, ends in await _ranges(database, no):
        found += await database.fetch(
            f"SELECT {MESSAGE} FROM messages WHERE {_IN_RANGE} {rest}",  # noqa: S608  our own constants
            (no, begins, ends, *params),
        )
    return sorted(found, key=lambda row: cast("int", row[0]))


async def messages(database: Database, no: int, after: int, limit: int, *, end: int = NOTES) -> list[Row]:
    """Rows of messages after a sequence number and before *end*, oldest first."""
    return (await _messages(database, no, "AND seq > ? AND seq < ? ORDER BY seq LIMIT ?", after, end, limit))[:limit]


async def newest(database: Database, no: int, limit: int, *, first: int = 0, end: int = NOTES) -> list[Row]:
    """Rows of the newest messages from *first* to before *end*, oldest first."""
    rest = "AND seq >= ? AND seq < ? ORDER BY seq DESC LIMIT ?"
    return (await _messages(database, no, rest, first, end, limit))[-limit:]


async def message(database: Database, no: int, seq: int) -> Row | None:
    """The row of one message."""
    rows = await _messages(database, no, "AND seq = ?", seq)
    return rows[0] if rows else None


async def by_client_key(database: Database, no: int, key: bytes) -> Row | None:
    """The row of the message that a client sent under this key."""
    rows = await _messages(database, no, "AND client_key = ?", key)
    return rows[0] if rows else None


async def replies(database: Database, no: int, seq: int) -> list[Row]:
    """Rows of the answers to a message."""
    return await _messages(database, no, "AND seq > ? AND reply_to = ?", seq, seq)


async def tombstones(database: Database, no: int, after: int, limit: int, *, end: int = NOTES) -> list[Row]:
    """``(no, seq, source, at, destroyed_at, reason)`` of destroyed messages after a sequence number and before *end*."""
    return await database.fetch(
        "SELECT no, seq, source, at, destroyed_at, reason FROM tombstones WHERE conversation = ? AND seq > ? AND seq < ? "
        "ORDER BY seq LIMIT ?",
        (no, after, end, limit),
    )


async def tombstones_since(database: Database, no: int, after: int) -> list[Row]:
    """The same, by the order in which they were destroyed."""
    return await database.fetch(
        "SELECT no, seq, source, at, destroyed_at, reason FROM tombstones WHERE conversation = ? AND no > ? "
        "AND seq < ? ORDER BY no",
        (no, after, NOTES),
    )


async def due(database: Database, now: Instant, limit: int) -> list[Row]:
    """``(conversation, seq, bucket, page, destroy_at)`` of messages whose time has come."""
    return await database.fetch(
        "SELECT conversation, seq, bucket, page, destroy_at FROM messages WHERE bucket <= ? ORDER BY bucket LIMIT ?",
        (now, limit),
    )


async def where(database: Database, no: int, seqs: Sequence[int]) -> dict[int, Where]:
    """Where the keys of these messages of a conversation are."""
    marks = ", ".join("?" * len(seqs))
    rows = await _messages(database, no, f"AND seq IN ({marks})", *seqs)
    return {cast("int", row[0]): cast("Where", row[1:4]) for row in rows}


async def live_indices(database: Database, bucket: Instant, page: int) -> list[int]:
    """The index of every message on one key page that has a row."""
    rows = await database.fetch("SELECT idx FROM messages WHERE bucket = ? AND page = ?", (bucket, page))
    return [cast("int", row[0]) for row in rows]


async def strict(database: Database, no: int, seq: int, limit: int) -> list[Row]:
    """``(conversation, seq, destroy_at, bucket, page, idx)`` of messages on strict pages, after one of them. The number of
    the first such page stands in the text: that is how an engine knows that its index of them may be used.
    """
    return await database.fetch(
        "SELECT conversation, seq, destroy_at, bucket, page, idx FROM messages "  # noqa: S608  our own constant
        f"WHERE page >= {_STRICT_PAGES} AND (conversation, seq) > (?, ?) ORDER BY conversation, seq LIMIT ?",
        (no, seq, limit),
    )


async def every(database: Database, no: int, seq: int, limit: int) -> list[Row]:
    """The same of messages on any page."""
    return await database.fetch(
        "SELECT conversation, seq, destroy_at, bucket, page, idx FROM messages "
        "WHERE (conversation, seq) > (?, ?) ORDER BY conversation, seq LIMIT ?",
        (no, seq, limit),
    )


async def marked_endings(database: Database) -> list[Where]:
    """Where keys are that are still to be destroyed."""
    rows = await database.fetch("SELECT name FROM meta WHERE name >= ? AND name < ?", (_ENDING, _AFTER_ENDING))
    marked = (cast("str", row[0]).removeprefix(_ENDING).split(".") for row in rows)
    return [(int(bucket), int(page), int(index)) for bucket, page, index in marked]


def is_strict(where: Where) -> bool:
    """Whether a message lies on a strict page."""
    return where[1] >= _STRICT_PAGES


def _conversation(row: Row) -> Conversation:
    no, id_, bot, owner, subject, state, created_at = row
    return Conversation(
        cast("int", no), cast("str", id_), cast("str", bot), cast("str", owner), cast("str", subject),
        cast("str", state), cast("int", created_at),
    )  # fmt: skip
