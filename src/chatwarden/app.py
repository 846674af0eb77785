"""Joins the parts: opens a home, builds the services over it, runs the gateway or one operation.

The only place that knows which capability is told of what another one does (house plan, seams).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any

from chatwarden import __version__
from chatwarden.audit.model import Event, Lane
from chatwarden.audit.service import AuditLog
from chatwarden.bots.pause import Pauses
from chatwarden.bots.service import Bots
from chatwarden.bots.turns import TurnTokens
from chatwarden.clock import MINUTE, SECOND, Duration, Instant, SystemClock
from chatwarden.config import certificates
from chatwarden.config.home import Home
from chatwarden.config.locate import locate
from chatwarden.config.model import BotConfig, Config
from chatwarden.conversations.model import Conversation, Destroyed, Message, Sealed
from chatwarden.conversations.service import Conversations
from chatwarden.detection.scan import Scanner
from chatwarden.edge.gcra import MemoryThrottle
from chatwarden.edge.tls import server_context
from chatwarden.ephemeral.ring import Gone, KeyRing
from chatwarden.errors import CannotRun, ChatwardenError, ConfigurationError
from chatwarden.gateway import Gateway
from chatwarden.identity.company.provider import CompanyProvider
from chatwarden.identity.company.service import CompanyLogins
from chatwarden.identity.factors import Factors
from chatwarden.identity.logins import Logins, checker
from chatwarden.identity.parties import Parties
from chatwarden.identity.passwords import Passwords
from chatwarden.identity.policy import PasswordPolicy
from chatwarden.identity.provider import Provider
from chatwarden.identity.service import Identity
from chatwarden.metrics import Metrics
from chatwarden.notify.service import Notify, Ways
from chatwarden.screening import Screening
from chatwarden.sessions import rules
from chatwarden.sessions.answers import Answers
from chatwarden.sessions.model import Session
from chatwarden.sessions.service import Sessions
from chatwarden.storage.engine import open_database
from chatwarden.storage.model import Database, StorageFailed, Transaction
from chatwarden.web import operations
from chatwarden.web.api.events import destroyed_data, prompt_data
from chatwarden.web.context import Services
from chatwarden.web.streams import Hub
from chatwarden.web.views import message_view

_FORGET_EVERY = 5 * MINUTE
_SET_META = "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


class RingSealer:
    """The key ring in the shape that the record asks for."""

    def __init__(self, ring: KeyRing, database: Database) -> None:
        self.ready = ring.ready
        self._ring = ring
        self._database = database

    async def prepare(self, bucket: Instant) -> None:
        """Room for the rows of this bucket first, then its key: a bucket that is ready has both."""
        await self._database.prepare(bucket)
        await self._ring.prepare(bucket)

    def seal(self, bucket: Instant, aad: bytes, plaintext: bytes) -> Sealed:
        """Seals under a prepared bucket."""
        return self._ring.seal(bucket, aad, plaintext)

    def unseal(self, bucket: Instant, page: int, index: int, blob: bytes, aad: bytes) -> bytes | None:
        """The plaintext, or None when its key is gone."""
        try:
            return self._ring.unseal(bucket, page, index, blob, aad)
        except Gone:
            return None


@asynccontextmanager
async def opened(home: Home, config: Config, metrics: Metrics) -> AsyncIterator[Node]:
    """The services over a locked *home*, swept before anybody may use them, and closed in order."""
    database = await open_database(config.storage, home.path, home.database, metrics.group)
    try:
        await _belongs(database, home)
    except ChatwardenError:
        await database.close()
        raise
    audit = AuditLog(database)
    clock = SystemClock(floor=await audit.last_instant())
    ring = await KeyRing.open(home.ring)
    passwords = Passwords(config.limits.argon2, home.key("pepper", 32))
    hub = Hub()
    sessions = Sessions(database, audit, config.session, key=home.key("people", 32))
    conversations = Conversations(database, audit, RingSealer(ring, database), key=home.key("record", 32))
    bots = Bots(config.bots, home.path, clock, on_failure=metrics.bot_failure, on_answer=metrics.bot_seconds)
    pauses = Pauses(database, audit)
    turns = TurnTokens()
    throttle = MemoryThrottle()

    def publish(conversation: Conversation, message: Message) -> None:
        if hub.listening(conversation.id):
            view = message_view(message, conversations.reply_id(conversation, message))
            hub.publish(conversation.id, "message", view, seq=message.seq)

    def offer(conversation: Conversation) -> None:
        hub.publish(conversation.id, "handoff", {"state": conversation.state})

    gateway = Gateway(
        config,
        clock,
        database,
        audit,
        sessions,
        Screening(Scanner(), config),
        conversations,
        bots,
        pauses,
        turns,
        throttle,
        metrics,
        publish,
        offer,
    )
    notify = Notify(
        database, audit, Ways(config.notify, home.path), lambda: (config.server.name, services.relying_party.id),
        key=home.key("people", 32), count=metrics.notice,
    )  # fmt: skip
    identity = Identity(
        database, audit, passwords, PasswordPolicy(config, home.path), key=home.key("people", 32), rights=config.rights,
        tell=notify.tell,
    )  # fmt: skip
    factors = Factors(database, audit, home.key("factors", 32), tell=notify.tell)
    provider = Provider.over(home, config, database, audit)

    def charge(key: str, now: Instant) -> Duration:
        rate = services.config.limits.login_failures
        return 0 if rate is None else throttle.take(key, rate, now)

    logins = Logins(identity, factors, database, audit, charge, throttle.forgive)
    answers = Answers(sessions, checker(identity, factors, lambda: services.relying_party), config.step_up)
    services = Services(
        config, clock, audit, identity, factors, logins, provider,
        CompanyLogins(config, home.path, database, audit, home.key("company", 32)), sessions, answers, conversations,
        bots, gateway, throttle, hub, notify, metrics, config.server.public_url,
    )  # fmt: skip
    node = Node(services, database, ring)
    node.listen()
    try:
        await conversations.load()
        await pauses.load()
        await node.sweep()
        yield node
    finally:
        await sessions.flush()
        await bots.close()
        passwords.close()
        await ring.close()
        await database.close()


async def _belongs(database: Database, home: Home) -> None:
    """A record opens with the keys of its own home only. Raises CannotRun for another's."""
    mark = hashlib.sha256(b"chatwarden home" + home.key("record", 32)).hexdigest()
    known = await database.fetch("SELECT value FROM meta WHERE name = 'home'")
    if not known:
        tx = Transaction()
        tx.add(_SET_META, ("home", mark))
        await database.commit(tx)
    elif known[0][0] != mark:
        raise CannotRun(
            "the database holds the record of another home", hint="name that home with --home, or an empty database"
        )


class Node:
    """The services of one home, with what must happen as time passes."""

    def __init__(self, services: Services, database: Database, ring: KeyRing) -> None:
        self.services = services
        self.database = database
        self.ring = ring
        self.draining = False
        services.ready = self.trouble
        self._forgotten_at: Instant = 0

    def listen(self) -> None:
        """From now on one capability hears what another one did."""
        services = self.services
        services.sessions.on_ended += [
            self.session_ended, lambda session: services.gateway.turns.revoke(session.id)
        ]  # fmt: skip
        services.provider.tell = services.companies.tell = services.notify.tell
        services.sessions.on_prompted.append(self.session_prompted)
        services.sessions.on_confirmed.append(lambda session: services.hub.tell(session.id, "", None))  # wakes streams
        services.conversations.on_destroyed.append(self.message_destroyed)

    async def sweep(self) -> None:
        """Makes true deadlines visible: keys destroyed, rows gone, sessions ended, streams told. First of all at
        start, then about once a second.
        """
        services = self.services
        now = services.clock.now()
        # One that fails must not keep the others from their work; the first failure is told after all were tried.
        failures: list[StorageFailed] = []
        for step in (self._destroy_keys, self._destroy_rows, services.sessions.sweep):
            try:
                await step(now)
            except StorageFailed as failed:
                failures.append(failed)
        for bot in services.bots.all():
            services.metrics.paused(bot.config.name, on=services.gateway.pauses.holds(bot.config.name))
        services.metrics.sessions.set(services.sessions.count)
        services.metrics.streams.set(services.hub.count)
        if failures:
            raise failures[0]
        if now - self._forgotten_at >= _FORGET_EVERY:
            self._forgotten_at = now
            await services.conversations.forget(now, now - services.config.retention.tombstones)
            await self.database.scrub(now)  # an hour that ended since its last message was destroyed
            await services.provider.tend(now)
            await services.companies.sessions.forget(now)

    async def _destroy_keys(self, now: Instant) -> None:
        await self.ring.destroy_due(now)

    async def _destroy_rows(self, now: Instant) -> None:
        if await self.services.conversations.destroy_due(now):
            await self.database.scrub(now)

    async def record(self, event: Event) -> None:
        """Notes an act of the gateway itself."""
        tx = Transaction()
        now = self.services.clock.now()
        self.services.audit.append(tx, event, lane=Lane.SYSTEM, actor="system", at=now, reason=__version__)
        await self.database.commit(tx)

    async def trouble(self) -> str:
        """Why the gateway cannot take messages now, or an empty string."""
        if self.draining:
            return "the gateway is stopping"
        tx = Transaction()
        tx.add(_SET_META, ("ready-probe", str(self.services.clock.now())))
        try:
            await self.database.commit(tx)
        except StorageFailed:
            return "the storage cannot be written"
        return ""

    def session_ended(self, session: Session) -> None:
        """A session is over: its streams are told and closed."""
        reason = session.end_reason.value if session.end_reason else "revoked"
        self.services.hub.tell(session.id, "session.ended", {"reason": reason}, last=True)
        self.services.metrics.session_ended(reason)

    def session_prompted(self, session: Session) -> None:
        """A person is asked whether they are still there."""
        if not session.asked:
            late = self.services.clock.now() - rules.prompt_at(session)
            self.services.metrics.prompted(max(0.0, late / SECOND))
        data = prompt_data(self.services, session)
        if data is not None:
            self.services.hub.tell(session.id, "session.prompt", data)

    def message_destroyed(self, destroyed: Destroyed) -> None:
        """A message is gone: open screens forget it."""
        self.services.hub.publish(destroyed.conversation, "message.destroyed", destroyed_data(destroyed))
        self.services.metrics.destroyed(destroyed.reason)


async def offline(home: Home, config: Config, command: str, args: dict[str, Any]) -> object:
    """Runs one operation over a home that no gateway holds; the caller has taken its lock."""
    async with opened(home, config, Metrics()) as node:
        return await operations.run(node.services, command, args)


def prepare_files(home: Home, config: Config) -> None:
    """Keys and certificates, where they are missing. Raises CannotRun."""
    home.key("record", 32)
    certificates.current(home, config, SystemClock().now())


def check_files(home: Home, config: Config) -> None:
    """Reads the files that *config* names as a start would: keys, certificates, knowledge. Raises ConfigurationError
    with the line of the setting that leads to the faulty one.
    """
    clock = SystemClock()
    for name, bot in config.bots.items():
        with _lines(config, ("bots", name), otherwise="knowledge"):
            Bots(
                {name: bot},
                home.path,
                clock,
                on_failure=lambda _bot, _reason: None,
                on_answer=lambda _bot, _seconds: None,
            )
    with _lines(config, ("passwords",)):
        PasswordPolicy(config, home.path)
    bare = replace(config, clients={}, sites={})
    for name, client in config.clients.items():
        with _lines(config, ("clients", name)):
            Parties(replace(bare, clients={name: client}), home.path)
    for name, company in config.company.items():
        with _lines(config, ("company", name)):
            CompanyProvider(company, home.path)
    for name, site in config.sites.items():
        with _lines(config, ("sites", name)):
            Parties(replace(bare, sites={name: site}), home.path)
    with _lines(config, ("notify",)):
        Ways(config.notify, home.path)
    if config.tls.certificate_file is not None:
        with _lines(config, ("tls",)):
            pair = certificates.current(home, config, 0)
            server_context(pair.chain, pair.key, minimum=config.tls.minimum)


def check_dates(home: Home, config: Config, now: Instant) -> None:
    """Refuses certificates that are not valid now. A start does not: a proxy in front may not mind."""
    if config.tls.certificate_file is not None:
        with _lines(config, ("tls",)):
            certificates.check_validity(home.path / config.tls.certificate_file, now)
    for name, bot in config.bots.items():
        if bot.client_certificate_file is not None:
            with _lines(config, ("bots", name)):
                chain = home.path / bot.client_certificate_file
                certificates.check_validity(chain, now, setting="client_certificate_file")


@contextmanager
def _lines(config: Config, table: tuple[str, ...], otherwise: str = "") -> Iterator[None]:
    """Gives an error about a file the line where that file is named."""
    try:
        yield
    except ConfigurationError as error:
        if config.source is not None:
            path = (*table, *(error.setting or otherwise).split("."))
            error.line = error.line or locate(config.source.read_text(encoding="utf-8"), path)
        raise


def first_administrator(home: Home, config: Config) -> str:
    """Adds the account ``admin`` to a new home; returns the one-time link by which its person chooses a password."""
    base = config.server.public_url or f"https://{config.server.host}:{config.server.port or 'PORT'}"
    prepared = replace(config, server=replace(config.server, public_url=base))
    shown = asyncio.run(offline(home, prepared, "user.add", {"name": "admin", "role": "admin"}))
    assert isinstance(shown, dict)
    return str(shown["enrolment_link"])


def apply_reload(services: Services, new: Config, home: Home) -> list[str]:
    """Takes over what a reload may change (limits, lifetimes, policy, rules of bots, session rules for new sessions);
    returns the names of sections that changed and need a restart. Raises ConfigurationError, and then changes nothing.
    """
    old = services.config
    policy = PasswordPolicy(new, home.path)
    companies = services.companies.read(new)
    ways = Ways(new.notify, home.path)
    bots = {name: _ruled(bot, new.bots.get(name, bot)) for name, bot in old.bots.items()}
    merged = replace(
        old, limits=new.limits, retention=replace(new.retention, bucket=old.retention.bucket), policy=new.policy,
        window=new.window, session=new.session, step_up=new.step_up, rights=new.rights, passwords=new.passwords,
        notify=new.notify,
        tls=replace(new.tls, minimum=old.tls.minimum), bots=bots, oauth=new.oauth, clients=new.clients, sites=new.sites,
        company=new.company,
    )  # fmt: skip
    services.config = merged
    services.sessions.config = merged.session
    services.answers.step_up = merged.step_up
    services.identity.rights = merged.rights
    services.identity.policy = policy
    services.companies.use(companies)
    services.notify.ways = ways
    services.gateway.reconfigure(merged)
    services.bots.reconfigure(bots)
    fixed = {
        "server": (old.server, replace(new.server, host=old.server.host, port=old.server.port)),
        "tls": (old.tls.minimum, new.tls.minimum),
        "storage": (old.storage, new.storage),
        "bots": (bots, new.bots),
        "metrics": (old.metrics_listen, new.metrics_listen),
        "ephemeral": (old.retention.bucket, new.retention.bucket),
    }
    return [name for name, (before, after) in fixed.items() if before != after]


def _ruled(old: BotConfig, new: BotConfig) -> BotConfig:
    """A bot as it runs, under the rules that were written for it since."""
    return replace(
        old, who=new.who, mode=new.mode, allow=new.allow, policy=new.policy, keep=new.keep, machine_line=new.machine_line,
        privacy_notice=new.privacy_notice,
    )  # fmt: skip
