"""HTTPS to other machines of the company, a few times an hour: discovery, keys, tokens, notices. Not for bots.

No redirect is followed, no proxy is taken from the environment, the certificate is always verified, sizes and times are
bounded. It runs in a thread: the standard library's clients are blocking. Their timeouts are those of one read, so that
a server which says a byte now and then could hold a thread for ever; therefore the thread's line is cut from outside when
the time for the whole is over. The threads are daemons and nobody else's: one that hangs in the look-up of a name, which
nothing can cut, holds up neither other work nor the end of the process.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from chatwarden.errors import ChatwardenError, ConfigurationError

BODY_MAX = 1_048_576
_WAIT = 10.0
_T = TypeVar("_T")


class Unreachable(ChatwardenError):
    """There was no usable answer; the text names no secret."""


class Line:
    """One connection that another thread can cut."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._handle: socket.socket | None = None
        self._is_cut = False

    def connect(self, host: str, port: int, wait: float) -> socket.socket:
        """A connected socket whose reads and writes take at most *wait* seconds each. Raises OSError."""
        connected = socket.create_connection((host, port), wait)
        with self._lock:
            if self._is_cut:
                connected.close()
                raise ConnectionAbortedError
            # A handle of its own: wrapping a socket in TLS takes the descriptor out of the object that was wrapped.
            self._handle = connected.dup()
        return connected

    def cut(self) -> None:
        """Ends the connection, or keeps it from being made. Whoever waits for it gets an error."""
        with self._lock:
            self._is_cut = True
            if self._handle is not None:
                with contextlib.suppress(OSError):  # it is over already
                    self._handle.shutdown(socket.SHUT_RDWR)
                self._handle.close()
                self._handle = None


async def in_thread(work: Callable[[Line], _T], wait: float) -> _T:
    """What *work* returns, from a thread of its own. Its line is cut after *wait* seconds and when nobody waits any more.
    Raises TimeoutError, and what *work* raises.
    """
    outcome: concurrent.futures.Future[_T] = concurrent.futures.Future()
    line = Line()

    def run() -> None:
        if not outcome.set_running_or_notify_cancel():
            return
        try:
            outcome.set_result(work(line))
        except Exception as error:  # noqa: BLE001  whatever it is: who waits gets it
            outcome.set_exception(error)

    threading.Thread(target=run, name="outgoing", daemon=True).start()
    try:
        async with asyncio.timeout(wait):
            return await asyncio.wrap_future(outcome)
    finally:
        line.cut()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Field names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """Verified TLS: by the public authorities, or by the one in *ca_file* and no other. Raises ConfigurationError."""
    try:
        return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"cannot use the authority {ca_file}", setting="ca_file") from error


@cache
def _public() -> ssl.SSLContext:
    """By the public authorities, read when somebody needs them: most gateways never do."""
    return trusting(None)


class Outgoing:
    """A client that trusts the public authorities, or the one in *ca_file* and no other, and waits *wait* seconds for a
    whole answer. Raises ConfigurationError.
    """

    def __init__(self, ca_file: Path | None = None, wait: float = _WAIT) -> None:
        self._wait = wait
        self._own = None if ca_file is None else trusting(ca_file)

    async def fetch(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """One request; at most ``BODY_MAX`` bytes come back. Raises Unreachable."""
        try:
            return await in_thread(lambda line: self._fetch(line, method, url, dict(headers or {}), body), self._wait)
        except TimeoutError:
            raise Unreachable("no answer in time") from None

    def _fetch(self, line: Line, method: str, url: str, headers: dict[str, str], body: bytes | None) -> Answer:
        parts = urlsplit(url)
        host = parts.hostname or ""
        connection: http.client.HTTPConnection
        context = (self._own or _public()) if parts.scheme == "https" else None
        if context is None:
            connection = http.client.HTTPConnection(host, parts.port)
        else:
            connection = http.client.HTTPSConnection(host, parts.port, context=context)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.sock = line.connect(host, connection.port, self._wait)
            if context is not None:
                connection.sock = context.wrap_socket(connection.sock, server_hostname=host)
            connection.request(method, target, body, {"User-Agent": "chatwarden", "Connection": "close", **headers})
            with connection.getresponse() as response:
                data = response.read(BODY_MAX + 1)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unreachable(type(error).__name__) from error
        finally:
            connection.close()
        if len(data) > BODY_MAX:
            raise Unreachable("the answer is too large")
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, data)
