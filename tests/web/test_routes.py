"""Operations as data: the whole table holds together."""

from __future__ import annotations

import inspect

import pytest

from chatwarden.web.routes import Access, Route
from chatwarden.web.site import ROUTES


def named(route: Route) -> str:
    return f"{route.method} {route.path}"


def test_no_operation_stands_there_twice() -> None:
    assert len({named(route) for route in ROUTES}) == len(ROUTES)


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_a_handler_takes_a_session_exactly_where_the_table_asks_for_one(route: Route) -> None:
    guarded = route.access in {Access.SESSION, Access.SETTING_UP, Access.ACTIVE}
    taken = list(inspect.signature(route.handler).parameters)
    assert len(taken) == (3 if guarded else 2)
    assert (taken[-1] == "session") is guarded
    assert inspect.iscoroutinefunction(route.handler)


@pytest.mark.parametrize("route", ROUTES, ids=named)
def test_an_operation_says_what_it_is_and_what_it_answers(route: Route) -> None:
    assert route.summary
    assert all(200 <= status < 400 for status, _ in route.responses)  # a company login redirects
    assert route.responses or route.problems  # what only refuses says how
    assert route.method in {"GET", "POST", "PUT", "PATCH", "DELETE"}
    assert route.request is None or route.method in {"POST", "PUT", "PATCH"}
    assert not route.bodiless or route.request is not None


def test_an_operation_cannot_be_changed_after_it_was_written() -> None:
    with pytest.raises(AttributeError):
        ROUTES[0].access = Access.ANYBODY  # type: ignore[misc]
