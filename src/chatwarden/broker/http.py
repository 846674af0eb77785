"""One application over HTTP/1.1 (RFC 9112): a request goes to an address that was looked at, an answer comes back whole.

A name is resolved, every address of it must be allowed, and the connection goes to one of these very addresses; the
certificate is checked for the name. No redirect is followed, no cookie kept, no proxy used, nothing sent twice. An answer
is bounded in time and size, before and after it is unpacked; one in a coding that is not understood is no answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import ssl
import zlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httptools

from chatwarden.broker.addresses import allowed
from chatwarden.broker.wire import BODY_MAX
from chatwarden.errors import ChatwardenError

HEAD_MAX = 65_536
CONNECT = 5.0
WHOLE = 30.0
_IDLE = 4.0  # servers close idle connections after five seconds and more
_KEPT = 32
_PIECE = 65_536
_TARGET = re.compile(r"/[!-~]*")


class Unreached(ChatwardenError):
    """There is no usable answer; the text is one word that names no secret."""


@dataclass(slots=True)
class Answer:
    """What came back. Field names are lower case."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def header(self, name: str) -> str:
        """The first field of this name, or an empty string."""
        return next((value for known, value in self.headers if known == name), "")


class _Reading:
    """What httptools calls."""

    def __init__(self) -> None:
        self.answer = Answer()
        self.done = self.keep = False
        self._size = self._head = 0
        self._pieces: list[bytes] = []
        self.parser = httptools.HttpResponseParser(self)

    def take(self, piece: bytes) -> None:
        """What came. Raises Unreached."""
        if not piece:
            raise Unreached("truncated")
        self.parser.feed_data(piece)

    def on_message_begin(self) -> None:
        if self.done:  # a second answer behind the first is nobody's, and must not become the next person's
            raise Unreached("malformed")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head += len(name) + len(value)
        if self._head > HEAD_MAX:
            raise Unreached("oversized")
        self.answer.headers.append((name.decode("latin-1").lower(), value.decode("latin-1").strip()))

    def on_headers_complete(self) -> None:
        self.answer.status = self.parser.get_status_code()
        self.keep = self.parser.should_keep_alive()
        if self.answer.status < 200:  # an interim answer (1xx) is passed over
            self.answer.headers.clear()

    def on_body(self, body: bytes) -> None:
        self._size += len(body)
        if self._size > BODY_MAX:
            raise Unreached("oversized")
        self._pieces.append(body)

    def on_message_complete(self) -> None:
        if self.answer.status >= 200:
            self.answer.body = b"".join(self._pieces)
            self.done = True


@dataclass(slots=True)
class _Line:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    since: float = 0.0
    unasked: asyncio.Task[bytes] | None = None

    def rest(self) -> None:
        """Keeps it for the next request. What comes before that request answers nothing, and spoils the line."""
        loop = asyncio.get_running_loop()
        self.since, self.unasked = loop.time(), loop.create_task(self.reader.read(1))
        self.unasked.add_done_callback(lambda task: task.cancelled() or task.exception())

    async def fit(self) -> bool:
        """Whether it may carry a request: it stood for a moment only, and nothing came on it, not even its end."""
        assert self.unasked is not None
        clean = self.unasked.cancel()
        await asyncio.wait([self.unasked])
        return clean and self.unasked.cancelled() and asyncio.get_running_loop().time() - self.since < _IDLE

    def close(self) -> None:
        """Lets go."""
        if self.unasked is not None:
            self.unasked.cancel()
        self.writer.close()


class Origin:
    """Scheme, host and port of *url*. ``ca`` is the one authority that may stand behind it, in PEM; none: the public ones."""

    def __init__(self, url: str, *, private: bool, ca: str = "") -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._tls = parts.scheme == "https"
        self._port = parts.port or (443 if self._tls else 80)
        self._authority = parts.netloc
        self._private = private
        self._context = _context(ca) if self._tls else None
        self._idle: deque[_Line] = deque()

    async def fetch(
        self, method: str, target: str, headers: list[tuple[str, str]], body: bytes, seconds: float = WHOLE
    ) -> Answer:
        """One request and its whole answer. Raises Unreached."""
        fields = [("host", self._authority), *headers, ("accept-encoding", "identity")]
        if body or method in {"POST", "PUT", "PATCH"}:
            fields.append(("content-length", str(len(body))))
        if not all(name.isascii() and value.isprintable() for name, value in fields) or not _TARGET.fullmatch(target):
            raise Unreached("malformed")  # it would end a line, and begin another
        head = "".join(f"{name}: {value}\r\n" for name, value in fields)
        try:
            async with asyncio.timeout(seconds):
                return await self._exchange(f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body)
        except TimeoutError:
            raise Unreached("timeout") from None
        except ssl.SSLError:
            raise Unreached("tls") from None
        except (OSError, UnicodeError):
            raise Unreached("unreachable") from None
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:  # siblings, not parent and child
            # What a callback raises comes wrapped.
            raise (error.__context__ if isinstance(error.__context__, Unreached) else Unreached("malformed")) from None

    async def _exchange(self, request: bytes) -> Answer:
        line = await self._kept() or await self._connected()
        reading = _Reading()
        try:
            line.writer.write(request)
            while not reading.done:
                reading.take(await line.reader.read(_PIECE))
        except BaseException:
            line.writer.transport.abort()
            raise
        if reading.keep and len(self._idle) < _KEPT:
            line.rest()
            self._idle.append(line)
        else:
            line.writer.close()
        return _unpacked(reading.answer)

    async def _kept(self) -> _Line | None:
        while self._idle:
            line, fit = self._idle.pop(), False
            try:
                fit = await line.fit()
            finally:
                if not fit:
                    line.close()
            if fit:
                return line
        return None

    async def _connected(self) -> _Line:
        async with asyncio.timeout(CONNECT):
            name = self._host if self._tls else None
            error: OSError = ConnectionRefusedError()
            for family, address in await self._addresses():
                try:
                    reader, writer = await asyncio.open_connection(
                        address, self._port, ssl=self._context, server_hostname=name, family=family
                    )
                except ssl.SSLError:
                    raise
                except OSError as refused:
                    error = refused
                else:
                    return _Line(reader, writer)
            raise error

    async def _addresses(self) -> Sequence[tuple[socket.AddressFamily, str]]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys((family, str(place[0])) for family, _, _, _, place in found))
        if not all(allowed(address, private=self._private) for _, address in addresses):
            raise Unreached("address")
        return addresses

    def close(self) -> None:
        """Closes what is kept."""
        while self._idle:
            self._idle.pop().close()


def _unpacked(answer: Answer) -> Answer:
    coding = answer.header("content-encoding").lower()
    if coding in {"gzip", "x-gzip", "deflate"}:
        unpacker = zlib.decompressobj(47 if coding != "deflate" else 15)
        with contextlib.suppress(zlib.error):
            body = unpacker.decompress(answer.body, BODY_MAX + 1)
            if len(body) > BODY_MAX:
                raise Unreached("oversized")
            if unpacker.eof and not unpacker.unused_data:
                return Answer(answer.status, answer.headers, body)
        raise Unreached("malformed")
    if coding not in {"", "identity"}:
        raise Unreached("coding")
    return answer


def _context(ca: str) -> ssl.SSLContext:
    """Verified TLS. Raises ValueError for what is no certificate."""
    context = ssl.create_default_context(cadata=ca) if ca else ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
