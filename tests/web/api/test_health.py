"""Alive is not ready: ready is only who can store."""

from __future__ import annotations

from tests.world.disk import no_file_longer_than
from tests.world.house import House


async def test_it_is_ready_while_it_can_store(house: House) -> None:
    assert (await house.ask("GET", "/healthz")).json == {"status": "ok"}
    assert (await house.ask("GET", "/readyz")).json == {"status": "ready"}
    house.clock.advance(1)  # what is written is the instant: the same once more would be nothing to write
    with no_file_longer_than(0):
        told = await house.ask("GET", "/readyz")
        assert (told.status, told.problem, told.json["detail"]) == (503, "unavailable", "the storage cannot be written")
        assert (await house.ask("GET", "/healthz")).status == 200
    assert (await house.ask("GET", "/readyz")).status == 200


async def test_it_is_not_ready_while_it_stops(house: House) -> None:
    house.node.draining = True
    told = await house.ask("GET", "/readyz")
    assert (told.status, told.json["detail"]) == (503, "the gateway is stopping")
    assert (await house.ask("GET", "/healthz")).status == 200
