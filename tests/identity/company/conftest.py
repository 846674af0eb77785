"""A company's provider, and what the gateway keeps of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.world.company import CLIENT, SECRET, Company, company

from chatwarden.clock import ManualClock
from chatwarden.config.model import CompanyConfig
from chatwarden.identity.company.provider import CompanyProvider
from chatwarden.principal import Role

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
