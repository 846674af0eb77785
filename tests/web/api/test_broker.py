"""The broker's door: bots only, one answer for whatever is missing, and no rights for what comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.world import orders
from tests.world.errand_house import Scene, scene
from tests.world.orders import OrdersApp

from chatwarden.bots.broker.model import METHODS
from chatwarden.web.api.broker import ROUTES, _place


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrdersApp]:
    with orders.started(tmp_path_factory.mktemp("orders")) as started:
        yield started


@pytest.fixture
async def shop(tmp_path: Path, app: OrdersApp) -> AsyncIterator[Scene]:
    async with scene(tmp_path / "home", app) as made:
        yield made


@pytest.mark.parametrize("method", METHODS)
async def test_nobody_but_a_bot_comes_in(shop: Scene, method: str) -> None:
    for token in ("", "cwb_" + "0" * 64, "something", shop.session_token):
        told = await shop.house.ask(method, "/broker/orders/me", None, token, {"chatwarden-turn": shop.turn})
        assert (told.status, told.problem) == (401, "invalid-token")
    assert shop.app.seen() == []


async def test_a_bot_without_a_grant_is_forbidden_by_every_method(shop: Scene) -> None:
    for method in METHODS:
        told = await shop.ask("/broker/orders/me", method)
        assert (told.status, told.problem) == (403, "forbidden")
        assert set(told.json) == {"type", "title", "status"}


async def test_a_persons_token_beside_the_bots_is_refused(shop: Scene) -> None:
    told = await shop.ask(**{"x-token": shop.session_token})
    assert told.status == 401
    assert (await shop.entries("credential:misplaced"))[-1].reason == "mixed"


async def test_an_answer_has_no_rights_in_a_browser(shop: Scene) -> None:
    await shop.add()
    await shop.grant("/me")
    told = await shop.ask()
    assert told.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert (told.headers["x-content-type-options"], told.headers["cache-control"]) == ("nosniff", "no-store")


async def test_a_method_that_is_none_of_these_is_refused(shop: Scene) -> None:
    assert (await shop.ask(method="TRACE")).status == 405


@pytest.mark.parametrize(
    ("raw", "name", "path"),
    [
        (b"/broker/orders/a/b", "orders", "/a/b"),
        (b"/broker/orders/", "orders", "/"),
        (b"/broker/orders%2fa/b", "orders%2fa", "/b"),
        (b"/broker/%6frders/b", "%6frders", "/b"),
        (b"/broker/orders/%2e%2e/b", "orders", "/%2e%2e/b"),
    ],
)
def test_a_place_is_taken_as_it_was_sent(raw: bytes, name: str, path: str) -> None:
    assert _place(raw) == (name, path)


def test_every_method_has_a_row() -> None:
    assert {route.method for route in ROUTES} == set(METHODS)
