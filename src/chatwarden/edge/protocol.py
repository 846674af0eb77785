"""HTTP/1.1 as this front speaks it: uvicorn's httptools protocol with deadlines, ceilings and one request at a time.

Contract: ``make_protocol`` returns a class for ``uvicorn.Config(http=...)``. A connection is always in one phase and
has one deadline; a sweeper (``server.Front``) calls ``expire`` on those whose deadline has passed, so that no request
costs a timer. The head is checked raw (``head.py``), then parsed by llhttp; chunked bodies are decoded by
``chunked.py``. The application starts when the body is whole or 64 KiB of it are here, so a slow or malformed body
does not reach it. Pipelined requests are answered in turn: what follows the present request stays unread.
A refused peer gets a problem document (RFC 9457) and is then read from for a moment, so that the answer is not lost to
a reset (RFC 9112 section 9.6). It offers no upgrade, no WebSocket and no HTTP/2.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from math import inf
from typing import ClassVar
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from chatwarden.clock import SECOND
from chatwarden.config.model import LimitsConfig
from chatwarden.edge.chunked import ChunkedDecoder
from chatwarden.edge.exchange import Exchange, problem
from chatwarden.edge.gate import Slot
from chatwarden.edge.head import CHUNKED, END_OF_HEAD, HeadLimits, Refusal, check_head, check_unfinished
from chatwarden.errors import InvalidRequest, TooManyRequests

Observer = Callable[[str], None]

START_AT = 65_536
_LINGER = 1.0
_DISCARD = 1_048_576
_AHEAD = 524_288
# A client on a kept connection mostly repeats its head to the byte: the same bytes get the same verdict.
_MEMO = 1_024

FIRST, IDLE, HEAD, BODY, BUSY, LINGER, CLOSING = range(7)


class GuardedProtocol(HttpToolsProtocol):
    """One connection. Use the subclass that ``make_protocol`` returns: it knows the limits."""

    limits: ClassVar[LimitsConfig]
    head_limits: ClassVar[HeadLimits]
    observe: ClassVar[Observer]
    date: ClassVar[list[bytes]]

    cycle: Exchange
    slot: Slot | None = None
    deadline = 0.0
    phase = FIRST

    _buffer = b""
    _chunks: ChunkedDecoder | None = None
    _seen = b""
    _seen_length = 0
    _left = 0
    _served = 0
    _taken = 0
    _body_began = 0.0
    _stalled_since = 0.0
    _stalled_size = 0
    _discarded = 0

    # the transport's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The peer is connected, after its TLS handshake."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self.deadline = self.loop.time() + self.limits.first_byte / SECOND

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self.phase = CLOSING
        self._buffer = b""
        if self.slot is not None:
            self.slot.release()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes from the peer."""
        if self.phase <= IDLE and data.find(END_OF_HEAD) == len(data) - 4 and len(data) > 4:
            try:
                self._begin(data, len(data))
            except Refusal as refusal:
                self._refuse(refusal)
            return
        if self._buffer:
            data = self._buffer + data
            self._buffer = b""
        self._advance(data)

    def pause_writing(self) -> None:
        """The peer reads more slowly than the application writes."""
        super().pause_writing()
        self._stalled_since = self.loop.time()
        self._stalled_size = self.transport.get_write_buffer_size()
        self.deadline = min(self.deadline, self._stalled_since + self.limits.write_stall / SECOND)

    def resume_writing(self) -> None:
        """The peer has caught up."""
        self._stalled_since = 0.0
        super().resume_writing()

    # requests

    def _advance(self, data: bytes) -> None:
        try:
            while data:
                if self.phase <= HEAD:
                    data = self._take_head(data)
                elif self.phase == BODY:
                    data = self._take_body(data)
                else:
                    self._set_aside(data)
                    return
            if self.phase == BODY and self.cycle.started and not self.cycle.response_complete:
                self.cycle.message_event.set()
        except Refusal as refusal:
            self._refuse(refusal)

    def _set_aside(self, data: bytes) -> None:
        """What came while a request is answered waits; what came after the end is dropped."""
        if self.phase == BUSY:
            self._buffer = data
            if len(data) > _AHEAD:
                raise Refusal(400, "pipelining", "too much was sent ahead")
            self.flow.pause_reading()
            return
        self._discarded += len(data)
        if self._discarded > _DISCARD:
            self.abort()

    def _take_head(self, data: bytes) -> bytes:
        end = data.find(END_OF_HEAD)
        if end < 0:
            check_unfinished(data, self.head_limits)
            self._buffer = data
            if self.phase != HEAD:
                self.phase = HEAD
                self.deadline = self.loop.time() + self.limits.header_deadline / SECOND
            return b""
        return self._begin(data, end + len(END_OF_HEAD))

    def _begin(self, data: bytes, end: int) -> bytes:
        """Reads the head, which is *data* up to *end*, and a body of known length that is here; returns the rest."""
        head = data if end == len(data) else data[:end]
        if head == self._seen:
            length = self._seen_length
        else:
            length = check_head(head, self.head_limits)
            if end <= _MEMO:
                self._seen = head
                self._seen_length = length
        self._served += 1
        self._taken = 0
        if length >= 0 and end + length <= len(data):
            end += length
            self._parse(data if end == len(data) else data[:end])
            self.phase = BUSY
            self._start()
            return data[end:]
        self._parse(head)
        self.phase = BODY
        self._left = length
        self._chunks = ChunkedDecoder(self.limits.body_bytes) if length == CHUNKED else None
        self._body_began = self.loop.time()
        self._set_body_deadline()
        if self.expect_100_continue:
            self.cycle.waiting_for_100_continue = False
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return data[end:]

    def _parse(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            raise Refusal(400, "parser", "the request is malformed") from error

    def _take_body(self, data: bytes) -> bytes:
        if self._chunks is not None:
            content = self._chunks.feed(data)
            if content:
                self.on_body(content)
            if not self._chunks.done:
                self._wait_for_body()
                return b""
            rest = self._chunks.rest
            self._chunks = None
            self.parser = httptools.HttpRequestParser(self)
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
            self.on_message_complete()
        else:
            piece, rest = data[: self._left], data[self._left :]
            self._left -= len(piece)
            self._parse(piece)
            if self._left:
                self._wait_for_body()
                return b""
        self._body_done()
        return rest

    def _wait_for_body(self) -> None:
        self._set_body_deadline()
        if self._taken > START_AT:
            self._start()

    def _set_body_deadline(self) -> None:
        """The sooner of the absolute deadline and the moment at which the peer falls under the minimum rate."""
        limits = self.limits
        pace = limits.body_grace / SECOND + self._taken / limits.body_rate if limits.body_rate else inf
        self.deadline = self._body_began + min(limits.body_deadline / SECOND, pace)

    def _body_done(self) -> None:
        if self.cycle.response_complete:
            self._rest()
            return
        self.phase = BUSY
        self._start()

    def _start(self) -> None:
        cycle = self.cycle
        if not cycle.started:
            cycle.started = True
            self._start_asgi_task(cycle, self.app)

    def on_headers_complete(self) -> None:
        """The head has been parsed: makes the scope and the exchange."""
        scope = self.scope
        version = self.parser.get_http_version()
        scope["method"] = self.parser.get_method().decode("ascii")
        scope["http_version"] = version
        raw_path, _, query = self.url.partition(b"?")
        path = raw_path.decode("ascii")
        scope["path"] = unquote(path) if "%" in path else path
        scope["raw_path"] = raw_path
        scope["query_string"] = query
        self.cycle = Exchange(
            scope=scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=[],
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=version == "1.1"
            and self._served < self.limits.requests_per_connection
            and self.parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        self.cycle.date = self.date[0]

    def on_body(self, body: bytes) -> None:
        """Content, decoded."""
        self._taken += len(body)
        cycle = self.cycle
        if cycle.response_complete:
            return
        cycle.body += body
        if cycle.started and len(cycle.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()

    def on_message_complete(self) -> None:
        """The request is whole."""
        cycle = self.cycle
        cycle.more_body = False
        if not cycle.response_complete:
            cycle.message_event.set()

    def on_response_complete(self) -> None:
        """The application has answered: the next request, or rest."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            self._close()
            return
        if self.phase == BODY:
            self.flow.resume_reading()
            return
        self._rest()
        if self._buffer:
            data, self._buffer = self._buffer, b""
            self._advance(data)
        if self.phase != BUSY or not self._buffer:
            self.flow.resume_reading()

    def _rest(self) -> None:
        self.phase = IDLE
        self.deadline = self.loop.time() + self.limits.keep_alive / SECOND

    # endings

    def expire(self, now: float) -> None:
        """The deadline has passed."""
        phase = self.phase
        if phase == BUSY:
            self._watch_writing(now)
        elif phase == BODY:
            if self.flow.read_paused:
                self._body_began = now
                self._taken = 0
                self._set_body_deadline()
            else:
                self._refuse(Refusal(408, "body-timeout", "the body came too slowly"))
        elif phase == HEAD:
            self._refuse(Refusal(408, "header-timeout", "the head of the request came too slowly"))
        elif phase == CLOSING:
            self.abort()
        else:
            if phase != LINGER:
                type(self).observe("silent" if phase == FIRST else "idle")
            self._close()

    def _watch_writing(self, now: float) -> None:
        """While the application works, only a peer that does not read is at fault."""
        if self.transport.is_closing():
            self._close()
            return
        stall = self.limits.write_stall / SECOND
        size = self.transport.get_write_buffer_size()
        if not size:
            self._stalled_since = 0.0
            self.deadline = now + stall / 3
            return
        if not self._stalled_since:
            self._stalled_since = now
            self._stalled_size = size
        elif now >= self._stalled_since + stall:
            if size > self._stalled_size - max(1, self.limits.body_rate * stall):
                type(self).observe("write-stall")
                self.abort()
                return
            self._stalled_since = now
            self._stalled_size = size
        self.deadline = now

    def _close(self) -> None:
        """Ends the connection once what was written is gone, or after a write stall."""
        self.phase = CLOSING
        self._buffer = b""
        self.deadline = self.loop.time() + self.limits.write_stall / SECOND
        if not self.transport.is_closing():
            self.transport.close()

    def abort(self) -> None:
        """Ends the connection now, unsent bytes or not."""
        # asyncio's TLS transport forgets its engine at a second close and then cannot abort (its own shutdown timer
        # ends it); one connection's oddity must not stop the sweep over the others.
        with suppress(AttributeError):
            self.transport.abort()

    def _refuse(self, refusal: Refusal) -> None:
        type(self).observe(refusal.reason)
        self._buffer = b""
        self._chunks = None
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started:
                self.phase = CLOSING
                self.abort()
                return
        kind = TooManyRequests if refusal.status == 429 else InvalidRequest
        self.phase = LINGER
        self.deadline = self.loop.time() + _LINGER
        self.transport.write(problem(refusal.status, kind.name, kind.title, refusal.detail, self.date[0]))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()

    def shutdown(self) -> None:
        """The front drains: an idle connection ends now, a busy one after its answer."""
        if self.phase in {FIRST, IDLE}:
            self._close()
        elif self.cycle is not None and not self.cycle.response_complete:
            self.cycle.keep_alive = False

    def end_stream(self) -> None:
        """The front's patience is over: the application sees a disconnect and the connection ends."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._close()


def make_protocol(limits: LimitsConfig, observe: Observer, date: list[bytes]) -> type[GuardedProtocol]:
    """A protocol class that enforces *limits*, calls *observe* with the reason of every refusal and sends *date*, a
    list of one ``Date`` line (or an empty one) that its owner keeps fresh.
    """
    head_limits = HeadLimits(limits.header_bytes, limits.headers, limits.url_bytes, limits.body_bytes)
    fixed = {"limits": limits, "head_limits": head_limits, "observe": staticmethod(observe), "date": date}
    return type("LimitedProtocol", (GuardedProtocol,), fixed)
