"""Liveness, readiness and the interface's own description."""

from __future__ import annotations

from chatwarden.errors import Unavailable
from chatwarden.web.context import Services
from chatwarden.web.http import Reply, Request, json_reply
from chatwarden.web.routes import Access, Route
from chatwarden.web.views import HealthView


async def healthz(_services: Services, _request: Request) -> Reply:
    """The process answers."""
    return json_reply(HealthView("ok"))


async def readyz(services: Services, _request: Request) -> Reply:
    """The gateway can take messages: storage writes, and it is not draining. ``note`` says what is weaker than it
    should be.
    """
    trouble = await services.ready()
    if trouble:
        raise Unavailable(trouble)
    return json_reply(HealthView("ready", services.level() or None))


ROUTES = [
    Route("GET", "/healthz", "Is the process alive?", Access.ANYBODY, healthz, None, ((200, HealthView),), tag="health"),
    Route(
        "GET", "/readyz", "Can it take messages?", Access.ANYBODY, readyz, None, ((200, HealthView),), (Unavailable,),
        tag="health",
    ),
]  # fmt: skip
