"""The SQL of hand-offs. Of each conversation at most one is under way: the schema says so. What one was about is no more on
record once it ended, but for an offer that was declined: it is kept so that it is not made again, until the conversation is
destroyed or it is old.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import msgspec

from chatwarden.clock import Duration, Instant
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

_ALONE = "NOT EXISTS (SELECT 1 FROM handoffs WHERE handoffs.conversation = conversations.no AND handoffs.queued_at IS NOT NULL)"

_ALL = 1 << 31
_STAGES = {
    "taken": " AND taken_at IS NOT NULL",
    "finished": " AND taken_at IS NOT NULL AND COALESCE(finished_at, ended_at) IS NOT NULL",
}
STAGES = tuple(_STAGES)


@dataclass(frozen=True, slots=True)
class Only:
    """Which hand-offs are meant: for a reason, of a bot, with an outcome; ``stage``: ``taken`` by an agent, or ``finished``."""

    reason: str = ""
    bot: str = ""
    outcome: str = ""
    stage: str = ""

    def where(self) -> tuple[str, list[Value]]:
        """The clauses, and what they are asked with."""
        asked: dict[str, Value] = {"reason": self.reason, "bot": self.bot, "outcome": self.outcome}
        clauses = "".join(f" AND {name} = ?" for name, value in asked.items() if value)
        return clauses + _STAGES.get(self.stage, ""), [value for value in asked.values() if value]


class Begun(NamedTuple):
    """How many conversations began in a step of time, and for how many of these no person was asked for."""

    step: int
    all: int
    alone: int


class Inquiry(NamedTuple):
    """A conversation, as what somebody wanted. ``alone``: no person was asked for."""

    no: int
    conversation: str
    bot: str
    state: str
    began_at: Instant
    alone: bool


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


async def asked_for(
    database: Database, since: Instant, until: Instant, only: Only | None = None, *, skip: int = 0, limit: int = _ALL
) -> list[Handoff]:
    """Hand-offs for which a person was asked for in that time, the newest first: all, or *only* some."""
    clauses, values = ("", []) if only is None else only.where()
    rows = await database.fetch(
        f"SELECT {_COLUMNS} FROM handoffs WHERE queued_at >= ? AND queued_at < ?{clauses} "  # noqa: S608
        "ORDER BY queued_at DESC, id LIMIT ? OFFSET ?",
        (since, until, *values, limit, skip),
    )
    return [_handoff(row) for row in rows]


async def begun(database: Database, since: Instant, until: Instant, step: Duration) -> list[Begun]:
    """Conversations that began in that time, by the step of it in which they did."""
    rows = await database.fetch(
        f"SELECT (created_at - ?) / ?, count(*), sum(CASE WHEN {_ALONE} THEN 1 ELSE 0 END) FROM conversations "  # noqa: S608
        "WHERE created_at >= ? AND created_at < ? GROUP BY 1 ORDER BY 1",
        (since, step, since, until),
    )
    return [Begun(*(int(cast("int", one)) for one in row)) for row in rows]


async def inquiries(
    database: Database, since: Instant, until: Instant, *, by: str, bot: str, before: int, limit: int
) -> list[Inquiry]:
    """Conversations that began in that time, newest first, before a number: all, or those that stayed with the bot
    (*by* is ``bot``), or for which a person was asked for (``people``); with one *bot*, if given.
    """
    clause = {"bot": f" AND {_ALONE}", "people": f" AND NOT {_ALONE}"}.get(by, "") + (" AND bot = ?" if bot else "")
    rows = await database.fetch(
        f"SELECT no, id, bot, state, created_at, {_ALONE} FROM conversations WHERE created_at >= ? AND created_at < ? "  # noqa: S608
        f"AND no < ?{clause} ORDER BY no DESC LIMIT ?",
        (since, until, before, *([bot] if bot else []), limit),
    )
    return [
        Inquiry(cast("int", no), cast("str", id_), cast("str", with_), cast("str", state), cast("int", at), bool(alone))
        for no, id_, with_, state, at, alone in rows
    ]


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
