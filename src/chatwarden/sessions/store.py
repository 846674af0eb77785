"""The SQL of sessions."""

from __future__ import annotations

from typing import cast

from chatwarden.clock import Instant
from chatwarden.principal import Kind, Principal, Role
from chatwarden.sessions.model import EndReason, Session, Why
from chatwarden.storage.model import Database, Row, Transaction

_COLUMNS = (
    "id, token_hash, principal_id, kind, name, roles, rights, created_at, last_input_at, idle, idle_deadline, "
    "absolute_deadline, answer_within, confirmation, attempts, attempts_left, factors, authenticated_at, origin, "
    "ended_at, end_reason, means, incomplete, asked, answer_deadline, recheck_at, fingerprint"
)


def insert(tx: Transaction, session: Session) -> None:
    """Records a new session."""
    values = (
        session.id, session.token_hash, session.principal.id, session.principal.kind.value, session.principal.name,
        " ".join(session.principal.roles), " ".join(session.principal.rights), session.created_at,
        session.last_input_at, session.idle, session.idle_deadline, session.absolute_deadline, session.answer_within,
        session.confirmation, session.attempts, session.attempts_left, " ".join(session.factors),
        session.authenticated_at, session.origin, session.ended_at, session.end_reason, " ".join(session.means),
        int(session.incomplete), session.asked.value, session.answer_deadline, session.recheck_at, session.known,
    )  # fmt: skip
    tx.add(f"INSERT INTO sessions ({_COLUMNS}) VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608


def update(tx: Transaction, session: Session) -> None:
    """Writes what moves while a session lives. Its idle deadline never moves back, and nothing does after its end."""
    tx.add(
        "UPDATE sessions SET last_input_at = ?, idle_deadline = ?, attempts_left = ?, factors = ?, "
        "authenticated_at = ?, means = ?, asked = ?, answer_deadline = ?, recheck_at = ?, fingerprint = ? "
        "WHERE id = ? AND ended_at IS NULL AND idle_deadline <= ?",
        (
            session.last_input_at, session.idle_deadline, session.attempts_left, " ".join(session.factors),
            session.authenticated_at, " ".join(session.means), session.asked.value, session.answer_deadline,
            session.recheck_at, session.known, session.id, session.idle_deadline,
        ),
    )  # fmt: skip


def end(tx: Transaction, session_id: str, at: Instant, reason: EndReason) -> None:
    """Ends a session once; the first reason stays."""
    tx.add(
        "UPDATE sessions SET ended_at = ?, end_reason = ? WHERE id = ? AND ended_at IS NULL",
        (at, reason.value, session_id),
    )


def forget(tx: Transaction, before: Instant) -> None:
    """Removes sessions that ended before *before*."""
    tx.add("DELETE FROM sessions WHERE ended_at < ?", (before,))


async def by_token(database: Database, token_hash: bytes) -> Session | None:
    """The session whose token has this hash."""
    return _one(await _select(database, "token_hash = ?", token_hash))


async def by_id(database: Database, session_id: str) -> Session | None:
    """The session with this id."""
    return _one(await _select(database, "id = ?", session_id))


async def live_of(database: Database, principal_id: str) -> list[Session]:
    """What is recorded as living for one principal."""
    return await _select(database, "ended_at IS NULL AND principal_id = ?", principal_id)


async def live(database: Database) -> list[Session]:
    """What is recorded as living."""
    return await _select(database, "ended_at IS NULL")


async def overdue(database: Database, now: Instant) -> list[Session]:
    """What is recorded as living although a deadline has passed."""
    return await _select(
        database,
        "ended_at IS NULL AND (idle_deadline <= ? OR absolute_deadline <= ? OR answer_deadline <= ?)", now, now, now,
    )  # fmt: skip


def _one(sessions: list[Session]) -> Session | None:
    return sessions[0] if sessions else None


async def _select(database: Database, where: str, *params: int | str | bytes) -> list[Session]:
    rows = await database.fetch(f"SELECT {_COLUMNS} FROM sessions WHERE {where}", params)  # noqa: S608
    return [_session(row) for row in rows]


def _session(row: Row) -> Session:
    (
        id_, token_hash, principal_id, kind, name, roles, rights, created_at, last_input_at, idle, idle_deadline,
        absolute_deadline, answer_within, confirmation, attempts, attempts_left, factors, authenticated_at, origin,
        ended_at, end_reason, means, incomplete, asked, answer_deadline, recheck_at, known,
    ) = row  # fmt: skip
    return Session(
        id=cast("str", id_),
        token_hash=cast("bytes", token_hash),
        principal=Principal(
            cast("str", principal_id),
            Kind(cast("str", kind)),
            cast("str", name),
            tuple(Role(role) for role in cast("str", roles).split()),
            tuple(cast("str", rights).split()),
        ),
        created_at=cast("int", created_at),
        last_input_at=cast("int", last_input_at),
        idle=cast("int", idle),
        idle_deadline=cast("int", idle_deadline),
        absolute_deadline=cast("int", absolute_deadline),
        answer_within=cast("int", answer_within),
        confirmation=cast("str", confirmation),
        attempts=cast("int", attempts),
        attempts_left=cast("int", attempts_left),
        factors=tuple(cast("str", factors).split()),
        authenticated_at=cast("int", authenticated_at),
        origin=cast("str", origin),
        ended_at=cast("int | None", ended_at),
        end_reason=EndReason(cast("str", end_reason)) if end_reason else None,
        means=tuple(cast("str", means).split()),
        incomplete=bool(incomplete),
        asked=Why(cast("str", asked)),
        answer_deadline=cast("int | None", answer_deadline),
        recheck_at=cast("int | None", recheck_at),
        known=cast("bytes", known),
        stored_deadline=cast("int", idle_deadline),
    )
