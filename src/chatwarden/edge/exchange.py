"""One request and its response: uvicorn's cycle with a cheaper and stricter ``send``.

Contract: ASGI ``receive`` is uvicorn's; ``send`` writes status line, fields and the first piece of a body of known
length with one write, and the head of a stream at once. A field that would split the response is refused before a
byte is written. Informational responses, trailers and ``Server`` are not sent; ``Date`` (RFC 9110 section 6.6.1) comes
from the front where it was given a clock. ``problem`` writes the front's own refusals (RFC 9457).
"""

from __future__ import annotations

import json
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from chatwarden.edge.head import ALLOW

_FIELD_TEXT = bytes([0x09, 0x0D, 0x0A, *range(0x20, 0x7F), *range(0x80, 0x100)])
_BODILESS = frozenset({204, 304})


def problem(status: int, name: str, title: str, detail: str, date: bytes = b"") -> bytes:
    """A whole response, ``Connection: close`` included."""
    body = json.dumps(
        {"type": f"urn:chatwarden:problem:{name}", "title": title, "status": status, "detail": detail}
    ).encode()
    return b"".join(
        (
            STATUS_LINE[status],
            date,
            b"content-type: application/problem+json\r\ncontent-length: %d\r\n" % len(body),
            b"allow: " + ALLOW + b"\r\n" if status == 405 else b"",
            b"retry-after: 1\r\n" if status == 429 else b"",
            b"cache-control: no-store\r\nconnection: close\r\n\r\n",
            body,
        )
    )


class Exchange(RequestResponseCycle):
    """A cycle that the front starts once the request is whole (or larger than what the front holds for the app)."""

    started = False
    waiting = b""
    chunked = False
    date = b""
    left = 0

    async def send(self, message: Any) -> None:
        """ASGI ``send``."""
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        kind = message["type"]
        if kind == "http.response.body" and self.response_started and not self.response_complete:
            self._send_body(message.get("body", b""), more=message.get("more_body", False))
        elif kind == "http.response.start" and not self.response_started:
            self._send_start(message["status"], message.get("headers", ()))
        else:
            raise RuntimeError(f"the application sent {kind} out of turn")

    def _send_start(self, status: int, headers: Any) -> None:
        parts = [STATUS_LINE[status], self.date]
        length = None
        closing = chunked = False
        fields = 0
        for name, value in headers:
            folded = name.lower()
            if folded == b"content-length":
                length = int(value)
            elif folded == b"transfer-encoding":
                chunked = True
                continue
            elif folded == b"connection":
                closing = b"close" in value.lower()
                continue
            parts += (folded, b": ", value, b"\r\n")
            fields += 1
        head = b"".join(parts)
        if head.translate(None, _FIELD_TEXT) or head.count(b"\n") != fields + (2 if self.date else 1):
            raise RuntimeError("a response field holds a line end or a control character")
        if closing:
            self.keep_alive = False
        method = self.scope["method"]
        if length is None and method != "HEAD" and status not in _BODILESS:
            if self.scope["http_version"] == "1.1":
                chunked = True
            else:
                self.keep_alive = False
        bodiless = method == "HEAD" or status in _BODILESS
        self.chunked = chunked and length is None and not bodiless
        self.left = -1 if length is None or bodiless else length
        self._mute = bodiless
        head += b"transfer-encoding: chunked\r\n" if self.chunked else b""
        head += b"\r\n" if self.keep_alive else b"connection: close\r\n\r\n"
        self.response_started = True
        self.waiting_for_100_continue = False
        if self.left >= 0 or bodiless:
            self.waiting = head
        else:
            self.transport.write(head)

    def _send_body(self, body: bytes, *, more: bool) -> None:
        if self._mute:
            data = b""
        elif self.chunked:
            data = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            if not more:
                data += b"0\r\n\r\n"
        else:
            data = body
            if self.left >= 0:
                self.left -= len(body)
                if self.left < 0:
                    raise RuntimeError("the response is longer than its Content-Length")
        if self.waiting:
            data = self.waiting + data
            self.waiting = b""
        if data:
            self.transport.write(data)
        if more:
            return
        if self.left > 0:
            raise RuntimeError("the response is shorter than its Content-Length")
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive and not self.transport.is_closing():
            self.transport.close()
        cast("Any", self.on_response)()

    async def send_500_response(self) -> None:
        """What an application that failed before it answered sends."""
        self.keep_alive = False
        self.response_started = self.response_complete = True
        self.message_event.set()
        self.transport.write(
            problem(500, "internal-error", "Something went wrong here", "the gateway failed here", self.date)
        )
        self.transport.close()
        cast("Any", self.on_response)()
