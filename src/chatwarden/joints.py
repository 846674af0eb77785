"""How single parts are joined to the rest of the house (house plan, seams): open screens, the road to applications, the
log's tree and its way to others. A part of app.py of its own.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chatwarden.audit.formats import FORMATS
from chatwarden.audit.forward import Forwarder
from chatwarden.audit.integrate import Integrator
from chatwarden.audit.syslog import Receiver
from chatwarden.bots.accounts.service import BotAccounts
from chatwarden.bots.broker.applications import Applications
from chatwarden.bots.broker.client import IDLE, RETRY, Broker
from chatwarden.bots.broker.leases import Leases
from chatwarden.broker.wire import Application
from chatwarden.clock import Duration, Instant
from chatwarden.config.home import Home
from chatwarden.config.model import Config
from chatwarden.conversations.model import Conversation, Message
from chatwarden.conversations.service import Conversations
from chatwarden.edge.gcra import Throttle
from chatwarden.errand import Errands
from chatwarden.errand_log import ErrandLog, Tell
from chatwarden.errors import NotFound
from chatwarden.gateway import Gateway
from chatwarden.identity.provider import Provider
from chatwarden.storage.model import Database
from chatwarden.web.context import Services
from chatwarden.web.streams import Hub
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


def screens(
    hub: Hub, conversations: Conversations
) -> tuple[Callable[[Conversation, Message], None], Callable[[Conversation], None]]:
    """What tells open screens of a message, and of a change of who answers."""

    def publish(conversation: Conversation, message: Message) -> None:
        if hub.listening(conversation.id):
            view = message_view(message, conversations.reply_id(conversation, message))
            hub.publish(conversation.id, "message", view, seq=message.seq)

    def offer(conversation: Conversation) -> None:
        hub.publish(conversation.id, "handoff", {"state": conversation.state})

    return publish, offer


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


def audit_key(home: Home) -> Ed25519PrivateKey:
    """What signs the checkpoints of this home."""
    return Ed25519PrivateKey.from_private_bytes(home.key("audit-sign", 32))


def log_host(config: Config) -> str:
    """How the log names this place in its origin: the host that people reach, else the machine's name."""
    host = urlsplit(config.server.public_url).hostname or socket.gethostname()
    return re.sub(r"[^A-Za-z0-9.:-]", "-", host) or "localhost"
