"""``python -m chatwarden.web.reference`` writes docs/roles.md from the table of routes: who gets in where, which fields they
may write and which they are shown. A test holds the page equal to what this prints.
"""

from __future__ import annotations

import sys
from typing import Any

import msgspec

from chatwarden.web.routes import Access, Route
from chatwarden.web.site import ROUTES

_WHO = {
    Access.ANYBODY: "anybody",
    Access.OWN: "whom it was asked",
    Access.ITSELF: "session of a role in the bot's `who`",
    Access.SESSION: "session, also while its person is asked",
    Access.SETTING_UP: "session, also before a second factor is set up",
    Access.ACTIVE: "session that is not being asked",
}
_HEAD = """\
# Who may do what

This page is made from the table of routes by `python -m chatwarden.web.reference`. The gateway decides each of these; nothing
that a client says of itself (a role, an owner, a deadline) has an effect, and a field that is not listed is refused.

A person, a visitor and staff reach their own sessions, conversations, messages and factors, and nobody else's: what belongs to
another looks absent. A bot is reached by the roles in its `who` ([settings](settings.md)). What administrators do goes
through the control socket of the gateway's own user ([commands](commands.md)); of it these routes have what the
[console](console.md) needs, below `/api/v1/admin`, and auditors only look there. OAuth clients and
websites show who they are in the request itself ([interface](interface.md)).

What counts besides: whether a session was prompted, ended, or lacks a second factor that its role must have; how fresh the
last factor is, where an operation wants a fresh one; the address block, the client and the pace, which lead to a question
([the life of a session](session-life.md)); the hours of a role.

| route | who | may write | is shown |
| --- | --- | --- | --- |
"""


def page() -> str:
    """The whole page."""
    return _HEAD + "".join(_line(route) for route in ROUTES)


def _line(route: Route) -> str:
    shown = dict.fromkeys(name for _, kind in route.responses for name in _fields(kind))
    cells = (
        f"`{route.method} {route.path}`",
        _WHO[route.access] + (f", of {' or '.join(sorted(route.roles))}" if route.roles else ""),
        _listed(_fields(route.request)),
        _listed(list(shown)),
    )
    return f"| {' | '.join(cells)} |\n"


def _fields(kind: Any) -> list[str]:
    if not isinstance(kind, type) or not issubclass(kind, msgspec.Struct):
        return []
    return [field.encode_name for field in msgspec.structs.fields(kind)]


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    sys.stdout.write(page())
