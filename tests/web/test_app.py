"""Who gets in, and that whatever goes wrong becomes an answer that tells nothing of the inside."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from chatwarden.clock import MINUTE
from chatwarden.errors import ChatwardenError, InvalidRequest
from chatwarden.sessions.model import Session
from chatwarden.storage.model import InDoubt, StorageFailed
from chatwarden.web.app import build
from chatwarden.web.context import Services
from chatwarden.web.http import Reply, Request, json_reply
from chatwarden.web.routes import Access, Route
from tests.world.house import House

SECRET = "4111 1111 1111 1111"


def opened_with(house: House, *routes: Route) -> House:
    """The same house with routes of a test."""
    house.app = build(house.node.services, routes)
    return house


def failing(error: Exception) -> Route:
    async def handler(_services: Services, _request: Request) -> Reply:
        raise error

    return Route("GET", "/fails", "", Access.ANYBODY, handler)


async def hello(_services: Services, request: Request) -> Reply:
    return json_reply({"hello": request.path.get("name", "anybody")})


async def me(_services: Services, _request: Request, session: Session) -> Reply:
    return json_reply({"me": session.principal.id})


@pytest.mark.parametrize("error", [ValueError(SECRET), ChatwardenError(SECRET), KeyError(SECRET)])
async def test_an_unexpected_error_is_answered_with_its_id_and_nothing_else(
    house: House, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    told = await opened_with(house, failing(error)).ask("GET", "/fails")
    assert (told.status, told.problem) == (500, "internal-error")
    assert set(told.json) == {"type", "title", "status", "error_id"}
    assert SECRET.encode() not in told.body
    assert any(told.json["error_id"] in record.getMessage() for record in caplog.records)


@pytest.mark.parametrize("error", [StorageFailed(SECRET), InDoubt(SECRET)])
async def test_a_storage_that_fails_is_a_later_try(house: House, error: Exception) -> None:
    told = await opened_with(house, failing(error)).ask("GET", "/fails")
    assert (told.status, told.problem, told.headers["retry-after"]) == (503, "unavailable", "5")
    assert SECRET.encode() not in told.body


async def test_a_refusal_is_told_as_it_is_and_counted(house: House) -> None:
    told = await opened_with(house, failing(InvalidRequest("no", status=422, which="that"))).ask("GET", "/fails")
    assert (told.status, told.problem, told.json["detail"], told.json["which"]) == (
        422,
        "invalid-request",
        "no",
        "that",
    )
    counted = house.node.services.metrics.text().decode()
    assert 'chatwarden_refusals_total{problem="invalid-request"} 1.0' in counted


async def test_a_path_answers_its_methods_and_names_them(house: House) -> None:
    opened_with(
        house,
        Route("GET", "/a/{name}", "", Access.ANYBODY, hello),
        Route("POST", "/a/{name}", "", Access.ANYBODY, hello),
    )
    assert (await house.ask("GET", "/a/b")).json == {"hello": "b"}
    for method in ("PUT", "DELETE", "HEAD", "TRACE", "get"):
        told = await house.ask(method, "/a/b")
        assert (told.status, told.problem, told.headers["allow"]) == (405, "invalid-request", "GET, POST")
    for path in ("/a", "/a/", "/a/b/", "/a/b/c", "/A/b", "/"):
        assert ((await house.ask("GET", path)).status, path) == (404, path)


async def test_a_session_gets_in_by_its_token_and_not_while_it_must_answer(house: House) -> None:
    opened_with(
        house, Route("GET", "/me", "", Access.SESSION, me), Route("GET", "/act", "", Access.ACTIVE, me)
    )  # fmt: skip
    services, clock = house.node.services, house.clock
    session, token = await services.sessions.visitor(clock.now())
    for path in ("/me", "/act"):
        assert (await house.ask("GET", path, None, token)).json == {"me": session.principal.id}
        nobody = await house.ask("GET", path)
        assert (nobody.status, nobody.problem) == (401, "invalid-token")
        assert nobody.headers["www-authenticate"] == 'Bearer realm="chatwarden"'
    clock.advance(14 * MINUTE)
    assert (await house.ask("GET", "/me", None, token)).status == 200
    asked = await house.ask("GET", "/act", None, token)
    assert (asked.status, asked.problem) == (401, "confirmation-required")
    assert (asked.json["challenge"]["purpose"], asked.json["challenge"]["attempts_left"]) == ("still-there", 5)
    clock.advance(MINUTE)
    for path in ("/me", "/act"):
        ended = await house.ask("GET", path, None, token)
        assert (ended.status, ended.problem, ended.json["reason"]) == (401, "session-ended", "idle")
        assert "invalid_token" in ended.headers["www-authenticate"]


async def test_nobody_answers_a_client_that_left_before_it_had_asked(house: House) -> None:
    async def reads(_services: Services, request: Request) -> Reply:
        return json_reply({"length": len(await request.body())})

    app = build(house.node.services, [Route("POST", "/read", "", Access.ANYBODY, reads)])
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {
        "type": "http", "method": "POST", "path": "/read", "root_path": "", "query_string": b"", "headers": [],
    }  # fmt: skip
    await app(scope, receive, send)
    assert sent == []


async def test_a_stop_of_the_server_is_no_error_to_be_answered(house: House) -> None:
    with pytest.raises(asyncio.CancelledError):
        await opened_with(house, failing(asyncio.CancelledError())).ask("GET", "/fails")  # type: ignore[arg-type]


async def test_hot_routes_come_first(house: House) -> None:
    from starlette.routing import Route as StarletteRoute

    class Hot:
        async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
            await json_reply({"hot": True}).send(send)

    house.app = build(
        house.node.services,
        [Route("GET", "/a", "", Access.ANYBODY, hello)],
        [StarletteRoute("/a", Hot())],
    )
    told: Any = json.loads((await house.ask("GET", "/a")).body)
    assert told == {"hot": True}
