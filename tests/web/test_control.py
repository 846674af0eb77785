"""The control socket: one line in, one line out, for its own user only."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from chatwarden.audit.model import Event, Lane
from chatwarden.config.home import peer_user
from chatwarden.errors import CannotRun
from chatwarden.storage.model import StorageFailed, Transaction
from chatwarden.web.control import ControlSocket
from chatwarden.web.lines import STREAM, Cut, pieces
from tests.world.disk import no_file_longer_than
from tests.world.house import House


@pytest.fixture
async def control(house: House, tmp_path: Path) -> AsyncIterator[Path]:
    path = tmp_path / "control.sock"
    served = ControlSocket(house.node.services, path)
    await served.start()
    yield path
    await served.close()


async def said(path: Path, data: bytes) -> bytes:
    """What comes back before the other side hangs up."""
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(data)
    answer = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    await writer.wait_closed()
    return answer


async def call(path: Path, call: object) -> Any:
    answer = await said(path, json.dumps(call).encode() + b"\n")
    assert answer.endswith(b"\n")
    return json.loads(answer)


async def test_a_call_is_answered_with_its_result(control: Path) -> None:
    shown = await call(control, {"command": "bot.list", "args": {}})
    assert [bot["name"] for bot in shown["result"]["bots"]] == ["helpdesk"]
    assert await call(control, {"command": "user.list"}) == {"result": {"users": []}}


async def test_many_may_call_at_once(control: Path) -> None:
    names = [f"user{n}" for n in range(20)]
    adds = [call(control, {"command": "user.add", "args": {"name": name, "role": "customer"}}) for name in names]
    told = await asyncio.gather(*adds)
    assert [one["result"]["user"]["name"] for one in told] == names
    listed = await call(control, {"command": "user.list", "args": {}})
    assert sorted(user["name"] for user in listed["result"]["users"]) == sorted(names)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b'{"command":"fly"}\n', "invalid-request"),
        (b'{"command":"user.disable","args":{"name":"nobody"}}\n', "not-found"),
        (b'{"command":"user.list","as":"root"}\n', "invalid-request"),
        (b'{"command":7}\n', "invalid-request"),
        (b'{"command":"user.list","args":[]}\n', "invalid-request"),
        (b"hello\n", "invalid-request"),
        (b"\xff\n", "invalid-request"),
        (b"\n", "invalid-request"),
        (b"[" * 60_000 + b"\n", "invalid-request"),
    ],
    ids=lambda value: value[:30] if isinstance(value, bytes) else None,
)
async def test_what_is_wrong_is_told_and_nothing_breaks(control: Path, line: bytes, code: str) -> None:
    answer = json.loads(await said(control, line))
    assert set(answer) == {"error"}
    assert answer["error"]["code"] == code
    assert answer["error"]["message"]
    assert "result" in await call(control, {"command": "user.list"})


async def test_a_line_without_an_end_is_not_read_for_ever(control: Path) -> None:
    reader, writer = await asyncio.open_unix_connection(str(control))
    writer.write(b"x" * 200_000)  # more than a line may have; the gateway hangs up in the middle
    with contextlib.suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), 20) == b""
    writer.close()
    assert "result" in await call(control, {"command": "user.list"})


async def test_who_goes_away_does_no_harm(control: Path) -> None:
    for start in (b"", b'{"command":', b'{"command":"user.list"}\n'):
        _, writer = await asyncio.open_unix_connection(str(control))
        writer.write(start)
        writer.close()
    assert "result" in await call(control, {"command": "user.list"})


async def test_a_storage_that_fails_is_told_in_plain_words(control: Path) -> None:
    with no_file_longer_than(0):
        told = await call(control, {"command": "user.add", "args": {"name": "anna", "role": "customer"}})
    assert told["error"] == {"message": "storage failed; nothing was changed", "code": "unavailable"}
    assert await call(control, {"command": "user.list"}) == {"result": {"users": []}}


async def test_the_socket_is_private_and_goes_with_the_gateway(house: House, tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    path.write_text("left behind by a gateway that was killed")
    served = ControlSocket(house.node.services, path)
    await served.start()
    assert path.is_socket()
    assert path.stat().st_mode & 0o777 == 0o600
    await served.close()
    assert not path.exists()


async def test_where_no_socket_can_be_made_it_is_said(house: House, tmp_path: Path) -> None:
    with pytest.raises(CannotRun):
        await ControlSocket(house.node.services, tmp_path / "nowhere" / "control.sock").start()


def test_the_kernel_says_who_is_at_the_other_end() -> None:
    one, other = socket.socketpair(socket.AF_UNIX)
    with one, other:
        assert peer_user(one) == os.geteuid()


async def test_a_backup_comes_in_pieces(control: Path) -> None:
    answer = await said(control, b'{"command": "backup"}\n')
    assert answer.startswith(STREAM)
    data = b"".join(pieces(io.BytesIO(answer.removeprefix(STREAM))))
    assert data.startswith(b"chatwarden backup 1\n")


async def test_a_backup_that_cannot_be_made_is_refused(control: Path) -> None:
    with no_file_longer_than(1):
        answer = await said(control, b'{"command": "backup"}\n')
    with pytest.raises(Cut) as cut:
        list(pieces(io.BytesIO(answer.removeprefix(STREAM))))
    assert json.loads(cut.value.said)["error"]["code"] == "unavailable"


async def test_who_leaves_in_the_middle_of_a_backup_hinders_nobody(control: Path, house: House) -> None:
    reader, writer = await asyncio.open_unix_connection(str(control), limit=1_024)
    writer.write(b'{"command": "backup"}\n')
    assert await reader.readline() == STREAM
    writer.transport.abort()
    async with asyncio.timeout(20):
        while b'{"error"' in await said(control, b'{"command": "backup"}\n'):  # noqa: ASYNC110
            await asyncio.sleep(0.02)  # until the other one is let go
    assert (await call(control, {"command": "bot.list"}))["result"]


async def test_an_answer_of_any_length_comes_in_pieces_with_an_end(control: Path, house: House) -> None:
    for _ in range(30):
        await house.visitor()
    answer = await said(control, b'{"command": "audit.export", "args": {"format": "json"}}\n')
    assert answer.startswith(STREAM)
    told = [json.loads(one) for one in pieces(io.BytesIO(answer.removeprefix(STREAM)))]
    assert [one["index"] for one in told] == list(range(len(told)))
    assert len(told) >= 30


async def test_a_storage_that_fails_in_the_middle_is_said_instead_of_the_end(
    control: Path, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise StorageFailed("away")

    await house.visitor()
    monkeypatch.setattr(house.node.database, "fetch", away)
    answer = await said(control, b'{"command": "audit.export", "args": {}}\n')
    with pytest.raises(Cut) as cut:
        list(pieces(io.BytesIO(answer.removeprefix(STREAM))))
    assert json.loads(cut.value.said)["error"]["code"] == "unavailable"


async def test_who_stops_to_read_holds_up_nobody_and_costs_no_memory(control: Path, house: House) -> None:
    tx = Transaction()
    for n in range(20_000):
        house.node.services.audit.append(
            tx, Event.MESSAGE_ANSWERED, lane=Lane.BOT, actor="shop", at=n, reason="x" * 200
        )
    await house.node.database.commit(tx)
    _, writer = await asyncio.open_unix_connection(str(control), limit=1_024)
    writer.write(b'{"command": "audit.export", "args": {}}\n')
    shown = await call(control, {"command": "bot.list", "args": {}})
    assert shown["result"]["bots"]
    (serving,) = [task for task in asyncio.all_tasks() if "_serve" in repr(task.get_coro())]
    for _ in range(200):
        await asyncio.sleep(0.005)
        if serving.done():
            break
    assert not serving.done()  # it waits for its reader instead of piling up what nobody reads
    writer.close()
    await asyncio.wait_for(serving, 20)
