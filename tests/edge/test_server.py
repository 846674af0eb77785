"""The front as a whole: binding, the gate at accept, handshakes, honest clients, drain, attack tools."""

from __future__ import annotations

import asyncio
import http.client
import socket
import ssl
import subprocess
from dataclasses import fields, replace
from pathlib import Path

import pytest
from tests.edge.conftest import Run
from tests.edge.support import PATIENCE, QUICK, App, connect, serving, status, talk
from tests.edge.test_protocol import CLOSE, GET, trusting, until

from chatwarden.clock import SECOND, ManualClock
from chatwarden.config.model import LimitsConfig, ServerConfig
from chatwarden.config.parse import parse
from chatwarden.edge import server
from chatwarden.edge.gate import ConnectionGate
from chatwarden.edge.server import Front
from chatwarden.edge.tls import server_context
from chatwarden.errors import CannotRun


def front_on(host: str, port: int) -> Front:
    return Front(App(), config=ServerConfig(host=host, port=port), limits=LimitsConfig())


def test_a_port_in_use_is_named_with_a_hint(run: Run) -> None:
    async def scene() -> None:
        async with serving() as house:
            with pytest.raises(CannotRun, match=f"port {house.port} on 127.0.0.1 is in use") as raised:
                await front_on("127.0.0.1", house.port).start()
            assert raised.value.hint

    run(scene())


@pytest.mark.parametrize("host", ["192.0.2.1", "name.invalid"])
def test_an_address_of_another_machine_is_refused_with_a_hint(run: Run, host: str) -> None:
    async def scene() -> None:
        with pytest.raises(CannotRun, match="cannot listen on") as raised:
            await front_on(host, 0).start()
        assert raised.value.hint

    run(scene())


def test_ready_is_told_with_the_port_that_was_bound(run: Run) -> None:
    async def scene() -> None:
        told: list[int] = []
        config = ServerConfig(port=0)
        front = Front(App(), config=config, limits=LimitsConfig(), on_ready=told.append)
        await front.start()
        assert told == [front.port]
        assert front.port > 0
        await front.close()
        await front.close()

    run(scene())


def test_the_application_sees_the_address_of_the_peer(run: Run) -> None:
    async def scene() -> None:
        async with serving() as house:
            reader, writer = await connect(house)
            writer.write(CLOSE)
            await reader.read()
            assert house.app.clients == [writer.get_extra_info("sockname")]
            writer.close()

    run(scene())


def test_a_date_is_sent_where_a_clock_was_given(run: Run) -> None:
    async def scene() -> None:
        config = ServerConfig(port=0)
        clock = ManualClock(1_800_000_000 * SECOND)
        front = Front(App(), config=config, limits=QUICK, clock=clock)
        await front.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
        writer.write(CLOSE)
        assert b"\r\ndate: Fri, 15 Jan 2027 08:00:00 GMT\r\n" in await reader.read()
        writer.close()
        await front.close()

    run(scene())


# the gate


def test_a_peer_above_its_share_is_closed_at_accept_and_admitted_again_later(run: Run) -> None:
    async def scene() -> None:
        async with serving(LimitsConfig(), gate=ConnectionGate(3, 100)) as house:
            held = [await connect(house) for _ in range(3)]
            await until(lambda: house.front.gate.open == 3)
            assert await talk(house, CLOSE) in {b"", b"[reset]"}
            assert house.app.calls == []
            assert house.refused == ["connections"]
            held[0][1].close()
            await until(lambda: house.front.gate.open == 2)
            assert status(await talk(house, CLOSE)) == 200
            for _, writer in held:
                writer.transport.abort()
            await until(lambda: house.front.gate.open == 0)

    run(scene())


def test_handshakes_count_at_the_gate_and_are_closed_on_time(
    run: Run, pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "HANDSHAKE", 0.5)

    async def scene() -> None:
        async with serving(LimitsConfig(), tls=server_context(*pair), gate=ConnectionGate(3, 100)) as house:
            held = [await connect(house) for _ in range(3)]
            held[0][1].write(b"\x16\x03\x01\x02\x00\x01")
            await until(lambda: house.front.gate.open == 3)
            assert await talk(house) in {b"", b"[reset]"}
            for reader, writer in held:
                try:
                    assert await asyncio.wait_for(reader.read(), PATIENCE) == b""
                except ConnectionResetError:
                    assert reader.at_eof() or reader.exception()
                writer.close()
            await until(lambda: house.front.gate.open == 0)
            assert house.front.connections == 0
            assert status(await talk(house, CLOSE, tls=trusting(pair[0]))) == 200

    run(scene())


def test_plain_http_to_a_tls_port_is_closed(run: Run, pair: tuple[Path, Path]) -> None:
    async def scene() -> None:
        async with serving(LimitsConfig(), tls=server_context(*pair)) as house:
            answer = await talk(house, GET)
            assert b"200 OK" not in answer
            assert house.app.calls == []
            await until(lambda: house.front.gate.open == 0)

    run(scene())


# drain


def test_drain_finishes_what_runs_and_accepts_nothing_new(run: Run) -> None:
    async def scene() -> None:
        async with serving(LimitsConfig()) as house:
            port = house.port
            idle = await connect(house)
            busy = await connect(house)
            busy[1].write(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            await until(lambda: house.app.calls == ["/slow"])
            draining = asyncio.create_task(house.front.drain(PATIENCE))
            answer = await asyncio.wait_for(busy[0].read(), PATIENCE)
            assert status(answer) == 200
            assert b"connection: close" in answer
            assert await asyncio.wait_for(idle[0].read(), PATIENCE) == b""
            with pytest.raises(OSError):  # noqa: PT011  refused, whatever the system calls it
                await asyncio.open_connection("127.0.0.1", port)
            await draining
            assert house.front.connections == 0
            for _, writer in (idle, busy):
                writer.close()

    run(scene())


def test_drain_ends_streams_when_its_patience_is_over(run: Run) -> None:
    async def scene() -> None:
        async with serving(LimitsConfig()) as house:
            reader, writer = await connect(house)
            writer.write(b"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
            await reader.readuntil(b"data: 1")
            await house.front.drain(0.1)
            assert house.app.ended == ["/stream"]
            await asyncio.wait_for(reader.read(), PATIENCE)
            writer.close()

    run(scene())


# honest clients


def test_curl_reuses_one_connection_over_tls(run: Run, pair: tuple[Path, Path]) -> None:
    async def scene() -> None:
        async with serving(LimitsConfig(), tls=server_context(*pair)) as house:
            url = f"https://localhost:{house.port}/c"
            command = ["curl", "-sS", "--resolve", f"localhost:{house.port}:127.0.0.1", "--cacert", str(pair[0])]
            command += ["-d", "hello", "-w", "%{num_connects} ", url, url, url]
            made = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
            out, _ = await asyncio.wait_for(made.communicate(), PATIENCE)
            assert out == b"hello1 hello0 hello0 "

    run(scene())


def test_curl_uploads_with_expect_and_in_chunks(run: Run, tmp_path: Path) -> None:
    async def scene() -> None:
        body = tmp_path / "body"
        body.write_bytes(b"0123456789" * 20_000)
        async with serving(LimitsConfig()) as house:
            for extra in (["-H", "Expect: 100-continue"], ["-H", "Transfer-Encoding: chunked"]):
                url = f"http://127.0.0.1:{house.port}/c"
                command = ["curl", "-sS", *extra, "--data-binary", f"@{body}", url]
                made = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
                out, _ = await asyncio.wait_for(made.communicate(), PATIENCE)
                assert out == body.read_bytes()

    run(scene())


def test_the_standard_library_keeps_its_connection(run: Run) -> None:
    def client(port: int) -> list[bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        answers = []
        for body in (None, b"one", iter([b"t", b"wo"])):
            connection.request("POST", "/p", body=body)
            answers.append(connection.getresponse().read())
            assert isinstance(connection.sock, socket.socket)
        connection.close()
        return answers

    async def scene() -> None:
        async with serving(LimitsConfig()) as house:
            assert await asyncio.to_thread(client, house.port) == [b"ok", b"one", b"two"]

    run(scene())


# attack tools


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["-H", "-B", "-X"])
def test_slowhttptest_does_not_deny_service(run: Run, mode: str) -> None:
    async def scene() -> None:
        limits = replace(QUICK, connections_per_peer=500, write_stall=SECOND)
        async with serving(limits) as house:
            url = f"http://127.0.0.1:{house.port}/large"
            command = ["slowhttptest", mode, "-c", "450", "-r", "200", "-i", "2", "-l", "8", "-p", "3", "-u", url]
            made = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            out, _ = await asyncio.wait_for(made.communicate(), 60)
            assert b"service available:" in out
            assert status(await talk(house, CLOSE)) == 200
            await until(lambda: house.front.gate.open == 0)

    run(scene())


def test_a_tls_context_is_what_makes_the_scheme(run: Run, pair: tuple[Path, Path]) -> None:
    async def scene() -> None:
        schemes: list[str] = []

        async def app(scope: dict[str, str], _receive: object, send: object) -> None:
            schemes.append(scope["scheme"])
            assert callable(send)
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body"})

        contexts: list[ssl.SSLContext | None] = [None, server_context(*pair)]
        for context in contexts:
            front = Front(app, config=ServerConfig(port=0), limits=QUICK, ssl_context=context)
            await front.start()
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", front.port, ssl=trusting(pair[0]) if context else None
            )
            writer.write(CLOSE)
            assert status(await reader.read()) == 204
            writer.close()
            await front.close()
        assert schemes == ["http", "https"]

    run(scene())


def test_a_house_without_any_limit_serves(run: Run) -> None:
    async def scene() -> None:
        names = "".join(f"{one.name} = 'off'\n" for one in fields(LimitsConfig))
        limits = parse("[limits]\n" + names).limits
        async with serving(limits, proxies=("127.0.0.1",)) as house:
            body = b"x" * 2_000_000
            head = b"POST / HTTP/1.1\r\nHost: a\r\nX: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
            answer = await talk(house, head % (b"y" * 100_000, len(body)), body)
            assert status(answer) == 200
            assert answer.endswith(body)
            assert status(await talk(house, b"GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")) == 200
            assert house.refused == []

    run(scene())
