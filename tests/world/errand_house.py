"""A house whose bot has an account, with the example application added and a person who talks to the bot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatwarden.bots.accounts.model import Proved
from chatwarden.clock import DAY
from chatwarden.conversations.model import Conversation
from chatwarden.errand import Errands
from chatwarden.principal import Role
from chatwarden.sessions.model import Session
from chatwarden.web import operations
from tests.world.house import House, Told, at_home
from tests.world.orders import OrdersApp

TOML = """
[server]
lab = true
[limits]
messages = "off"
visitors = "off"
logins = "off"
[session]
idle = "1h"
answer_within = "1m"
[levels.sales]
rights = ["orders:read", "orders:write"]
[levels.none]
rights = ["nothing"]
[rights]
customer = ["orders:own"]
[bots.shop]
connector = "openai"
url = "http://127.0.0.1:9/v1"
model = "m"
who = ["customer", "visitor"]
[bots.other]
connector = "builtin"
who = ["customer", "visitor"]
"""


@dataclass
class Scene:
    """The house and who is in it. ``token`` is the bot's."""

    house: House
    app: OrdersApp
    session: Session
    session_token: str
    conversation: Conversation
    token: str

    @property
    def errands(self) -> Errands:
        return self.house.node.services.errands

    @property
    def turn(self) -> str:
        """A new turn token for the bot."""
        return self.errands.turns.issue(
            self.session.principal, self.conversation.id, self.session.id, self.house.clock.now(), "aud_cause"
        )

    async def run(self, command: str, **args: Any) -> Any:
        """An operation of administrators."""
        return await operations.run(self.house.node.services, command, args)

    async def add(self, kind: str = "bearer", name: str = "orders", **args: Any) -> Any:
        """The application, signed in to with a token of its own."""
        given = {"name": name, "url": self.app.url, "sign_in": kind, "private": True, "check": "/me", **args}
        return await self.run("app.add", **{"credential": self.app.accounts["fleet-bot"]["token"], **given})

    async def grant(self, *paths: str, **args: Any) -> str:
        given: dict[str, Any] = {
            "bot": "shop", "application": "orders", "methods": ["GET"], "paths": list(paths) or ["/**"],
            "right": "orders:read", **args,
        }  # fmt: skip
        told = await self.run("app.grant", **given)
        return str(told["grant"]["id"])

    async def ask(
        self, path: str = "/broker/orders/me", method: str = "GET", body: object = None, *, token: str = "",
        turn: str = "", **headers: str,
    ) -> Told:  # fmt: skip
        """The bot asks the broker."""
        sent = {"chatwarden-turn": turn or self.turn, **headers}
        return await self.house.ask(method, path, body, token or self.token, sent)

    async def say(self, text: str) -> str:
        """The person says something; returns what the bot sees of it."""
        gateway = self.house.node.services.gateway
        from chatwarden.audit.model import Lane

        received = await gateway.receive(self.session, Lane.CLIENT, self.conversation, text)
        return received.bot_text

    async def entries(self, *events: str) -> list[Any]:
        """The entries of these events."""
        return [one async for _, one in self.house.node.services.audit.read() if one.event.value in events]


@asynccontextmanager
async def scene(folder: Path, app: OrdersApp, toml: str = TOML) -> AsyncIterator[Scene]:
    """Everything, with the bot signed in and the person in a conversation with it."""
    async with at_home(folder, toml) as house:
        services, now = house.node.services, house.clock.now()
        await services.identity.add("ada", Role.CUSTOMER, now, actor="test", password="tandem-velvet-orchid")
        told = await house.ask("POST", "/api/v1/session", {"username": "ada", "password": "tandem-velvet-orchid"})
        session = await services.sessions.authenticate(told.json["token"], now)
        name = await house.conversation(told.json["token"], "shop")
        issued = await services.administration.add(
            "shop", "sales", now, life=DAY, label="main", plain=True, actor="test"
        )
        proved = Proved(issued.account, issued.instance, issued.credential)
        signed_in = await services.accounts.sign_in(proved, None, now)
        yield Scene(
            house, app, session, told.json["token"], await services.conversations.find(name), signed_in.token
        )  # fmt: skip
