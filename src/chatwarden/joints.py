"""How the road to applications and the way of the log to others are joined to the rest of the house (house plan, seams): a
part of app.py of its own.
"""

from __future__ import annotations

from collections.abc import Callable

from chatwarden.audit.formats import FORMATS
from chatwarden.audit.forward import Forwarder
from chatwarden.audit.syslog import Receiver
from chatwarden.bots.accounts.service import BotAccounts
from chatwarden.bots.broker.applications import Applications
from chatwarden.bots.broker.client import IDLE, RETRY, Broker
from chatwarden.bots.broker.leases import Leases
from chatwarden.broker.wire import Application
from chatwarden.clock import Instant
from chatwarden.config.home import Home
from chatwarden.config.model import Config
from chatwarden.errand import Errands, Tell
from chatwarden.errors import NotFound
from chatwarden.gateway import Gateway
from chatwarden.identity.provider import Provider
from chatwarden.storage.model import Database
from chatwarden.web.context import Services

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
    return Errands(
        gateway.clock, gateway.database, gateway.audit, accounts, gateway.turns, gateway.sessions,
        gateway.conversations, gateway.restorer, gateway.screening, applications, leases, broker, gateway.throttle,
        sign, tell,
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
