"""People who answer people, in a house: their tokens, what they ask, and what their open pages are told."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from chatwarden.audit.model import Entry
from chatwarden.conversations.model import Conversation
from chatwarden.routing.model import Handoff
from tests.web.test_operations import RIGHT, run
from tests.world.house import House, Told

DESK = "/api/v1/desk"
TALK = "/api/v1/conversations/"


class Page:
    """A page that is open: what its stream was told, by name."""

    def __init__(self, told: Told) -> None:
        self.told = told

    def events(self, name: str = "") -> list[Any]:
        """The data of each event of this name so far."""
        found = []
        for block in self.told.body.decode().split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and line[0] != ":")
            if fields.get("event") and name in {"", fields["event"]}:
                found.append(json.loads(fields["data"]))
        return found

    async def until(self, name: str, so: Callable[[Any], bool] = lambda _: True) -> Any:
        """The first event of this name for which *so* holds, once it has come."""
        async with asyncio.timeout(20):
            while not (found := [one for one in self.events(name) if so(one)]):
                self.told.more.clear()
                await self.told.more.wait()
        return found[0]


@dataclass
class Floor:
    """A house with its desk."""

    house: House

    async def person(self, name: str, role: str = "agent") -> str:
        """Somebody's token."""
        await run(self.house, "user.add", name=name, role=role, password=RIGHT)
        return str((await run(self.house, "session.issue", user=name, seconds=36_000))["token"])

    async def agent(self, name: str, presence: str = "available") -> str:
        """The token of an agent who is at the desk."""
        token = await self.person(name)
        told = await self.ask("PUT", "/presence", {"presence": presence}, token)
        assert told.status == 200, told.body
        return token

    async def id_of(self, name: str) -> str:
        return (await self.house.node.services.identity.find(name)).id

    async def ask(self, method: str, path: str, body: object = None, token: str = "") -> Told:
        """A request to the desk."""
        return await self.house.ask(method, DESK + path, body, token)

    async def act(self, what: str, talk: str, token: str, body: object = None) -> Told:
        """One act about a conversation."""
        return await self.ask("POST", f"/conversations/{talk}/{what}", body, token)

    async def asking(self, *said: str, bot: str = "helpdesk") -> tuple[str, str]:
        """A visitor who said this and asked for a person: token and conversation."""
        token = await self.house.visitor()
        talk = await self.house.conversation(token, bot)
        for text in said:
            assert (await self.say(token, talk, text)).status == 201
        assert (await self.house.ask("POST", f"{TALK}{talk}/handoff", None, token)).status == 202
        return token, talk

    async def taken(self, agent: str, *said: str) -> tuple[str, str]:
        """The same, and *agent* has it."""
        token, talk = await self.asking(*said)
        assert (await self.act("take", talk, agent)).status == 200
        return token, talk

    async def say(self, token: str, talk: str, text: str, **more: str) -> Told:
        return await self.house.ask("POST", f"{TALK}{talk}/messages", {"text": text, **more}, token)

    async def tell(self, agent: str, talk: str, text: str, **more: str) -> Told:
        return await self.act("messages", talk, agent, {"text": text, **more})

    async def conversation(self, talk: str) -> Conversation:
        services = self.house.node.services
        return await services.conversations.look_up(talk, services.clock.now())

    async def handoff(self, talk: str) -> Handoff | None:
        return self.house.node.services.desk.book.of(await self.conversation(talk))

    async def state(self, talk: str) -> str:
        return (await self.conversation(talk)).state

    async def later(self, span: int) -> None:
        """Time passes, and the sweep sees it."""
        self.house.clock.advance(span)
        await self.house.node.sweep()

    async def entries(self, begins: str = "conversation:handoff-") -> list[Entry]:
        log = self.house.node.services.audit
        return [entry async for _, entry in log.read() if entry.event.startswith(begins)]

    async def what(self) -> list[str]:
        """What happened to hand-offs, by the log."""
        return [one.event.removeprefix("conversation:handoff-") for one in await self.entries()]

    @contextlib.asynccontextmanager
    async def page(self, token: str, path: str = DESK + "/events") -> AsyncIterator[Page]:
        """A page of somebody's that follows the desk, or a conversation."""
        told = Told()
        going = asyncio.create_task(self.house.ask("GET", path, None, token, told=told))
        await told.until(b"retry")
        try:
            yield Page(told)
        finally:
            told.leave()
            await going
