"""What every handler is given, before anybody said that it is ready."""

from __future__ import annotations

from dataclasses import fields

from chatwarden.web.context import Services
from tests.world.house import House


async def test_who_is_not_told_otherwise_is_starting(house: House) -> None:
    given = house.node.services
    bare = Services(**{one.name: getattr(given, one.name) for one in fields(Services) if one.name != "ready"})
    assert await bare.ready() == "the gateway is starting"
    house.node.services.ready = bare.ready
    assert (await house.ask("GET", "/readyz")).status == 503
