"""The page of the interface is held to the code: every route, every event."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chatwarden.web.routes import Route
from chatwarden.web.site import ROUTES

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "interface.md"
# An event is named where it is published to a conversation, told to a session, or framed for a stream.
_NAMED = re.compile(r'(?:hub\.publish|hub\.tell|_frame)\((?:[^,()"]+,\s*)?"([a-z.]+)"|hub\.\w+\([^"\n]*"([a-z.]+)"')


def events() -> set[str]:
    """The name of every event that the source sends."""
    source = "\n".join(path.read_text() for path in (ROOT / "src" / "chatwarden").rglob("*.py"))
    return {first or second for first, second in _NAMED.findall(source)}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_is_documented(route: Route) -> None:
    assert f"`{route.method} {route.path}`" in PAGE.read_text()


def test_the_source_names_the_events_that_are_known() -> None:
    assert {"message", "message.delta", "message.destroyed", "session.prompt", "session.ended"} <= events()


def test_every_event_of_the_stream_is_documented() -> None:
    text = PAGE.read_text()
    assert [name for name in sorted(events()) if f"| `{name}` |" not in text] == []


def test_no_route_is_documented_that_is_not_served() -> None:
    served = {f"{route.method} {route.path}" for route in ROUTES}
    told = set(re.findall(r"^\| `([A-Z]+ /[^`]*)`", PAGE.read_text(), flags=re.MULTILINE))
    assert told - served == set()
