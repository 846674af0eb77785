"""Every committed entry reaches the receiver, whoever dies in between; and somebody hears of it when none does."""

from __future__ import annotations

import asyncio
import itertools
import json
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.world.mailbox import authority
from tests.world.syslog import rsyslog

from chatwarden.audit.formats.plain import json as plain
from chatwarden.audit.forward import Forwarder
from chatwarden.audit.model import Event, Lane
from chatwarden.audit.records import Records
from chatwarden.audit.service import AuditLog
from chatwarden.audit.syslog import NotTaken, Receiver
from chatwarden.clock import MINUTE, SECOND, Instant
from chatwarden.config.alarms import SyslogConfig
from chatwarden.metrics import Metrics
from chatwarden.storage.model import Database, StorageFailed, Transaction

START = 1_795_878_000_000_000


class Recorder(Receiver):
    """Takes, or does not, as it is told."""

    def __init__(self, config: SyslogConfig | None = None) -> None:
        self.config = config or SyslogConfig(host="localhost", alarm_after=15 * MINUTE)
        self.away = ""
        self.taken: list[bytes] = []

    async def take(self, messages: Sequence[bytes]) -> None:
        if self.away:
            raise NotTaken(self.away)
        self.taken += messages

    @property
    def numbers(self) -> list[int]:
        return [int(one.split(b'sequenceId="')[1].split(b'"')[0]) for one in self.taken]


class Siem:
    """A follower of a log, and its log."""

    def __init__(self, database: Database, receiver: Receiver) -> None:
        self.database, self.receiver, self.metrics = database, receiver, Metrics()
        self.log = AuditLog(database)
        self.told: list[str] = []
        self.forwarder = self.again()

    def again(self) -> Forwarder:
        """After a restart."""

        def tell(tx: Transaction, event: str, user_id: str, now: Instant) -> None:
            self.told.append(event)

        self.forwarder = Forwarder(
            self.database,
            self.log,
            self.receiver,
            plain,
            tell,
            lambda: "chat.example.org",
            self.metrics,
            lambda n: b"\xff" * n,
        )
        return self.forwarder

    async def act(self, count: int, at: Instant = START) -> None:
        tx = Transaction()
        for _ in range(count):
            self.log.append(tx, Event.MESSAGE_ANSWERED, lane=Lane.BOT, actor="shop", at=at, reason="y" * 100)
        await self.database.commit(tx)

    async def all(self, now: Instant = START) -> None:
        while await self.forwarder.deliver(now):
            pass

    async def events(self) -> list[str]:
        return [f"{e.event} {e.reason}".strip() async for _, e in self.log.read() if e.event.startswith("syslog")]

    @property
    def failed(self) -> float | None:
        return self.metrics.registry.get_sample_value("chatwarden_syslog_batches_total", {"outcome": "failed"})

    def value(self, name: str) -> float:
        return self.metrics.registry.get_sample_value(name) or 0.0


async def test_every_entry_is_sent_once_and_in_order_from_the_first_on(database: Database) -> None:
    receiver = Recorder()
    siem = Siem(database, receiver)
    await siem.act(2_300)
    await siem.all()
    await siem.all()
    assert receiver.numbers == list(range(1, 2_301))
    await siem.act(2)
    siem.again()
    await siem.all()
    assert receiver.numbers == list(range(1, 2_303))
    assert siem.value("chatwarden_syslog_waiting") == 2  # before the last batch; looked at again with the next
    await siem.all()
    assert siem.value("chatwarden_syslog_waiting") == 0


async def test_a_batch_is_bounded_in_bytes(database: Database) -> None:
    batches: list[int] = []

    class Weighing(Recorder):
        async def take(self, messages: Sequence[bytes]) -> None:
            batches.append(sum(map(len, messages)))

    siem = Siem(database, Weighing())
    tx = Transaction()
    for _ in range(100):
        siem.log.append(tx, Event.MESSAGE_ANSWERED, lane=Lane.BOT, actor="shop", at=START, reason="z" * 60_000)
    await database.commit(tx)
    await siem.all()
    assert len(batches) == 3
    assert max(batches) < 2_100_000


async def test_a_receiver_that_is_away_is_tried_ever_later_and_then_gets_all(database: Database) -> None:
    receiver = Recorder()
    siem = Siem(database, receiver)
    receiver.away = "unreachable"
    await siem.act(3)
    tries, now = [], START
    for _ in range(600):
        before = siem.failed
        await siem.forwarder.deliver(now)
        if siem.failed != before:
            tries.append((now - START) // SECOND)
        now += SECOND
    assert tries[:7] == [0, 1, 3, 7, 15, 31, 63]
    assert {b - a for a, b in itertools.pairwise(tries[6:])} == {60}
    assert siem.value("chatwarden_syslog_waiting") == 3
    assert siem.value("chatwarden_syslog_waiting_seconds") > 500
    receiver.away = ""
    await siem.all(now + MINUTE)
    assert receiver.numbers == [1, 2, 3]


async def test_what_waits_too_long_is_told_once_and_so_is_that_it_arrived(database: Database) -> None:
    receiver = Recorder()
    siem = Siem(database, receiver)
    await siem.act(1)
    await siem.all()
    receiver.away = "certificate"
    await siem.act(1, START + 60 * MINUTE)  # a quiet hour is no delay
    for minute in range(60, 60 + 16):
        await siem.forwarder.deliver(START + minute * MINUTE)
    assert (await siem.events(), siem.told) == ([], [])
    for minute in range(76, 120):
        await siem.forwarder.deliver(START + minute * MINUTE)
    assert (await siem.events(), siem.told) == (["syslog:behind certificate"], ["syslog-behind"])
    receiver.away = ""
    await siem.all(START + 121 * MINUTE)
    assert await siem.events() == ["syslog:behind certificate", "syslog:caught-up"]
    await siem.all(START + 122 * MINUTE)
    assert receiver.numbers == [1, 2, 3, 4]


async def test_what_was_taken_and_could_not_be_remembered_comes_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = Recorder()
    siem = Siem(database, receiver)
    await siem.all()
    await siem.act(2)
    commit = database.commit

    async def full(tx: Transaction) -> None:
        raise StorageFailed("disk full")

    monkeypatch.setattr(database, "commit", full)
    with pytest.raises(StorageFailed):
        await siem.forwarder.deliver(START)
    monkeypatch.setattr(database, "commit", commit)
    await siem.all()
    assert receiver.numbers == [1, 2, 1, 2]


async def drop(database: Database, year: int, first: int, last: int) -> None:
    """A year of the log goes as a whole, as the integrator drops it."""
    for sql, params in (
        ("INSERT INTO audit_years (year, first_seq) VALUES (?, ?)", (year, first)),
        ("INSERT INTO audit_years (year, first_seq) VALUES (?, ?)", (year + 1, last + 1)),
        ("UPDATE audit_years SET dropped_at = ? WHERE year = ?", (START, year)),
        ("DELETE FROM audit WHERE seq >= ? AND seq <= ?", (first, last)),
    ):
        tx = Transaction()
        tx.add(sql, params)
        await database.commit(tx)


async def test_a_year_that_was_dropped_before_it_was_taken_is_told(database: Database) -> None:
    receiver = Recorder()
    siem = Siem(database, receiver)
    await siem.act(2)
    await siem.all()
    receiver.away = "unreachable"
    await siem.act(5)
    await siem.forwarder.deliver(START + MINUTE)
    await drop(database, 2025, 1, 5)
    receiver.away = ""
    await siem.all(START + 10 * MINUTE)
    assert await siem.events() == ["syslog:missed 3"]
    assert siem.told == ["syslog-behind"]
    await siem.all(START + 11 * MINUTE)
    assert len(await siem.events()) == 1
    assert receiver.numbers == [1, 2, 6, 7, 8]


async def test_a_new_receiver_has_missed_nothing(database: Database) -> None:
    receiver = Recorder()
    siem = Siem(database, receiver)
    await siem.act(5)
    await drop(database, 2025, 1, 3)
    await siem.all()
    assert (await siem.events(), receiver.numbers) == ([], [4, 5])


async def test_nothing_is_missing_after_rsyslog_was_killed_in_the_middle(database: Database, tmp_path: Path) -> None:
    trusted = authority(tmp_path / "home")
    with rsyslog(tmp_path / "siem", trusted) as siem:
        config = SyslogConfig(
            host="localhost", port=siem.port, ca_file=trusted.ca, certificate_file=trusted.pair.chain,
            key_file=trusted.pair.key,
        )  # fmt: skip
        house = Siem(database, Receiver(config, tmp_path))
        await house.act(5_000)
        now, kills = START, 0
        for _ in range(200):
            delivering = asyncio.create_task(house.forwarder.deliver(now))
            written = len(siem.lines)
            while kills < 3 and not delivering.done():
                await asyncio.sleep(0.001)
                if len(siem.lines) > written:  # in the middle of a batch
                    siem.stop(signal.SIGKILL)
                    kills += 1
                    break
            await delivering
            if siem.process is None:
                await asyncio.to_thread(siem.start)
                house.again()  # and the gateway was killed too
            now += 2 * MINUTE
            if not await Records(database).page(house.forwarder.place):
                if kills == 3:
                    break
                await house.act(1_000)  # all was written before it could be killed: more
        there = {json.loads(line)["entry"]["id"] for line in siem.lines if line.endswith("}") and line.startswith("{")}
        assert kills == 3
        assert {record.entry.id async for record in Records(database).all()} <= there
