"""How single parts are joined to the rest of the house (house plan, seams): open screens, the road to applications, the
log's tree and its way to others. A part of app.py of its own.
"""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Callable
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chatwarden.audit.formats import FORMATS
from chatwarden.audit.forward import Forwarder
from chatwarden.audit.integrate import Integrator
from chatwarden.audit.service import AuditLog
from chatwarden.audit.syslog import Receiver
from chatwarden.bots.accounts.service import BotAccounts
from chatwarden.bots.broker.applications import Applications
from chatwarden.bots.broker.client import IDLE, RETRY, Broker
from chatwarden.bots.broker.leases import Leases
from chatwarden.broker.wire import Application
from chatwarden.clock import Duration, Instant
from chatwarden.config.home import Home
from chatwarden.config.model import Config
from chatwarden.conversations.model import Conversation, Message, Source
from chatwarden.conversations.service import Conversations
from chatwarden.edge.gcra import Throttle
from chatwarden.errand import Errands
from chatwarden.errand_log import ErrandLog, Tell
from chatwarden.errors import NotFound
from chatwarden.gateway import Gateway
from chatwarden.identity.provider import Provider
from chatwarden.intake import Publish
from chatwarden.routing.model import Talk
from chatwarden.routing.service import Desk
from chatwarden.screening import Screening
from chatwarden.storage.model import Database, Transaction
from chatwarden.web.agent_screens import AgentScreens
from chatwarden.web.context import Services
from chatwarden.web.desk_views import agent_message_view
from chatwarden.web.streams import Hub
from chatwarden.web.verification import Verification
from chatwarden.web.views import message_view

# Tests make many homes, and want to see a revocation fail six times.
_LAB_IDLE, _LAB_RETRY = 2.0, 0.05


def errands_over(
    home: Home, config: Config, gateway: Gateway, accounts: BotAccounts, provider: Provider, tell: Tell,
    issuer: Callable[[], str],
) -> Errands:  # fmt: skip
    """Errands over the services of *gateway*, and over the broker of *home* or the one that *config* names."""
    broker = _broker(home, config)

    async def lives(session: str, now: Instant) -> bool:
        try:
            await gateway.sessions.find(session, now)
        except NotFound:
            return False
        return True

    async def sign(person: str, application: Application, now: Instant) -> str:
        return await provider.subject_token(
            person, issuer=issuer(), service=application.token_url, actor=application.account, now=now
        )

    applications = Applications(gateway.database, gateway.audit, broker)
    leases = Leases(gateway.database, gateway.audit, broker, lives=lives, tell=tell)
    log = ErrandLog(gateway.database, gateway.audit, gateway.throttle, tell, config.limits.refusals)
    return Errands(
        gateway.clock, accounts, gateway.turns, gateway.sessions, gateway.conversations, gateway.restorer,
        gateway.screening, applications, leases, broker, gateway.throttle, sign, log, config.limits.broker_calls,
    )  # fmt: skip


def _broker(home: Home, config: Config) -> Broker:
    service, lab = config.broker, config.server.lab
    return Broker(
        home.path / "broker", home.run / "broker.sock" if service.socket is None else home.path / service.socket,
        user=service.user, idle=_LAB_IDLE if lab else IDLE, retry=_LAB_RETRY if lab else RETRY,
    )  # fmt: skip


def forwarder_over(home: Home, database: Database, services: Services) -> Forwarder | None:
    """What sends the log to the syslog receiver, if one is configured. Raises ConfigurationError."""
    config = services.config.syslog
    if not config.host:
        return None
    return Forwarder(
        database, services.audit, Receiver(config, home.path), FORMATS[config.format], services.notify.tell,
        lambda: services.relying_party.id, services.metrics,
    )  # fmt: skip


def screens(hub: Hub, conversations: Conversations, agents: AgentScreens) -> Publish:
    """What tells open screens of a message: its person's, and those of agents, who see less of it."""

    def publish(conversation: Conversation, message: Message, recorded: Message | None = None) -> None:
        reply_to = conversations.reply_id(conversation, message)
        if hub.listening(conversation.id):
            hub.publish(conversation.id, "message", message_view(message, reply_to), seq=message.seq)
        agents.message(conversation, recorded or message, reply_to)

    return publish


def desk_over(
    database: Database, audit: AuditLog, config: Config, conversations: Conversations, screening: Screening, hub: Hub
) -> tuple[AgentScreens, Publish, Desk]:  # fmt: skip
    """The desk over the record, and the screens that are told. Its own lines are recorded and live as a calm line does."""
    agents = AgentScreens(
        hub,
        lambda talk, message, reply_to, viewer: agent_message_view(
            message, screening.hidden(talk.bot), viewer, reply_to
        ),
    )
    publish = screens(hub, conversations, agents)
    desk = Desk(database, audit, config.desk, conversations)

    async def speak(tx: Transaction, talk: Talk, text: str, now: Instant) -> Callable[[], None]:
        conversation = await conversations.look_up(talk.id, now)
        line = await conversations.rows.write(
            tx, conversation, source=Source.SYSTEM, text=text, items=(), at=now,
            destroy_at=screening.calm_until(talk.bot, now),
        )  # fmt: skip
        return lambda: publish(conversation, line)

    desk.speak = speak
    return agents, publish, desk


async def begin_desk(services: Services) -> None:
    """Reads what is under way. Agents who have something from before a restart get their names."""
    services.agents.sees = services.floor.sees
    await services.desk.load(services.clock.now())
    for agent in services.desk.agents:
        user = await services.identity.by_id(agent.id)
        agent.name = "" if user is None else user.name


def failures(throttle: Throttle, config: Callable[[], Config]) -> Callable[[str, Instant], Duration]:
    """What counts a login that failed, and says how long to wait."""

    def charge(key: str, now: Instant) -> Duration:
        rate = config().limits.login_failures
        return 0 if rate is None else throttle.take(key, rate, now)

    return charge


def tree_over(home: Home, database: Database, services: Services) -> Integrator:
    """What builds the log's tree from committed entries."""
    return Integrator(
        database, services.audit, home.audit, home.audit_head,
        audit_key(home),
        host=lambda: log_host(services.config), keep=lambda: services.config.audit_keep,
    )  # fmt: skip


def verification_over(home: Home, config: Config) -> Verification:
    """What checks the log of *home* with a click, as whoever may read the home would check it."""
    named = config.source not in {None, home.config}
    where = ["--home", str(home.path), *(["--config", str(config.source)] if named else [])]
    return Verification(
        [sys.executable, "-I", "-m", "chatwarden", "audit", "verify", "--json", "--progress", *where]
    )  # fmt: skip


def audit_key(home: Home) -> Ed25519PrivateKey:
    """What signs the checkpoints of this home."""
    return Ed25519PrivateKey.from_private_bytes(home.key("audit-sign", 32))


def log_host(config: Config) -> str:
    """How the log names this place in its origin: the host that people reach, else the machine's name."""
    host = urlsplit(config.server.public_url).hostname or socket.gethostname()
    return re.sub(r"[^A-Za-z0-9.:-]", "-", host) or "localhost"
