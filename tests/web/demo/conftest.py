"""Real Chromium against a real gateway."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.world.gateway import Gateway

Open = Callable[..., Page]


# One for a module and no longer: playwright's loop would be in the way of asynchronous tests in the same process.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Open]:
    """Opens a page of a gateway: ``path``, in a browser of its own. At the end, no page may have broken its policy or
    thrown.
    """
    faults: list[str] = []
    contexts: list[Any] = []

    def opened(gateway: Gateway, path: str, script: str = "", **options: Any) -> Page:
        context = chromium.new_context(ignore_https_errors=True, locale="en-GB", timezone_id="UTC", **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda m: faults.append(m.text) if "Content Security Policy" in m.text else None)
        if script:
            page.add_init_script(script)
        page.goto(gateway.url + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def open_demo(open_page: Open) -> Open:
    """Opens the chat page of a gateway."""
    return lambda gateway, query="", **options: open_page(gateway, "/demo" + query, **options)
