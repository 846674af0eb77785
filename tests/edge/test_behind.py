"""A front behind proxies: whose connection and whose request it is, who is believed, who is refused."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from tests.edge.conftest import Run
from tests.edge.support import PATIENCE, QUICK, House, connect, serving, status, talk
from tests.edge.test_protocol import CLOSE, trusting, until
from tests.edge.test_proxy_protocol import header

from chatwarden.clock import SECOND
from chatwarden.config.model import LimitsConfig, Rate
from chatwarden.edge.gate import ConnectionGate
from chatwarden.edge.tls import server_context

LOCAL = ("127.0.0.1",)
OTHERS = ("192.0.2.0/24",)
ANYBODY = replace(LimitsConfig(), new_connections_per_peer=None)


def request(forwarded: str = "", path: str = "/", *, more: str = "", close: bool = True) -> bytes:
    field = f"Forwarded: {forwarded}\r\n" if forwarded else ""
    end = "Connection: close\r\n" if close else ""
    return f"GET {path} HTTP/1.1\r\nHost: a\r\n{field}{more}{end}\r\n".encode()


def addresses(house: House) -> list[str]:
    return [client[0] for client in house.app.clients if isinstance(client, tuple)]


# Forwarded


def test_a_trusted_proxy_says_whose_request_it_is(run: Run) -> None:
    async def scene() -> None:
        async with serving(proxies=LOCAL) as house:
            pieces = [request("for=203.0.113.7", close=False), request('for="[2001:db8::7]:1"', close=False), request()]
            answer = await talk(house, *pieces, pause=0.05)
            assert answer.count(b"HTTP/1.1 200") == 3
            assert addresses(house) == ["203.0.113.7", "2001:db8::7", "127.0.0.1"]

    run(scene())


def test_what_stands_left_of_the_first_stranger_is_not_believed(run: Run) -> None:
    async def scene() -> None:
        async with serving(proxies=(*LOCAL, "10.0.0.5")) as house:
            forged = "Forwarded: for=192.0.2.1\r\nX-Forwarded-For: 192.0.2.2\r\nX-Real-IP: 192.0.2.3\r\n"
            assert status(await talk(house, request("for=192.0.2.4, for=203.0.113.7, for=10.0.0.5"))) == 200
            assert status(await talk(house, request("for=203.0.113.8", more=""))) == 200
            before = forged + "Forwarded: for=203.0.113.9\r\n"
            assert status(await talk(house, request(more=before))) == 200
            assert addresses(house) == ["203.0.113.7", "203.0.113.8", "203.0.113.9"]

    run(scene())


@pytest.mark.parametrize("proxies", [OTHERS, LOCAL])
def test_x_forwarded_for_changes_nothing(run: Run, proxies: tuple[str, ...]) -> None:
    async def scene() -> None:
        async with serving(proxies=proxies) as house:
            assert (
                status(await talk(house, request(more="X-Forwarded-For: 203.0.113.7\r\nX-Real-IP: 1.2.3.4\r\n"))) == 200
            )
            assert addresses(house) == ["127.0.0.1"]

    run(scene())


def test_a_forwarded_field_of_anybody_else_is_refused(run: Run) -> None:
    async def scene() -> None:
        async with serving(proxies=OTHERS) as house:
            answer = await talk(house, request("for=203.0.113.7"))
            assert status(answer) == 400
            assert b"urn:chatwarden:problem:invalid-request" in answer
            assert b"from trusted proxies only" in answer
            assert house.app.calls == []
            assert house.refused == ["forwarded"]
            assert status(await talk(house, CLOSE)) == 200

    run(scene())


def test_without_proxies_the_field_is_nothing_to_us(run: Run) -> None:
    async def scene() -> None:
        async with serving() as house:
            assert status(await talk(house, request("for=203.0.113.7"))) == 200
            assert addresses(house) == ["127.0.0.1"]

    run(scene())


def test_a_malformed_field_of_a_proxy_is_refused_before_the_application(run: Run) -> None:
    async def scene() -> None:
        async with serving(proxies=LOCAL) as house:
            answer = await talk(house, request('for="203.0.113.7'))
            assert status(answer) == 400
            assert b"the Forwarded field is malformed" in answer
            assert b"203.0.113" not in answer
            chunked = (
                b"POST / HTTP/1.1\r\nHost: a\r\nForwarded: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"
            )
            assert status(await talk(house, chunked)) == 400
            assert house.app.calls == []

    run(scene())


def test_who_comes_through_a_proxy_has_one_share_and_gives_it_back(run: Run) -> None:
    async def scene() -> None:
        async with serving(ANYBODY, proxies=LOCAL, gate=ConnectionGate(2, 100)) as house:
            gate = house.front.gate
            streams = [await connect(house) for _ in range(2)]
            for _, writer in streams:
                writer.write(request("for=203.0.113.7", "/stream"))
            await until(lambda: len(house.app.calls) == 2)
            refused = await talk(house, request("for=203.0.113.7"))
            assert status(refused) == 429
            assert b"\r\nretry-after: 1\r\n" in refused
            assert b"urn:chatwarden:problem:too-many-requests" in refused
            assert house.refused == ["connections"]
            assert status(await talk(house, request("for=203.0.113.8"))) == 200
            streams[0][1].transport.abort()
            await until(lambda: house.app.ended == ["/stream"])
            pieces = [request("for=203.0.113.7", close=False)] * 4 + [request("for=203.0.113.7")]
            assert (await talk(house, *pieces, pause=0.02)).count(b"HTTP/1.1 200") == 5
            streams[1][1].transport.abort()
            await until(lambda: (gate.open, gate.peers) == (0, 0))

    run(scene())


def test_a_proxy_has_more_connections_than_a_peer_but_no_more_than_the_house(run: Run) -> None:
    async def scene() -> None:
        limits = replace(LimitsConfig(), new_connections_per_peer=Rate(3600 * SECOND, 1))
        async with serving(limits, proxies=LOCAL, gate=ConnectionGate(1, 3)) as house:
            held = [await connect(house) for _ in range(3)]
            await until(lambda: house.front.gate.open == 3)
            assert await talk(house, CLOSE) in {b"", b"[reset]"}
            assert house.refused == ["connections"]
            for _, writer in held:
                writer.transport.abort()

    run(scene())


# PROXY


def test_a_proxy_header_before_tls_names_the_peer(run: Run, pair: tuple[Path, Path]) -> None:
    async def scene() -> None:
        async with serving(tls=server_context(*pair), proxies=LOCAL, proxy_protocol=True) as house:
            for source, found in [(header("203.0.113.7"), "203.0.113.7"), (header("2001:db8::7"), "2001:db8::7")]:
                assert status(await through(house, source, CLOSE, trusting(pair[0]))) == 200
                assert addresses(house)[-1] == found
            assert house.app.clients[0] == ("203.0.113.7", 4711)
            assert status(await through(house, header(command=0x20), CLOSE, trusting(pair[0]))) == 200
            assert addresses(house)[-1] == "127.0.0.1"
            await until(lambda: (house.front.gate.open, house.front.gate.peers) == (0, 0))

    run(scene())


async def through(house: House, header: bytes, data: bytes, tls: ssl.SSLContext) -> bytes:
    """Speaks as a proxy does: the header in the clear, then the client's own TLS."""
    reader, writer = await connect(house)
    writer.write(header)
    await writer.start_tls(tls, server_hostname="localhost")
    writer.write(data)
    try:
        return await asyncio.wait_for(reader.read(), PATIENCE)
    finally:
        writer.transport.abort()


V1 = b"PROXY TCP4 203.0.113.7 10.0.0.1 4711 443\r\n"


@pytest.mark.parametrize("first", [V1, CLOSE, header(family=0x31), header(family=0x00), header()[:20]])
def test_a_trusted_proxy_that_sends_no_sound_header_is_closed(run: Run, first: bytes) -> None:
    async def scene() -> None:
        async with serving(proxies=LOCAL, proxy_protocol=True) as house:
            assert await talk(house, first) in {b"", b"[reset]"}
            assert house.app.calls == []
            await until(lambda: house.refused == ["proxy-header"])
            assert house.front.gate.open == 0

    run(scene())


@pytest.mark.parametrize("proxies", [OTHERS, ()])
def test_a_proxy_header_of_anybody_else_is_closed(run: Run, pair: tuple[Path, Path], proxies: tuple[str, ...]) -> None:
    async def scene() -> None:
        context = server_context(*pair)
        async with serving(tls=context, proxies=proxies, proxy_protocol=bool(proxies)) as house:
            for sent in (header(), V1):
                answer = await talk(house, sent + CLOSE)
                assert b"HTTP" not in answer
            assert house.app.calls == []
            assert house.refused == ["handshake", "handshake"]
            assert status(await talk(house, CLOSE, tls=trusting(pair[0]))) == 200
            assert addresses(house) == ["127.0.0.1"]

    run(scene())


def test_a_proxy_header_that_does_not_come_in_time_is_given_up(run: Run) -> None:
    async def scene() -> None:
        limits = replace(QUICK, first_byte=SECOND // 10, keep_alive=60 * SECOND)
        async with serving(limits, proxies=LOCAL, proxy_protocol=True) as house:
            bytewise = [bytes([byte]) for byte in header()[:24]]
            assert await talk(house, *bytewise, pause=0.01) in {b"", b"[reset]"}
            assert house.refused == ["proxy-header"]

    run(scene())


def test_a_peer_that_a_proxy_announces_has_the_share_and_the_pace_of_a_peer(run: Run) -> None:
    async def scene() -> None:
        async with serving(ANYBODY, proxies=LOCAL, proxy_protocol=True, gate=ConnectionGate(1, 100)) as house:
            _, held = await connect(house)
            held.write(header("203.0.113.7"))
            await until(lambda: house.front.gate.peers == 1)
            assert await talk(house, header("203.0.113.7") + CLOSE) in {b"", b"[reset]"}
            assert house.refused == ["connections"]
            assert status(await talk(house, header("203.0.113.8") + CLOSE)) == 200
            held.transport.abort()
            await until(lambda: house.front.gate.open == 0)
        slow = replace(LimitsConfig(), new_connections_per_peer=Rate(3600 * SECOND, 1))
        async with serving(slow, proxies=LOCAL, proxy_protocol=True) as house:
            assert status(await talk(house, header("203.0.113.7") + CLOSE)) == 200
            assert await talk(house, header("203.0.113.7") + CLOSE) in {b"", b"[reset]"}
            assert house.refused == ["connection-rate"]
            assert status(await talk(house, header("203.0.113.8") + CLOSE)) == 200

    run(scene())


def test_an_announced_peer_is_believed_only_if_it_is_a_proxy_itself(run: Run) -> None:
    async def scene() -> None:
        async with serving(proxies=(*LOCAL, "10.0.0.5"), proxy_protocol=True) as house:
            assert status(await talk(house, header("203.0.113.7") + request("for=192.0.2.1"))) == 400
            assert status(await talk(house, header("10.0.0.5") + request("for=203.0.113.9"))) == 200
            assert addresses(house) == ["203.0.113.9"]

    run(scene())


# new connections


def test_who_opens_connections_too_fast_is_closed_at_accept(run: Run) -> None:
    async def scene() -> None:
        limits = replace(QUICK, new_connections_per_peer=Rate(3600 * SECOND, 2))
        async with serving(limits) as house:
            assert [status(await talk(house, CLOSE)) for _ in range(2)] == [200, 200]
            assert await talk(house, CLOSE) in {b"", b"[reset]"}
            assert house.refused == ["connection-rate"]
        limits = replace(QUICK, new_connections=Rate(3600 * SECOND, 1))
        async with serving(limits, proxies=LOCAL) as house:
            assert status(await talk(house, CLOSE)) == 200
            assert await talk(house, CLOSE) in {b"", b"[reset]"}

    run(scene())
