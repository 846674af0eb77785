"""An HTTP proxy on the way out of a house: CONNECT, and requests in absolute form. It can refuse and misbehave."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Proxy:
    """A started proxy and the first line of what it was asked."""

    port: int
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextlib.asynccontextmanager
async def serving(*, answer: bytes | None = None, hosts: dict[str, str] | None = None) -> AsyncIterator[Proxy]:
    """A proxy on loopback. *answer*: says this to everybody instead. *hosts*: names that only the proxy can resolve."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await _relay(proxy, answer, hosts or {}, reader, writer)
        writer.close()
        tasks.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    proxy = Proxy(server.sockets[0].getsockname()[1])
    try:
        yield proxy
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _relay(
    proxy: Proxy,
    answer: bytes | None,
    hosts: dict[str, str],
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    line, _, fields = head.decode().partition("\r\n")
    proxy.asked.append(line)
    if answer is not None:
        writer.write(answer)
        await reader.read()
        return
    method, target, _ = line.split(" ")
    parts = urlsplit(f"//{target}" if method == "CONNECT" else target)
    assert parts.hostname is not None
    there = await asyncio.open_connection(hosts.get(parts.hostname, parts.hostname), parts.port)
    if method == "CONNECT":
        writer.write(b"HTTP/1.1 200 Connection established\r\nvia: 1.1 egress\r\n\r\n")
    else:
        there[1].write(f"{method} {parts.path} HTTP/1.1\r\n{fields}".encode())
    await asyncio.gather(_copy(reader, there[1]), _copy(there[0], writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()
