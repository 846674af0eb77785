"""What the log has about a conversation, for administrators and auditors and for nobody else."""

from __future__ import annotations

from chatwarden.errors import Forbidden, NotFound, TooManyRequests
from chatwarden.principal import Role
from chatwarden.sessions.model import Session
from chatwarden.web.context import Services
from chatwarden.web.http import Reply, Request, json_reply
from chatwarden.web.routes import Access, Route
from chatwarden.web.timeline import TimelineView, timeline

_READERS = frozenset({Role.ADMIN, Role.AUDITOR})


async def conversation(services: Services, request: Request, session: Session) -> Reply:
    """One conversation in lanes."""
    now = services.clock.now()
    services.gateway.limit(session, now)
    services.sessions.touch(session, now)
    found = await services.conversations.find(request.path["id"])
    return json_reply(await timeline(services, found, session.principal.id))


ROUTES = [
    Route(
        "GET", "/api/v1/audit/conversations/{id}", "What the log has about a conversation", Access.ACTIVE, conversation,
        None, ((200, TimelineView),), (Forbidden, NotFound, TooManyRequests), roles=_READERS,
    )
]  # fmt: skip
