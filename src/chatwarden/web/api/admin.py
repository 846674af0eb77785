"""What every route under ``/api/v1/admin`` shares: who gets in, parameters, pages.

Administrators and auditors look; only administrators change something. Looking at lists and numbers moves no deadline where
a page asks for them by itself; everything else is an act of the person, limited and counted like any other.
"""

from __future__ import annotations

import msgspec

from chatwarden.errors import Forbidden, InvalidRequest, NotFound, Problem, TooManyRequests
from chatwarden.principal import Role
from chatwarden.sessions.model import Session
from chatwarden.web.context import Services
from chatwarden.web.http import Request

BASE = "/api/v1/admin"
READERS = frozenset({Role.ADMIN, Role.AUDITOR})
ADMINS = frozenset({Role.ADMIN})
REFUSALS: tuple[type[Problem], ...] = (Forbidden, NotFound, TooManyRequests)
PAGE_MAX = 200
_DIGITS = 18
_VALUE_MAX = 512


class PartView(msgspec.Struct):
    """A part of a number."""

    name: str
    count: int
    behind: str = msgspec.field(name="list")


class NumberView(msgspec.Struct):
    """A number over the span, and step by step."""

    name: str
    count: int
    series: list[int]
    behind: str = msgspec.field(name="list")
    parts: list[PartView]


def act(services: Services, session: Session) -> None:
    """An act of the person: limited, and it keeps their session. Raises TooManyRequests."""
    now = services.clock.now()
    services.gateway.limit(session, now)
    services.sessions.touch(session, now)


def asked(request: Request, *known: str) -> dict[str, str]:
    """The query, which may have these parameters; empty ones count as left out. Raises InvalidRequest."""
    query = request.query
    if set(query) - set(known):
        raise InvalidRequest(f"the query parameters are {', '.join(sorted(known))}" if known else "there are none")
    if any(len(value) > _VALUE_MAX for value in query.values()):
        raise InvalidRequest("a query parameter is too long")
    return {name: value for name, value in query.items() if value or name == "reason"}


def number(query: dict[str, str], name: str, *, otherwise: int, most: int) -> int:
    """A whole number from 1 to *most* among the parameters. Raises InvalidRequest."""
    given = query.get(name)
    if given is None:
        return otherwise
    if not (given.isascii() and given.isdigit() and len(given) <= _DIGITS and 1 <= int(given) <= most):
        raise InvalidRequest(f"{name} is a number from 1 to {most}")
    return int(given)


def limit_of(query: dict[str, str]) -> int:
    """How long a page may be."""
    return number(query, "limit", otherwise=50, most=PAGE_MAX)


def one_of(query: dict[str, str], name: str, known: list[str]) -> str:
    """One of a closed set, or empty. Raises InvalidRequest."""
    given = query.get(name, "")
    if given and given not in known:
        raise InvalidRequest(f"{name} is one of {', '.join(known)}")
    return given
