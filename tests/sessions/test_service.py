"""Sessions as a service, over a real database and a clock that moves when told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.world.disk import no_file_longer_than

from chatwarden.audit.service import AuditLog
from chatwarden.clock import DAY, MINUTE, ManualClock
from chatwarden.config.model import SessionConfig, SessionPolicy
from chatwarden.errors import ConfirmationRequired, InvalidToken, SessionEnded
from chatwarden.principal import Kind, Principal, Role
from chatwarden.sessions.model import EndReason
from chatwarden.sessions.service import Sessions
from chatwarden.storage.migrations import load
from chatwarden.storage.model import Database, StorageFailed, Transaction
from chatwarden.storage.sqlite import SqliteDatabase

ANNA = Principal("usr_" + "a" * 32, Kind.PERSON, "anna", (Role.CUSTOMER,))
CONFIG = SessionConfig(roles=dict.fromkeys(Role, SessionPolicy(confirmation="password", attempts=3)))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def sessions(database: Database) -> Sessions:
    return Sessions(database, AuditLog(database), CONFIG)


@pytest.mark.asvs("7.3.1", "7.4.1")
async def test_input_after_the_end_revives_nothing(sessions: Sessions, clock: ManualClock) -> None:
    """A request may have shown its token in time and act too late: its body was slow."""
    session, token = await sessions.visitor(clock.now())
    await sessions.authenticate(token, clock.now())
    clock.advance(15 * MINUTE)
    deadline = session.idle_deadline
    for act in (sessions.touch, sessions.require_active):
        with pytest.raises(SessionEnded):
            act(session, clock.now())
    assert session.idle_deadline == deadline
    with pytest.raises(SessionEnded):
        await sessions.authenticate(token, clock.now())


@pytest.mark.asvs("7.4.1")
async def test_a_revoked_session_cannot_act_either(sessions: Sessions, clock: ManualClock) -> None:
    session, _ = await sessions.visitor(clock.now())
    await sessions.end(session, EndReason.REVOKED, clock.now(), actor="test")
    with pytest.raises(SessionEnded) as ended:
        sessions.touch(session, clock.now())
    assert ended.value.extra["reason"] == "revoked"


async def test_input_while_the_person_is_asked_is_no_answer(sessions: Sessions, clock: ManualClock) -> None:
    session, _ = await sessions.visitor(clock.now())
    clock.advance(14 * MINUTE)
    with pytest.raises(ConfirmationRequired):
        sessions.touch(session, clock.now())


@pytest.mark.asvs("7.3.2")
async def test_input_moves_the_idle_deadline_and_never_the_absolute_one(sessions: Sessions, clock: ManualClock) -> None:
    session, _ = await sessions.visitor(clock.now())
    absolute = session.absolute_deadline
    clock.advance(5 * MINUTE)
    sessions.touch(session, clock.now())
    assert session.idle_deadline == clock.now() + 15 * MINUTE
    assert session.absolute_deadline == absolute


async def test_the_reason_is_told_for_a_day_and_no_longer(sessions: Sessions, clock: ManualClock) -> None:
    session, token = await sessions.visitor(clock.now())
    await sessions.end(session, EndReason.LOGOUT, clock.now(), actor=session.principal.id)
    clock.advance(DAY)
    with pytest.raises(SessionEnded):
        await sessions.authenticate(token, clock.now())
    clock.advance(1)
    with pytest.raises(InvalidToken):
        await sessions.authenticate(token, clock.now())


@pytest.mark.asvs("7.4.1")
async def test_what_ended_stays_ended_for_another_process(
    sessions: Sessions, database: Database, clock: ManualClock
) -> None:
    ended, token = await sessions.visitor(clock.now())
    _, idle = await sessions.visitor(clock.now())
    await sessions.end(ended, EndReason.REVOKED, clock.now(), actor="test")
    clock.advance(16 * MINUTE)
    again = Sessions(database, AuditLog(database), CONFIG)
    await again.sweep(clock.now())
    for one, reason in ((token, "revoked"), (idle, "idle")):
        with pytest.raises(SessionEnded) as told:
            await again.authenticate(one, clock.now())
        assert told.value.extra["reason"] == reason


async def test_the_stored_deadline_lags_and_never_leads(
    sessions: Sessions, database: Database, clock: ManualClock
) -> None:
    session, _ = await sessions.visitor(clock.now())

    async def stored() -> object:
        return (await database.fetch("SELECT idle_deadline FROM sessions"))[0][0]

    first = session.idle_deadline
    clock.advance(10_000_000)  # ten seconds: less than a sixtieth of fifteen minutes
    sessions.touch(session, clock.now())
    await sessions.sweep(clock.now())
    assert await stored() == first
    clock.advance(10_000_000)
    sessions.touch(session, clock.now())
    await sessions.sweep(clock.now())
    assert await stored() == session.idle_deadline


class Moody:
    """A database that can be full."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.fetch = database.fetch
        self.full = False

    async def commit(self, tx: Transaction) -> None:
        if self.full:
            raise StorageFailed("full")
        await self.database.commit(tx)


@pytest.mark.parametrize("how", ["sweep", "orderly stop"])
async def test_an_end_that_cannot_be_recorded_holds_at_once_and_is_recorded_late(
    database: Database, clock: ManualClock, how: str
) -> None:
    moody = Moody(database)
    sessions = Sessions(moody, AuditLog(database), CONFIG)  # type: ignore[arg-type]
    session, token = await sessions.visitor(clock.now())
    moody.full = True
    ended_at = clock.now()
    await sessions.end(session, EndReason.REVOKED, ended_at, actor="control")
    with pytest.raises(SessionEnded):
        await sessions.authenticate(token, clock.now())
    await sessions.sweep(clock.now())  # still full
    moody.full = False
    clock.advance(MINUTE)
    await (sessions.sweep(clock.now()) if how == "sweep" else sessions.flush())
    entries = [e async for _, e in AuditLog(database).read() if e.event == "session:ended"]
    assert [(e.object, e.reason, e.at, e.late) for e in entries] == [(session.id, "revoked", ended_at, True)]
    again = Sessions(database, AuditLog(database), CONFIG)  # as after a restart
    with pytest.raises(SessionEnded):
        await again.authenticate(token, clock.now())


@pytest.fixture
async def disk(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    """A real file."""
    opened = await SqliteDatabase.open(tmp_path / "record.db", migrations=load("sqlite"))
    yield opened
    await opened.close()


async def ended_entries(disk: SqliteDatabase) -> list[tuple[str, str, bool]]:
    return [(e.object, e.reason, e.late) async for _, e in AuditLog(disk).read() if e.event == "session:ended"]


async def test_on_a_full_disk_every_end_holds_and_is_recorded_once_when_there_is_room(
    disk: SqliteDatabase, clock: ManualClock
) -> None:
    sessions = Sessions(disk, AuditLog(disk), CONFIG)
    begun = [await sessions.visitor(clock.now()) for _ in range(3)]
    with no_file_longer_than(0):
        for session, token in begun:
            await sessions.end(session, EndReason.REVOKED, clock.now(), actor="control")
            with pytest.raises(SessionEnded):
                await sessions.authenticate(token, clock.now())
        await sessions.sweep(clock.now())
        with pytest.raises(StorageFailed):
            await sessions.visitor(clock.now())  # what grants is refused
        with pytest.raises(StorageFailed):
            await sessions.flush()
        assert await ended_entries(disk) == []
    await sessions.sweep(clock.now())
    await sessions.sweep(clock.now())
    assert await ended_entries(disk) == [(session.id, "revoked", True) for session, _ in begun]
    again = Sessions(disk, AuditLog(disk), CONFIG)
    for _, token in begun:
        with pytest.raises(SessionEnded):
            await again.authenticate(token, clock.now())


async def test_a_revoked_session_is_not_forgotten_while_its_end_is_not_on_record(
    disk: SqliteDatabase, clock: ManualClock
) -> None:
    """Its row says that it lives: who forgot the end would read it back to life."""
    sessions = Sessions(disk, AuditLog(disk), CONFIG)
    session, token = await sessions.issue(ANNA, 400 * DAY, clock.now(), actor="control")
    with no_file_longer_than(0):
        await sessions.end(session, EndReason.REVOKED, clock.now(), actor="control")
        clock.advance(2 * DAY)
        await sessions.sweep(clock.now())
        with pytest.raises((InvalidToken, SessionEnded)):
            await sessions.authenticate(token, clock.now())
    await sessions.sweep(clock.now())
    with pytest.raises((InvalidToken, SessionEnded)):
        await Sessions(disk, AuditLog(disk), CONFIG).authenticate(token, clock.now())


async def test_a_revoked_session_gives_its_place_in_memory_to_nobody_while_its_end_is_not_on_record(
    disk: SqliteDatabase, clock: ManualClock
) -> None:
    before = Sessions(disk, AuditLog(disk), CONFIG)
    others = [await before.visitor(clock.now()) for _ in range(9)]
    sessions = Sessions(disk, AuditLog(disk), CONFIG, capacity=3)
    session, token = await sessions.visitor(clock.now())
    with no_file_longer_than(0):
        await sessions.end(session, EndReason.REVOKED, clock.now(), actor="control")
        for _, other in others:
            await sessions.authenticate(other, clock.now())
        assert len(sessions.register) == 3
        with pytest.raises(SessionEnded):
            await sessions.authenticate(token, clock.now())
