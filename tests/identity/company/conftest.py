"""A company's provider, and what the gateway keeps of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.world.company import CLIENT, SECRET, Company, company
from tests.world.desk import Desk

from chatwarden.audit.service import AuditLog
from chatwarden.clock import ManualClock
from chatwarden.config.model import CompanyConfig
from chatwarden.config.parse import parse
from chatwarden.identity.company.provider import CompanyProvider
from chatwarden.identity.company.service import CompanyLogins
from chatwarden.principal import Role
from chatwarden.storage.model import Database

Speak = Callable[..., CompanyProvider]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def acme(clock: ManualClock) -> AsyncIterator[Company]:
    async with company(clock.now) as started:
        yield started


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with the client's secret in it."""
    (tmp_path / "secrets").mkdir()
    for name in ("acme", "rival"):
        (tmp_path / "secrets" / name).write_text(SECRET + "\n")
        (tmp_path / "secrets" / name).chmod(0o600)
    return tmp_path


@pytest.fixture
def speak(acme: Company, home: Path) -> Speak:
    """The gateway's side of the provider."""

    def made(**more: Any) -> CompanyProvider:
        sound = CompanyConfig("acme", acme.issuer, CLIENT, secret_file=Path("secrets/acme"), default_role=Role.CUSTOMER)
        return CompanyProvider(replace(sound, **more), home)

    return made


@pytest.fixture
async def desk(database: Database, acme: Company, clock: ManualClock, home: Path) -> AsyncIterator[Desk]:
    async with company(clock.now) as rival:
        made = Desk(None, acme, rival, clock, database, home)  # type: ignore[arg-type]
        config = parse(made.configured())
        made.logins = CompanyLogins(config, home, database, AuditLog(database), b"k" * 32)
        yield made
