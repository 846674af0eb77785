"""How the gateway is set up, as administrators and auditors see it: true, and without a secret."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.web.api.test_admin import issued
from tests.world import orders
from tests.world.errand_house import scene
from tests.world.house import HEAD, House, Open
from tests.world.orders import OrdersApp

from chatwarden.app import apply_reload
from chatwarden.classes import DEFAULT_LIFETIME, DataClass
from chatwarden.clock import SECOND
from chatwarden.config.home import Home
from chatwarden.config.parse import parse
from chatwarden.web.api.admin import BASE

TOML = (
    HEAD + '[levels.sales]\nrights = ["orders:read"]\n[bots.helpdesk]\n[bots.watched]\nconnector = "builtin"\n'
    'mode = "observe"\n[bots.bank]\nconnector = "builtin"\n[bots.bank.policy]\niban = "hold"\n[bots.bank.keep]\n'
    'iban = "90d"\n[retention.class]\npayment-card = "5m"\n[policy.class]\nemail = "mask"\n'
)  # fmt: skip


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrdersApp]:
    with orders.started(tmp_path_factory.mktemp("orders")) as started:
        yield started


async def seen(house: House, name: str) -> Any:
    token = await issued(house, "auditor")
    told = await house.ask("GET", f"{BASE}/{name}", None, token)
    assert told.status == 200, told.body
    return told.json


async def test_applications_are_shown_with_grants_and_without_a_credential(tmp_path: Path, app: OrdersApp) -> None:
    async with scene(tmp_path / "home", app) as shop:
        await shop.add()
        await shop.grant("/me", classes=["email"], rate="2/s burst 4")
        shown = await seen(shop.house, "applications")
        assert [one["name"] for one in shown["applications"]] == ["orders"]
        assert [(one["application"], one["paths"]) for one in shown["grants"]] == [("orders", ["/me"])]
        assert (shown["leases"], shown["broker"]) == ([], None)
        assert shop.app.accounts["fleet-bot"]["token"] not in str(shown)


async def test_without_applications_nothing_is_asked_of_a_broker(house: House) -> None:
    empty: dict[str, Any] = {"applications": [], "grants": [], "drift": [], "leases": [], "broker": None}
    assert await seen(house, "applications") == empty


async def test_the_policy_of_each_bot_is_what_happens_to_a_message(open_house: Open) -> None:
    async with open_house(TOML) as house:
        shown = {one["bot"]: one for one in (await seen(house, "policy"))["bots"]}
        assert set(shown) == {"helpdesk", "watched", "bank"}
        tables = {name: {one["class"]: one for one in bot["classes"]} for name, bot in shown.items()}
        assert set(tables["helpdesk"]) == {one.value for one in DataClass}
        card = tables["helpdesk"]["payment-card"]
        assert (card["action"], card["lifetime"], card["level"], card["keep"]) == ("masked", 300, "E3", None)
        assert tables["helpdesk"]["email"]["action"] == "masked"
        assert tables["watched"]["email"]["action"] == "allowed"
        assert (tables["watched"]["card-code"]["action"], tables["watched"]["card-code"]["lifetime"]) == ("removed", 0)
        iban = tables["bank"]["iban"]
        assert (iban["action"], iban["lifetime"], iban["keep"]) == ("held", 90 * 86_400, 90 * 86_400)
        assert tables["helpdesk"]["iban"]["lifetime"] == DEFAULT_LIFETIME[DataClass.IBAN] // SECOND
        assert shown["helpdesk"]["default"] == 30 * 86_400


async def test_settings_are_shown_as_they_are_in_force_with_their_line(open_house: Open) -> None:
    async with open_house(TOML) as house:
        shown = await seen(house, "settings")
        by_name = {one["name"]: one for one in shown["settings"]}
        card = by_name["retention.class.payment-card"]
        assert (card["value"], card["source"], card["line"]) == (
            '"5m"',
            "file",
            1 + TOML[: TOML.index("payment-card")].count("\n"),
        )
        assert (by_name["session.idle"]["value"], by_name["session.idle"]["source"]) == ('"15m"', "default")
        roles = {one["role"]: one for one in shown["roles"]}
        assert (roles["admin"]["idle"], roles["visitor"]["idle"]) == (600, 900)
        assert (shown["profile"], shown["lab"]) == ("general", False)


async def test_after_a_reload_the_settings_are_those_that_hold_then(open_house: Open, tmp_path: Path) -> None:
    async with open_house(TOML) as house:
        new = TOML.replace('payment-card = "5m"', 'payment-card = "9m"').replace('mode = "observe"', 'mode = "protect"')
        new = new.replace("[levels.sales]", '[ephemeral]\nbucket = "90s"\n[levels.sales]')
        apply_reload(house.node.services, parse(new), Home(tmp_path / "home"))
        shown = {one["name"]: one for one in (await seen(house, "settings"))["settings"]}
        card = shown["retention.class.payment-card"]
        assert (card["value"], card["source"], card["line"]) == (
            '"9m"',
            "file",
            1 + new[: new.index("payment-card")].count("\n"),
        )
        assert shown["bots.watched.mode"]["value"] == '"protect"'
        bucket = shown["ephemeral.bucket"]  # a restart would take it over
        assert (bucket["value"], bucket["source"]) == ('"1m"', "default")
