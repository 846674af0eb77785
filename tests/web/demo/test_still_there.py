from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.web.demo.conftest import Open
from tests.web.demo.test_chat import ready
from tests.world.gateway import Gateway, running


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that asks after two seconds and waits three."""
    toml = '[session]\nidle = "5s"\nanswer_within = "3s"\n[retention]\ndefault = "4s"\n[ephemeral]\nbucket = "1s"\n'
    with running(tmp_path_factory.mktemp("hasty") / "home", toml) as started:
        yield started


def test_one_tap_keeps_the_visit_alive(hasty: Gateway, open_demo: Open) -> None:
    page = ready(open_demo(hasty))
    prompt = page.get_by_role("alertdialog")
    expect(prompt).to_be_visible(timeout=10_000)
    expect(page.locator("#prompt-yes")).to_be_focused()
    page.keyboard.press("Escape")
    expect(prompt).to_be_visible()
    page.keyboard.press("Enter")
    expect(prompt).to_be_hidden()
    expect(page.locator("#ended")).to_be_hidden()


def test_silence_ends_the_visit_and_the_draft_survives(hasty: Gateway, open_demo: Open) -> None:
    page = ready(open_demo(hasty))
    page.fill("#text", "half a thought")
    expect(page.locator("#ended")).to_be_visible(timeout=20_000)
    expect(page.locator("#ended-reason")).to_contain_text("nobody answered")
    assert page.evaluate("sessionStorage.getItem('chatwarden.token')") is None
    page.click("#again")
    ready(page)
    expect(page.locator("#text")).to_have_value("half a thought")


def test_a_message_becomes_a_tombstone_at_its_time(hasty: Gateway, open_demo: Open) -> None:
    page = ready(open_demo(hasty))
    page.fill("#text", "gone soon")
    page.press("#text", "Enter")
    expect(page.locator(".message[data-from=client] .tombstone")).to_contain_text("its time was over", timeout=15_000)
