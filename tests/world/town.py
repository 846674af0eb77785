"""A company with its provider, a gateway that believes it, and a browser between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from chatwarden.app import apply_reload
from chatwarden.audit.model import Event
from chatwarden.config.home import Home
from chatwarden.config.parse import parse
from tests.world.company import VERIFIER, Company, s256, toml
from tests.world.house import HEAD, House, Told

BASE, SESSION = "https://gateway.example", "/api/v1/session"
ROLES = """role_claim = "groups"
default_role = "customer"
[company.acme.roles]
desk = "agent"
[company.acme.rights]
desk = ["orders:read"]
people = ["accounts:read"]
"""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Town:
    """A gateway, a company, and a browser between them."""

    house: House
    acme: Company
    folder: Path
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **query: str) -> Told:
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in {"other": "x", **self.cookies}.items())}
        told = await self.house.ask("GET", f"{path}?{urlencode(query)}", headers=sent)
        name, _, rest = told.headers.get("set-cookie", "").partition("=")
        if name:
            self.cookies[name] = rest.partition(";")[0]
        return told

    async def begin(self, **more: str) -> str:
        told = await self.get("/login/acme", challenge=s256(VERIFIER), **more)
        assert told.status == 302, told.body
        return told.headers["location"]

    async def code(self) -> str:
        """From the button to what the page finds behind the ``#``."""
        told = await self.get("/login/acme/callback", **self.acme.sign_in(await self.begin()))
        assert told.status == 303, told.body
        page, _, code = told.headers["location"].partition("#login=")
        assert page == "/demo"
        return code

    async def fetch(self, code: str, verifier: str = VERIFIER, token: str = "") -> Told:
        return await self.house.ask("POST", SESSION, {"code": code, "verifier": verifier}, token)

    async def login(self, token: str = "") -> Told:
        return await self.fetch(await self.code(), token=token)

    async def token(self) -> str:
        told = await self.login()
        assert told.status == 201, told.body
        token: str = told.json["token"]
        return token

    async def log_out(self, token: str = "", **more: Any) -> Told:
        """The company posts a logout token."""
        form = urlencode({"logout_token": token or self.acme.logout_token(**more)}).encode()
        return await self.house.ask("POST", "/login/acme/backchannel-logout", form, headers=FORM)

    async def state(self, token: str) -> str:
        told = await self.house.ask("GET", SESSION, token=token)
        return "living" if told.status == 200 else told.json.get("reason", told.problem)

    async def reasons(self, event: Event = Event.LOGIN_REFUSED) -> list[str]:
        log = self.house.node.services.audit.read()
        return [entry.reason async for _, entry in log if entry.event is event]

    def reload(self, more: str) -> None:
        config = parse("[server]\nlab = true\n" + HEAD + toml(self.acme.issuer, more=more))
        apply_reload(self.house.node.services, config, Home(self.folder))
