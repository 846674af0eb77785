"""Requests in, replies out: the little of HTTP that every handler needs, parsed once at the border.

Bodies are limited by the front before they reach this file. JSON is decoded straight into the type that the handler
declared; unknown fields are refused (contract: clear errors).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
from starlette.types import Receive, Scope, Send

from chatwarden.edge.gcra import peer_key
from chatwarden.errors import InvalidRequest, Problem
from chatwarden.sessions.model import Client

_Parsed = TypeVar("_Parsed")
_JSON = msgspec.json.Encoder()
_FIELDS = 32  # no route knows more than two
_CHOSEN = re.compile("Object contains unknown field |Invalid (?:enum )?value ")
_QUOTED = re.compile(r"(['`])(.*?)\1( - at `\$(?:\.[a-z_]{1,32}|\[\d{0,3}\]|\[\.\.\.\])*`)?", re.DOTALL)
_FIELD = re.compile(r"[a-z][a-z_]{0,31}")

# Every answer carries these. A page adds its own policy.
SECURITY_HEADERS: list[tuple[bytes, bytes]] = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"strict-transport-security", b"max-age=31536000"),
    (b"referrer-policy", b"no-referrer"),
]
_API_HEADERS = [*SECURITY_HEADERS, (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")]
JSON_HEADERS = [(b"content-type", b"application/json"), *_API_HEADERS]
PROBLEM_HEADERS = [(b"content-type", b"application/problem+json"), *_API_HEADERS]
EVENT_HEADERS = [(b"content-type", b"text/event-stream"), (b"x-accel-buffering", b"no"), *_API_HEADERS]


class ClientGone(Exception):
    """The client closed before its request was read."""


@dataclass(slots=True)
class Request:
    """One request. ``path`` holds the parameters of the route."""

    scope: Scope
    receive: Receive
    path: dict[str, str] = field(default_factory=dict)

    def header(self, name: bytes) -> str:
        """The first header of this (lower-case) name, or an empty string."""
        for key, value in self.scope["headers"]:
            if key == name:
                return str(value, "latin-1")
        return ""

    @property
    def query(self) -> dict[str, str]:
        """Query parameters. Raises InvalidRequest when one comes twice or there are many."""
        try:
            pairs = parse_qsl(
                str(self.scope["query_string"], "latin-1"), keep_blank_values=True, max_num_fields=_FIELDS
            )
        except ValueError:
            raise InvalidRequest(f"at most {_FIELDS} query parameters") from None
        found = dict(pairs)
        if len(found) != len(pairs):
            raise InvalidRequest("a query parameter is given twice")
        return found

    @property
    def source(self) -> str:
        """The key of the peer for limits: an IPv4 address or an IPv6 /64."""
        client = self.scope.get("client")
        return peer_key(client[0]) if client else "local"

    @property
    def client(self) -> Client:
        """From where and by what the request comes."""
        peer = self.scope.get("client")
        return Client(peer[0] if peer else "local", self.header(b"user-agent"))

    def bearer(self) -> str:
        """The bearer token, or an empty string."""
        value = self.header(b"authorization")
        scheme, _, token = value.partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    async def body(self) -> bytes:
        """The whole body; the front has bounded it."""
        message = await self.receive()
        if message["type"] != "http.request":
            raise ClientGone
        body: bytes = message.get("body", b"")
        if not message.get("more_body", False):
            return body
        chunks = [body]
        while message.get("more_body", False):
            message = await self.receive()
            if message["type"] != "http.request":
                raise ClientGone
            chunks.append(message.get("body", b""))
        return b"".join(chunks)

    async def json(self, decoder: msgspec.json.Decoder[_Parsed], *, optional: bool = False) -> _Parsed:
        """The body as the declared type. Raises InvalidRequest 400, 415 or 422."""
        content_type = self.header(b"content-type")
        body = await self.body()
        if not body and optional:
            body = b"{}"
        elif content_type.partition(";")[0].strip().lower() != "application/json":
            raise InvalidRequest("send application/json", status=415)
        return parse(decoder, body)


def parse(decoder: msgspec.json.Decoder[_Parsed], body: bytes) -> _Parsed:
    """*body* as the declared type. Raises InvalidRequest 400 (not JSON) or 422 (not that shape)."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise InvalidRequest(_told(str(error)), status=422) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise InvalidRequest("the body is not valid JSON in UTF-8") from None


def _told(text: str) -> str:
    # msgspec repeats what a client chose: the name of an unknown field, a value that is none of those allowed. It may be
    # anything, and errors are written down in many places: only what looks like a field of an interface is repeated.
    chosen = _CHOSEN.match(text)
    if chosen is None:
        return text[:200]
    quoted = _QUOTED.fullmatch(text, chosen.end())
    if quoted is None:
        return chosen[0] + "(not shown)"
    name, place = quoted[2], quoted[3] or ""
    return chosen[0] + (f"`{name}`" if _FIELD.fullmatch(name) else "(not shown)") + place


@dataclass(slots=True)
class Reply:
    """An answer whose body is known."""

    status: int
    body: bytes = b""
    headers: list[tuple[bytes, bytes]] = field(default_factory=lambda: JSON_HEADERS)

    async def send(self, send: Send) -> None:
        """Writes it."""
        headers = [*self.headers, (b"content-length", b"%d" % len(self.body))]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


@dataclass(slots=True)
class StreamReply:
    """An answer that goes on. ``receive`` is the request's: it tells when the client is gone."""

    chunks: AsyncGenerator[bytes]
    receive: Receive
    headers: list[tuple[bytes, bytes]] = field(default_factory=lambda: EVENT_HEADERS)
    status: int = 200

    async def send(self, send: Send) -> None:
        """Writes it piece by piece, until it ends or the client is gone; ``chunks`` is closed then."""
        # The front says nothing to whom it writes in vain: without a second ear a quiet stream would stay for ever.
        writing = asyncio.create_task(self._write(send))
        leaving = asyncio.create_task(self._left())
        try:
            await asyncio.wait((writing, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            writing.cancel()
            await asyncio.wait((writing, leaving))
        if not writing.cancelled():
            writing.result()

    async def _write(self, send: Send) -> None:
        async with aclosing(self.chunks) as chunks:
            await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
            async for chunk in chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})

    async def _left(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass  # what is left of the request


def json_reply(value: Any, status: int = 200, headers: list[tuple[bytes, bytes]] | None = None) -> Reply:
    """*value* as JSON."""
    return Reply(status, _JSON.encode(value), [*JSON_HEADERS, *headers] if headers else JSON_HEADERS)


def problem_document(problem: Problem) -> dict[str, object]:
    """*problem* as RFC 9457 has it."""
    document: dict[str, object] = {"type": problem.type, "title": problem.title, "status": problem.status}
    if problem.detail:
        document["detail"] = problem.detail
    document.update({name: value for name, value in problem.extra.items() if value is not None})
    return document


def problem_reply(problem: Problem) -> Reply:
    """*problem* as RFC 9457 JSON."""
    document = problem_document(problem)
    headers = [(name.lower().encode(), value.encode()) for name, value in problem.headers.items()]
    return Reply(problem.status, _JSON.encode(document), [*PROBLEM_HEADERS, *headers])
