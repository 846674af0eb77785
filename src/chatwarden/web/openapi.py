"""The OpenAPI 3.1 document, made from the table of routes and the types that the handlers really use."""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import msgspec

from chatwarden import __version__
from chatwarden.errors import (
    ConfirmationRequired,
    InvalidRequest,
    InvalidToken,
    Problem,
    SecondFactorRequired,
    SessionEnded,
    Unavailable,
)
from chatwarden.web.context import Services
from chatwarden.web.http import Reply, Request, json_reply
from chatwarden.web.routes import Access, OpenHandler, Route

_PARAMETER = re.compile(r"\{(\w+)(?::path)?\}")  # ``:path`` is Starlette's word for one with slashes in it
_FORM_MEDIA = "application/x-www-form-urlencoded"
_TEMPLATE = "#/components/schemas/{name}"
_FORM = {"application/problem+json": {"schema": {"$ref": _TEMPLATE.format(name="Problem")}}}
_OPENAI_FORM = {"application/json": {"schema": {"$ref": _TEMPLATE.format(name="OpenAIError")}}}
_OAUTH_FORM = {"application/json": {"schema": {"$ref": _TEMPLATE.format(name="OAuthError")}}}
_OAUTH_REFUSALS = {
    400: "invalid_request, invalid_grant, invalid_scope, invalid_target, unauthorized_client, unsupported_grant_type",
    401: "invalid_client",
    413: "invalid_request",
    429: "temporarily_unavailable",
    503: "temporarily_unavailable",
}


def document(routes: Iterable[Route]) -> dict[str, Any]:
    """The description of *routes*."""
    routes = list(routes)
    types = {t for route in routes for t in [route.request, *(kind for _, kind in route.responses)] if t is not None}
    ordered = sorted(types, key=lambda kind: str(kind.__name__))
    schemas, components = msgspec.json.schema_components(ordered, ref_template=_TEMPLATE)
    by_type = dict(zip(ordered, schemas, strict=True))
    components["Problem"] = {
        "type": "object",
        "description": "RFC 9457 problem details; some types carry more members",
        "required": ["type", "title", "status"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
        },
    }
    components["OpenAIError"] = {
        "type": "object",
        "description": "what went wrong, in the form of OpenAI's API",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["message", "type", "param", "code"],
                "properties": {
                    "message": {"type": "string"},
                    "type": {"type": "string"},
                    "param": {"type": "null"},
                    "code": {"type": "string"},
                },
            }
        },
    }
    components["OAuthError"] = {
        "type": "object",
        "description": "what went wrong, as in RFC 6749 section 5.2",
        "required": ["error"],
        "properties": {"error": {"type": "string"}, "error_description": {"type": "string"}},
    }
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(_PARAMETER.sub(r"{\1}", route.path), {})[route.method.lower()] = _operation(route, by_type)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Chatwarden", "version": __version__, "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "session": {"type": "http", "scheme": "bearer"},
                "client": {"type": "http", "scheme": "basic"},
            },
        },
    }


def problems_of(route: Route) -> list[type[Problem]]:
    """Every problem type that *route* may answer, besides the unexpected."""
    implied: list[type[Problem]] = [InvalidRequest]
    if route.access is not Access.ANYBODY:
        implied += [InvalidToken, SessionEnded, Unavailable]
    if route.access in {Access.ACTIVE, Access.ITSELF, Access.SETTING_UP}:
        implied.append(ConfirmationRequired)
    if route.access in {Access.ACTIVE, Access.ITSELF}:
        implied.append(SecondFactorRequired)
    return list(dict.fromkeys([*implied, *route.problems]))


def _operation(route: Route, by_type: dict[Any, Any]) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, kind in route.responses:
        responses[str(status)] = {"description": HTTPStatus(status).phrase}
        if kind is not None:
            responses[str(status)]["content"] = {route.media: {"schema": by_type[kind]}}
        elif route.media != "application/json":
            responses[str(status)]["content"] = {route.media: {"schema": {"type": "string"}}}
    form = (
        _OAUTH_FORM if route.oauth else _OPENAI_FORM if route.access is Access.ITSELF and route.tag != "bots" else _FORM
    )
    for status, names in _refusals(route).items():
        if str(status) not in responses:
            responses[str(status)] = {"description": names, "content": form}
    operation: dict[str, Any] = {
        "summary": route.summary,
        "operationId": _operation_id(route),
        "tags": [route.tag],
        "responses": responses,
    }
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(route.path)
    ]
    parameters += [{"name": name, "in": "query", "schema": {"type": "string"}} for name in route.query]
    if parameters:
        operation["parameters"] = parameters
    if route.request is not None:
        operation["requestBody"] = {
            "required": not route.bodiless,
            "content": {_FORM_MEDIA if route.oauth else "application/json": {"schema": by_type[route.request]}},
        }
    if route.access is not Access.ANYBODY:
        operation["security"] = [{"session": []}]
    elif route.tag == "oauth" and route.request is not None:
        operation["security"] = [{"client": []}, {}]  # or in the form
    return operation


def _refusals(route: Route) -> dict[int, str]:
    """By status: the names of what may be refused."""
    if route.oauth:
        return {
            status: names for status, names in _OAUTH_REFUSALS.items() if route.request is not None or status == 503
        }
    statuses: dict[int, list[str]] = {}
    for problem in problems_of(route):
        statuses.setdefault(problem.status, []).append(problem.name)
    if route.request is not None:
        for status in (413, 415, 422):
            statuses.setdefault(status, []).append(InvalidRequest.name)
    return {status: ", ".join(dict.fromkeys(names)) for status, names in sorted(statuses.items())}


def _operation_id(route: Route) -> str:
    words = [word for word in re.split(r"[/{}.:]+", route.path.replace("/api/v1", "")) if word]
    return "-".join([route.method.lower(), *words])


def serve(routes: Iterable[Route]) -> OpenHandler:
    """A handler that answers the document; it is made on first use."""
    made: list[Reply] = []

    async def openapi(_services: Services, _request: Request) -> Reply:
        if not made:
            made.append(json_reply(document(routes)))
        return made[0]

    return openapi
