"""Fixtures of the interface's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.world.company import SECRET, company, toml
from tests.world.house import HEAD, Open
from tests.world.town import BASE, ROLES, Town

from chatwarden.clock import SystemClock


@pytest.fixture
async def town(open_house: Open, tmp_path: Path) -> AsyncIterator[Town]:
    secrets = tmp_path / "home" / "secrets"
    secrets.mkdir(parents=True)
    (secrets / "acme").write_text(SECRET)
    (secrets / "acme").chmod(0o600)
    async with company(SystemClock().now) as acme:
        config = "[server]\nlab = true\n" + HEAD + toml(acme.issuer, more='title = "Acme"\n' + ROLES)
        async with open_house(config) as house:
            house.node.services.public_url = BASE
            acme.now = house.clock.now
            acme.claims = {"preferred_username": "anna", "groups": ["people"]}
            yield Town(house, acme, tmp_path / "home")
