"""What every handler is given: the services, joined by app.py."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from chatwarden.audit.service import AuditLog
from chatwarden.bots.service import Bots
from chatwarden.clock import Clock
from chatwarden.config.model import Config
from chatwarden.conversations.service import Conversations
from chatwarden.edge.gcra import Throttle
from chatwarden.gateway import Gateway
from chatwarden.identity.service import Identity
from chatwarden.metrics import Metrics
from chatwarden.sessions.service import Sessions
from chatwarden.web.streams import Hub


async def _starting() -> str:
    return "the gateway is starting"


@dataclass(slots=True)
class Services:
    """Everything behind the surfaces."""

    config: Config
    clock: Clock
    audit: AuditLog
    identity: Identity
    sessions: Sessions
    conversations: Conversations
    bots: Bots
    gateway: Gateway
    throttle: Throttle
    hub: Hub
    metrics: Metrics
    public_url: str
    ready: Callable[[], Awaitable[str]] = _starting
