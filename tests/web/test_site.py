"""Every route refuses the wrong person; the description agrees with what is served."""

from __future__ import annotations

import re
import uuid

import pytest

from chatwarden.web.openapi import document
from chatwarden.web.routes import Access, Route
from chatwarden.web.site import ROUTES
from tests.world.gateway import Gateway

OPENAI_ROUTES = [route for route in ROUTES if "/openai/" in route.path]
GUARDED = [route for route in ROUTES if route.access in {Access.SESSION, Access.SETTING_UP, Access.ACTIVE}]
# Those of one conversation; who lacks the role for a route is told so of all of them, there or not.
OF_ONE = [r for r in GUARDED if "{id}" in r.path and "conversations" in r.path and not r.roles]


def _name(route: Route) -> str:
    return f"{route.method} {route.path}"


def _path(route: Route, **given: str) -> str:
    ids = {"id": "cnv_" + "0" * 32, "mid": "msg_" + "0" * 32, "name": "index.html", "bot": "helpdesk", **given}
    return re.sub(r"\{(\w+)\}", lambda match: ids[match[1]], route.path)


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("route", GUARDED, ids=_name)
def test_nobody_gets_in_without_a_token(gateway: Gateway, route: Route) -> None:
    answer = gateway.call(route.method, _path(route), {})
    assert (answer.status, answer.problem) == (401, "invalid-token")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.asvs("7.2.1", "8.2.1")
@pytest.mark.parametrize("route", GUARDED, ids=_name)
@pytest.mark.parametrize("token", ["x", "cws_" + "f" * 64, "cws_" + "0" * 63 + "é"], ids=["short", "unknown", "odd"])
def test_nobody_gets_in_with_a_made_up_token(gateway: Gateway, route: Route, token: str) -> None:
    answer = gateway.call(
        route.method, _path(route), {}, headers={"Authorization": f"Bearer {token}".encode().decode("latin-1")}
    )
    assert (answer.status, answer.problem) == (401, "invalid-token")


@pytest.mark.asvs("7.4.1")
@pytest.mark.parametrize("route", GUARDED, ids=_name)
def test_nobody_gets_in_with_an_ended_session(gateway: Gateway, route: Route) -> None:
    token = gateway.visitor()
    gateway.call("DELETE", "/api/v1/session", token=token)
    answer = gateway.call(route.method, _path(route), {}, token)
    assert (answer.status, answer.problem, answer.json["reason"]) == (401, "session-ended", "logout")


@pytest.mark.asvs("8.2.2")
@pytest.mark.parametrize("route", OF_ONE, ids=_name)
def test_somebody_elses_conversation_looks_absent(gateway: Gateway, route: Route) -> None:
    owner, stranger = gateway.visitor(), gateway.visitor()
    conversation = gateway.conversation(owner)
    message = gateway.say(owner, conversation, "hello").json["message"]["id"]
    body = {"text": "mine now"} if route.path.endswith("/messages") and route.method == "POST" else {}
    theirs = gateway.call(route.method, _path(route, id=conversation, mid=message), body, stranger)
    absent = gateway.call(route.method, _path(route, id="cnv_" + "1" * 32, mid=message), body, stranger)
    assert (theirs.status, theirs.problem) == (404, "not-found")
    assert theirs.body == absent.body
    still = gateway.call("GET", f"/api/v1/conversations/{conversation}/messages", token=owner).json["messages"]
    assert still[0]["state"] == "live"


@pytest.mark.asvs("8.2.2")
def test_somebody_elses_session_cannot_be_ended(gateway: Gateway) -> None:
    victim, stranger = gateway.visitor(), gateway.visitor()
    session = gateway.call("GET", "/api/v1/session", token=victim).json["id"]
    assert gateway.call("DELETE", f"/api/v1/sessions/{session}", token=stranger).problem == "not-found"
    assert gateway.call("GET", "/api/v1/session", token=victim).status == 200


def test_somebody_elses_challenge_cannot_be_answered(gateway: Gateway) -> None:
    answer = gateway.call(
        "POST", "/api/v1/challenges/chl_" + "0" * 32 + "/answer", {"answer": "here"}, gateway.visitor()
    )
    assert answer.problem == "not-found"


def test_a_message_of_another_conversation_is_not_found(gateway: Gateway) -> None:
    token = gateway.visitor()
    one, other = gateway.conversation(token), gateway.conversation(token)
    message = gateway.say(token, one, "hello").json["message"]["id"]
    assert (
        gateway.call("DELETE", f"/api/v1/conversations/{other}/messages/{message}", token=token).problem == "not-found"
    )


@pytest.mark.parametrize("route", OPENAI_ROUTES, ids=_name)
def test_the_openai_front_refuses_in_openais_form(gateway: Gateway, route: Route) -> None:
    answer = gateway.call(route.method, _path(route), {"messages": []} if route.method == "POST" else None)
    assert answer.status == 401
    assert answer.json["error"]["code"] == "invalid-token"


def test_every_path_without_a_route_is_not_found(gateway: Gateway) -> None:
    for path in (
        "/",
        "/api/v1",
        "/api/v1/session/",
        "/admin",
        "/demo/../../etc/passwd",
        "/demo/%2e%2e%2fapp.py",
        "/demo/api.pyc",
    ):
        assert gateway.call("GET", path).status == 404, path


def test_a_wrong_method_is_told_which_are_right(gateway: Gateway) -> None:
    answer = gateway.call("PATCH", "/api/v1/session")
    assert (answer.status, answer.problem) == (405, "invalid-request")
    assert answer.headers["allow"] == "DELETE, GET, POST"


def test_the_served_description_is_made_from_the_routes(gateway: Gateway) -> None:
    served = gateway.call("GET", "/openapi.json").json
    assert served == document(ROUTES)
    described = {(method.upper(), path) for path, operations in served["paths"].items() for method in operations}
    assert described == {(route.method, route.path.replace(":path}", "}")) for route in ROUTES}


def test_every_answer_carries_the_security_headers(gateway: Gateway) -> None:
    for path in ("/healthz", "/demo", "/nowhere", "/openapi.json"):
        headers = gateway.call("GET", path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert "max-age" in headers["strict-transport-security"], path
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert "server" not in headers, path


def test_health_and_readiness_answer(gateway: Gateway) -> None:
    assert gateway.call("GET", "/healthz").json == {"status": "ok"}
    assert gateway.call("GET", "/readyz").json == {"status": "ready"}


BAD_BODIES = {
    "not JSON": (b"{", 400),
    "not UTF-8": (b'{"text": "\xff"}', 400),
    "a list": (b"[]", 422),
    "a wrong type": (b'{"text": 7}', 422),
    "an unknown field": (b'{"text": "x", "role": "admin"}', 422),
    "deep nesting": (b'{"text": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", 422),
    "nothing said": (b'{"text": "  "}', 422),
    "a missing field": (b"{}", 422),
    "an odd client id": (b'{"text": "x", "client_id": "a b"}', 422),
    "a lone surrogate": (b'{"text": "\\ud800"}', 400),
    "too long": (b'{"text": "' + b"x" * 20_000 + b'"}', 413),
    "too large": (b'{"text": "' + b"x" * 300_000 + b'"}', 413),
}


@pytest.mark.parametrize(("body", "status"), BAD_BODIES.values(), ids=BAD_BODIES.keys())
def test_bad_input_gets_a_clear_answer_and_stores_nothing(gateway: Gateway, body: bytes, status: int) -> None:
    token = gateway.visitor()
    conversation = gateway.conversation(token)
    path = f"/api/v1/conversations/{conversation}/messages"
    answer = gateway.call("POST", path, body, token)
    assert (answer.status, answer.problem) == (status, "invalid-request")
    assert gateway.call("GET", path, token=token).json["messages"] == []


def test_only_json_is_taken(gateway: Gateway) -> None:
    token = gateway.visitor()
    answer = gateway.call(
        "POST", "/api/v1/conversations", b'{"bot": "helpdesk"}', token, {"Content-Type": "text/plain"}
    )
    assert (answer.status, answer.problem) == (415, "invalid-request")


def test_unknown_bots_look_absent(gateway: Gateway) -> None:
    assert gateway.call("POST", "/api/v1/conversations", {"bot": "none"}, gateway.visitor()).problem == "not-found"


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "limit=1&limit=2", "after=x", "page=2", "limit=٣"]
)
def test_bad_paging_is_refused(gateway: Gateway, query: str) -> None:
    token = gateway.visitor()
    conversation = gateway.conversation(token)
    encoded = query.encode().decode("latin-1") if query.isascii() else "limit=%D9%A3"
    answer = gateway.call("GET", f"/api/v1/conversations/{conversation}/messages?{encoded}", token=token)
    assert answer.status in {400, 404}


def test_a_stream_cannot_be_resumed_from_nonsense(gateway: Gateway) -> None:
    token = gateway.visitor()
    conversation = gateway.conversation(token)
    answer = gateway.call(
        "GET", f"/api/v1/conversations/{conversation}/events", token=token, headers={"Last-Event-ID": "1; DROP"}
    )
    assert (answer.status, answer.problem) == (400, "invalid-request")


@pytest.mark.asvs("6.3.8")
def test_unknown_wrong_and_disabled_are_one_answer(gateway: Gateway) -> None:
    name = f"carl{uuid.uuid4().hex[:8]}"
    gateway.command("user", "add", name, "--role", "customer", "--password-stdin", stdin="correct horse battery\n")
    wrong = gateway.call("POST", "/api/v1/session", {"username": name, "password": "wrong"})
    unknown = gateway.call("POST", "/api/v1/session", {"username": "nobody", "password": "wrong"})
    gateway.command("user", "disable", name)
    disabled = gateway.call("POST", "/api/v1/session", {"username": name, "password": "correct horse battery"})
    assert wrong.status == unknown.status == disabled.status == 401
    assert wrong.body == unknown.body == disabled.body
    reasons = [e["reason"] for e in gateway.audit() if e["event"] == "login:refused"][-3:]
    assert reasons == ["wrong-password", "unknown", "disabled"]
