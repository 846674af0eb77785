"""The gateway as a process: listens, sweeps, reloads, drains.

``ready https://HOST:PORT`` goes to standard output when connections are accepted. SIGTERM and SIGINT drain and exit 0;
SIGHUP reads certificate and configuration again.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import resource
import signal
import ssl
import sys
from collections.abc import AsyncIterator, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import uvloop

from chatwarden import supervisor
from chatwarden.app import apply_reload, opened
from chatwarden.audit.model import Event
from chatwarden.checks import refuse_misplaced
from chatwarden.clock import SECOND
from chatwarden.config import certificates
from chatwarden.config.home import Home
from chatwarden.config.model import Config
from chatwarden.config.parse import read
from chatwarden.edge.gate import ConnectionGate
from chatwarden.edge.server import Front
from chatwarden.edge.tls import reload, server_context
from chatwarden.errors import CannotRun, ConfigurationError
from chatwarden.log import get_logger
from chatwarden.metrics import Metrics, MetricsServer
from chatwarden.node import Node
from chatwarden.notify.model import Way
from chatwarden.storage.model import StorageFailed
from chatwarden.web.control import ControlSocket
from chatwarden.web.site import site

_SWEEP = 0.25  # seconds
_LEAST = 0.005
_TELL = 1.0
_WATCH = 1.0
_INTEGRATE = 1.0
_KEEP_ALIVE = 15.0
_RENEWAL = 3600.0
_log = get_logger("gateway")


def serve(home: Home, config: Config) -> int:
    """Runs until told to stop; returns the exit code. A crash leaves no file with what was in memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serve(home, config))


async def _serve(home: Home, config: Config) -> int:
    metrics = Metrics()
    # What is loaded now lives as long as the process: the collector need not look at it again, nor so often.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    async with opened(home, config, metrics) as node:
        await refuse_misplaced(node, home, config)
        certificate = certificates.current(home, config, node.services.clock.now())
        context = server_context(certificate.chain, certificate.key, minimum=config.tls.minimum)
        _tell_end(metrics, certificate.chain)
        front = Front(
            site(node.services),
            config=config.server,
            limits=config.limits,
            ssl_context=context,
            gate=ConnectionGate(config.limits.connections_per_peer, config.limits.connections),
            observe=metrics.front,
            clock=node.services.clock,
        )
        control = ControlSocket(node.services, home.socket)
        exposition = MetricsServer(metrics, config.metrics_listen)
        stop = asyncio.Event()
        running = _Running(home, config, node, context)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        loop.add_signal_handler(signal.SIGHUP, running.reload_soon)
        await front.start()
        try:
            if not config.server.public_url:
                node.services.public_url = f"https://{_host(config.server.host)}:{front.port}"
            await _serve_metrics(exposition, config)
            await control.start()
            await node.record(Event.GATEWAY_STARTED)
            async with _background(
                running.sweeping(),
                running.passing_time(),
                running.watching_keeper(),
                running.watching_broker(),
                running.integrating(),
                running.witnessing(),
                running.keeping_alive(),
                running.forwarding(),
                running.renewing(),
                *(running.telling(way) for way in Way),
            ):
                sys.stdout.write(f"ready https://{_host(config.server.host)}:{front.port}\n")
                sys.stdout.flush()
                supervisor.tell(supervisor.READY)
                _log.info("gateway-ready", port=front.port)
                await stop.wait()
            supervisor.tell(supervisor.STOPPING)
            node.draining = True
            _log.info("gateway-draining")
            node.services.hub.close()
        finally:
            await front.drain(config.server.drain / SECOND)
            await control.close()
            await exposition.close()
        await node.record(Event.GATEWAY_STOPPED)
        with contextlib.suppress(StorageFailed):  # the next start does it
            await node.integrate()
    _log.info("gateway-stopped")
    return 0


async def _serve_metrics(exposition: MetricsServer, config: Config) -> None:
    """Where the operator chose an address, it must be free. The default one may be another gateway's on this machine:
    the road of messages does not wait for numbers.
    """
    try:
        await exposition.start()
    except CannotRun:
        if config.metrics_listen != Config().metrics_listen:
            raise
        _log.warning("metrics-not-served", listen=config.metrics_listen)


class _Running:
    """What goes on beside the requests."""

    def __init__(self, home: Home, config: Config, node: Node, context: ssl.SSLContext) -> None:
        self._home = home
        self._config = config
        self._node = node
        self._context = context
        self._reloads: set[asyncio.Task[None]] = set()

    async def sweeping(self) -> None:
        """Deadlines made visible. A sweep that fails is told and tried again: every use checks deadlines itself."""
        while True:
            try:
                await self._node.sweep()
            except StorageFailed:
                _log.error("sweep-failed")
                self._node.services.metrics.swept("failed")
            else:
                self._node.services.metrics.swept("done")
            await asyncio.sleep(_SWEEP)

    async def passing_time(self) -> None:
        """Asks and ends sessions in the instant that is theirs, not with the next sweep."""
        services = self._node.services
        while True:
            due = services.sessions.register.next_due()
            wait = _SWEEP if due is None else (due - services.clock.now()) / SECOND
            await asyncio.sleep(min(_SWEEP, max(wait, _LEAST)))
            await services.sessions.pass_time(services.clock.now())

    async def telling(self, way: Way) -> None:
        """Notices that are due. Each way by itself: a mail server that does not answer holds up no webhook."""
        services = self._node.services
        while True:
            more = False
            try:
                more = await services.notify.deliver_by(way, services.clock.now())
            except StorageFailed:
                _log.error("notices-not-settled", way=way.value)
            await asyncio.sleep(0 if more else _TELL)

    async def forwarding(self) -> None:
        """Entries of the log to the syslog receiver. It has a clock and a pace of its own, and nobody waits for it."""
        node = self._node
        while node.forwarder is not None:
            more = False
            try:
                more = await node.forwarder.deliver(node.services.clock.now())
            except StorageFailed:
                _log.error("syslog-not-settled")
            await asyncio.sleep(0 if more else _TELL)

    async def watching_keeper(self) -> None:
        """There is a keeper, and what one that ended took with it is known. What was left undone is done."""
        while True:
            try:
                await self._node.watch_keeper()
                await self._node.services.conversations.endings.settle_marked()
            except StorageFailed:
                _log.error("keeper-not-watched")
            await asyncio.sleep(_WATCH)

    async def watching_broker(self) -> None:
        """Leases that ended are taken back, at once and until that worked."""
        ended = self._node.services.errands.leases.ended
        while True:
            try:
                await self._node.watch_broker()
            except StorageFailed:
                _log.error("leases-not-recorded")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_WATCH):
                    await ended.wait()

    async def integrating(self) -> None:
        """The log's tree follows what is committed. One that cannot be written is told and tried again: entries are
        durable without it.
        """
        while True:
            try:
                await self._node.integrate()
            except StorageFailed:
                _log.error("audit-not-integrated")
            await asyncio.sleep(_INTEGRATE)

    async def witnessing(self) -> None:
        """Others cosign what the log says of itself. Nothing waits for them."""
        while True:
            await asyncio.sleep(_INTEGRATE)
            try:
                await self._node.witness()
            except StorageFailed:
                _log.error("cosignature-not-kept")

    async def keeping_alive(self) -> None:
        """Comments on open streams, and a sign of life for the supervisor."""
        while True:
            supervisor.tell(supervisor.ALIVE)
            await asyncio.sleep(_KEEP_ALIVE)
            self._node.services.hub.keep_alive()

    async def renewing(self) -> None:
        """The gateway's own certificate, before it runs out."""
        while True:
            await asyncio.sleep(_RENEWAL)
            self._load_certificate(self._config)

    def reload_soon(self) -> None:
        """SIGHUP."""
        task = asyncio.get_running_loop().create_task(self._reload())
        self._reloads.add(task)
        task.add_done_callback(self._reloads.discard)

    async def _reload(self) -> None:
        supervisor.tell(supervisor.reloading())
        try:
            await self._take_over()
        finally:
            supervisor.tell(supervisor.READY)

    async def _take_over(self) -> None:
        try:
            config = read(self._config.source or self._home.config)
        except ConfigurationError as error:
            _log.error("reload-refused", line=error.line or 0)
            return
        tls = replace(config.tls, minimum=self._config.tls.minimum)
        self._load_certificate(replace(self._config, tls=tls))
        try:
            restart = apply_reload(self._node.services, config, self._home)
        except ConfigurationError as error:
            _log.error("reload-refused", line=error.line or 0)
            return
        for name in restart:
            _log.warning("reload-needs-restart", setting=name)
        services = self._node.services
        misplaced = await services.misplaced.in_files(services.config.bots, self._home.path, services.clock.now())
        held = {name for name, _, _ in misplaced}
        for name in [*held, *services.bots.reload(but=held)]:
            _log.error("reload-refused-bot", bot=name)
        for name in self._node.services.provider.reconfigure(config):
            _log.error("reload-refused-client", client=name)
        await self._node.record(Event.GATEWAY_RELOADED)
        _log.info("gateway-reloaded")

    def _load_certificate(self, config: Config) -> None:
        """New handshakes get the certificate that lies there now. One that cannot be used changes nothing."""
        now = self._node.services.clock.now()
        try:
            pair = certificates.current(self._home, config, now)
            certificates.check_validity(pair.chain, now)
            reload(self._context, pair.chain, pair.key)
        except (ConfigurationError, OSError):
            _log.error("certificate-refused")
        else:
            self._config = config
            _tell_end(self._node.services.metrics, pair.chain)


def _tell_end(metrics: Metrics, chain: Path) -> None:
    """The end of the certificate that is shown, as a number. For want of a number nothing stops."""
    with contextlib.suppress(ValueError, OSError):
        metrics.certificate_end.set(certificates.end_of(chain) / SECOND)


@contextlib.asynccontextmanager
async def _background(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Runs *work* beside the body and cancels it afterwards; if one of it fails, the gateway stops."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one) for one in work]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host else host
