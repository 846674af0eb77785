"""The table of routes: what is served is what is documented, since OpenAPI is made from it and tests walk over it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from chatwarden.errors import Problem
from chatwarden.principal import Role
from chatwarden.sessions.model import Session
from chatwarden.web.context import Services
from chatwarden.web.http import Reply, Request, StreamReply

AnyReply = Reply | StreamReply


class Access(StrEnum):
    """Who gets in."""

    ANYBODY = "anybody"
    ITSELF = "itself"  # the handler asks for an active session, and refuses in a form of its own
    OWN = "own"  # the handler asks for what it needs: a challenge says itself whose it is
    SESSION = "session"  # a living session, prompted or not
    SETTING_UP = "setting-up"  # an active session, also one whose person must set up a second factor first
    ACTIVE = "active"  # a session that is not waiting for an answer, nor for a second factor


Handler = Callable[[Services, Request, Session], Awaitable[AnyReply]]
OpenHandler = Callable[[Services, Request], Awaitable[AnyReply]]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation. ``problems`` are those beyond what ``access`` implies; ``bodiless``: the body may be left out;
    ``oauth``: the body is a form, and refusals have the form of RFC 6749. ``roles``: who gets in with a session, if not
    everybody; all others are refused before anything is looked at.
    """

    method: str
    path: str
    summary: str
    access: Access
    handler: Handler | OpenHandler
    request: Any = None
    responses: tuple[tuple[int, Any], ...] = ()
    problems: tuple[type[Problem], ...] = ()
    media: str = "application/json"
    query: tuple[str, ...] = ()
    tag: str = "first-party"
    bodiless: bool = False
    oauth: bool = False
    roles: frozenset[Role] = frozenset()
