"""The description is a valid document, and what is answered is what it says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from chatwarden import __version__
from chatwarden.errors import (
    ConfirmationRequired,
    Forbidden,
    InvalidRequest,
    InvalidToken,
    SecondFactorRequired,
    SessionEnded,
    Unavailable,
)
from chatwarden.web.context import Services
from chatwarden.web.http import Reply, Request
from chatwarden.web.openapi import document, problems_of
from chatwarden.web.routes import Access, Route
from chatwarden.web.site import ROUTES
from tests.world.house import House

DESCRIBED = document(ROUTES)
CHAT = "/bots/helpdesk/openai/v1/chat/completions"
NONE = "cnv_" + "0" * 32


class Thing(msgspec.Struct):
    """A thing."""

    name: str


async def nothing(_services: Services, _request: Request) -> Reply:
    return Reply(204)


def route(access: Access = Access.ANYBODY, path: str = "/things/{id}", **more: Any) -> Route:
    return Route("POST", path, "Make a thing", access, nothing, **more)


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DESCRIBED["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def references(value: Any) -> Iterator[str]:
    """Every reference anywhere in a document."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "$ref":
                yield inner
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_one_route_is_described_from_its_types() -> None:
    made = document(
        [route(Access.ACTIVE, request=Thing, responses=((201, Thing),), problems=(Forbidden,), query=("q",))]
    )
    assert (made["openapi"], made["info"]["version"]) == ("3.1.0", __version__)
    operation = made["paths"]["/things/{id}"]["post"]
    thing = {"schema": {"$ref": "#/components/schemas/Thing"}}
    assert operation["requestBody"] == {"required": True, "content": {"application/json": thing}}
    assert operation["responses"]["201"] == {"description": "Created", "content": {"application/json": thing}}
    assert operation["responses"]["403"]["description"] == "forbidden"
    assert operation["security"] == [{"session": []}]
    assert operation["operationId"] == "post-things-id"
    assert [(one["name"], one["in"], one.get("required", False)) for one in operation["parameters"]] == [
        ("id", "path", True),
        ("q", "query", False),
    ]
    assert made["components"]["schemas"]["Thing"]["required"] == ["name"]


def test_who_gets_in_says_what_may_be_refused() -> None:
    session = [InvalidRequest, InvalidToken, SessionEnded, Unavailable]
    assert problems_of(route()) == [InvalidRequest]
    assert problems_of(route(Access.SESSION)) == session
    assert problems_of(route(Access.ACTIVE, problems=(Forbidden, InvalidToken))) == [
        *session, ConfirmationRequired, SecondFactorRequired, Forbidden,
    ]  # fmt: skip
    assert problems_of(route(Access.SETTING_UP)) == [*session, ConfirmationRequired]
    assert problems_of(route(Access.ITSELF)) == [*session, ConfirmationRequired, SecondFactorRequired]


def test_a_form_is_described_as_one_and_refused_in_oauths_form() -> None:
    operation = document([route(request=Thing, oauth=True, tag="oauth")])["paths"]["/things/{id}"]["post"]
    assert list(operation["requestBody"]["content"]) == ["application/x-www-form-urlencoded"]
    assert operation["responses"]["401"]["content"] == {
        "application/json": {"schema": {"$ref": "#/components/schemas/OAuthError"}}
    }
    assert operation["security"] == [{"client": []}, {}]


def test_a_body_that_may_be_left_out_is_not_required() -> None:
    made = document([route(request=Thing, bodiless=True)])
    assert made["paths"]["/things/{id}"]["post"]["requestBody"]["required"] is False


@pytest.mark.parametrize(
    ("access", "media", "form"),
    [(Access.SESSION, "application/problem+json", "Problem"), (Access.ITSELF, "application/json", "OpenAIError")],
)
def test_a_refusal_is_described_in_the_form_that_it_takes(access: Access, media: str, form: str) -> None:
    operation = document([route(access)])["paths"]["/things/{id}"]["post"]
    assert operation["responses"]["401"]["content"] == {media: {"schema": {"$ref": f"#/components/schemas/{form}"}}}
    assert operation["security"] == [{"session": []}]


def test_the_document_is_json_and_every_reference_leads_somewhere() -> None:
    assert json.loads(json.dumps(DESCRIBED)) == DESCRIBED
    found = set(references(DESCRIBED))
    assert found
    assert found <= {f"#/components/schemas/{name}" for name in DESCRIBED["components"]["schemas"]}


def test_every_operation_has_a_name_of_its_own_and_all_parameters_of_its_path() -> None:
    every = list(operations())
    assert len({operation["operationId"] for _, _, operation in every}) == len(every)
    for path, _, operation in every:
        given = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
        assert given == set(re.findall(r"\{(\w+)\}", path))


def test_only_what_anybody_may_ask_is_described_without_a_token() -> None:
    assert {path for path, _, operation in operations() if "security" not in operation} == {
        "/api/v1/session", "/api/v1/session/passkey", "/api/v1/enrolments", "/demo", "/demo/{name}", "/account",
        "/enrol", "/console", "/console/{name}", "/console/conversation",
        "/widget", "/widget/{name}", "/widget/leave", "/widget/back", "/widget/passkey", "/w/{name}", "/strings/{name}",
        "/healthz", "/readyz", "/openapi.json", "/.well-known/oauth-authorization-server", "/oauth/jwks",
        "/login", "/login/{company}", "/login/{company}/callback", "/login/{company}/backchannel-logout",
    }  # fmt: skip


def described(method: str, path: str) -> dict[str, Any]:
    """The operation that answers *path*."""
    for pattern, name, operation in operations():
        if name == method.lower() and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path):
            return operation
    raise AssertionError(path)


ASKED: list[tuple[str, str, object, bool, int]] = [
    ("POST", "/api/v1/session", None, False, 201),
    ("POST", "/api/v1/session", {}, False, 201),
    ("POST", "/api/v1/session", {"username": "a", "password": "b"}, False, 401),
    ("POST", "/api/v1/session", {"username": "a"}, False, 422),
    ("POST", "/api/v1/session", b"{", False, 400),
    ("GET", "/api/v1/session", None, True, 200),
    ("GET", "/api/v1/sessions", None, True, 200),
    ("GET", "/api/v1/sessions", None, False, 401),
    ("DELETE", "/api/v1/sessions/ses_1", None, True, 404),
    ("POST", "/api/v1/challenges/chl_1/answer", {"answer": "here"}, True, 404),
    ("POST", "/api/v1/enrolments", {"token": "x", "password": "a long password"}, False, 404),
    ("POST", "/api/v1/conversations", {"bot": "helpdesk"}, True, 201),
    ("POST", "/api/v1/conversations", {"bot": "none"}, True, 404),
    ("GET", "/api/v1/conversations", None, True, 200),
    ("GET", f"/api/v1/conversations/{NONE}/messages", None, True, 404),
    ("GET", f"/api/v1/conversations/{NONE}/events", None, True, 404),
    ("POST", CHAT, {"messages": [{"role": "user", "content": "hello"}]}, True, 200),
    ("POST", CHAT, {"messages": [{"role": "system", "content": "x"}]}, True, 403),
    ("POST", CHAT, {"messages": [], "n": 2}, True, 400),
    ("POST", CHAT, {"messages": 7}, True, 422),
    ("POST", CHAT, {"messages": []}, False, 401),
    ("POST", CHAT.replace("helpdesk", "none"), {"messages": []}, True, 404),
    ("GET", "/bots/helpdesk/openai/v1/models", None, True, 200),
    ("GET", "/bots/helpdesk/openai/v1/models", None, False, 401),
    ("GET", "/.well-known/oauth-authorization-server", None, False, 200),
    ("GET", "/oauth/jwks", None, False, 200),
    ("GET", "/login", None, False, 200),
    ("GET", "/login/none", None, False, 400),
    ("GET", "/login/none/callback", None, False, 404),
    ("POST", "/login/none/backchannel-logout", b"logout_token=x", False, 400),
    ("POST", "/oauth/token", b"grant_type=client_credentials", False, 401),
    ("POST", "/oauth/token", b"grant_type=password", False, 400),
    ("POST", "/oauth/introspect", b"token=x", False, 401),
    ("POST", "/oauth/revoke", b"token=x&token=y", False, 400),
    ("GET", "/healthz", None, False, 200),
    ("GET", "/readyz", None, False, 200),
    ("GET", "/demo", None, False, 200),
    ("GET", "/demo/nothing.js", None, False, 404),
    ("GET", "/openapi.json", None, False, 200),
]


async def test_what_is_answered_is_what_was_described(house: House) -> None:
    token = await house.visitor()
    for method, path, body, known, status in ASKED:
        sent = {"Content-Type": "application/x-www-form-urlencoded"} if path.startswith(("/oauth", "/login")) else {}
        told = await house.ask(method, path, body, token if known else "", sent)
        assert told.status == status, (method, path, told.body)
        responses = described(method, path)["responses"]
        assert str(status) in responses, (method, path, status)
        content = responses[str(status)].get("content", {})
        if content:
            assert told.headers["content-type"].partition(";")[0] in content, (method, path, status)
        if status >= 400:
            assert content, (method, path, status)
            error = told.json.get("error", {})
            name = error if isinstance(error, str) else error["code"] if error else told.problem
            assert name in responses[str(status)]["description"]


async def test_the_document_is_served_and_made_once(house: House) -> None:
    first, second = [await house.ask("GET", "/openapi.json") for _ in range(2)]
    assert first.json == DESCRIBED
    assert first.body == second.body
