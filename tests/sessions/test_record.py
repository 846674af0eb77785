"""What is on record of sessions: with its reason, in order, and late rather than never."""

from __future__ import annotations

from tests.sessions.test_store import NOW, session

from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.clock import MINUTE
from chatwarden.principal import Kind, Principal, Role
from chatwarden.sessions import store
from chatwarden.sessions.model import EndReason, Why
from chatwarden.sessions.record import Record, lane
from chatwarden.storage.model import Database, Transaction


async def entries(database: Database) -> list[tuple[str, str, str]]:
    return [(e.event, e.reason, e.decision) async for _, e in AuditLog(database).read()]


async def test_a_session_begins_together_with_what_belongs_to_it(database: Database) -> None:
    record = Record(database, AuditLog(database))
    more = Transaction()
    more.add("INSERT INTO meta (name, value) VALUES (?, ?)", ("with", "it"))
    await record.begin(session(), Event.SESSION_STARTED, session().principal.id, more)
    assert await store.by_id(database, session().id) == session()
    assert await database.fetch("SELECT value FROM meta WHERE name = 'with'") == [("it",)]
    assert await entries(database) == [("session:started", "login password totp", "allow")]


async def test_a_question_takes_effect_at_once_and_is_recorded_with_the_next_sweep(database: Database) -> None:
    record = Record(database, AuditLog(database))
    one = session()
    await record.begin(one, Event.SESSION_STARTED, one.principal.id)
    one.asked, one.answer_deadline = Why.ADDRESS, NOW + MINUTE
    record.note_later(one, Event.SESSION_ASKED, NOW, "address")
    assert len(await entries(database)) == 1
    await record.catch_up(NOW)
    assert (await entries(database))[1] == ("session:asked", "address", "allow")
    stored = await store.by_id(database, one.id)
    assert stored is not None
    assert (stored.asked, stored.answer_deadline) == (Why.ADDRESS, NOW + MINUTE)
    await record.catch_up(NOW)
    assert len(await entries(database)) == 2


async def test_the_row_follows_when_it_lags_by_a_sixtieth(database: Database) -> None:
    record = Record(database, AuditLog(database))
    one = session()
    await record.begin(one, Event.SESSION_STARTED, one.principal.id)
    for moved, written in ((14_000_000, False), (15_000_000, True)):
        one.idle_deadline = NOW + 15 * MINUTE + moved
        record.input_moved(one)
        await record.catch_up(NOW)
        stored = await store.by_id(database, one.id)
        assert stored is not None
        assert (stored.idle_deadline == one.idle_deadline) is written
        assert record.knows_all(one) is written


async def test_an_end_is_in_the_lane_of_whoever_made_it(database: Database) -> None:
    record = Record(database, AuditLog(database))
    visitor = Principal("vis_" + "b" * 32, Kind.VISITOR, "", (Role.VISITOR,))
    own, other = visitor.id, "usr_" + "c" * 32
    for number, (actor, reason, expected) in enumerate(
        (
            (own, EndReason.LOGOUT, Lane.CLIENT), (other, EndReason.REPLACED, Lane.CLIENT),
            (other, EndReason.REVOKED, Lane.STAFF), ("control", EndReason.DISABLED, Lane.STAFF),
            ("system", EndReason.IDLE, Lane.SYSTEM),
        ),
        1,
    ):  # fmt: skip
        one = session(number, visitor)
        await record.begin(one, Event.SESSION_STARTED, own)
        one.ended_at, one.end_reason = NOW, reason
        await record.end(one, actor)
        [*_, (_, last)] = [entry async for entry in AuditLog(database).read()]
        assert (last.event, last.lane, last.actor) == (Event.SESSION_ENDED, expected, actor)


def test_each_kind_of_principal_has_its_lane() -> None:
    def who(kind: Kind, role: Role) -> Principal:
        return Principal("x", kind, "x", (role,))

    assert lane(who(Kind.BOT, Role.BOT)) is Lane.BOT
    assert lane(who(Kind.PERSON, Role.CUSTOMER)) is lane(who(Kind.VISITOR, Role.VISITOR)) is Lane.CLIENT
    assert lane(who(Kind.PERSON, Role.TRAINER)) is Lane.STAFF
