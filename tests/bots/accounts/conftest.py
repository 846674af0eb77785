"""Accounts of bots over a database, on each engine."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from chatwarden.audit.service import AuditLog
from chatwarden.bots.accounts.administration import Administration
from chatwarden.bots.accounts.model import Issued
from chatwarden.bots.accounts.service import BotAccounts
from chatwarden.clock import DAY, Instant, ManualClock
from chatwarden.config.model import AccountsConfig
from chatwarden.errors import NotAccepted
from chatwarden.storage.model import Database, Transaction

NOW = ManualClock().now()


@dataclass
class Place:
    """Both halves, and what they told."""

    database: Database
    told: list[tuple[str, str]] = field(default_factory=list)
    paused: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.audit = AuditLog(self.database)
        self.accounts = BotAccounts(
            self.database, self.audit, {"reader": ("orders:read",), "clerk": ("orders:read", "orders:write")},
            bots={"helpdesk", "shop"}, paused=self.paused.__contains__, tell=self._tell,
        )  # fmt: skip
        self.administration = Administration(self.database, self.audit, AccountsConfig(), tell=self._tell)

    def _tell(self, _tx: Transaction, event: str, about: str, _now: Instant) -> None:
        self.told.append((event, about))

    async def add(self, **more: object) -> Issued:
        args: dict[str, object] = {"life": 90 * DAY, "actor": "control", **more}
        return await self.administration.add("helpdesk", "reader", NOW, **args)  # type: ignore[arg-type]

    async def sign_in(self, issued: Issued, generation: int | None, now: Instant = NOW) -> str:
        proved = await self.accounts.with_secret(issued.instance.id, issued.secret, now)
        return (await self.accounts.sign_in(proved, generation, now)).token

    async def why_not(self, token: str, now: Instant = NOW) -> str:
        """Why a token does not count."""
        with pytest.raises(NotAccepted) as refused:
            await self.accounts.caller(token, now)
        return refused.value.reason

    async def log(self) -> list[tuple[str, str, str]]:
        return [(one.event.value, one.object, one.reason) async for _, one in self.audit.read()]


@pytest.fixture
def place(database: Database) -> Place:
    return Place(database)
