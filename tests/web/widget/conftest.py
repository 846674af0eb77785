"""The chat on a website of another origin: real Chromium, a real gateway, a real website."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Frame, Page, Route, expect, sync_playwright

from chatwarden.clock import SECOND, SystemClock
from chatwarden.config.languages import LanguagesConfig
from chatwarden.web.embedded import LOADER, SANDBOX, Asset, loader, script, sri
from chatwarden.web.languages import Languages
from tests.world.forge import Signer, claims
from tests.world.gateway import Gateway, running
from tests.world.site import Site, site
from tests.world.threaded import bot_server
from tests.world.upstream import echo

LIMITS = '[limits]\nvisitors = "off"\nlogins = "off"\nlogin_failures = "off"\nmessages = "off"\n'
ALLOWED = '[policy.class]\nurl = "allow"\nip-address = "allow"\n'
# playwright switches off what browsers have: storage of a frame for each website that it is in. The last such list counts.
# WebTransport to this machine asks first; who listens here stands for a host of the internet, where nothing is asked.
PARTITIONED = "--disable-features=Translate,LocalNetworkAccessChecksWebTransport"
# No cookies of third parties, as more and more browsers have it.
PHASEOUT = "--test-third-party-cookie-phaseout"
ISSUER = "https://www.example.org"
LIVE = "[data-state=live]"


@dataclass
class Shop:
    """A website that shows the chat."""

    browser: Browser
    site: Site
    gateway: Gateway
    signer: Signer
    contexts: list[Any] = field(default_factory=list)

    @property
    def loader(self) -> Asset:
        return loader(LOADER, self.gateway.url, "helpdesk")

    @property
    def snippet(self) -> str:
        """What ``chatwarden widget snippet`` prints."""
        return (
            f'<script src="{self.gateway.url}/w/{self.loader.name}" integrity="{sri(self.loader.data)}" '
            'crossorigin="anonymous" defer></script>'
        )

    def tag(self, bot: str) -> str:
        """The same for another bot, from the website's own folder."""
        self.site.put(f"/{bot}.js", loader(LOADER, self.gateway.url, bot).data, "text/javascript")
        return f'<script src="/{bot}.js" defer></script>'

    @property
    def frame_tag(self) -> str:
        """The same for a page without any script."""
        return f'<iframe src="{self.gateway.url}/widget?bot=helpdesk" title="Chat" sandbox="{SANDBOX}"></iframe>'

    def page(self, body: str | None = None, path: str = "/", script: str = "", fields: dict[str, str] | None = None,
             alter: Callable[[Route], None] | None = None, **options: Any) -> Page:  # fmt: skip
        """Opens a page of the website with *body* (the snippet), in a browser of its own. *alter* stands between the
        browser and the chat's document.
        """
        head = "<!doctype html><html lang=en><head><meta charset=utf-8><title>Shop</title></head><body><main><h1>Shop</h1></main>"
        address = self.site.put(path, head + (self.snippet if body is None else body), **(fields or {}))
        context = self.browser.new_context(ignore_https_errors=True, locale="en-GB", timezone_id="UTC", **options)
        self.contexts.append(context)
        page = context.new_page()
        if script:
            page.add_init_script(script)
        if alter:
            page.route(re.compile(re.escape(self.gateway.url) + r"/widget(\?|$)"), alter)
        page.goto(address)
        return page

    def assertion(self, customer: str) -> str:
        """What the website says of a visitor of its own."""
        now = SystemClock().now() // SECOND
        return self.signer.token(claims(ISSUER, self.gateway.url, now, subject=customer))

    def close(self) -> None:
        """Closes what was opened since."""
        while self.contexts:
            self.contexts.pop().close()


def chat(page: Page, shop: Shop) -> Frame:
    """The frame of the chat, whatever it is in."""
    expect.set_options(timeout=15_000)
    for _ in range(150):
        for one in page.frames:
            if one.url.startswith(shop.gateway.url + "/widget"):
                one.wait_for_selector("body[data-view]:not([data-view=starting])")
                return one
        page.wait_for_timeout(100)
    raise AssertionError([one.url for one in page.frames])


def opened(page: Page, shop: Shop) -> Frame:
    """The chat, open and connected."""
    frame = chat(page, shop)
    if frame.locator("#launcher").is_visible():
        frame.click("#launcher")
    expect(frame.locator("#link-dot")).to_have_attribute("data-state", "on", timeout=20_000)
    return frame


def write(frame: Frame, text: str) -> None:
    frame.fill("#text", text)
    frame.press("#text", "Enter")


def without(*names: str, **instead: str) -> Callable[[Route], None]:
    """The defence taken away: these fields are not in the head of the chat's document, or say something else."""

    def alter(route: Route) -> None:
        answer = route.fetch()
        kept = {name: value for name, value in answer.headers.items() if name not in names}
        route.fulfill(response=answer, headers={**kept, **{name.replace("_", "-"): v for name, v in instead.items()}})

    return alter


def weakened(shop: Shop, page: Page, old: str, new: str, name: str = "app") -> None:
    """The chat's own script (or that of the window *name*) with one check changed, under a document that lets it run."""
    entry = script(f"widget/{name}.js", Languages(LanguagesConfig(), Path()).script("en", "widget"))
    text = entry.data.decode()
    assert text.count(old) == 1, old
    changed = text.replace(old, new)

    def document(route: Route) -> None:
        answer = route.fetch()
        kept = {n: v for n, v in answer.headers.items() if n not in {"content-security-policy", "integrity-policy"}}
        route.fulfill(response=answer, headers=kept, body=answer.text().replace(sri(entry.data), sri(changed.encode())))

    page.context.route(re.compile(r"/widget\?" if name == "app" else rf"/widget/{name}(\?|$)"), document)
    page.context.route(
        f"**/widget/{entry.name}",
        lambda route: route.fulfill(
            body=changed, content_type="text/javascript", headers={"access-control-allow-origin": "*"}
        ),
    )


def wait_for(page: Page, origin: str) -> Frame:
    for _ in range(100):
        for one in page.frames:
            if one.url.startswith(origin):
                one.wait_for_load_state()
                return one
        page.wait_for_timeout(100)
    raise AssertionError([one.url for one in page.frames])


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", PARTITIONED, PHASEOUT]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def houses(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A website and its gateway."""
    with site() as pages, bot_server(echo) as upstream:
        parrot = f'[bots.parrot]\nconnector = "openai"\nurl = "{upstream.url}"\nmodel = "m"\n'
        toml = f'[widget]\nsites = ["{pages.origin}"]\n{LIMITS}{ALLOWED}{parrot}'
        home = tmp_path_factory.mktemp("widget") / "home"
        signer = Signer.fresh("EdDSA", "shop-1")
        (home / "secrets").mkdir(parents=True)
        (home / "secrets" / "shop.json").write_bytes(signer.jwks)
        toml += f'[sites.shop]\nissuer = "{ISSUER}"\njwks_file = "secrets/shop.json"\n'
        with running(home, toml) as gateway:
            yield Shop(chromium, pages, gateway, signer)


@pytest.fixture
def shop(houses: Shop) -> Iterator[Shop]:
    """The same, with nothing open."""
    yield houses
    houses.close()


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Site]:
    """Somebody else's website."""
    with site("127.0.0.4") as pages:
        yield pages
