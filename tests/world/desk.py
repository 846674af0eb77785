"""A company's login without HTTP: what a browser would carry there and back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chatwarden.clock import ManualClock
from chatwarden.config.parse import parse
from chatwarden.errors import NotAccepted
from chatwarden.identity.company.model import Arrived
from chatwarden.identity.company.service import CompanyLogins
from chatwarden.storage.model import Database
from tests.world.company import VERIFIER, Company, s256, toml

BASE = "https://gateway.example"
MAPPED = """role_claim = "groups"
default_role = "customer"
[company.acme.roles]
desk = "agent"
[company.acme.rights]
desk = ["orders:read"]
"""


@dataclass
class Desk:
    """Company logins of two companies, and a browser before them."""

    logins: CompanyLogins
    acme: Company
    rival: Company
    clock: ManualClock
    database: Database
    home: Path

    def now(self) -> int:
        return self.clock.now()

    async def begin(self, name: str = "acme") -> tuple[str, str]:
        return await self.logins.begin(
            name, challenge=s256(VERIFIER), page="/demo", base=BASE, now=self.now()
        )  # fmt: skip

    async def arrive(self, told: dict[str, str], carried: str, name: str = "acme") -> str:
        page, code = await self.logins.arrive(name, told, carried=carried, base=BASE, now=self.now())
        assert page == "/demo"
        return code

    async def back(self, name: str = "acme", **more: str) -> str:
        """From the button to the page's code."""
        location, carried = await self.begin(name)
        at = self.acme if name == "acme" else self.rival
        return await self.arrive(at.sign_in(location, **more), carried, name)

    async def login(self, name: str = "acme") -> Arrived:
        return self.logins.redeem(await self.back(name), VERIFIER, self.now())

    async def refused(self, **more: Any) -> str:
        """Why a login is refused when the provider does this."""
        for field, value in more.items():
            setattr(self.acme, field, value)
        with pytest.raises(NotAccepted) as refused:
            await self.login()
        return refused.value.reason

    async def users(self) -> list[tuple[Any, ...]]:
        return await self.database.fetch("SELECT name, role FROM users ORDER BY no")

    def configured(self, acme: str = 'default_role = "customer"\n') -> str:
        return "[server]\nlab = true\n" + toml(self.rival.issuer, "rival") + toml(self.acme.issuer, "acme", acme)

    def reload(self, acme: str) -> None:
        self.logins.use(self.logins.read(parse(self.configured(acme))))
