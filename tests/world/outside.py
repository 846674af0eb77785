"""The programs around a gateway: a website that knows its visitors, clients with a secret or a key of their own."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from chatwarden.clock import SECOND
from chatwarden.sessions.model import Session
from tests.world.forge import Signer, claims
from tests.world.house import HEAD, House, Open, Told

US = "https://chat.example.org"
SITE = "https://www.example.org"
ORDERS, STOCK = "https://orders.example.org", "https://stock.example.org"
FORM = "application/x-www-form-urlencoded"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"

TOML = f"""
[rights]
customer = ["orders:read", "orders:write"]
visitor = ["hours:read"]

[clients.orders]
secret_file = "secrets/orders"
grants = ["token-exchange", "client_credentials"]
scopes = ["orders:read", "stock:read"]
audiences = ["{ORDERS}", "{STOCK}"]

[clients.robot]
key_file = "secrets/robot.pem"
grants = ["token-exchange", "client_credentials"]
scopes = ["orders:read"]
audiences = ["{ORDERS}"]

[clients.proxy]
secret_file = "secrets/proxy"

[sites.shop]
issuer = "{SITE}"
jwks_file = "secrets/shop.json"

[sites.forum]
issuer = "https://forum.example.org"
key_file = "secrets/forum.pem"
"""


def as_form(**fields: str) -> bytes:
    return urlencode(fields).encode()


def basic(name: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}


@dataclass
class Outside:
    """What they hold; their public halves and secrets lie in a home."""

    shop: Signer = field(default_factory=lambda: Signer.fresh("EdDSA", "shop-1"))
    forum: Signer = field(default_factory=lambda: Signer.fresh("ES256"))
    robot: Signer = field(default_factory=lambda: Signer.fresh("RS256"))
    secrets: dict[str, str] = field(default_factory=lambda: {"orders": "o" * 40, "proxy": "p" * 40})

    def settle(self, home: Path) -> None:
        """Writes the files that the configuration names."""
        folder = home / "secrets"
        folder.mkdir(parents=True, exist_ok=True)
        files = {
            **{name: secret.encode() + b"\n" for name, secret in self.secrets.items()},
            "shop.json": self.shop.jwks, "forum.pem": self.forum.public_pem, "robot.pem": self.robot.public_pem,
        }  # fmt: skip
        for name, data in files.items():
            (folder / name).write_bytes(data)
            (folder / name).chmod(0o600)

    def assertion(self, gateway: str, now: int, subject: str = "c-1042", **more: Any) -> str:
        """What the website says of a visitor; *now* is in seconds."""
        return self.shop.token({**claims(SITE, gateway, now, subject=subject), **more})

    def client_assertion(self, gateway: str, now: int, **more: Any) -> dict[str, str]:
        """How the robot shows who it is."""
        token = self.robot.token({**claims("robot", gateway, now), **more})
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": token}

    def site_assertion(self, gateway: str, now: int) -> dict[str, str]:
        """How the website itself does."""
        token = self.shop.token(claims(SITE, gateway, now))
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": token}


@dataclass
class World:
    """A gateway without a socket, and those who ask it."""

    house: House
    outside: Outside

    @property
    def now(self) -> int:
        """In seconds."""
        return self.house.clock.now() // SECOND

    async def post(self, path: str, headers: dict[str, str] | None = None, /, **fields: str) -> Told:
        return await self.house.ask("POST", path, as_form(**fields), "", {"Content-Type": FORM, **(headers or {})})

    async def as_client(self, path: str, name: str = "orders", /, **fields: str) -> Told:
        """The same from a client with a secret."""
        return await self.post(path, basic(name, self.outside.secrets[name]), **fields)

    async def arrive(self, subject: str = "c-1042", **more: Any) -> str:
        """A visitor of the website comes; their session's token."""
        told = await self.post(
            "/oauth/token", grant_type=JWT_BEARER, assertion=self.outside.assertion(US, self.now, subject, **more)
        )
        assert told.status == 200, told.body
        token: str = told.json["access_token"]
        return token

    async def exchange(self, subject_token: str, name: str = "orders", /, **more: str) -> Told:
        fields = {"audience": ORDERS, **more}
        return await self.as_client(
            "/oauth/token", name, grant_type=EXCHANGE, subject_token=subject_token,
            **{"subject_token_type": ACCESS_TOKEN, **fields},
        )  # fmt: skip

    async def active(self, token: str) -> bool:
        """What introspection says."""
        told = await self.as_client("/oauth/introspect", "proxy", token=token)
        assert told.status == 200, told.body
        assert told.json["active"] or told.json == {"active": False}
        return bool(told.json["active"])

    async def session(self, token: str) -> Session:
        return await self.house.node.services.sessions.authenticate(token, self.house.clock.now())

    async def refusals(self) -> list[tuple[str, str]]:
        """Who was refused and why, as the log has it."""
        log = [entry async for _, entry in self.house.node.services.audit.read()]
        return [(entry.actor, entry.reason) for entry in log if entry.event == "token:refused"]


@asynccontextmanager
async def at_work(open_house: Open, home: Path, outside: Outside, toml: str = "") -> AsyncIterator[World]:
    """A gateway that knows them all."""
    outside.settle(home)
    async with open_house(f'{HEAD}token_failures = "off"\n[server]\npublic_url = "{US}"\n{TOML}{toml}') as house:
        yield World(house, outside)
