"""Signing in with a second factor: its clock, its tries, its other ways."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.web.demo.conftest import Open
from tests.web.demo.people import App, by_name, fill_in, login, person, token_of, with_codes
from tests.web.demo.test_chat import ready, say
from tests.world.gateway import Gateway, running

LIMITS = '[limits]\nvisitors = "off"\nlogins = "off"\nlogin_failures = "off"\nmessages = "off"\n'


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running(tmp_path_factory.mktemp("sign-in") / "home", LIMITS) as started:
        yield by_name(started)


def careful(gateway: Gateway) -> tuple[str, App, list[str]]:
    """A customer with one-time codes: name, app, recovery codes."""
    name = person(gateway)
    return name, *with_codes(gateway, login(gateway, name))


def asked(page: Page, name: str) -> Page:
    """The password was right; the second factor is asked for."""
    page.click("#account")
    fill_in(page, name)
    expect(page.locator("#login")).to_be_visible()
    return page


def test_a_code_completes_the_login_and_the_conversation_comes_along(house: Gateway, open_demo: Open) -> None:
    name, app, _ = careful(house)
    page = ready(open_demo(house))
    say(page, "What are your opening hours?")
    expect(page.locator(".message[data-from=bot][data-state=live]")).to_have_count(1)
    asked(page, name)
    field = page.locator("#login-answer")
    expect(field).to_be_focused()
    assert (field.get_attribute("autocomplete"), field.get_attribute("inputmode")) == ("one-time-code", "numeric")
    field.fill(app.code())
    field.press("Enter")
    expect(page.locator("#account")).to_have_text(name)
    expect(page.locator(".message")).to_have_count(2)
    session = house.call("GET", "/api/v1/session", token=token_of(page)).json
    assert session["assurance"]["factors"] == ["password", "totp"]


@pytest.mark.slow  # waits for a code of the next half minute
def test_a_wrong_code_costs_a_try_and_half_of_the_time(house: Gateway, open_demo: Open) -> None:
    name, app, _ = careful(house)
    page = asked(ready(open_demo(house)), name)
    expect(page.locator("#login")).to_contain_text("You have 2 minutes and 5 tries.")
    page.fill("#login-answer", "000000")
    page.press("#login-answer", "Enter")
    expect(page.locator("#login")).to_contain_text("That was not right. Please try again.")
    expect(page.locator("#login")).to_contain_text("seconds and 4 tries.")
    expect(page.locator("#login-answer")).to_have_value("")
    expect(page.locator("#login-answer")).to_be_focused()
    page.fill("#login-answer", app.code())
    page.press("#login-answer", "Enter")
    expect(page.locator("#account")).to_have_text(name)


def test_too_many_wrong_codes_lead_back_to_the_password(house: Gateway, open_demo: Open) -> None:
    name, _, _ = careful(house)
    page = asked(ready(open_demo(house)), name)
    for left in (4, 3, 2, 1):
        page.fill("#login-answer", "000000")
        page.press("#login-answer", "Enter")
        expect(page.locator("#login")).to_contain_text(f"{left} tr")
    page.fill("#login-answer", "000000")
    page.press("#login-answer", "Enter")
    expect(page.locator("#login")).to_be_hidden()
    expect(page.locator("#signin-error")).to_have_text("That was wrong too often, or too late. Please begin again.")
    expect(page.locator("#password")).to_be_focused()


def test_a_recovery_code_stands_in_once_for_a_lost_phone(house: Gateway, open_demo: Open) -> None:
    name, _, codes = careful(house)
    page = asked(ready(open_demo(house)), name)
    page.get_by_role("button", name="Use a recovery code").click()
    expect(page.get_by_label("One of your recovery codes")).to_be_focused()
    page.fill("#login-answer", f" {codes[0].lower()} ")
    page.press("#login-answer", "Enter")
    expect(page.locator("#account")).to_have_text(name)
    again = asked(ready(open_demo(house)), name)
    again.get_by_role("button", name="Use a recovery code").click()
    again.fill("#login-answer", codes[0])
    again.press("#login-answer", "Enter")
    expect(again.locator("#login")).to_contain_text("That was not right.")


def test_who_thinks_better_of_it_is_where_they_were(house: Gateway, open_demo: Open) -> None:
    name, _, _ = careful(house)
    page = ready(open_demo(house))
    visitor = token_of(page)
    asked(page, name).locator("#login").get_by_role("button", name="Not now").click()
    expect(page.locator("#login")).to_be_hidden()
    expect(page.locator("#signin-error")).to_be_empty()
    page.keyboard.press("Escape")
    expect(page.locator("#signin")).to_be_hidden()
    expect(page.locator("#account")).to_be_focused()
    assert token_of(page) == visitor


@pytest.mark.parametrize("hours", [-5, 5])
def test_the_clock_is_the_gateways_even_before_there_is_a_session(house: Gateway, open_page: Open, hours: int) -> None:
    name, _, _ = careful(house)
    wrong = f"const real = Date.now.bind(Date); Date.now = () => real() + {hours} * 3600000;"
    page = open_page(house, "/account", wrong)
    page.click("#in")
    fill_in(page, name)
    expect(page.locator("#login")).to_contain_text("You have 2 minutes and 5 tries.")


def test_a_password_is_sent_as_it_was_typed(house: Gateway, open_demo: Open) -> None:
    name, spaced = person(house), "  spaces count at both ends  "
    change = {"current": "a long and quiet afternoon", "password": spaced}
    assert house.call("PUT", "/api/v1/password", change, login(house, name)).status == 204
    page = ready(open_demo(house))
    page.click("#account")
    fill_in(page, name, spaced.strip())
    expect(page.locator("#signin-error")).to_have_text("That is not right.")
    fill_in(page, name, spaced)
    expect(page.locator("#account")).to_have_text(name)


def test_a_code_of_a_company_login_does_not_stay_in_the_address(house: Gateway, open_page: Open) -> None:
    page = open_page(house, "/demo?bot=helpdesk#login=somebody-elses-code")
    expect(page.locator("#notice")).to_contain_text("Your company's login could not be completed. Please begin again.")
    assert page.evaluate("location.href").endswith("/demo?bot=helpdesk")
    page.get_by_role("button", name="Try again").click()
    ready(page)


def test_who_must_have_a_second_factor_cannot_pass_by(house: Gateway, open_demo: Open) -> None:
    name = person(house, "agent")
    page = ready(open_demo(house))
    page.click("#account")
    fill_in(page, name)
    expect(page.locator("#first")).to_contain_text("One step before you begin")
    page.goto(house.url + "/demo")
    expect(page.locator("#first")).to_be_visible()
    assert page.evaluate("location.pathname") == "/account"
    for card in ("#factors", "#recovery", "#secret", "#visits"):
        expect(page.locator(card)).to_be_hidden()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
