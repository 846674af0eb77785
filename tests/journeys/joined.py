"""The people of the joined journey and what each of them does at a screen: a visitor on a shop's page, an agent with a
passkey, an administrator. Each has a browser of their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Frame, Locator, Page, expect
from tests.web.console.people import dialog, employ, issued
from tests.web.demo.people import PASSWORD, sign_in
from tests.web.widget.conftest import LIVE, Shop, opened
from tests.world.authenticator import Authenticator
from tests.world.gateway import Gateway

PAGE = "<!doctype html><html lang=en><head><meta charset=utf-8><title>Shop</title></head><body><main><h1>Shop</h1></main>{}"


@dataclass
class Town:
    """A shop whose pages show the chat of its gateway, and whoever comes. What a page throws, or what its policy refuses, is
    kept.
    """

    shop: Shop
    faults: list[str] = field(default_factory=list)

    @property
    def gateway(self) -> Gateway:
        return self.shop.gateway

    def page(self, address: str, script: str = "") -> Page:
        """A browser of its own, at this address."""
        page = self.shop.browser.new_context(ignore_https_errors=True, locale="en-GB", timezone_id="UTC").new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda m: self.faults.append(m.text) if "Content Security Policy" in m.text else None)
        if script:
            page.add_init_script(script)
        page.goto(address)
        return page

    def visitor(self) -> Visitor:
        """Somebody on the shop's page, who opens the chat."""
        snippet = self.gateway.command("widget", "snippet", "--bot", "echo").stdout
        return Visitor(opened(self.page(self.shop.site.put("/", PAGE.format(snippet))), self.shop))

    def customer(self, name: str) -> Visitor:
        """The same with an account, who signs in there."""
        someone = self.visitor()
        someone.signs_in(employ(self.gateway, name, "customer"))
        return someone

    def agent(self, name: str) -> Agent:
        """A new one, who shows a passkey and is at the desk."""
        page = self.page(self.gateway.url + "/account")
        Authenticator(page)
        sign_in(page, employ(self.gateway, name, "agent"))
        page.locator("#first").get_by_role("button", name="passkey").click()
        page.click("#setup-yes")
        expect(page.locator(".codes li")).to_have_count(10)
        page.click("#setup-yes")
        expect(page.locator("#factor-list")).not_to_be_empty()
        page.goto(self.gateway.url + "/console")
        page.get_by_role("radio", name="Available").check()
        return Agent(page)

    def administrator(self, name: str) -> Administrator:
        """A new one, in the console."""
        token = issued(self.gateway, employ(self.gateway, name, "admin"))
        page = self.page(self.gateway.url + "/console", f"sessionStorage.setItem('chatwarden.token', '{token}')")
        return Administrator(page)


@dataclass
class Visitor:
    """Somebody in the chat of the shop's page."""

    frame: Frame

    @property
    def conversation(self) -> str:
        return str(self.frame.evaluate("sessionStorage.getItem('chatwarden.conversation')"))

    def signs_in(self, name: str) -> None:
        self.frame.click("#account")
        self.frame.fill("#username", name)
        self.frame.fill("#password", PASSWORD)
        self.frame.press("#password", "Enter")
        expect(self.frame.locator("#link-text")).to_have_text(f"Signed in as {name}")

    def writes(self, text: str) -> None:
        self.frame.fill("#text", text)
        self.frame.press("#text", "Enter")

    def asks_for_a_person(self) -> None:
        self.frame.click("#person")

    def messages(self, who: str) -> Locator:
        return self.frame.locator(f".message[data-from={who}]{LIVE} .text")

    @property
    def tombstone(self) -> Locator:
        return self.frame.locator(".message[data-from=client] .tombstone")

    @property
    def told(self) -> Locator:
        """What they are told about who answers."""
        return self.frame.locator(".line[data-kind=handoff]")

    @property
    def partner(self) -> Locator:
        return self.frame.locator("#machine-line")

    @property
    def question(self) -> Locator:
        return self.frame.get_by_role("alertdialog", name="Are you still there?")

    @property
    def end(self) -> Locator:
        """Why the visit is over."""
        return self.frame.locator("#ended-reason")


@dataclass
class Agent:
    """Somebody at the desk."""

    page: Page

    def takes(self, conversation: str) -> None:
        self.page.locator(f"[data-group=queue] .entry[data-conversation={conversation}]").click()
        self.page.get_by_role("button", name="Take it").click()

    def writes(self, text: str) -> None:
        box = self.page.get_by_label("Your reply to the person")
        box.fill(text)
        box.press("Enter")

    def knows(self, title: str) -> Locator:
        """What stands beside the conversation under this title."""
        return self.page.locator(".know section").filter(has=self.page.get_by_role("heading", name=title, exact=True))

    def messages(self, who: str) -> Locator:
        return self.page.locator(f".message[data-from={who}]{LIVE}")

    @property
    def tombstone(self) -> Locator:
        return self.page.locator(".message[data-from=client] .tombstone")

    def asks_to_see(self, name: str, reason: str) -> None:
        """Once, for a reason."""
        self.page.get_by_role("button", name=re.compile(f"Reveal once: {name}")).click()
        asked = dialog(self.page, f"See the {name} once?")
        asked.get_by_label("Why you need it").fill(reason)
        asked.get_by_role("button", name="Reveal").click()

    def proves_who_they_are(self) -> None:
        """With their passkey, now."""
        dialog(self.page, "Is it you?").get_by_role("button", name="Use my passkey").click()

    def shown(self, name: str) -> Locator:
        return self.page.get_by_role("dialog", name=f"The {name}")

    def finishes(self, note: str) -> None:
        self.page.get_by_role("button", name="Finish").click()
        asked = dialog(self.page, "Finish this conversation")
        asked.get_by_role("textbox").fill(note)
        asked.get_by_role("button", name="Finish").click()
        self.page.get_by_role("button", name="Back to the bot").click()


@dataclass
class Administrator:
    """Somebody in the console."""

    page: Page

    def ends_the_session_of(self, name: str) -> None:
        self.page.get_by_role("link", name="Sessions", exact=True).click()
        self.page.get_by_role("button", name=f"End the session of {name}", exact=True).click()
        self.page.get_by_role("button", name=re.compile(f"^Yes: End the session of {name}")).click()


def told(gateway: Gateway) -> list[tuple[str, str, dict[str, Any]]]:
    """What the log has from the first message on: lane, event, and the whole entry."""
    log = [(entry["lane"], entry["event"], entry) for entry in gateway.audit()]
    first = next(place for place, (_, event, _) in enumerate(log) if event == "message:received")
    return log[first:]
