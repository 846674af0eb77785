"""``chatwarden app``, as typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.world import orders
from tests.world.gateway import Gateway, command, running
from tests.world.orders import OrdersApp

TOML = '[levels.sales]\nrights = ["orders:read"]\n'


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running(tmp_path_factory.mktemp("app") / "home", TOML) as started:
        yield started


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OrdersApp]:
    with orders.started(tmp_path_factory.mktemp("orders")) as started:
        yield started


def test_an_application_from_its_beginning_to_its_end(gateway: Gateway, app: OrdersApp, tmp_path: Path) -> None:
    file = tmp_path / "credential"
    file.write_text(app.accounts["fleet-bot"]["token"] + "\n")
    add = ("app", "add", "orders", "--url", app.url, "--sign-in", "bearer", "--private", "--check", "/me")
    assert gateway.command(*add, "--credential-file", str(file)).stdout == (
        "added orders: signing in with this credential works\n"
    )
    again = gateway.command(*add, check=False, stdin=file.read_text())
    assert (again.returncode, again.stderr) == (2, "error: there is an application orders already\n")
    done = gateway.command("app", "rotate", "orders", stdin=file.read_text())
    assert done.stdout == "orders is signed in to with credential 2 from now on; it works\n"

    grant = ("app", "grant", "helpdesk", "orders", "--method", "GET", "--path", "/orders/*", "--right", "orders:read")
    done = gateway.command(*grant, "--step-up", "5m", "--classes", "email,phone", "--rate", "2/s")
    assert done.stdout.splitlines()[0].endswith("helpdesk may GET /orders/*")
    wrong = gateway.command(*grant, "--step-up", "soon", check=False)
    assert wrong.returncode == 2
    listed = gateway.command("app", "list").stdout
    assert "orders  http://127.0.0.1" in listed
    assert "email, phone" in listed

    explain = ("app", "explain", "helpdesk", "orders", "GET", "/orders/1")
    done = gateway.command(*explain, check=False)
    assert done.returncode == 1
    assert "  yes  path: the grant is for /orders/*\n  no   right: the bot's level needs orders:read\n" in done.stdout
    assert "for the person's conditions name one with --user" in done.stdout
    done = gateway.command("app", "explain", "helpdesk", "orders", "GET", "/a/../b", check=False)
    assert done.stdout.startswith("refused: the path can be read in more than one way (segment)\n")
    done = gateway.command("app", "explain", "nobody", "orders", "GET", "/", check=False)
    assert done.stdout.startswith("refused: nobody has no grant for orders\n")

    drift = gateway.command("app", "drift", check=False)
    assert drift.returncode == 1
    assert "the bot's level lacks orders:read" in drift.stdout
    gateway.command("bot", "add", "helpdesk", "--level", "sales")
    assert gateway.command("app", "drift").stdout == "every grant fits the level of its bot\n"
    assert gateway.command("app", "leases").stdout.startswith("LEASE")

    name = json.loads(gateway.command("app", "list", "--json").stdout)["grants"][0]["id"]
    assert gateway.command("app", "ungrant", name).stdout == f"removed {name}\n"
    assert gateway.command("app", "remove", "orders").stdout == "removed orders and 0 grant(s)\n"


def test_what_cannot_be_read_is_told_before_anything_is_asked(gateway: Gateway, tmp_path: Path) -> None:
    add = ("app", "add", "x", "--url", "https://x.example", "--sign-in", "bearer")
    assert gateway.command(*add, check=False).stderr.startswith("error: no credential on standard input\n")
    gone = gateway.command(*add, "--credential-file", str(tmp_path / "gone"), check=False)
    assert gone.returncode == 3
    (tmp_path / "long").write_text("x" * 20_000)
    long = gateway.command(*add, "--credential-file", str(tmp_path / "long"), check=False)
    assert (long.returncode, "too long for the credential" in long.stderr) == (2, True)


def test_without_a_gateway_the_command_works_on_the_home_itself(app: OrdersApp, tmp_path: Path) -> None:
    config = tmp_path / "chatwarden.toml"
    config.write_text("[server]\nlab = true\n" + TOML)
    where = ("--home", str(tmp_path / "home"), "--config", str(config))
    command("init", *where)
    add = ("app", "add", "orders", "--url", app.url, "--sign-in", "bearer", "--private", "--check", "/me")
    command(*add, *where, stdin=app.accounts["fleet-bot"]["token"])
    assert "orders" in command("app", "list", *where).stdout
