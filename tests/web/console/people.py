"""People who work in the console, and those who write to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.web.demo.conftest import Open
from tests.web.demo.people import PASSWORD, App, fill_in, login, with_codes
from tests.world.gateway import Gateway

LIMITS = '[limits]\nvisitors = "off"\nlogins = "off"\nmessages = "off"\n'


def employ(gateway: Gateway, name: str, role: str) -> str:
    """An account for them."""
    gateway.command("user", "add", name, "--role", role, "--password-stdin", stdin=PASSWORD + "\n")
    return name


@dataclass
class Agent:
    """Somebody with a second factor: an app, and recovery codes."""

    gateway: Gateway
    name: str
    app: App
    codes: list[str]

    def arrives(self, open_page: Open) -> Page:
        """Signs in at the console: with a recovery code, which needs no waiting."""
        page = open_page(self.gateway, "/console")
        page.click("#in")
        fill_in(page, self.name)
        page.get_by_role("button", name="Use a recovery code").click()
        page.keyboard.type(self.codes.pop())
        page.keyboard.press("Enter")
        expect(page.locator("#nav a")).to_have_text(["Desk"])
        return page


def agent(gateway: Gateway, name: str) -> Agent:
    """A new one."""
    employ(gateway, name, "agent")
    return Agent(gateway, name, *with_codes(gateway, login(gateway, name)))


AGENT = "browser"  # of a page of somebody who came in here: staff are asked when it changes


def came_in(gateway: Gateway, name: str) -> str:
    """A token of *name*, who came in with password and recovery code just now."""
    login_ = {"username": name, "password": PASSWORD}
    _, recovery = with_codes(gateway, login(gateway, name))
    challenge = gateway.call("POST", "/api/v1/session", login_).json["challenge"]["id"]
    given, path = {"answer": recovery[0], "kind": "recovery"}, f"/api/v1/challenges/{challenge}/answer"
    return str(gateway.call("POST", path, given, headers={"User-Agent": AGENT}).json["token"])


def issued(gateway: Gateway, name: str) -> str:
    """A token of theirs, made by whoever runs the gateway."""
    return gateway.command("session", "issue", "--user", name, "--for", "8h").stdout.strip()


def at_console(gateway: Gateway, open_page: Open, name: str, path: str = "/console", **options: Any) -> Page:
    """The console, where *name* is signed in."""
    token = issued(gateway, name)
    script = f"sessionStorage.getItem('chatwarden.token') ?? sessionStorage.setItem('chatwarden.token', '{token}')"
    return open_page(gateway, path, script, **options)


def tab_to(page: Page, target: Locator, key: str = "Tab") -> None:
    """Goes there as somebody without a mouse does."""
    for _ in range(60):
        page.keyboard.press(key)
        if target.evaluate("node => node === document.activeElement"):
            return
    raise AssertionError("it is not reached by keyboard")


@dataclass
class Writer:
    """Somebody who writes to the house, by its interface."""

    gateway: Gateway
    token: str
    conversation: str

    def say(self, text: str) -> None:
        told = self.gateway.say(self.token, self.conversation, text)
        assert told.status == 201, told

    def ask_for_a_person(self) -> None:
        told = self.gateway.call("POST", f"/api/v1/conversations/{self.conversation}/handoff", token=self.token)
        assert told.status == 202, told

    def types(self) -> None:
        """Somebody at the other side may see it."""
        told = self.gateway.call("POST", f"/api/v1/conversations/{self.conversation}/typing", token=self.token)
        assert told.status == 204, told

    def heard(self) -> list[tuple[str, str]]:
        """What is on their screen: from whom, and the text."""
        path = f"/api/v1/conversations/{self.conversation}/messages?limit=200"
        told = self.gateway.call("GET", path, token=self.token).json["messages"]
        return [(one["from"], one.get("text") or "") for one in told]


def writer(gateway: Gateway) -> Writer:
    token = gateway.visitor()
    return Writer(gateway, token, gateway.conversation(token))


def row(page: Page, who: Writer) -> Locator:
    """Their row in an agent's list."""
    return page.locator(f".entry[data-conversation={who.conversation}]")


def dialog(page: Page, title: str) -> Locator:
    """The dialog that is open."""
    found = page.get_by_role("dialog", name=title)
    expect(found).to_be_visible()
    return found
