"""A whole scene as processes of their own: gateway, broker, the orders application, and a bot that runs errands."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.world import orders
from tests.world.copies import free_port
from tests.world.gateway import Answer, Gateway, running
from tests.world.orders import OrdersApp

PASSWORD = "tandem-velvet-orchid-lantern"
TOML = """
[session]
idle = "10m"
answer_within = "1m"
[limits]
logins = "off"
visitors = "off"
messages = "off"
[metrics]
listen = "127.0.0.1:{metrics}"
[levels.sales]
rights = ["orders:read", "orders:write"]
[rights]
customer = ["orders:own"]
[bots.shop]
connector = "openai"
url = "http://127.0.0.1:{port}/v1"
model = "m"
who = ["customer", "visitor"]
[bots.other]
connector = "builtin"
"""


@dataclass
class Scene:
    """Everybody who is there."""

    gateway: Gateway
    app: OrdersApp
    bot_journal: Path
    metrics: int

    def person(self, name: str = "ada") -> str:
        """A customer's session."""
        self.gateway.command("user", "add", name, "--role", "customer", "--password-stdin", stdin=PASSWORD + "\n")
        told = self.gateway.call("POST", "/api/v1/session", {"username": name, "password": PASSWORD})
        assert told.status == 201, told.body
        return str(told.json["token"])

    def talk(self, token: str) -> str:
        return self.gateway.conversation(token, "shop")

    def said(self, token: str, conversation: str, text: str) -> str:
        """What the bot answers."""
        told = self.gateway.say(token, conversation, text)
        assert told.status == 201, told.body
        return str(told.json["replies"][0]["text"])

    def fetched(self, token: str, conversation: str, text: str) -> Any:
        """What the bot got from the application, which must be a success in JSON."""
        self.said(token, conversation, text)
        status, body = self.last_call()
        assert status == 200, body
        return json.loads(body)

    def bot_saw(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.bot_journal.read_text().splitlines()]

    def last_call(self) -> tuple[int, str]:
        """What the broker answered the bot last."""
        line = [one for one in self.bot_saw() if one.get("asked", "").startswith("/broker/")][-1]
        return line["status"], line["body"]

    def entries(self, *events: str) -> list[dict[str, Any]]:
        return [entry for entry in self.gateway.audit() if entry["event"] in events]

    def add(self, name: str, kind: str, credential: str, *more: str) -> None:
        words = ("app", "add", name, "--url", self.app.url, "--sign-in", kind, "--private", "--check", "/me", *more)
        self.gateway.command(*words, stdin=credential)

    def add_orders(self, kind: str = "token-exchange", name: str = "orders") -> None:
        """The application by OAuth."""
        self.add(
            name, kind, self.app.accounts["shop-bot"]["secret"], "--account", "shop-bot", "--token-url",
            self.app.token_url, "--revoke-url", self.app.revoke_url,
        )  # fmt: skip

    def grant(self, *more: str, app: str = "orders", method: str = "GET", right: str = "orders:read") -> str:
        done = self.gateway.command(
            "app", "grant", "shop", app, "--method", method, "--right", right, "--json", *more
        )  # fmt: skip
        return str(json.loads(done.stdout)["grant"]["id"])

    def call(self, token: str, turn: str, path: str = "/broker/orders/orders", **headers: str) -> Answer:
        return self.gateway.call("GET", path, token=token, headers={"Chatwarden-Turn": turn, **headers})

    def turn(self) -> str:
        """The last turn token that the bot was given."""
        told = [dict(one["headers"]) for one in self.bot_saw() if "told" in one]
        return str({name.lower(): value for name, value in told[-1].items()}["chatwarden-turn"])

    def bot_token(self) -> str:
        """The token with which the bot signed in last."""
        bodies = [one["body"] for one in self.bot_saw() if one.get("asked") == "/oauth/token"]
        return str(json.loads(bodies[-1])["access_token"])


@contextlib.contextmanager
def scene(folder: Path, *flags: str, more: str = "") -> Iterator[Scene]:
    """Everybody, while the block runs; *more* is configuration."""
    port, metrics = free_port(), free_port()
    toml = TOML.format(port=port, metrics=metrics) + more
    with running(folder / "home", "[server]\nport = 0\nlab = true\n" + toml, lab=False) as gateway:
        authority = gateway.home / "tls" / "ca.pem"
        made = json.loads(gateway.command("bot", "add", "shop", "--level", "sales", "--plain-client", "--json").stdout)
        secret, journal = folder / "bot-secret", folder / "bot-journal"
        secret.write_text(made["client_secret"])
        journal.touch()
        command = [
            sys.executable, "-m", "tests.world.errands", "--port", str(port), "--gateway", gateway.url, "--ca",
            str(authority), "--client", made["client_id"], "--secret-file", str(secret), "--journal", str(journal),
        ]  # fmt: skip
        with (folder / "bot.err").open("w") as errors:
            bot = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        assert bot.stdout is not None
        try:
            assert bot.stdout.readline() == "ready\n", (folder / "bot.err").read_text()
            with orders.started(folder / "orders", *flags, issuer=gateway.url, ca=authority) as app:
                yield Scene(gateway, app, journal, metrics)
        finally:
            bot.terminate()
            bot.wait(10)
            bot.stdout.close()
