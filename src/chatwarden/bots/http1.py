"""HTTP/1.1 towards one bot: a pool of connections on the event loop, parsed by httptools (llhttp).

Written here because what a message costs is decided here: a client whose work is done in threads of its own makes the
interpreter's lock change hands several times a message, and a general one does much that a bot does not need (decision
0005 has the figures). It does one thing: POST a body, read an answer. No redirect is followed, no cookie kept, no proxy
taken from the environment (one that is configured is), nothing retried: a bot that was asked once may have acted
(RFC 9110 section 9.2.2). Every wait and every size is bounded; what goes wrong is a BotFailed.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from typing import cast
from urllib.parse import urlsplit

import httptools

from chatwarden.bots.model import BotFailed, Link
from chatwarden.bots.tunnel import through

HEAD_MAX = 65_536
_HIGH_WATER = 262_144
# Servers close idle connections after five seconds and more; a request must not meet such a close.
_IDLE = 4.0
# How long the end of an answer may come after all that was wanted of it.
_REST = 1.0


class Connection(asyncio.Protocol):
    """One connection: one request at a time."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.loop = pool.loop
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._fresh()

    def _fresh(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._chunks: deque[bytes] = deque()
        self._held = 0
        self._head = 0
        self._bounded = self._reusable = False
        self._headed = self._complete = self._paused = False
        self._leaving: asyncio.TimerHandle | None = None
        self._error: BotFailed | None = None
        self.status = 0
        self.content_type = ""
        self.fields: dict[bytes, bytes] = {}
        self.idle_since = 0.0

    # -- what the pool and the caller do

    def send(self, data: bytes) -> None:
        """Sends a whole request."""
        self._fresh()
        assert self._transport is not None
        self._transport.write(data)

    async def head(self, seconds: float) -> None:
        """Waits for status and headers."""
        until = self.loop.time() + seconds
        while not self._headed:  # once for every piece that came: a trickle does not move the deadline
            await self._wait(until - self.loop.time())

    async def chunk(self, seconds: float) -> bytes | None:
        """The next piece of the body, or None at its end."""
        until = self.loop.time() + seconds
        while not self._chunks:
            if self._complete:
                return None
            await self._wait(until - self.loop.time())
        data = self._chunks.popleft() if len(self._chunks) == 1 else b"".join(self._chunks)
        self._chunks.clear()
        self._held = 0
        if self._paused and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()
        return data

    def finish(self) -> None:
        """Gives the connection back if its answer was read to the end, else closes it. One that was left stays open
        until its answer ends, if that is soon.
        """
        transport = self._transport
        if transport is None or self._leaving is not None:
            return
        if self._complete and self._reusable and self._error is None and not transport.is_closing():
            self._pool.give_back(self)
        else:
            transport.abort()

    def leave(self) -> None:
        """Says that nobody wants the rest of this answer, before ``finish``: if it is short and comes soon, the
        connection is used again. Waits for nothing.
        """
        if not self._complete and self._error is None and not self._paused:
            self._leaving = self.loop.call_later(_REST, self.close)

    def close(self) -> None:
        """Closes it."""
        if self._transport is not None:
            self._transport.abort()

    @property
    def usable(self) -> bool:
        """Whether it is still open."""
        return self._transport is not None and not self._transport.is_closing()

    @property
    def link(self) -> Link:
        """What carries it."""
        tls = None if self._transport is None else self._transport.get_extra_info("ssl_object")
        return Link() if tls is None else Link(tls.version(), str(tls.getpeercert().get("notAfter", "")))

    async def _wait(self, seconds: float) -> None:
        if self._error is not None:
            raise self._error
        if self._transport is None:
            raise BotFailed("truncated")
        waiter = self._waiter = self.loop.create_future()
        timer = self.loop.call_later(max(seconds, 0.0), self._expire)
        try:
            await waiter
        finally:
            timer.cancel()
            self._waiter = None
        if self._error is not None and not self._chunks:
            raise self._error

    def _expire(self) -> None:
        self._fail(BotFailed("timeout"))

    def _fail(self, error: BotFailed) -> None:
        self._error = self._error or error
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # -- what asyncio does

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name

    def data_received(self, data: bytes) -> None:
        """Parses what came."""
        if self._complete:  # it talks without being asked
            self.close()
            return
        if not self._headed:
            self._head += len(data)
            if self._head > HEAD_MAX + len(data):
                self._fail(BotFailed("oversized", "head"))
                return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._fail(BotFailed("malformed", "http"))
            return
        if self._leaving is not None:
            self._left()
            return
        if self._held > _HIGH_WATER and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def _left(self) -> None:
        self._chunks.clear()
        if self._leaving is not None and (self._complete or self._held > _HIGH_WATER):
            self._leaving.cancel()
            self._leaving = None
            self.finish()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio's signature
        """Gone: the end of an answer without a length, or a cut."""
        self._transport = None
        self._pool.forget(self)
        if self._headed and not self._complete and not self._bounded:
            self._complete = True
            self._wake()
        elif not self._complete:
            self._fail(BotFailed("truncated"))

    # -- what httptools does

    def on_message_begin(self) -> None:
        """A message; after the answer it is one that nobody asked for, and the next request must not get its rest."""
        if self._complete:
            self._reusable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """One field."""
        if self._complete:
            return
        lower = name.lower()
        if lower == b"content-type":
            self.content_type = value.partition(b";")[0].strip().lower().decode("latin-1")
        elif lower in {b"content-length", b"transfer-encoding"}:
            self._bounded = True
        elif lower in self._pool.kept:  # what stands there twice is not known
            self.fields[lower] = b"" if lower in self.fields else value.strip()

    def on_headers_complete(self) -> None:
        """Status and headers are there; an interim answer (1xx) is passed over."""
        if self._complete:
            return
        self.status = self._parser.get_status_code()
        self._headed = self.status >= 200
        # Asked here: after the message llhttp has forgotten. Without a length the end is the close.
        self._reusable = self._bounded and self._parser.should_keep_alive()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        if self._headed and not self._complete:
            self._chunks.append(body)
            self._held += len(body)

    def on_message_complete(self) -> None:
        """The end of the answer."""
        self._complete = self._complete or self._headed


class Pool:
    """The connections to one origin, directly or through an egress proxy. Use it on one event loop. ``context`` is
    what the next connection is opened with; ``kept`` names the fields of an answer that are kept.
    """

    def __init__(
        self,
        url: str,
        *,
        context: ssl.SSLContext | None,
        connect_seconds: float,
        proxy: str = "",
        kept: frozenset[bytes] = frozenset(),
    ) -> None:
        self.kept = kept
        self._host, self._port = _place(url)
        self._proxy = _place(proxy) if proxy else None
        self.context = context
        self._connect_seconds = connect_seconds
        self._idle: deque[Connection] = deque()
        self._all: set[Connection] = set()
        self.loop = asyncio.get_running_loop()

    async def take(self) -> Connection:
        """A connection that is open, kept or new. Raises BotFailed(unreachable or timeout)."""
        now = self.loop.time()
        while self._idle:
            connection = self._idle.pop()
            if connection.usable and now - connection.idle_since < _IDLE:
                return connection
            connection.close()
        return await self.open()

    async def open(self) -> Connection:
        """A new connection. Raises BotFailed(unreachable or timeout)."""
        try:
            async with asyncio.timeout(self._connect_seconds):
                connection = await self._opened()
        except TimeoutError:
            raise BotFailed("timeout", "connect") from None
        except ssl.SSLError as error:
            said = getattr(error, "verify_message", "") or error.reason or type(error).__name__
            raise BotFailed("unreachable", f"tls: {said}") from None
        except OSError as error:
            raise BotFailed("unreachable", type(error).__name__) from None
        self._all.add(connection)
        return connection

    async def _opened(self) -> Connection:
        def made() -> Connection:
            return Connection(self)

        host, port, context = self._host, self._port, self.context
        if self._proxy is not None and context is not None:
            return await through(self._proxy, host, port, context, made)
        if self._proxy is not None:  # in the clear, the proxy is asked in absolute form
            host, port = self._proxy
        _, connection = await self.loop.create_connection(made, host, port, ssl=context)
        return connection

    def give_back(self, connection: Connection) -> None:
        """Keeps a connection for the next request."""
        connection.idle_since = self.loop.time()
        self._idle.append(connection)
        while self._idle and self.loop.time() - self._idle[0].idle_since >= _IDLE:
            self._idle.popleft().close()

    def forget(self, connection: Connection) -> None:
        """A connection was lost."""
        self._all.discard(connection)

    def close(self) -> None:
        """Closes every connection."""
        for connection in list(self._all):
            connection.close()


def _place(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    assert parts.hostname is not None
    return parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
