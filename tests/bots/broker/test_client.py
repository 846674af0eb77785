"""The broker is found or started, asked one thing a connection, and cut when a session ends."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.journeys.test_broker import processes

from chatwarden.bots.broker.client import Broker, BrokerGone, Cut
from chatwarden.broker import wire
from chatwarden.broker.wire import Answered, Hello, Remove


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    yield Broker(tmp_path / "broker", tmp_path / "b.sock", idle=60)
    for pid in processes(tmp_path):
        os.kill(pid, signal.SIGTERM)


async def test_it_is_started_when_it_is_first_asked_and_there_is_one(broker: Broker, tmp_path: Path) -> None:
    assert not broker.used
    told = await asyncio.gather(*(broker.ask(Hello()) for _ in range(20)))
    assert {answered.failed for answered, _ in told} == {""}
    assert len(processes(tmp_path)) == 1
    assert broker.used
    assert (await broker.ask(Remove(name="x")))[0].failed == "there is no application x"


async def test_one_that_was_killed_is_followed_by_another(broker: Broker, tmp_path: Path) -> None:
    await broker.ask(Hello())
    (first,) = processes(tmp_path)
    os.kill(first, signal.SIGKILL)
    await asyncio.to_thread(os.waitpid, first, 0)
    await broker.ask(Hello())
    assert processes(tmp_path) != [first]


async def test_what_is_asked_for_a_session_is_cut_with_it(tmp_path: Path) -> None:
    gone = asyncio.Event()

    async def busy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await wire.question(reader)
        begun.set()
        await reader.read()  # until the other side hangs up
        gone.set()
        writer.close()

    begun = asyncio.Event()
    server = await asyncio.start_unix_server(busy, tmp_path / "b.sock")
    broker = Broker(tmp_path / "broker", tmp_path / "b.sock")
    asking = asyncio.create_task(broker.ask(Hello(), session="ses_1"))
    other = asyncio.create_task(broker.ask(Hello(), session="ses_2"))
    await begun.wait()
    broker.cut("ses_1")
    broker.cut("ses_9")
    with pytest.raises(Cut):
        await asking
    await gone.wait()  # the broker knows too
    assert not other.done()
    other.cancel()
    await asyncio.gather(other, return_exceptions=True)
    assert other.cancelled()  # who goes away is not told of a cut
    server.close()


@pytest.mark.parametrize("said", [b"", b"\xff" * 8, wire.LENGTHS.pack(2, 0) + b"[]", wire.framed(Answered())[:-1]])
async def test_what_answers_nonsense_is_no_broker(tmp_path: Path, said: bytes) -> None:
    async def strange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await wire.question(reader)
        writer.write(said)
        writer.close()

    server = await asyncio.start_unix_server(strange, tmp_path / "b.sock")
    with pytest.raises(BrokerGone):
        await Broker(tmp_path / "broker", tmp_path / "b.sock").ask(Hello())
    server.close()


async def test_a_service_of_its_own_is_believed_only_as_its_user_and_never_started(tmp_path: Path) -> None:
    service = Broker(tmp_path / "broker", tmp_path / "b.sock", user="nobody")
    assert service.used
    with pytest.raises(BrokerGone):
        await service.ask(Hello())
    assert processes(tmp_path) == []
    server = await asyncio.start_unix_server(lambda _reader, writer: writer.close(), tmp_path / "b.sock")
    found = await service._reach()
    assert (found is None) is (os.geteuid() != 0)  # root is believed, like everywhere
    if found is not None:
        assert await found[0].read() == b""
        found[1].close()
    server.close()
    await asyncio.sleep(0)
    unknown = Broker(tmp_path / "broker", tmp_path / "b.sock", user="nobody-of-that-name")
    with pytest.raises(BrokerGone):
        await unknown.ask(Hello())


async def test_leases_are_read_to_the_last_page(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = [
        wire.Lease(id=f"lea_{number:04}", application="crm", session="s", bot="b", opened_at=0)
        for number in range(2 * wire.PAGE)
    ]

    async def ask(question: wire.Leases) -> tuple[Answered, bytes]:
        return Answered(leases=[one for one in kept if one.id > question.after][: wire.PAGE]), b""

    monkeypatch.setattr(broker, "ask", ask)
    assert [one async for one in broker.all_leases()] == kept
