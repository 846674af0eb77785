"""Applications are the broker's, grants the database's, and all of it is in the log."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.world import orders
from tests.world.errand_house import Scene, scene
from tests.world.orders import OrdersApp

from chatwarden.bots.broker.applications import Applications, origin, shown
from chatwarden.broker.wire import Application
from chatwarden.errors import InvalidRequest, NotFound


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrdersApp]:
    with orders.started(tmp_path_factory.mktemp("orders")) as started:
        yield started


@pytest.fixture
async def shop(tmp_path: Path, app: OrdersApp) -> AsyncIterator[Scene]:
    async with scene(tmp_path / "home", app) as made:
        yield made


async def test_the_log_tells_who_did_what_and_never_a_credential(shop: Scene) -> None:
    await shop.add()
    grant = await shop.grant("/me")
    await shop.run("app.ungrant", id=grant)
    await shop.run("app.rotate", name="orders", credential=shop.app.accounts["fleet-bot"]["token"])
    await shop.grant("/me")
    assert await shop.run("app.remove", name="orders") == {"removed": "orders", "grants": 1}
    entries = await shop.entries(
        "application:added", "application:removed", "credential:rotated", "grant:added", "grant:removed"
    )
    assert [(one.event.value, one.actor, one.resource, one.reason) for one in entries] == [
        ("application:added", "control", "app:orders", "bearer"),
        ("grant:added", "control", "app:orders", "shop orders:read"),
        ("grant:removed", "control", "app:orders", "shop orders:read"),
        ("credential:rotated", "control", "app:orders", "2"),
        ("grant:added", "control", "app:orders", "shop orders:read"),
        ("application:removed", "control", "app:orders", "1 grants"),
    ]
    assert await shop.errands.applications.known() == {}


async def test_what_the_broker_refuses_is_not_on_record_as_added(shop: Scene) -> None:
    with pytest.raises(InvalidRequest, match="does not accept it"):
        await shop.add(credential="a-wrong-token-of-it")
    assert await shop.entries("application:added") == []
    with pytest.raises(NotFound):
        await shop.run("app.rotate", name="orders", credential="a-wrong-token-of-it")


async def test_grants_are_there_after_a_restart(shop: Scene) -> None:
    await shop.add()
    await shop.grant("/me", "/orders/*", classes=["email", "phone"], step_up=60, rate="2/s burst 4")
    services = shop.house.node.services
    again = Applications(shop.house.node.database, services.audit, shop.errands.broker)
    await again.load()
    assert again.grants == shop.errands.applications.grants
    assert again.grants[0].origin == f"{shop.app.url}"


async def test_a_grant_for_what_is_not_there_is_none(shop: Scene) -> None:
    with pytest.raises(NotFound):
        await shop.grant("/me")
    with pytest.raises(NotFound):
        await shop.run("app.ungrant", id="gnt_" + "0" * 32)
    await shop.add()
    grant = await shop.grant("/me")
    await shop.run("app.ungrant", id=grant)
    with pytest.raises(NotFound):
        await shop.run("app.ungrant", id=grant)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://crm.example.org/api", "https://crm.example.org:443"),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
        ("https://[2001:db8::1]/a", "https://[2001:db8::1]:443"),
    ],
)
def test_a_place_is_scheme_host_and_port(url: str, place: str) -> None:
    assert origin(Application(name="a", url=url, sign_in="bearer")) == place


def test_what_is_shown_of_an_application_has_no_certificate_in_it() -> None:
    fields = shown(Application(name="a", url="https://a.example", sign_in="bearer", ca="-----BEGIN CERTIFICATE-----"))
    assert fields["ca"] is True
