"""A real front with a small application, and peers that speak raw bytes to it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from typing import Any

from chatwarden.clock import SECOND
from chatwarden.config.model import LimitsConfig, ServerConfig
from chatwarden.edge.gate import ConnectionGate
from chatwarden.edge.server import Front

PATIENCE = 20.0
QUICK = replace(
    LimitsConfig(),
    first_byte=SECOND // 2,
    header_deadline=SECOND // 2,
    body_grace=SECOND // 2,
    body_deadline=SECOND,
    write_stall=SECOND // 2,
    new_connections_per_peer=None,
    keep_alive=SECOND // 2,
)


@dataclass
class App:
    """Echoes the body; paths ask for something else. Remembers who called."""

    calls: list[str] = field(default_factory=list)
    clients: list[object] = field(default_factory=list)
    headers: list[dict[bytes, bytes]] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"]
        self.calls.append(path)
        self.clients.append(scope["client"])
        self.headers.append(dict(scope["headers"]))
        if path == "/broken":
            raise RuntimeError("on purpose")
        if path == "/stream":
            await self._stream(receive, send)
            return
        if path == "/early":
            await _answer(send, b"early")
            return
        body = b""
        more = True
        while more:
            event = await receive()
            if event["type"] == "http.disconnect":
                self.ended.append(path)
                return
            body += event["body"]
            more = event["more_body"]
        if path == "/split":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"x", b"a\r\nset-cookie: b")]})
        if path == "/large":
            body = b"x" * 16_777_216
        if path == "/slow":
            await asyncio.sleep(0.3)
        await _answer(send, body or b"ok")

    async def _stream(self, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        await send({"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True})
        assert (await receive())["type"] == "http.disconnect"
        self.ended.append("/stream")


async def _answer(send: Any, body: bytes) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@dataclass
class House:
    """A running front and what it saw."""

    front: Front
    app: App
    refused: list[str]

    @property
    def port(self) -> int:
        return self.front.port


@asynccontextmanager
async def serving(
    limits: LimitsConfig = QUICK,
    *,
    tls: ssl.SSLContext | None = None,
    gate: ConnectionGate | None = None,
    host: str = "127.0.0.1",
    proxies: tuple[str, ...] = (),
    proxy_protocol: bool = False,
) -> AsyncIterator[House]:
    """A front on a free port of loopback."""
    app = App()
    refused: list[str] = []
    trusted = tuple(ip_network(one) for one in proxies)
    front = Front(
        app,
        config=ServerConfig(host=host, port=0, trusted_proxies=trusted, proxy_protocol=proxy_protocol),
        limits=limits,
        ssl_context=tls,
        gate=gate,
        observe=refused.append,
    )
    await front.start()
    try:
        yield House(front, app, refused)
    finally:
        await front.close()


async def connect(house: House, tls: ssl.SSLContext | None = None) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """One raw connection."""
    return await asyncio.open_connection("127.0.0.1", house.port, ssl=tls, server_hostname="localhost" if tls else None)


async def talk(house: House, *pieces: bytes, tls: ssl.SSLContext | None = None, pause: float = 0.0) -> bytes:
    """Sends *pieces* and reads until the front closes the connection; fails where it never does."""
    reader, writer = await connect(house, tls)

    async def speak() -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    speaking = asyncio.create_task(speak())
    try:
        return await asyncio.wait_for(_read_all(reader), PATIENCE)
    finally:
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
        writer.transport.abort()


async def _read_all(reader: asyncio.StreamReader) -> bytes:
    received = b""
    try:
        while piece := await reader.read(65_536):
            received += piece
    except ConnectionError:
        return received + b"[reset]"
    return received


def status(answer: bytes) -> int:
    """The status of the first response in *answer*."""
    assert answer.startswith(b"HTTP/1.1 "), answer
    return int(answer[9:12])
