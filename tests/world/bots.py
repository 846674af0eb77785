"""A bot that signs in with an account of its own, and whoever copied what it holds."""

from __future__ import annotations

import base64
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chatwarden.clock import DAY, SECOND
from chatwarden.web import operations
from tests.world.forge import Signer, claims
from tests.world.house import HEAD, House, Open, Told
from tests.world.outside import ASSERTION_TYPE, FORM, US, as_form, basic

BOTS = f"""{HEAD}token_failures = "off"
[server]
public_url = "{US}"
[levels.reader]
rights = ["orders:read"]
[levels.clerk]
rights = ["orders:read", "orders:write"]
"""


@dataclass
class Bot:
    """One copy of what a bot holds: how it shows itself, and the generation that it was last told."""

    house: House
    id: str
    secret: str = ""
    key: Signer | None = None
    generation: int | None = 0

    @classmethod
    async def added(cls, house: House, *, key: Signer | None = None, **more: Any) -> Bot:
        """A new instance of the help desk."""
        args = {"name": "helpdesk", "level": "reader", "seconds": 90 * DAY // SECOND, **more}
        if key is not None:
            args["key"] = key.public_pem.decode()
        shown: Any = await operations.run(house.node.services, "bot.add", args)
        return cls(house, shown["client_id"], shown.get("client_secret", ""), key, shown.get("generation"))

    def copy(self) -> Bot:
        """Whoever has a copy of all that it holds at this moment."""
        return replace(self)

    def shown(self, **more: Any) -> tuple[dict[str, str], dict[str, str]]:
        """Fields of the head and of the form by which it shows who it is; *more* are claims, where it has a key."""
        if self.key is None:
            return basic(self.id, self.secret), {}
        token = self.key.token({**claims(self.id, US, self.house.clock.now() // SECOND), **more})
        return {}, {"client_assertion_type": ASSERTION_TYPE, "client_assertion": token}

    async def post(self, path: str, /, **fields: str) -> Told:
        head, form = self.shown()
        return await self.house.ask("POST", path, as_form(**form, **fields), "", {"Content-Type": FORM, **head})

    async def ask(self, **fields: str) -> Told:
        """Asks for a token with the generation that it knows."""
        if self.generation is not None:
            fields.setdefault("generation", str(self.generation))
        return await self.post("/oauth/token", grant_type="client_credentials", **fields)

    async def sign_in(self) -> str:
        """Asks, remembers the generation that it is told, and returns the token."""
        told = await self.ask()
        assert told.status == 200, told.body
        if self.generation is not None:
            self.generation = told.json["generation"]
        token: str = told.json["access_token"]
        return token


async def log(house: House) -> list[tuple[str, str, str]]:
    """Event, actor and reason of every entry."""
    return [(one.event.value, one.actor, one.reason) async for _, one in house.node.services.audit.read()]


def watched(open_house: Open, home: Path, more: str = "") -> AbstractAsyncContextManager[House]:
    """A house that would tell a webhook of alarms; the notices stay in its outbox."""
    hook = home / "secrets" / "hook"
    hook.parent.mkdir(parents=True, exist_ok=True)
    hook.write_text("whsec_" + base64.b64encode(bytes(32)).decode() + "\n")
    hook.chmod(0o600)
    ways = '[notify]\nwebhook = "http://127.0.0.1:9/"\nwebhook_secret_file = "secrets/hook"\n'
    return open_house(BOTS + ways + more)


async def alarms(house: House) -> list[tuple[str, str]]:
    """What is to be told, and about whom."""
    rows = await house.node.database.fetch("SELECT event, user_id FROM notices ORDER BY no")
    return [(str(event), str(about)) for event, about in rows]
