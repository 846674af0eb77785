"""A session reads back as it was, and its row moves only as a session may."""

from __future__ import annotations

from dataclasses import replace

from chatwarden.clock import HOUR, MINUTE, SECOND
from chatwarden.principal import Kind, Principal, Role
from chatwarden.sessions import store
from chatwarden.sessions.model import EndReason, Session
from chatwarden.storage.model import Database, Transaction

NOW = 1_800_000_000 * SECOND
ANNA = Principal("usr_" + "a" * 32, Kind.PERSON, "anna", (Role.CUSTOMER, Role.AGENT))


def session(number: int = 1, who: Principal = ANNA) -> Session:
    return Session(
        id=f"ses_{number:032x}", token_hash=bytes([number]) * 32, principal=who, created_at=NOW, last_input_at=NOW,
        idle=15 * MINUTE, idle_deadline=NOW + 15 * MINUTE, absolute_deadline=NOW + HOUR, answer_within=MINUTE,
        confirmation="tap", attempts=5, attempts_left=4, factors=("password", "totp"), authenticated_at=NOW,
        origin="login", stored_deadline=NOW + 15 * MINUTE,
    )  # fmt: skip


async def stored(database: Database, *sessions: Session) -> None:
    tx = Transaction()
    for one in sessions:
        store.insert(tx, one)
    await database.commit(tx)


async def test_what_was_written_is_read(database: Database) -> None:
    await stored(database, session())
    assert await store.by_token(database, bytes([1]) * 32) == session()
    assert await store.by_id(database, session().id) == session()
    assert await store.by_token(database, b"x" * 32) is None


async def test_an_end_is_written_once_and_the_first_reason_stays(database: Database) -> None:
    await stored(database, session())
    for at, reason in ((NOW + 1, EndReason.REVOKED), (NOW + 2, EndReason.IDLE)):
        tx = Transaction()
        store.end(tx, session().id, at, reason)
        await database.commit(tx)
    found = await store.by_id(database, session().id)
    assert found is not None
    assert (found.ended_at, found.end_reason) == (NOW + 1, EndReason.REVOKED)
    assert await store.live(database) == []


async def test_an_idle_deadline_moves_forward_only_and_never_after_the_end(database: Database) -> None:
    await stored(database, session())
    for deadline, expected in ((NOW + 20 * MINUTE, NOW + 20 * MINUTE), (NOW + 10 * MINUTE, NOW + 20 * MINUTE)):
        tx = Transaction()
        store.update(tx, replace(session(), idle_deadline=deadline))
        await database.commit(tx)
        found = await store.by_id(database, session().id)
        assert found is not None
        assert found.idle_deadline == expected
    tx = Transaction()
    store.end(tx, session().id, NOW, EndReason.LOGOUT)
    store.update(tx, replace(session(), idle_deadline=NOW + 50 * MINUTE))
    await database.commit(tx)
    ended = await store.by_id(database, session().id)
    assert ended is not None
    assert ended.idle_deadline == NOW + 20 * MINUTE


async def test_the_living_the_overdue_and_the_forgotten(database: Database) -> None:
    bert = Principal("usr_" + "b" * 32, Kind.PERSON, "bert", (Role.CUSTOMER,))
    late = replace(session(2), idle_deadline=NOW - 1)
    old = replace(session(3), absolute_deadline=NOW)
    await stored(database, session(1), late, old, session(4, bert))
    assert {one.id for one in await store.live_of(database, ANNA.id)} == {session(n).id for n in (1, 2, 3)}
    assert {one.id for one in await store.overdue(database, NOW)} == {late.id, old.id}
    tx = Transaction()
    store.end(tx, late.id, NOW, EndReason.IDLE)
    await database.commit(tx)
    tx = Transaction()
    store.forget(tx, NOW + 1)
    await database.commit(tx)
    assert await store.by_id(database, late.id) is None
    assert {one.id for one in await store.live(database)} == {session(n).id for n in (1, 3, 4)}
