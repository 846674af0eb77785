"""People before a screen: how they sign in, and the authenticator app in their pocket."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, replace

from playwright.sync_api import Frame, Page, expect

from chatwarden.clock import SystemClock
from tests.world.gateway import Gateway
from tests.world.people import code

PASSWORD = "a long and quiet afternoon"
STEP = 30_000_000


def by_name(gateway: Gateway) -> Gateway:
    """The same gateway, reached as localhost: passkeys are for a domain, never for an address."""
    return replace(gateway, host="localhost")


def person(gateway: Gateway, role: str = "customer") -> str:
    """A new account's name."""
    name = f"p{uuid.uuid4().hex[:10]}"
    gateway.command("user", "add", name, "--role", role, "--password-stdin", stdin=PASSWORD + "\n")
    return name


def token_of(page: Page) -> str:
    return str(page.evaluate("sessionStorage.getItem('chatwarden.token')"))


def fill_in(page: Page | Frame, name: str, password: str = PASSWORD) -> None:
    """Name and password into the open dialog, and Enter."""
    page.fill("#username", name)
    page.fill("#password", password)
    page.press("#password", "Enter")


def sign_in(page: Page, name: str, password: str = PASSWORD) -> Page:
    """On the account page, where nobody is signed in."""
    page.click("#in")
    fill_in(page, name, password)
    expect(page.locator("#identity-how")).to_contain_text(name)
    return page


def fresh_code(secret: str, after: int = 0) -> tuple[str, int]:
    """What the app shows in a time step later than *after*, and that step; with time left to type it."""
    while True:
        now = SystemClock().now()
        if now // STEP > after and now % STEP < STEP - 5_000_000:
            return code(secret, now), now // STEP
        time.sleep(0.2)


@dataclass
class App:
    """An authenticator app with one key. It never shows a code twice."""

    secret: str
    last: int = 0

    def code(self) -> str:
        shown, self.last = fresh_code(self.secret, self.last)
        return shown


def with_codes(gateway: Gateway, token: str, name: str = "Phone", password: str = PASSWORD) -> tuple[App, list[str]]:
    """Sets up one-time codes over HTTP; the app, and the recovery codes that came with the first factor."""
    path, body = "/api/v1/factors", {"kind": "totp", "name": name}
    begun = gateway.call("POST", path, body, token)
    if begun.status == 401:
        proof = f"/api/v1/challenges/{begun.json['challenge']['id']}/answer"
        assert gateway.call("POST", proof, {"answer": password}, token).status == 200
        begun = gateway.call("POST", path, body, token)
    assert begun.status == 200, begun
    app = App(begun.json["secret"])
    done = gateway.call("POST", f"{path}/{begun.json['id']}/confirm", {"answer": app.code()}, token)
    assert done.status == 201, done
    return app, done.json.get("recovery_codes", [])


def login(gateway: Gateway, name: str, password: str = PASSWORD) -> str:
    """A token of another visit of theirs; for who has no second factor."""
    told = gateway.call("POST", "/api/v1/session", {"username": name, "password": password})
    assert told.status == 201, told
    return str(told.json["token"])
