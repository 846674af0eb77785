"""The front: listening sockets, the gate at accept, the TLS handshake, the sweeper of deadlines, and the drain.

Contract: ``start`` binds and accepts or raises ``CannotRun``; ``drain`` stops accepting, lets requests finish and then
ends what is left; ``close`` ends everything at once. It accepts by itself rather than through ``create_server`` so that
the gate is asked before a TLS handshake costs anything. It installs no signal handler, writes no access log and no
``Server`` field, runs no lifespan. ``scope["client"]`` is the peer of the socket, unless ``server.trusted_proxies``
names it: then it is whom that proxy speaks for (``proxy_protocol.py``, ``behind.py``).
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from chatwarden.clock import SECOND, Clock
from chatwarden.config.model import LimitsConfig, ServerConfig
from chatwarden.edge.behind import BehindProxies, make_proxied_protocol
from chatwarden.edge.forwarded import Trusted
from chatwarden.edge.gate import ConnectionGate, Pace, Slot
from chatwarden.edge.protocol import GuardedProtocol, Observer, make_protocol
from chatwarden.edge.proxy_protocol import BadHeader, Source, read_source
from chatwarden.errors import CannotRun

ASGI = Callable[..., Any]

BACKLOG = 2048
HANDSHAKE = 5.0
_ACCEPTS_AT_ONCE = 64
_PAUSE_WITHOUT_DESCRIPTORS = 0.5
_LONGEST_USER_TIMEOUT = 2**31 - 1  # milliseconds, as the kernel counts them
_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


class Front:
    """Serves *app* on ``config.host`` and ``config.port``; over TLS where *ssl_context* is given."""

    def __init__(
        self,
        app: ASGI,
        *,
        config: ServerConfig,
        limits: LimitsConfig,
        ssl_context: ssl.SSLContext | None = None,
        gate: ConnectionGate | None = None,
        on_ready: Callable[[int], None] | None = None,
        observe: Observer | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.gate = gate or ConnectionGate(limits.connections_per_peer, limits.connections)
        self._pace = Pace(limits.new_connections_per_peer, limits.new_connections)
        self._trusted = Trusted(config.trusted_proxies)
        self._config = config
        self._limits = limits
        self._ssl = ssl_context
        self._on_ready = on_ready
        self._observe = observe or _ignore
        self._clock = clock
        self._date = [b""]
        self._state = ServerState()
        self._sockets: list[socket.socket] = []
        self._arrivals: set[asyncio.Task[None]] = set()
        self._sweep: asyncio.TimerHandle | None = None
        self._tick = _tick_of(limits)
        self._next_date = 0.0
        self._protocol = make_protocol(limits, self._observe, self._date)
        if self._trusted:
            self._protocol = make_proxied_protocol(self._protocol, self._trusted, self.gate)
        self._uvicorn = uvicorn.Config(
            app,
            http=self._protocol,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
        )

    @property
    def port(self) -> int:
        """The port that is bound; 0 before ``start``."""
        return int(self._sockets[0].getsockname()[1]) if self._sockets else 0

    @property
    def connections(self) -> int:
        """Connections that speak HTTP now (handshakes are not among them)."""
        return len(self._state.connections)

    @property
    def requests(self) -> int:
        """Requests answered since the start."""
        return self._state.total_requests

    async def start(self) -> None:
        """Binds, listens, accepts."""
        loop = asyncio.get_running_loop()
        self._uvicorn.load()
        self._sockets = await self._bind(loop)
        self._sweep_now(loop)
        for listener in self._sockets:
            loop.add_reader(listener.fileno(), self._accept, loop, listener)
        if self._on_ready is not None:
            self._on_ready(self.port)

    async def drain(self, seconds: float) -> None:
        """Stops accepting, lets running requests finish for *seconds*, then ends streams and connections."""
        loop = asyncio.get_running_loop()
        self._stop_accepting(loop)
        until = loop.time() + seconds
        while self._state.connections and loop.time() < until:
            for connection in self._living():
                connection.shutdown()
            await asyncio.sleep(min(0.05, max(0.0, until - loop.time())))
        for connection in self._living():
            connection.end_stream()
        until = loop.time() + 1.0
        while (self._state.connections or self._state.tasks) and loop.time() < until:  # noqa: ASYNC110  two sets of uvicorn's
            await asyncio.sleep(0.02)
        await self.close()

    async def close(self) -> None:
        """Ends everything now. May be called twice."""
        self._stop_accepting(asyncio.get_running_loop())
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        for connection in self._living():
            connection.end_stream()
            connection.abort()
        waiting = [*self._arrivals, *self._state.tasks]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await asyncio.sleep(0)

    # sockets

    async def _bind(self, loop: asyncio.AbstractEventLoop) -> list[socket.socket]:
        host, port = self._config.host, self._config.port
        sockets: list[socket.socket] = []
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            for family, kind, number, _, address in dict.fromkeys(found):
                listener = socket.socket(family, kind, number)
                sockets.append(listener)
                listener.setblocking(False)
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                if port == 0 and len(sockets) > 1:
                    address = (address[0], sockets[0].getsockname()[1], *address[2:])  # noqa: PLW2901
                listener.bind(address)
                listener.listen(BACKLOG)
        except OSError as error:
            for listener in sockets:
                listener.close()
            raise _cannot_bind(error, host, port) from error
        return sockets

    def _accept(self, loop: asyncio.AbstractEventLoop, listener: socket.socket) -> None:
        for _ in range(_ACCEPTS_AT_ONCE):
            try:
                peer, address = listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno in _EXHAUSTED:
                    self._observe("descriptors")
                    loop.remove_reader(listener.fileno())
                    loop.call_later(_PAUSE_WITHOUT_DESCRIPTORS, self._accept_again, loop, listener)
                return
            proxy = bool(self._trusted) and address[0] in self._trusted
            now = int(loop.time() * SECOND)
            if not (self._pace.permits_any(now) if proxy else self._pace.permits(address[0], now)):
                self._observe("connection-rate")
                peer.close()
                continue
            slot = self.gate.admit_proxy() if proxy else self.gate.admit(address[0])
            if slot is None:
                self._observe("connections")
                peer.close()
                continue
            task = loop.create_task(self._admit(loop, peer, slot, told=proxy and self._config.proxy_protocol))
            self._arrivals.add(task)
            task.add_done_callback(self._arrivals.discard)

    def _accept_again(self, loop: asyncio.AbstractEventLoop, listener: socket.socket) -> None:
        if listener in self._sockets:
            loop.add_reader(listener.fileno(), self._accept, loop, listener)

    async def _admit(self, loop: asyncio.AbstractEventLoop, peer: socket.socket, slot: Slot, *, told: bool) -> None:
        """Shakes hands and hands the connection to its protocol, which gives the slot back when it is lost. *told*: a
        PROXY header comes first.
        """
        source: Source | None = None

        def protocol() -> GuardedProtocol:
            connection = self._protocol(self._uvicorn, self._state, {}, loop)
            connection.slot = slot
            if isinstance(connection, BehindProxies):
                connection.announced = source
            return connection

        try:
            peer.setblocking(False)
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if hasattr(socket, "TCP_USER_TIMEOUT"):
                stall = min(self._limits.write_stall // 1000, _LONGEST_USER_TIMEOUT)
                peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, stall)
            if told:
                source = await self._source(loop, peer, slot)
            if self._ssl is None:
                await loop.connect_accepted_socket(protocol, peer)
            else:
                await loop.connect_accepted_socket(
                    protocol, peer, ssl=self._ssl, ssl_handshake_timeout=HANDSHAKE, ssl_shutdown_timeout=1.0
                )
        except _Refused as refused:
            self._observe(str(refused))
            slot.release()
            peer.close()
        except OSError:
            self._observe("handshake")
            slot.release()
            peer.close()
        except asyncio.CancelledError:
            slot.release()
            peer.close()
            raise

    async def _source(self, loop: asyncio.AbstractEventLoop, peer: socket.socket, slot: Slot) -> Source | None:
        """For whom the proxy speaks; that peer now has the slot. Raises ``_Refused``."""
        try:
            source = await read_source(loop, peer, self._limits.first_byte / SECOND)
        except (BadHeader, OSError):
            raise _Refused("proxy-header") from None
        if source is not None and source[0] not in self._trusted:
            if not self._pace.permits_announced(source[0], int(loop.time() * SECOND)):
                raise _Refused("connection-rate")
            if not slot.claim(source[0]):
                raise _Refused("connections")
        return source

    def _stop_accepting(self, loop: asyncio.AbstractEventLoop) -> None:
        sockets, self._sockets = self._sockets, []
        for listener in sockets:
            loop.remove_reader(listener.fileno())
            listener.close()

    # deadlines

    def _living(self) -> list[GuardedProtocol]:
        return [each for each in self._state.connections if isinstance(each, GuardedProtocol)]

    def _sweep_now(self, loop: asyncio.AbstractEventLoop) -> None:
        self._sweep = loop.call_later(self._tick, self._sweep_now, loop)
        now = loop.time()
        connections: list[Any] = list(self._state.connections)
        for connection in connections:
            if connection.deadline <= now:
                connection.expire(now)
        if self._clock is not None and now >= self._next_date:
            self._next_date = now + 0.5
            self._date[0] = f"date: {formatdate(self._clock.now() / SECOND, usegmt=True)}\r\n".encode()


class _Refused(Exception):
    """A connection that a proxy brought ends before its handshake; the text is the metric's label."""


def _ignore(_reason: str) -> None:
    """Nobody wants to know."""


def _tick_of(limits: LimitsConfig) -> float:
    """A quarter of a second, or a tenth of the shortest deadline of a laboratory."""
    shortest = min(
        limits.first_byte,
        limits.header_deadline,
        limits.body_grace,
        limits.body_deadline,
        limits.write_stall,
        limits.keep_alive,
    )
    return min(0.25, max(0.02, shortest / SECOND / 10))


def _cannot_bind(error: OSError, host: str, port: int) -> CannotRun:
    if error.errno == errno.EADDRINUSE:
        hint = "another program listens there: stop it, or choose another port under [server]"
        return CannotRun(f"port {port} on {host} is in use", hint=hint)
    if error.errno in {errno.EACCES, errno.EPERM}:
        hint = "ports below 1024 need a right of their own: choose a port from 1024 on, or grant CAP_NET_BIND_SERVICE"
        return CannotRun(f"port {port} on {host} may not be opened", hint=hint)
    hint = "the host under [server] must be an address of this machine"
    reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
    return CannotRun(f"cannot listen on {host} port {port}: {reason.lower()}", hint=hint)
