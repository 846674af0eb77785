"""Joins the parts: opens a home, builds the services over it, runs the gateway or one operation.

The only place that knows which capability is told of what another one does (house plan, seams).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Any

from chatwarden import restored
from chatwarden.audit.details import Details
from chatwarden.audit.keys import KeySlots
from chatwarden.audit.records import Records
from chatwarden.audit.service import AuditLog
from chatwarden.audit.syslog import Receiver
from chatwarden.audit.witness import witness_key
from chatwarden.backup.service import Backups
from chatwarden.bots.accounts.administration import Administration
from chatwarden.bots.accounts.service import BotAccounts
from chatwarden.bots.pause import Pauses
from chatwarden.bots.service import Bots
from chatwarden.bots.turns import TurnTokens
from chatwarden.bulk import BulkReading
from chatwarden.clock import Instant, SystemClock
from chatwarden.config import certificates
from chatwarden.config.home import Home
from chatwarden.config.locate import locate
from chatwarden.config.model import BotConfig, Config
from chatwarden.config.origin import reloaded
from chatwarden.conversations.service import Conversations
from chatwarden.conversations.store import live_indices
from chatwarden.desk import Floor
from chatwarden.detection.scan import Scanner
from chatwarden.edge.gcra import MemoryThrottle
from chatwarden.edge.tls import server_context
from chatwarden.ephemeral import carried, keeper
from chatwarden.ephemeral.holder import Holder
from chatwarden.ephemeral.ring import KeyRing
from chatwarden.ephemeral.vault import Vault
from chatwarden.erasure import Erasure
from chatwarden.errors import CannotRun, ConfigurationError
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
from chatwarden.joints import (
    begin_desk,
    desk_over,
    errands_over,
    failures,
    forwarder_over,
    tree_over,
    verification_over,
)
from chatwarden.metrics import Metrics
from chatwarden.misplaced import Misplaced
from chatwarden.node import Node
from chatwarden.notify.service import Notify, Ways
from chatwarden.outgoing import Outgoing
from chatwarden.routing.triage import rules_of
from chatwarden.screening import Screening
from chatwarden.sessions.answers import Answers
from chatwarden.sessions.service import Sessions
from chatwarden.storage.engine import open_database
from chatwarden.storage.model import Database, StorageFailed
from chatwarden.storage.notes import note, noted
from chatwarden.web import operations
from chatwarden.web.context import Services
from chatwarden.web.languages import Languages
from chatwarden.web.lines import Lines
from chatwarden.web.people import ADMINISTRATOR
from chatwarden.web.streams import Hub

_LAB_IDLE = 2.0  # seconds; tests make many homes


@asynccontextmanager
async def opened(home: Home, config: Config, metrics: Metrics, *, accept_ring: bool = False) -> AsyncIterator[Node]:
    """The services over a locked *home*, swept before anybody may use them, and closed in order. *accept_ring*: another
    key ring than the record's is taken; what the record's sealed is lost.
    """
    async with (
        _stores(home, config, metrics, accept_ring=accept_ring) as stores,
        _joined(home, config, metrics, *stores) as node,
    ):
        yield node


@asynccontextmanager
async def _stores(
    home: Home, config: Config, metrics: Metrics, *, accept_ring: bool
) -> AsyncIterator[tuple[Database, KeyRing, Holder, KeySlots]]:
    """Where things are kept: the database, and the keys outside it."""
    async with AsyncExitStack() as stack:
        database = await open_database(config.storage, home.path, home.database, metrics.group)
        stack.push_async_callback(database.close)
        ring = await KeyRing.open(home.ring)
        stack.push_async_callback(ring.close)
        ring.live_in_record = partial(live_indices, database)
        await _belongs(database, home, ring, accept_ring=accept_ring)
        holder = Holder(home.run, _LAB_IDLE if config.server.lab else keeper.IDLE)
        stack.push_async_callback(holder.close)
        keys = KeySlots(home.details)
        stack.callback(keys.close)
        yield database, ring, holder, keys


@asynccontextmanager
async def _joined(
    home: Home, config: Config, metrics: Metrics, database: Database, ring: KeyRing, holder: Holder, keys: KeySlots
) -> AsyncIterator[Node]:
    """The services over what is kept."""
    restoration = await restored.pending(database)
    details = Details(database, keys)
    if restoration is not None:
        await restored.carry_on(restoration, home, database, details)
    await details.load()
    audit = AuditLog(database, key=home.key("audit", 32), details=details)
    floor = max(await audit.last_instant(), restoration.floor if restoration else 0)
    clock = SystemClock(floor, await noted(database, "clock"))
    await note(database, "clock", clock.mark)
    passwords = Passwords(config.limits.argon2, home.key("pepper", 32))
    hub = Hub()
    sessions = Sessions(database, audit, config.session, key=home.key("people", 32))
    vault = Vault(ring, holder, database.prepare)
    conversations = Conversations(database, audit, vault, key=home.key("record", 32))
    bots = Bots(config.bots, home.path, clock, on_failure=metrics.bot_failure, on_answer=metrics.bot_seconds)
    pauses = Pauses(database, audit)
    throttle = MemoryThrottle()
    screening = Screening(Scanner(), config)
    agents, publish, desk = desk_over(database, audit, config, conversations, screening, hub)
    gateway = Gateway(
        config, clock, database, audit, sessions, screening, conversations, bots, pauses, TurnTokens(), throttle, metrics,
        desk, publish,
    )  # fmt: skip
    notify = Notify(
        database, audit, Ways(config.notify, home.path), lambda: (config.server.name, services.relying_party.id),
        key=home.key("people", 32), count=metrics.notice,
    )  # fmt: skip
    accounts = BotAccounts(
        database, audit, config.levels, bots=config.bots, paused=pauses.holds, tell=notify.tell
    )  # fmt: skip
    identity = Identity(
        database, audit, passwords, PasswordPolicy(config, home.path), key=home.key("people", 32), rights=config.rights,
        tell=notify.tell,
    )  # fmt: skip
    factors = Factors(database, audit, home.key("factors", 32), tell=notify.tell)
    provider = Provider.over(home, config, database, audit)

    bulk = BulkReading(database, audit, notify.tell, config.alarms)
    misplaced = Misplaced(database, audit, identity, sessions, accounts, throttle, notify.tell)
    services = Services(
        config, clock, audit, Records(database), identity, factors,
        Logins(identity, factors, database, audit, failures(throttle, lambda: services.config), throttle.forgive), provider,
        CompanyLogins(config, home.path, database, audit, home.key("company", 32)), sessions,
        Answers(sessions, checker(identity, factors, lambda: services.relying_party), config.step_up), conversations,
        bots, accounts, Administration(database, audit, config.accounts, tell=notify.tell), misplaced, gateway,
        desk, Floor(clock, database, audit, screening, conversations, desk, bulk, throttle, metrics, publish), agents,
        Erasure(database, audit, screening, conversations),
        Backups(
            home, config, database, audit, mark=lambda: ring.mark, ring_keys=lambda: carried.written(ring.export())
        ),
        bulk,
        errands_over(home, config, gateway, accounts, provider, notify.tell, lambda: services.public_url),
        throttle, hub, notify, metrics, verification_over(home, config), Languages(config.languages, home.path),
        config.server.public_url,
    )  # fmt: skip
    node = Node(
        services, database, ring, holder, tree_over(home, database, services),
        Outgoing(None if config.witness_ca_file is None else home.path / config.witness_ca_file),
        forwarder_over(home, database, services),
    )  # fmt: skip
    node.listen()
    try:
        await conversations.load()
        await pauses.load()
        await begin_desk(services)
        await services.errands.applications.load()
        await node.sweep()
        await conversations.endings.settle_marked()
        if restoration is not None:
            await restored.finish(
                restoration, clock.now(), database=database, audit=audit, sessions=sessions, identity=identity,
                conversations=conversations, bots=services.administration,
                applications=services.errands.applications, actor=ADMINISTRATOR,
            )  # fmt: skip
            home.details_carried.unlink(missing_ok=True)
        yield node
    finally:
        with suppress(StorageFailed):
            await node.settle(clock.now())
        await sessions.flush()
        await asyncio.gather(misplaced.settled(), services.verification.close())
        await bots.close()
        passwords.close()


async def _belongs(database: Database, home: Home, ring: KeyRing, *, accept_ring: bool) -> None:
    """A record opens with the keys of its own home only, and with its key ring as it was last or later: an older copy
    would bring back what was destroyed. Raises CannotRun.
    """
    home.key("record", 32)
    mark = home.mark
    known = await noted(database, "home")
    if not known:
        await note(database, "home", mark)
    elif known != mark:
        raise CannotRun(
            "the database holds the record of another home", hint="name that home with --home, or an empty database"
        )
    identity, _, sequence = (await noted(database, "ring")).partition(":")
    if identity and not accept_ring and (ring.mark[0] != identity or ring.mark[1] < int(sequence)):
        raise CannotRun(
            "the key ring is not the one of this record, or an older copy of it",
            hint="put HOME/keys/ring back as it was; or give up what it sealed: chatwarden init --accept-ring",
        )


async def offline(
    home: Home, config: Config, command: str, args: dict[str, Any], sink: Callable[[bytes], object] | None = None
) -> object:
    """Runs one operation over a home that no gateway holds; the caller has taken its lock. An answer of any length goes to
    *sink*, piece by piece.
    """
    async with opened(home, config, Metrics()) as node:
        result = await operations.run(node.services, command, args)
        if isinstance(result, Lines):
            assert sink is not None, "who asks for a stream takes it"
            async with aclosing(result.pieces) as pieces:
                async for data in pieces:
                    sink(data)
            return None
        return result


def accept_ring(home: Home, config: Config) -> None:
    """Takes the key ring that lies in the home for the record's own."""

    async def accept() -> None:
        async with opened(home, config, Metrics(), accept_ring=True):
            pass

    asyncio.run(accept())


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
        with lines(config, ("bots", name), otherwise="knowledge"):
            Bots(
                {name: bot},
                home.path,
                clock,
                on_failure=lambda _bot, _reason: None,
                on_answer=lambda _bot, _seconds: None,
            )
    with lines(config, ("passwords",)):
        PasswordPolicy(config, home.path)
    bare = replace(config, clients={}, sites={})
    for name, client in config.clients.items():
        with lines(config, ("clients", name)):
            Parties(replace(bare, clients={name: client}), home.path)
    for name, company in config.company.items():
        with lines(config, ("company", name)):
            CompanyProvider(company, home.path)
    for name, site in config.sites.items():
        with lines(config, ("sites", name)):
            Parties(replace(bare, sites={name: site}), home.path)
    with lines(config, ("audit",)):
        for witness in config.witnesses:
            witness_key(witness)
        if config.witness_ca_file is not None:
            Outgoing(home.path / config.witness_ca_file)
    with lines(config, ("triage",)):
        rules_of(config.triage)
    with lines(config, ("notify",)):
        Ways(config.notify, home.path)
    with lines(config, ("languages",)):
        Languages(config.languages, home.path)
    if config.syslog.host:
        with lines(config, ("audit", "syslog")):
            Receiver(config.syslog, home.path)
    if config.tls.certificate_file is not None:
        with lines(config, ("tls",)):
            pair = certificates.current(home, config, 0)
            server_context(pair.chain, pair.key, minimum=config.tls.minimum)


def check_dates(home: Home, config: Config, now: Instant) -> None:
    """Refuses certificates that are not valid now. A start does not: a proxy in front may not mind."""
    if config.tls.certificate_file is not None:
        with lines(config, ("tls",)):
            certificates.check_validity(home.path / config.tls.certificate_file, now)
    for name, bot in config.bots.items():
        if bot.client_certificate_file is not None:
            with lines(config, ("bots", name)):
                chain = home.path / bot.client_certificate_file
                certificates.check_validity(chain, now, setting="client_certificate_file")


@contextmanager
def lines(config: Config, table: tuple[str, ...], otherwise: str = "") -> Iterator[None]:
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
    rules_of(new.triage)
    bots = {name: _ruled(bot, new.bots.get(name, bot)) for name, bot in old.bots.items()}
    merged = replace(
        old, limits=new.limits, retention=replace(new.retention, bucket=old.retention.bucket), policy=new.policy,
        window=new.window, session=new.session, step_up=new.step_up, rights=new.rights, passwords=new.passwords,
        notify=new.notify, desk=new.desk, triage=new.triage, alarms=new.alarms, accounts=new.accounts, levels=new.levels,
        audit_keep=new.audit_keep, backup_recipient=new.backup_recipient,
        tls=replace(new.tls, minimum=old.tls.minimum), bots=bots, oauth=new.oauth, clients=new.clients, sites=new.sites,
        company=new.company, widget=new.widget, written=reloaded(old.written, new.written, bots),
    )  # fmt: skip
    services.config = merged
    services.sessions.config = merged.session
    services.answers.step_up = merged.step_up
    services.identity.rights = merged.rights
    services.accounts.levels = merged.levels
    services.administration.config = merged.accounts
    services.identity.policy = policy
    services.companies.use(companies)
    services.notify.ways = ways
    services.backups.use(new.backup_recipient)
    services.bulk.config = merged.alarms
    services.desk.book.config = merged.desk
    services.errands.log.rate, services.errands.at_once = merged.limits.refusals, merged.limits.broker_calls
    services.gateway.reconfigure(merged)
    services.bots.reconfigure(bots)
    fixed = {
        "server": (old.server, replace(new.server, host=old.server.host, port=old.server.port)),
        "tls": (old.tls.minimum, new.tls.minimum),
        "storage": (old.storage, new.storage),
        "bots": (bots, new.bots),
        "audit.syslog": (old.syslog, new.syslog),
        "broker": (old.broker, new.broker),
        "metrics": (old.metrics_listen, new.metrics_listen),
        "audit": ((old.witnesses, old.witness_ca_file), (new.witnesses, new.witness_ca_file)),
        "ephemeral": (old.retention.bucket, new.retention.bucket),
    }
    return [name for name, (before, after) in fixed.items() if before != after]


def _ruled(old: BotConfig, new: BotConfig) -> BotConfig:
    """A bot as it runs, under the rules that were written for it since."""
    return replace(
        old, who=new.who, mode=new.mode, allow=new.allow, policy=new.policy, keep=new.keep, machine_line=new.machine_line,
        privacy_notice=new.privacy_notice,
    )  # fmt: skip
