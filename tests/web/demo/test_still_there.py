"""Being asked in the chat: in time, by every kind of answer, without a mouse and without eyes."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.web.demo.conftest import Open
from tests.web.demo.people import by_name, fill_in, login, person, token_of, with_codes
from tests.web.demo.test_chat import ready
from tests.world.authenticator import Authenticator
from tests.world.gateway import Gateway, running

LIMITS = '[limits]\nvisitors = "off"\nlogins = "off"\nlogin_failures = "off"\nmessages = "off"\n'


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
    for _ in range(3):
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


@pytest.fixture(scope="module")
def wary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that asks active people for a factor every ten seconds, and leaves them time to answer."""
    toml = '[session]\nidle = "60s"\nanswer_within = "40s"\n[session.customer]\nrecheck = "10s"\n'
    with running(tmp_path_factory.mktemp("wary") / "home", toml + LIMITS) as started:
        yield by_name(started)


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that asks silent people for a code; half of the time is enough for the app to show the next one."""
    toml = '[session.customer]\nidle = "105s"\nanswer_within = "100s"\nconfirmation = "totp"\n'
    with running(tmp_path_factory.mktemp("strict") / "home", toml + LIMITS) as started:
        yield by_name(started)


@pytest.mark.slow  # waits for a code of the next half minute
def test_a_code_is_asked_for_and_a_wrong_one_takes_a_try_and_half_of_the_time(strict: Gateway, open_demo: Open) -> None:
    name = person(strict)
    app, _ = with_codes(strict, login(strict, name))
    page = ready(open_demo(strict))
    page.click("#account")
    fill_in(page, name)
    page.fill("#login-answer", app.code())
    page.press("#login-answer", "Enter")
    expect(page.locator("#account")).to_have_text(name)
    page.focus("#text")
    prompt = page.get_by_role("alertdialog")
    expect(prompt).to_be_visible(timeout=15_000)
    expect(page.get_by_label("Code from your authenticator app")).to_be_focused()
    before = int(page.locator("#prompt-left").inner_text())
    page.keyboard.type("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="That was not right")).to_be_visible()
    expect(page.locator("#prompt-tries")).to_have_text("4 tries are left.")
    expect(page.locator("#prompt-left")).to_have_text(re.compile("^[1-5]?[0-9]$"))
    assert int(page.locator("#prompt-left").inner_text()) <= before // 2 + 1
    page.keyboard.type(app.code())
    page.keyboard.press("Enter")
    expect(prompt).to_be_hidden()
    expect(page.locator("#text")).to_be_focused()


def acts_until_asked(gateway: Gateway, token: str) -> None:
    """Somebody is busy until the gateway wants to know whether it is still the same person."""
    until = time.monotonic() + 30
    while gateway.call("GET", "/api/v1/sessions", token=token).status == 200 and time.monotonic() < until:
        time.sleep(0.2)


@pytest.mark.slow  # waits for a code of the next half minute
def test_who_has_several_factors_may_choose(wary: Gateway, open_page: Open) -> None:
    name = person(wary)
    page = open_page(wary, "/account")
    Authenticator(page)
    page.click("#in")
    fill_in(page, name)
    page.click("#add-passkey")
    page.click("#setup-yes")
    expect(page.locator(".codes li")).to_have_count(10)
    page.click("#setup-yes")
    acts_until_asked(wary, token_of(page))
    prompt = page.get_by_role("alertdialog")
    expect(prompt).to_contain_text("Is it still you?", timeout=15_000)
    page.click("#prompt-yes")
    expect(prompt).to_be_hidden()
    app, _ = with_codes(wary, token_of(page))
    acts_until_asked(wary, token_of(page))
    expect(prompt).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Use a code from my app").click()
    expect(page.locator("#prompt-answer")).to_be_focused()
    page.keyboard.type(app.code())
    page.keyboard.press("Enter")
    expect(prompt).to_be_hidden()


def test_the_focus_stays_in_the_question_and_its_time_is_told(strict: Gateway, open_demo: Open) -> None:
    page = ready(open_demo(strict))
    page.click("#account")
    fill_in(page, person(strict))  # who has no factor taps
    prompt = page.get_by_role("alertdialog")
    expect(prompt).to_be_visible(timeout=15_000)
    assert prompt.get_attribute("aria-labelledby") == "prompt-title"
    expect(page.locator("#prompt-live[aria-live=assertive]")).to_have_text(
        re.compile(r"^\d+ (seconds|minutes) left to answer\.$")
    )
    inside = (
        "document.getElementById('prompt').contains(document.activeElement) || document.activeElement === document.body"
    )
    for key in ("Tab", "Tab", "Tab", "Shift+Tab", "Shift+Tab"):
        page.keyboard.press(key)
        assert page.evaluate(inside), key
    page.locator("#prompt-yes").focus()
    page.keyboard.press("Space")
    expect(prompt).to_be_hidden()
