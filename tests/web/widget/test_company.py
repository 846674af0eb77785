"""The company's login, begun in the frame: in a window of its own, past the company's own page, and back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.web.widget.conftest import LIMITS, Shop, opened, write
from tests.world.forge import Signer
from tests.world.gateway import running
from tests.world.oidc import Directory
from tests.world.site import site


@pytest.fixture(scope="module")
def employed(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A website, its gateway, and the company's login."""
    folder: Path = tmp_path_factory.mktemp("company")
    acme = Directory.at(folder / "acme")
    acme.settle(folder / "home")
    with site() as pages:
        toml = acme.toml('default_role = "customer"\n') + f'[widget]\nsites = ["{pages.origin}"]\n{LIMITS}'
        with (
            running(folder / "home", toml) as gateway,
            acme.opened(gateway.url, folder / "home" / "tls" / "ca.pem"),
        ):
            shop = Shop(chromium, pages, gateway, Signer.fresh())
            yield shop
            shop.close()


def test_a_person_signs_in_at_the_company_and_the_conversation_comes_along(employed: Shop) -> None:
    page = employed.page(fields={"cross_origin_opener_policy": "same-origin-allow-popups"})
    frame = opened(page, employed)
    write(frame, "What are your opening hours?")
    expect(frame.locator(".message[data-from=bot]")).to_have_count(1)
    frame.click("#account")
    with page.context.expect_page() as came:
        frame.get_by_role("button", name="Sign in with acme").click()
    away = came.value
    away.wait_for_url("**/interaction/*")
    away.fill("input[name=login]", "anna")
    away.click("button")
    expect(frame.locator("#link-text")).to_have_text("Signed in as acme+anna")
    expect(frame.locator(".message[data-from=client]")).to_have_count(1)
    assert away.is_closed()
    assert [one for one in page.context.cookies() if "chatwarden" in one["name"]] == []
