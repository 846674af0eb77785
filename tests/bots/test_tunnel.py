"""CONNECT on both loops: TLS inside, and nothing left open when it fails."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
from tests.edge.conftest import Run, make_pair, run
from tests.world import egress

from chatwarden.bots.model import BotFailed
from chatwarden.bots.tunnel import through

__all__ = ["run"]


class Talk(asyncio.Protocol):
    """Says one thing and keeps what comes back."""

    def __init__(self) -> None:
        self.heard: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport.get_extra_info("ssl_object"), ssl.SSLObject)
        self.transport = transport
        transport.write(b"ping\n")  # type: ignore[attr-defined]  # uvloop's is one in all but name

    def data_received(self, data: bytes) -> None:
        self.heard.set_result(data)


def test_tls_is_spoken_with_the_host_behind_the_proxy(run: Run, tmp_path: Path) -> None:
    cert, key = make_pair(tmp_path)

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())
        await reader.read()
        writer.close()

    async def scene() -> None:
        inside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        inside.load_cert_chain(cert, key)
        server = await asyncio.start_server(echo, "127.0.0.1", 0, ssl=inside)
        port = server.sockets[0].getsockname()[1]
        async with egress.serving() as proxy, asyncio.timeout(20):
            context = ssl.create_default_context(cafile=str(cert))
            talk = await through(("127.0.0.1", proxy.port), "localhost", port, context, Talk)
            assert await talk.heard == b"ping\n"
            talk.transport.abort()  # type: ignore[attr-defined]
            with pytest.raises(ssl.SSLCertVerificationError):
                await through(("127.0.0.1", proxy.port), "localhost", port, ssl.create_default_context(), Talk)
            assert proxy.asked == [f"CONNECT localhost:{port} HTTP/1.1"] * 2
        server.close()

    run(scene())


@pytest.mark.parametrize(("host", "asked"), [("::1", "[::1]:443"), ("bot.example", "bot.example:443")])
def test_the_host_is_named_as_an_authority(run: Run, host: str, asked: str) -> None:
    async def scene() -> None:
        async with egress.serving(answer=b"HTTP/1.1 403 Forbidden\r\n\r\n") as proxy, asyncio.timeout(20):
            with pytest.raises(BotFailed, match="egress proxy: 403"):
                await through(("127.0.0.1", proxy.port), host, 443, ssl.create_default_context(), Talk)
            assert proxy.asked == [f"CONNECT {asked} HTTP/1.1"]

    run(scene())
