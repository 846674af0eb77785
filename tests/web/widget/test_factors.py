"""Who somebody is, shown in the frame: a passkey in a window of our own, and a fresh proof when a bot needs one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from tests.web.demo.people import App, by_name, fill_in, login, person, sign_in, with_codes
from tests.web.demo.test_passkeys import with_passkey
from tests.web.widget.conftest import LIVE, Shop, opened, write
from tests.world.authenticator import Authenticator
from tests.world.brokered import Scene, scene
from tests.world.forge import Signer
from tests.world.site import Site, site

ORDERS = "What did I order?"
LINE = ".line[data-kind=proof]"
BOT = f".message[data-from=bot]{LIVE}"


@pytest.fixture(scope="module")
def errands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Scene, Site]]:
    """A gateway whose bot runs errands in an application, and a website."""
    with site() as pages:
        more = f'[widget]\nsites = ["{pages.origin}"]\n'
        with scene(tmp_path_factory.mktemp("factors"), more=more) as made:
            made.add_orders()
            made.grant("--path", "/orders", "--step-up", "8s")
            yield made, pages


@pytest.fixture(scope="module")
def phone(errands: tuple[Scene, Site]) -> tuple[str, App, list[str]]:
    """A person with an app and recovery codes. The app's next code is there by the time that it is needed."""
    gateway = errands[0].gateway
    name = person(gateway)
    return name, *with_codes(gateway, login(gateway, name))


@pytest.fixture
def shop(chromium: Browser, errands: tuple[Scene, Site]) -> Iterator[Shop]:
    made, pages = errands
    shop = Shop(chromium, pages, by_name(made.gateway), Signer.fresh())
    yield shop
    shop.close()


def frame_of(shop: Shop) -> tuple[Page, Frame]:
    """The chat with the bot that runs errands."""
    page = shop.page(shop.tag("shop"))
    return page, opened(page, shop)


def window(page: Page, frame: Frame, button: str) -> Page:
    """The window that a button of the frame opens."""
    with page.context.expect_page() as came:
        frame.get_by_role("button", name=button).click()
    came.value.wait_for_load_state()
    return came.value


def signed_in(frame: Frame, name: str) -> None:
    expect(frame.locator("#link-text")).to_have_text(f"Signed in as {name}")


def enrolled(shop: Shop) -> tuple[Page, Frame, dict[str, Any], str]:
    """A person who signed in in the frame, went to their account from there, and set up a passkey; what their device holds."""
    name = person(shop.gateway)
    page, frame = frame_of(shop)
    frame.click("#account")
    fill_in(frame, name)
    signed_in(frame, name)
    account = window(page, frame, "Your account")
    assert account.evaluate("window.opener") is None
    device = Authenticator(account)
    with_passkey(sign_in(account, name))
    kept = device.credentials[0]
    account.close()
    expect(frame.locator("#ended")).to_be_visible()  # a new factor ends the other visits
    frame.click("#again")
    expect(frame.locator("#link-dot")).to_have_attribute("data-state", "on")
    return page, frame, kept, name


def grown_old(frame: Frame) -> None:
    """Asks until the proof is older than the grant likes. The bot is told nothing but no; its person is told why."""
    for _ in range(20):
        told = frame.locator(BOT).count()
        write(frame, ORDERS)
        expect(frame.locator(BOT)).to_have_count(told + 1)
        if "403" in frame.locator(BOT).last.inner_text():
            break
        frame.page.wait_for_timeout(1_000)
    expect(frame.locator(LINE)).to_contain_text("For this the machine needs a fresh proof that it is you (orders).")


def allowed(frame: Frame) -> None:
    """What the bot was refused, it may do now."""
    expect(frame.locator(LINE)).to_have_text("It is known that it is you. Ask the machine once more.")
    write(frame, ORDERS)
    expect(frame.locator(BOT).last).to_contain_text("200")
    expect(frame.locator(LINE)).to_have_count(0)


def used(away: Page, kept: dict[str, Any]) -> None:
    """Their device in that window, and their yes."""
    Authenticator(away).hold(kept)
    kept["signCount"] += 1  # as the device counts
    with away.expect_event("close"):
        away.get_by_role("button", name="Use my passkey").click()


@pytest.mark.usefixtures("phone")  # made first
def test_a_passkey_is_set_up_beside_the_frame_signs_in_to_it_and_is_a_fresh_proof(shop: Shop) -> None:
    page, frame, kept, name = enrolled(shop)
    write(frame, ORDERS)
    expect(frame.locator(LINE)).to_contain_text("needs a fresh proof")
    expect(frame.locator(BOT)).to_have_count(1)
    frame.locator(LINE).get_by_role("button", name="Sign in").click()  # a visitor has nothing else to prove it with
    away = window(page, frame, "Sign in with a passkey")
    expect(away.get_by_role("heading")).to_have_text("Use your passkey")
    assert away.evaluate("[location.origin, window.top === window]") == [shop.gateway.url, True]
    used(away, kept)
    signed_in(frame, name)
    expect(frame.locator(".message[data-from=client]")).to_have_count(1)  # the conversation came along
    write(frame, ORDERS)
    expect(frame.locator(BOT).last).to_contain_text("200")
    grown_old(frame)
    frame.get_by_role("button", name="Prove that it is me").click()
    used(window(page, frame, "Use my passkey"), kept)
    allowed(frame)


def test_a_fresh_proof_is_asked_in_the_frame_and_its_clock_ticks(shop: Shop, phone: tuple[str, App, list[str]]) -> None:
    name, app, recovery = phone
    _, frame = frame_of(shop)
    frame.click("#account")
    fill_in(frame, name)
    second = frame.get_by_role("dialog", name="One more step")
    second.get_by_role("button", name="Use a recovery code").click()
    second.get_by_role("textbox").fill(recovery[0])
    second.get_by_role("button", name="Confirm").click()
    signed_in(frame, name)
    grown_old(frame)
    frame.get_by_role("button", name="Prove that it is me").click()
    asked = frame.get_by_role("dialog", name="Is it you?")
    field = asked.get_by_role("textbox", name="Code from your authenticator app")
    expect(field).to_be_focused()
    clock = asked.locator("p.small")
    expect(clock).to_have_text(re.compile(r"^You have \d+ (minutes|seconds) and 3 tries\.$"))
    field.fill("no code")
    field.press("Enter")
    expect(asked.get_by_role("alert")).to_have_text("That was not right. Please try again.")
    expect(clock).to_have_text(re.compile(r"^You have \d+ seconds and 2 tries\.$"))  # a wrong answer halves the time
    shown = clock.inner_text()
    expect(clock).not_to_have_text(shown)
    field.fill(app.code())
    field.press("Enter")
    expect(asked).to_be_hidden()
    allowed(frame)


def test_a_window_that_is_closed_lets_nobody_in(shop: Shop) -> None:
    page, frame = frame_of(shop)
    frame.click("#account")
    away = window(page, frame, "Sign in with a passkey")
    away.get_by_role("button", name="Not now").click()
    expect(frame.locator("#signin-error")).to_have_text("No passkey was used. You can try again.")
    expect(frame.locator("#signin")).to_be_visible()
