"""The whole interface over a home of its own, called as the front calls it, under a clock that moves when told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.types import Message, Scope

from chatwarden.app import opened
from chatwarden.clock import ManualClock
from chatwarden.config.home import Home
from chatwarden.config.parse import parse
from chatwarden.metrics import Metrics
from chatwarden.node import Node
from chatwarden.web.site import site

HEAD = '[storage]\nurl = "sqlite"\n[limits]\nmessages = "off"\nvisitors = "off"\n'
_PROBLEM = "urn:chatwarden:problem:"


@dataclass
class Told:
    """What a client was told, and its side of the wire: ``leave`` hangs up, ``more`` is set by every piece."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    pieces: list[bytes] = field(default_factory=list)
    complete: bool = False
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    more: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def problem(self) -> str:
        """The name of the problem type."""
        assert self.headers["content-type"] == "application/problem+json"
        name: str = self.json["type"]
        assert name.startswith(_PROBLEM)
        return name.removeprefix(_PROBLEM)

    def leave(self) -> None:
        self.gone.set()

    async def until(self, said: bytes) -> None:
        """Waits until *said* has come."""
        await self._until(lambda: said in self.body)

    async def end(self) -> None:
        """Waits until nothing more will come."""
        await self._until(lambda: self.complete)

    async def _until(self, so: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not so():
                self.more.clear()
                await self.more.wait()


@dataclass
class House:
    """A gateway without a socket: every part but the front is real."""

    node: Node
    clock: ManualClock
    peer: str = "127.0.0.1"  # from where it is asked

    def __post_init__(self) -> None:
        self.app = site(self.node.services)

    async def ask(
        self, method: str, path: str, body: object = None, token: str = "",
        headers: dict[str, str] | None = None, told: Told | None = None,
    ) -> Told:  # fmt: skip
        """One request to its end. The front's ``send`` says nothing to a client that is gone, as here."""
        told = told or Told()
        path, _, query = path.partition("?")
        sent = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        if data and not any(name == b"content-type" for name, _ in sent):
            sent.append((b"content-type", b"application/json"))
        if token:
            sent.append((b"authorization", b"Bearer " + token.encode()))
        scope: Scope = {
            "type": "http", "method": method, "path": path, "root_path": "", "query_string": query.encode(),
            "headers": sent, "client": (self.peer, 1),
        }  # fmt: skip
        whole = False

        async def receive() -> Message:
            nonlocal whole
            if not whole:
                whole = True
                return {"type": "http.request", "body": data}
            await told.gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if told.gone.is_set():
                return
            if message["type"] == "http.response.start":
                told.status = message["status"]
                told.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            else:
                told.pieces.append(message.get("body", b""))
                told.complete = not message.get("more_body", False)
            told.more.set()

        await self.app(scope, receive, send)
        return told

    async def visitor(self) -> str:
        """A new visitor's token."""
        told = await self.ask("POST", "/api/v1/session", {})
        assert told.status == 201, told.body
        token: str = told.json["token"]
        return token

    async def conversation(self, token: str, bot: str = "helpdesk") -> str:
        """A new conversation's id."""
        told = await self.ask("POST", "/api/v1/conversations", {"bot": bot}, token)
        assert told.status == 201, told.body
        name: str = told.json["id"]
        return name


@asynccontextmanager
async def at_home(folder: Path, toml: str = "") -> AsyncIterator[House]:
    """A house over *folder*, as it is after a start."""
    home = Home(folder)
    home.prepare()
    async with opened(home, parse(toml or HEAD), Metrics()) as node:
        clock = ManualClock(node.services.clock.now())
        services = node.services
        services.clock = services.gateway.clock = services.gateway.answering.clock = services.errands.clock = clock
        services.floor.clock = clock
        yield House(node, clock)


Open = Callable[..., AbstractAsyncContextManager[House]]
