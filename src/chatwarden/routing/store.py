"""The SQL of hand-offs. Of each conversation at most one is under way: the schema says so. What one was about is no more on
record once it ended, but for an offer that was declined: it is kept so that it is not made again, until the conversation is
destroyed or it is old.
"""

from __future__ import annotations

from typing import Any, cast

import msgspec

from chatwarden.clock import Instant
from chatwarden.routing.model import Handoff, Passed, Reason, Why
from chatwarden.routing.rules import Happening, State
from chatwarden.storage.model import Database, Row, Transaction, Value

_PASSED = msgspec.json.Encoder()
_READ = msgspec.json.Decoder(list[tuple[int, str, str, str]])
LAST = (1 << 63) - 1
_FIXED = ("id", "conversation", "talk", "bot", "reason", "began_at")
_MOVING = (
    "state", "detail", "skill", "priority", "queued_at", "waiting_since", "agent", "taken_at", "assigned_at",
    "answer_due", "resolve_due", "finished_at", "due_at", "ended_at", "outcome", "passed", "version",
)  # fmt: skip
_COLUMNS = ", ".join((*_FIXED, *_MOVING))
_INSERT = f"INSERT INTO handoffs ({_COLUMNS}) VALUES ({', '.join('?' * (len(_FIXED) + len(_MOVING)))})"  # noqa: S608
_UPDATE = f"UPDATE handoffs SET reason = ?, {', '.join(f'{one} = ?' for one in _MOVING)} WHERE id = ? AND version = ?"  # noqa: S608


def write(tx: Transaction, before: Handoff | None, after: Handoff) -> None:
    """Records *after*. Stale when another one is under way, or *before* is not what it was any more."""
    if before is None:
        tx.add(_INSERT, (*_fixed(after), *_moving(after)))
    else:
        tx.add(_UPDATE, (after.why.reason, *_moving(after), after.id, before.version), expect=1)


async def under_way(database: Database) -> list[Handoff]:
    """Every hand-off that has not ended."""
    rows = await database.fetch(f"SELECT {_COLUMNS} FROM handoffs WHERE ended_at IS NULL")  # noqa: S608
    return [_handoff(row) for row in rows]


async def of(database: Database, conversation: int) -> list[Handoff]:
    """Every hand-off of one conversation, the first one first."""
    rows = await database.fetch(
        f"SELECT {_COLUMNS} FROM handoffs WHERE conversation = ? ORDER BY began_at, id",  # noqa: S608
        (conversation,),
    )
    return [_handoff(row) for row in rows]


async def declined(database: Database, conversation: int) -> frozenset[str]:
    """For which reasons, and ``topic:`` and which topics, people were offered and not wanted."""
    rows = await database.fetch(
        "SELECT reason, detail FROM handoffs WHERE conversation = ? AND outcome = ?", (conversation, Happening.DECLINE)
    )
    told = cast("list[tuple[str, str]]", rows)
    return frozenset(f"{reason}:{detail}" if detail else reason for reason, detail in told)


def forget_declined(tx: Transaction, *, conversation: int | None = None, before: Instant = LAST) -> None:
    """Lets go of what ended hand-offs were about: of one conversation, or all that ended *before*."""
    sql = "UPDATE handoffs SET detail = '' WHERE ended_at < ? AND detail <> ''"
    if conversation is None:
        tx.add(sql, (before,))
    else:
        tx.add(sql + " AND conversation = ?", (before, conversation))


async def had_since(database: Database, conversation: int, at: Instant) -> bool:
    """Whether an agent had this conversation at *at* or later, and does not any more."""
    rows = await database.fetch(
        "SELECT 1 FROM handoffs WHERE conversation = ? AND taken_at IS NOT NULL AND ended_at >= ? LIMIT 1",
        (conversation, at),
    )
    return bool(rows)


async def asked_since(database: Database, since: Instant) -> list[Handoff]:
    """Every hand-off for which a person was asked for at *since* or later."""
    rows = await database.fetch(f"SELECT {_COLUMNS} FROM handoffs WHERE queued_at >= ?", (since,))  # noqa: S608
    return [_handoff(row) for row in rows]


async def begun_since(database: Database, since: Instant) -> int:
    """How many conversations began at *since* or later."""
    rows = await database.fetch("SELECT count(*) FROM conversations WHERE created_at >= ?", (since,))
    return cast("int", rows[0][0])


def _fixed(one: Handoff) -> tuple[Value, ...]:
    return (one.id, one.conversation, one.talk, one.bot, one.why.reason, one.began_at)


def _moving(one: Handoff) -> tuple[Value, ...]:
    return (
        one.state, one.why.detail, one.why.skill, one.why.priority, one.queued_at, one.waiting_since, one.agent,
        one.taken_at, one.assigned_at, one.answer_due, one.resolve_due, one.finished_at, one.due_at, one.ended_at,
        one.outcome, _PASSED.encode(one.passed).decode(), one.version,
    )  # fmt: skip


def _handoff(row: Row) -> Handoff:
    found: dict[str, Any] = dict(zip((*_FIXED, *_MOVING), row, strict=True))
    why = Why(Reason(found.pop("reason")), found.pop("detail"), found.pop("skill"), found.pop("priority"))
    passed = tuple(Passed(*one) for one in _READ.decode(found["passed"]))
    return Handoff(**{**found, "why": why, "state": State(found["state"]), "passed": passed})
