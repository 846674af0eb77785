"""The whole interface: every route in one list."""

from __future__ import annotations

from starlette.routing import Router

from chatwarden.web import openapi, pages
from chatwarden.web.api import (
    admin_audit,
    admin_bots,
    admin_desk,
    admin_overview,
    admin_people,
    admin_records,
    admin_setup,
    audit,
    broker,
    company,
    conversations,
    desk,
    desk_events,
    desk_messages,
    export,
    factors,
    health,
    login,
    oauth,
    session,
    session_events,
)
from chatwarden.web.app import build
from chatwarden.web.context import Services
from chatwarden.web.facades import openai
from chatwarden.web.routes import Access, Route

ROUTES: list[Route] = [
    *login.ROUTES,
    *session.ROUTES,
    *session_events.ROUTES,
    *factors.ROUTES,
    *conversations.ROUTES,
    *export.ROUTES,
    *audit.ROUTES,
    *admin_overview.ROUTES,
    *admin_records.ROUTES,
    *admin_people.ROUTES,
    *admin_bots.ROUTES,
    *admin_desk.ROUTES,
    *admin_setup.ROUTES,
    *admin_audit.ROUTES,
    *desk.ROUTES,
    *desk_messages.ROUTES,
    *desk_events.ROUTES,
    *oauth.ROUTES,
    *openai.ROUTES,
    *company.ROUTES,
    *broker.ROUTES,
    *pages.ROUTES,
    *health.ROUTES,
]
ROUTES.append(
    Route(
        "GET", "/openapi.json", "This interface, described", Access.ANYBODY, openapi.serve(ROUTES), None,
        ((200, None),), tag="health",
    )
)  # fmt: skip


def site(services: Services) -> Router:
    """The application that the front serves."""
    return build(services, ROUTES, [openai.hot_route(services)])
