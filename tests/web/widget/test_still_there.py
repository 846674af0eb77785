"""Being asked in the frame: where it is closed it opens, and by the keyboard alone it goes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.web.widget.conftest import LIMITS, Shop, opened, write
from tests.world.forge import Signer
from tests.world.gateway import running
from tests.world.site import site


@pytest.fixture(scope="module")
def hasty(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A gateway that asks soon, and whose messages live for seconds."""
    with site() as pages:
        toml = (
            f'[widget]\nsites = ["{pages.origin}"]\n[session]\nidle = "30s"\nanswer_within = "22s"\n'
            f'[retention]\ndefault = "6s"\n[ephemeral]\nbucket = "1s"\n{LIMITS}'
        )
        with running(tmp_path_factory.mktemp("hasty") / "home", toml) as gateway:
            shop = Shop(chromium, pages, gateway, Signer.fresh())
            yield shop
            shop.close()


def test_a_closed_chat_opens_to_ask_and_is_answered_without_a_mouse(hasty: Shop) -> None:
    page = hasty.page()
    frame = opened(page, hasty)
    write(frame, "gone soon")
    expect(frame.locator(".message[data-from=client] .tombstone")).to_contain_text("its time was over", timeout=25_000)
    frame.click("#close")
    prompt = frame.get_by_role("alertdialog")
    expect(prompt).to_be_visible(timeout=25_000)
    expect(frame.locator("#panel")).to_be_visible()
    shown = frame.locator("#prompt-left").inner_text()
    expect(frame.locator("#prompt-left")).not_to_have_text(shown)  # its clock ticks
    page.keyboard.press("Escape")
    expect(prompt).to_be_visible()
    page.keyboard.press("Enter")
    expect(prompt).to_be_hidden()
    expect(frame.locator("#ended")).to_be_hidden()
