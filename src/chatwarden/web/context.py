"""What every handler is given: the services, joined by app.py."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from chatwarden.audit.records import Records
from chatwarden.audit.service import AuditLog
from chatwarden.backup.service import Backups
from chatwarden.bots.accounts.administration import Administration
from chatwarden.bots.accounts.service import BotAccounts
from chatwarden.bots.service import Bots
from chatwarden.bulk import BulkReading
from chatwarden.clock import Clock
from chatwarden.config.model import Config, is_loopback
from chatwarden.conversations.service import Conversations
from chatwarden.desk import Floor
from chatwarden.edge.gcra import Throttle
from chatwarden.erasure import Erasure
from chatwarden.errand import Errands
from chatwarden.gateway import Gateway
from chatwarden.identity.company.service import CompanyLogins
from chatwarden.identity.factors import Factors
from chatwarden.identity.logins import Logins
from chatwarden.identity.passkeys import RelyingParty
from chatwarden.identity.provider import Provider
from chatwarden.identity.service import Identity
from chatwarden.metrics import Metrics
from chatwarden.misplaced import Misplaced
from chatwarden.notify.service import Notify
from chatwarden.routing.service import Desk
from chatwarden.sessions.answers import Answers
from chatwarden.sessions.service import Sessions
from chatwarden.web.agent_screens import AgentScreens
from chatwarden.web.languages import Languages
from chatwarden.web.streams import Hub
from chatwarden.web.tally import Tally
from chatwarden.web.verification import Verification


async def _starting() -> str:
    return "the gateway is starting"


@dataclass(slots=True)
class Services:
    """Everything behind the surfaces."""

    config: Config
    clock: Clock
    audit: AuditLog
    records: Records
    identity: Identity
    factors: Factors
    logins: Logins
    provider: Provider
    companies: CompanyLogins
    sessions: Sessions
    answers: Answers
    conversations: Conversations
    bots: Bots
    accounts: BotAccounts
    administration: Administration
    misplaced: Misplaced
    gateway: Gateway
    desk: Desk
    floor: Floor
    agents: AgentScreens
    erasure: Erasure
    backups: Backups
    bulk: BulkReading
    errands: Errands
    throttle: Throttle
    hub: Hub
    notify: Notify
    metrics: Metrics
    verification: Verification
    languages: Languages
    public_url: str
    ready: Callable[[], Awaitable[str]] = _starting
    level: Callable[[], str] = str
    integrate: Callable[[], Awaitable[str]] = _starting
    tally: Tally = field(default_factory=Tally)

    @property
    def relying_party(self) -> RelyingParty:
        """For whom passkeys are: the name under which people reach the gateway. Passkeys need a domain; a gateway that is
        reached by an address is ``localhost`` to the browsers of its own machine.
        """
        parts = urlsplit(self.public_url)
        host = parts.hostname or "localhost"
        if host != "localhost" and is_loopback(host):
            host = "localhost"
        port = f":{parts.port}" if parts.port else ""
        return RelyingParty(host, self.config.server.name, (f"https://{host}{port}",))
