"""What is counted, in Prometheus' text form on ``[metrics] listen``. Labels come from closed sets, never from people."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from chatwarden import __version__
from chatwarden.classes import DataClass
from chatwarden.errors import CannotRun

_REQUEST_MAX = 8_192
_WAIT = 5.0
_MINUTES = (5, 15, 30, 60, 120, 300, 600, 1800, 3600, 14400)


class _Found(Protocol):
    @property
    def data_class(self) -> DataClass: ...


class Metrics:
    """The numbers of one gateway; helpers are cheap enough for the road of a message."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._messages = Counter(
            "chatwarden_messages", "Turns by bot and outcome", ["bot", "outcome"], registry=self.registry
        )
        self._findings = Counter(
            "chatwarden_findings", "Personal data found, by class", ["class"], registry=self.registry
        )
        self._refusals = Counter(
            "chatwarden_refusals", "Requests refused, by problem", ["problem"], registry=self.registry
        )
        self._front = Counter(
            "chatwarden_front_refusals", "Connections and requests refused by the front", ["reason"],
            registry=self.registry,
        )  # fmt: skip
        self._ended = Counter("chatwarden_sessions_ended", "Sessions ended", ["reason"], registry=self.registry)
        self._destroyed = Counter(
            "chatwarden_messages_destroyed", "Messages destroyed", ["reason"], registry=self.registry
        )
        self._failures = Counter(
            "chatwarden_bot_failures", "Bots that failed, by reason", ["bot", "reason"], registry=self.registry
        )
        self._bot_seconds = Histogram(
            "chatwarden_bot_seconds", "Time until a bot had answered", ["bot"], registry=self.registry
        )
        self._units = Counter("chatwarden_commit_units", "Units of work made durable", registry=self.registry)
        self._groups = Histogram("chatwarden_commit_seconds", "Time of one group commit", registry=self.registry)
        self._paused = Gauge(
            "chatwarden_bot_paused", "Whether a bot is paused (1) or asked (0)", ["bot"], registry=self.registry
        )
        self._prompt_lateness = Histogram(
            "chatwarden_prompt_lateness_seconds", "How late people were asked whether they are still there",
            buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5), registry=self.registry,
        )  # fmt: skip
        self.sessions = Gauge("chatwarden_sessions", "Living sessions in memory", registry=self.registry)
        self.streams = Gauge("chatwarden_event_streams", "Open event streams", registry=self.registry)

        self._sweeps = Counter("chatwarden_sweeps", "Sweeps of what is due", ["outcome"], registry=self.registry)
        for outcome in ("done", "failed"):
            self._sweeps.labels(outcome)  # there from the start: an alarm looks at what does not grow
        self._notices = Counter(
            "chatwarden_notices", "Notices to people and administrators, by way and outcome", ["way", "outcome"],
            registry=self.registry,
        )  # fmt: skip
        for way in ("mail", "webhook"):
            for outcome in ("sent", "failed", "given-up"):
                self._notices.labels(way, outcome)
        self._syslog = Counter(
            "chatwarden_syslog_batches", "Batches of log entries for the syslog receiver, by outcome", ["outcome"],
            registry=self.registry,
        )  # fmt: skip
        for outcome in ("taken", "failed"):
            self._syslog.labels(outcome)
        self.syslog_waiting = Gauge(
            "chatwarden_syslog_waiting", "Entries of the log that the syslog receiver has not taken yet",
            registry=self.registry,
        )  # fmt: skip
        self.syslog_oldest = Gauge(
            "chatwarden_syslog_waiting_seconds", "How long the oldest of them has been waiting", registry=self.registry
        )
        self._handoffs = Counter(
            "chatwarden_handoffs", "What happened to hand-offs to people", ["what"], registry=self.registry
        )
        for what in ("offer", "request", "give-up"):
            self._handoffs.labels(what)
        self._handed_over = Counter(
            "chatwarden_handed_over", "Conversations for which a person was asked for, by reason", ["reason"],
            registry=self.registry,
        )  # fmt: skip
        self._handed_over.labels("asked")
        self._waited = Histogram(
            "chatwarden_handoff_waiting_seconds", "From the request for a person until an agent had it",
            buckets=_MINUTES, registry=self.registry,
        )  # fmt: skip
        self._handled = Histogram(
            "chatwarden_handoff_handling_seconds", "From then until the agent was done", buckets=_MINUTES,
            registry=self.registry,
        )  # fmt: skip
        self.desk_waiting = Gauge("chatwarden_desk_waiting", "People who wait for an agent", registry=self.registry)
        self.desk_oldest = Gauge(
            "chatwarden_desk_waiting_oldest_seconds",
            "How long the first of them has been waiting",
            registry=self.registry,
        )
        self._desk_agents = Gauge(
            "chatwarden_desk_agents", "Agents at the desk, by presence", ["presence"], registry=self.registry
        )
        for word in ("available", "away", "offline"):
            self._desk_agents.labels(word)
        self.certificate_end = Gauge(
            "chatwarden_certificate_end_seconds", "When the certificate that is shown ends, Unix time",
            registry=self.registry,
        )  # fmt: skip
        Info("chatwarden_build", "The program that runs", registry=self.registry).info({"version": __version__})
        ProcessCollector(registry=self.registry)

    def message(self, bot: str, outcome: str) -> None:
        """A turn ended."""
        self._messages.labels(bot, outcome).inc()

    def findings(self, items: Iterable[_Found]) -> None:
        """Personal data was found in a message."""
        for item in items:
            self._findings.labels(item.data_class.value).inc()

    def refusal(self, problem: str) -> None:
        """A request was refused."""
        self._refusals.labels(problem).inc()

    def front(self, reason: str) -> None:
        """The front refused."""
        self._front.labels(reason).inc()

    def prompted(self, seconds: float) -> None:
        """A silent person was asked this long after they should have been."""
        self._prompt_lateness.observe(seconds)

    def session_ended(self, reason: str) -> None:
        """A session ended."""
        self._ended.labels(reason).inc()

    def destroyed(self, reason: str) -> None:
        """A message is gone."""
        self._destroyed.labels(reason).inc()

    def bot_failure(self, bot: str, reason: str) -> None:
        """A bot failed."""
        self._failures.labels(bot, reason).inc()

    def bot_seconds(self, bot: str, seconds: float) -> None:
        """A bot answered."""
        self._bot_seconds.labels(bot).observe(seconds)

    def paused(self, bot: str, *, on: bool) -> None:
        """Whether a bot is paused."""
        self._paused.labels(bot).set(on)

    def handoff(self, what: str) -> None:
        """Something happened to a hand-off."""
        self._handoffs.labels(what).inc()

    def handed_over(self, reason: str) -> None:
        """A person was asked for."""
        self._handed_over.labels(reason).inc()

    def waited(self, seconds: float) -> None:
        """An agent has somebody who waited this long."""
        self._waited.observe(seconds)

    def handled(self, seconds: float) -> None:
        """An agent was done after this long."""
        self._handled.observe(seconds)

    def desk(self, waiting: int, oldest: float, presence: Mapping[str, int]) -> None:
        """How the desk stands."""
        self.desk_waiting.set(waiting)
        self.desk_oldest.set(oldest)
        for word, count in presence.items():
            self._desk_agents.labels(word).set(count)

    def group(self, units: int, seconds: float) -> None:
        """The storage committed a group."""
        self._units.inc(units)
        self._groups.observe(seconds)

    def swept(self, outcome: str) -> None:
        """A sweep was done or failed."""
        self._sweeps.labels(outcome).inc()

    def notice(self, way: str, outcome: str) -> None:
        """A notice was sent, could not be sent, or was given up."""
        self._notices.labels(way, outcome).inc()

    def syslog(self, outcome: str) -> None:
        """A batch of entries was taken by the receiver, or not."""
        self._syslog.labels(outcome).inc()

    def text(self) -> bytes:
        """Everything, in the text exposition format."""
        return generate_latest(self.registry)


class MetricsServer:
    """Serves the numbers to a scraper: ``GET /metrics`` and nothing else, one request a connection."""

    def __init__(self, metrics: Metrics, listen: str) -> None:
        self._metrics = metrics
        self._listen = listen
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Begins to listen, unless it is switched off. Raises CannotRun."""
        if self._listen == "off":
            return
        host, _, port = self._listen.rpartition(":")
        try:
            self._server = await asyncio.start_server(self._serve, host.strip("[]"), int(port), limit=_REQUEST_MAX)
        except OSError as error:
            raise CannotRun(
                f"cannot listen for metrics on {self._listen}: {error.strerror}",
                hint='set [metrics] listen to a free address, or to "off"',
            ) from error

    async def close(self) -> None:
        """Stops listening."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_WAIT):
                head = await reader.readuntil(b"\r\n\r\n")
            target = head.split(b" ", 2)[:2]
            if target == [b"GET", b"/metrics"]:
                body, status, kind = self._metrics.text(), b"200 OK", CONTENT_TYPE_LATEST.encode()
            else:
                body, status, kind = b"only GET /metrics is here\n", b"404 Not Found", b"text/plain"
            writer.write(
                b"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                % (status, kind, len(body), body)
            )
            await writer.drain()
        except (TimeoutError, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return  # not a scraper
        finally:
            writer.close()
