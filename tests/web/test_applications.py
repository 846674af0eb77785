"""What administrators do with applications, as operations."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from chatwarden.errors import InvalidRequest, NotFound
from tests.world import orders
from tests.world.errand_house import Scene, scene
from tests.world.orders import OrdersApp


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrdersApp]:
    with orders.started(tmp_path_factory.mktemp("orders")) as started:
        yield started


@pytest.fixture
async def shop(tmp_path: Path, app: OrdersApp) -> AsyncIterator[Scene]:
    async with scene(tmp_path / "home", app) as made:
        await made.add()
        yield made


async def test_a_list_shows_everything_but_a_credential(shop: Scene) -> None:
    await shop.grant("/me", classes=["email"], rate="2/s burst 4")
    told = await shop.run("app.list")
    (one,) = told["applications"]
    assert (one["name"], one["sign_in"], one["generation"]) == ("orders", "bearer", 1)
    assert told["grants"][0]["rate"] == "2/s burst 4"
    assert shop.app.accounts["fleet-bot"]["token"] not in str(told)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({"methods": ["LOOK"]}, "methods are"),
        ({"methods": []}, "methods are"),
        ({"methods": "GET"}, "list of words"),
        ({"paths": ["/a/../b"]}, "a path is written"),
        ({"paths": []}, "give a path"),
        ({"classes": ["feelings"]}, "data classes are"),
        ({"classes": ["credential"]}, "never put in"),
        ({"right": "two words"}, "list of names"),
        ({"step_up": -1}, "at most a day"),
        ({"rate": "often"}, "rate is written"),
    ],
)
async def test_a_grant_that_says_nothing_clear_is_refused(shop: Scene, args: dict[str, Any], said: str) -> None:
    given = {
        "bot": "shop", "application": "orders", "methods": ["GET"], "paths": ["/me"], "right": "orders:read", **args
    }  # fmt: skip
    with pytest.raises(InvalidRequest, match=said):
        await shop.run("app.grant", **given)
    assert shop.errands.applications.grants == []


async def test_bots_and_applications_that_are_not_there_are_told(shop: Scene) -> None:
    for command, args in (
        ("app.grant", {"bot": "nobody", "application": "orders"}), ("app.grant", {"bot": "shop", "application": "no"}),
        ("app.remove", {"name": "no"}),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await shop.run(command, methods=["GET"], paths=["/me"], right="orders:read", **args)


async def test_it_is_explained_condition_by_condition(shop: Scene) -> None:
    await shop.grant("/me", person_right="orders:own", step_up=60)
    asked = {"bot": "shop", "application": "orders", "method": "get", "path": "/me"}
    told = await shop.run("app.explain", **asked, user="ada")
    assert told["allowed"] is True
    assert [one["name"] for one in told["grants"][0]["conditions"]] == [
        "application", "origin", "method", "path", "right", "turn", "session", "person-right", "step-up",
    ]  # fmt: skip
    shop.session.authenticated_at -= 120_000_000
    told = await shop.run("app.explain", **asked, user="ada")
    assert [one["name"] for one in told["grants"][0]["conditions"] if not one["holds"]] == ["step-up"]
    told = await shop.run("app.explain", **asked)
    assert told["without_person"] is True
    assert len(told["grants"][0]["conditions"]) == 6
    told = await shop.run("app.explain", **{**asked, "path": "/a/../me"})
    assert (told["allowed"], told["unclear"]) == (False, "segment")
    told = await shop.run("app.explain", **{**asked, "bot": "other"})
    assert (told["allowed"], told["grants"]) == (False, [])


async def test_who_grants_more_than_the_level_is_told_at_once(shop: Scene) -> None:
    given = {"bot": "shop", "application": "orders", "methods": ["GET"], "paths": ["/me"]}
    assert (await shop.run("app.grant", **given, right="orders:read"))["fits"] is True
    assert (await shop.run("app.grant", **given, right="orders:erase"))["fits"] is False


async def test_a_grant_that_is_wider_than_the_level_is_reported(shop: Scene) -> None:
    await shop.grant("/me")
    assert (await shop.run("app.drift"))["drift"] == []
    await shop.run("bot.level", name="shop", level="none")
    (found,) = (await shop.run("app.drift"))["drift"]
    assert found["drift"] == "the bot's level lacks orders:read"


async def test_the_name_of_a_field_for_a_key_has_no_case(shop: Scene) -> None:
    key = shop.app.accounts["stock-bot"]["api_key"]
    told = await shop.add("api-key", name="stock", header="X-Api-Key", credential=key)
    assert told["application"]["header"] == "x-api-key"


async def test_leases_are_shown_with_where_they_stand(shop: Scene) -> None:
    await shop.add(
        "client-credentials", "by-client", credential=shop.app.accounts["shop-bot"]["secret"], account="shop-bot",
        token_url=shop.app.token_url, revoke_url=shop.app.revoke_url,
    )  # fmt: skip
    await shop.grant("/me")
    await shop.grant("/me", application="by-client")
    assert (await shop.run("app.leases"))["leases"] == []
    await shop.ask()
    await shop.ask("/broker/by-client/me")
    found = {one["application"]: one for one in (await shop.run("app.leases"))["leases"]}
    assert {name: one["state"] for name, one in found.items()} == {"orders": "open", "by-client": "open"}
    assert found["by-client"]["token_ends_at"]
    await shop.run("app.remove", name="orders")
    assert {one["application"] for one in (await shop.run("app.leases"))["leases"]} == {"by-client"}


async def test_what_is_somebodys_here_is_not_taken_for_an_application(shop: Scene) -> None:
    for credential, account in (
        (shop.session_token, ""), (shop.token, ""), ("tandem-velvet-orchid", "ada"),
    ):  # fmt: skip
        kind = {"sign_in": "basic", "account": account} if account else {}
        with pytest.raises(InvalidRequest, match="credential of this gateway or of a person"):
            await shop.add(name="again", credential=credential, **kind)
    assert [one.object for one in await shop.entries("credential:misplaced")] == ["application"] * 3
