"""A person takes along what is still theirs. It wants a fresh proof: a stolen token gives no copy of everything."""

from __future__ import annotations

from chatwarden.errors import Forbidden, NotFound, StepUpRequired, TooManyRequests
from chatwarden.sessions.model import Session
from chatwarden.web.context import Services
from chatwarden.web.export import ExportView, begin
from chatwarden.web.http import JSON_HEADERS, Request, StreamReply
from chatwarden.web.routes import Access, Route

OPERATION = "export"
_HEADERS = [*JSON_HEADERS, (b"content-disposition", b'attachment; filename="chatwarden-export.json"')]


async def take(services: Services, request: Request, session: Session) -> StreamReply:
    """All that is still one's own, as one JSON document, written while it is read."""
    now = services.clock.now()
    services.gateway.limit(session, now)
    services.answers.require_fresh(session, OPERATION, now)
    user = await services.identity.of(session.principal)
    return StreamReply(await begin(services, user, session, actor=user.id), request.receive, _HEADERS)


ROUTES = [
    Route(
        "GET", "/api/v1/export", "Take along what is one's own", Access.ACTIVE, take, None, ((200, ExportView),),
        (NotFound, Forbidden, StepUpRequired, TooManyRequests),
    )
]  # fmt: skip
