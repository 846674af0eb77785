"""A way out of the house: a connection to a bot through an HTTP proxy.

Contract: CONNECT (RFC 9110 section 9.3.6), answered 2xx, then TLS with the bot itself, whose certificate is checked as
without a proxy: the proxy sees the bot's name and how much is said, and nothing of it. The proxy's answer is bounded;
what it says beside its status is not read. Any other answer, and a byte sent ahead of our handshake, is a BotFailed.
It waits without a deadline of its own: whoever calls has one.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import TypeVar, cast

from chatwarden.bots.model import BotFailed

_HEAD_MAX = 8_192
_END = b"\r\n\r\n"

_Protocol = TypeVar("_Protocol", bound=asyncio.Protocol)


async def through(
    proxy: tuple[str, int], host: str, port: int, context: ssl.SSLContext, made: Callable[[], _Protocol]
) -> _Protocol:
    """A protocol of *made* that speaks TLS with *host*. Raises BotFailed or OSError."""
    loop = asyncio.get_running_loop()
    transport, answer = await loop.create_connection(_Answer, *proxy)
    try:
        authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        transport.write(f"CONNECT {authority} HTTP/1.1\r\nhost: {authority}\r\n\r\n".encode())
        await answer.accepted
        protocol = made()
        inner = await loop.start_tls(transport, protocol, context, server_hostname=host)
    except BaseException:
        transport.abort()
        raise
    protocol.connection_made(cast("asyncio.Transport", inner))
    return protocol


class _Answer(asyncio.Protocol):
    """Reads what the proxy says to CONNECT."""

    def __init__(self) -> None:
        self.accepted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._head = b""

    def data_received(self, data: bytes) -> None:
        """Bytes of the proxy."""
        self._head += data
        if self.accepted.done():
            return
        end = self._head.find(_END)
        if 0 <= end == len(self._head) - len(_END):
            self._judge()
        elif end >= 0 or len(self._head) > _HEAD_MAX:
            self._fail("answer")

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio's signature
        """The proxy is gone."""
        self._fail("closed")

    def _judge(self) -> None:
        version, _, rest = self._head.partition(b" ")
        status = rest[:3]
        if not version.startswith(b"HTTP/1.") or not status.isdigit():
            self._fail("answer")
        elif status.startswith(b"2"):
            self.accepted.set_result(None)
        else:
            self._fail(status.decode("ascii"))

    def _fail(self, why: str) -> None:
        if not self.accepted.done():
            self.accepted.set_exception(BotFailed("unreachable", f"egress proxy: {why}"))
