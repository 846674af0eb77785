"""A lease lives as long as its session, here; what is said of its end is said until it was heard."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from chatwarden.audit.service import AuditLog
from chatwarden.bots.broker.client import Broker, BrokerGone
from chatwarden.bots.broker.leases import Held, Leases
from chatwarden.broker.wire import PAGE, Answered, End, Lease, Question
from chatwarden.broker.wire import Leases as AskLeases
from chatwarden.clock import SECOND, Instant
from chatwarden.storage.model import Database, Transaction

NOW = 1_800_000_000 * SECOND


class Told(Broker):
    """A broker that says what it is given to say, and can be away."""

    def __init__(self) -> None:
        super().__init__(Path("/nowhere"), Path("/nowhere/b.sock"), user="somebody")
        self.known: list[Lease] = []
        self.asked: list[Question] = []
        self.cuts: list[str] = []
        self.away = False

    async def ask(self, question: Question, body: bytes = b"", *, session: str = "") -> tuple[Answered, bytes]:
        if self.away:
            raise BrokerGone
        self.asked.append(question)
        behind = [one for one in self.known if isinstance(question, AskLeases) and one.id > question.after]
        return Answered(leases=behind[:PAGE]), b""

    def cut(self, session: str) -> None:
        self.cuts.append(session)


@dataclass
class Desk:
    """The leases, and what they said to whom."""

    leases: Leases
    broker: Told
    audit: AuditLog
    living: set[str] = field(default_factory=set)
    alarms: list[str] = field(default_factory=list)

    async def entries(self) -> list[tuple[str, str, str]]:
        return [(one.event.value, one.object, one.reason) async for _, one in self.audit.read()]


@pytest.fixture
async def desk(database: Database) -> Desk:
    broker, audit = Told(), AuditLog(database, key=b"k" * 32)

    async def lives(session: str, _now: Instant) -> bool:
        return session in made.living

    def tell(_tx: Transaction, event: str, _who: str, _now: Instant) -> None:
        made.alarms.append(event)

    made = Desk(Leases(database, audit, broker, lives=lives, tell=tell), broker, audit)
    return made


def opened(desk: Desk, session: str = "ses_1", application: str = "crm") -> Held:
    return desk.leases.open(desk.leases.made(session, application, "bot_1"))


async def test_there_is_one_for_a_session_an_application_and_a_bot(desk: Desk) -> None:
    first = opened(desk)
    assert opened(desk) is first
    assert desk.leases.get("ses_1", "crm", "bot_1") is first
    assert desk.leases.get("ses_1", "crm", "bot_2") is None
    assert opened(desk, application="erp") is not first
    assert len(desk.leases.all()) == 2


async def test_it_is_over_at_once_and_said_until_it_was_heard(desk: Desk) -> None:
    held = opened(desk)
    desk.broker.away = True
    desk.leases.end("ses_1", "logout")
    assert desk.leases.all() == []
    assert desk.broker.cuts == ["ses_1"]
    assert desk.leases.ended.is_set()
    with pytest.raises(BrokerGone):
        await desk.leases.tend(NOW)
    desk.broker.away = False
    await desk.leases.tend(NOW)
    await desk.leases.tend(NOW)
    assert await desk.entries() == [("lease:ended", held.id, "logout")]  # on record once
    assert [one for one in desk.broker.asked if isinstance(one, End)] == [End(leases=[held.id])]


async def test_an_application_that_is_removed_takes_its_leases_with_it(desk: Desk) -> None:
    crm, erp = opened(desk), opened(desk, application="erp")
    desk.leases.end_of("crm", "application-removed")
    assert desk.leases.all() == [erp]
    await desk.leases.tend(NOW)
    assert await desk.entries() == [("lease:ended", crm.id, "application-removed")]


def listed(name: str, **more: Any) -> Lease:
    return Lease(**{"id": name, "application": "crm", "session": "ses_1", "bot": "bot_1", "opened_at": NOW, **more})


async def test_what_became_of_it_over_there_is_on_record_and_an_alarm_where_it_failed(desk: Desk) -> None:
    desk.broker.known = [
        listed("lea_1", state="revoked"), listed("lea_2", state="expired"), listed("lea_3", state="ending", tries=2),
        listed("lea_4", state="not-revoked", tries=6), listed("lea_5", state="not-revoked", tries=9, told=True),
    ]  # fmt: skip
    await desk.leases.tend(NOW)
    assert await desk.entries() == [
        ("lease:revoked", "lea_1", "revoked"), ("lease:revoked", "lea_2", "expired"),
        ("lease:not-revoked", "lea_4", "6"),
    ]  # fmt: skip
    assert desk.alarms == ["lease-not-revoked"]
    assert desk.broker.asked[-1] == AskLeases(told=["lea_1", "lea_2", "lea_4"], after="lea_5")


async def test_of_many_leases_every_one_is_heard(desk: Desk) -> None:
    desk.broker.known = [listed(f"lea_{number:04}", state="revoked") for number in range(2 * PAGE + 1)]
    desk.living = {"ses_1"}
    desk.broker.known.append(listed("lea_9", application="erp"))
    await desk.leases.tend(NOW)
    assert len(await desk.entries()) == 2 * PAGE + 1
    assert [one.id for one in desk.leases.all()] == ["lea_9"]


async def test_a_gateway_that_starts_takes_over_what_lives_and_ends_what_does_not(desk: Desk) -> None:
    desk.living = {"ses_1", "ses_2"}
    known = opened(desk, "ses_2")
    desk.broker.known = [listed("lea_1"), listed("lea_2", session="ses_2"), listed("lea_3", session="ses_9")]
    await desk.leases.tend(NOW)
    assert desk.leases.all() == [known, Held("lea_1", "ses_1", "crm", "bot_1")]
    desk.broker.known = []
    await desk.leases.tend(NOW)
    assert await desk.entries() == [("lease:ended", "lea_2", "replaced"), ("lease:ended", "lea_3", "session-over")]
