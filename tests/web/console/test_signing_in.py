"""Signing in at the console in real Chromium: with a passkey, by a company's login, and out again when somebody ends it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.console.people import LIMITS, dialog
from tests.web.demo.conftest import Open
from tests.web.demo.people import by_name, fill_in, person
from tests.world.authenticator import Authenticator
from tests.world.gateway import Gateway, running
from tests.world.oidc import Directory

ROLES = 'role_claim = "groups"\n[company.acme.roles]\n"desk" = "admin"\n'
EACH = "[step_up.people]\nonce = true\n"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with a company's login, somebody else's software; each act about people wants a proof of its own."""
    folder: Path = tmp_path_factory.mktemp("signing-in")
    acme = Directory.at(folder / "acme")
    acme.settle(folder / "home")
    with (
        running(folder / "home", LIMITS + EACH + acme.toml(ROLES)) as gateway,
        acme.opened(gateway.url, folder / "home" / "tls" / "ca.pem"),
    ):
        yield gateway


def by_company(house: Gateway, open_page: Open, name: str) -> Page:
    """From the console to the company's own page and back."""
    page = open_page(house, "/console")
    page.click("#in")
    page.get_by_role("button", name=re.compile("Sign in with (?!a passkey)")).click()
    page.wait_for_url("**/interaction/*")
    page.fill("input[name=login]", name)
    page.click("button")
    page.wait_for_url("**/console**")
    return page


def test_an_administrator_sets_a_passkey_up_comes_in_with_it_and_proves_with_it(
    house: Gateway, open_page: Open
) -> None:
    house = by_name(house)
    name, guest = person(house, "admin"), "guest"
    page = open_page(house, "/console")
    Authenticator(page)
    page.click("#in")
    fill_in(page, name)
    expect(page.locator("#nobody-title")).to_have_text("One thing is missing")
    page.click("#to-account")
    page.get_by_role("button", name="Set up a passkey").click()
    page.press("#setup-name", "Enter")
    expect(page.locator(".codes li")).to_have_count(10)
    page.click("#setup-yes")
    page.goto(house.url + "/console")
    expect(page.locator("#nav a").first).to_have_text("Overview")
    page.click("#out")
    expect(page.locator("#nobody-title")).to_have_text("This visit has ended")
    page.click("#in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.locator("#account")).to_contain_text(name)
    page.goto(house.url + "/console#/people")
    page.get_by_role("button", name="Invite somebody").click()
    page.keyboard.type(guest)
    page.keyboard.press("Enter")
    proof = dialog(page, "Is it you?")
    assert house.command("user", "list", "--json").stdout.count(guest) == 0
    proof.get_by_role("button", name="Use my passkey").click()
    expect(dialog(page, f"The link for {guest}").get_by_label("Link")).to_have_value(re.compile("/enrol#"))


def test_an_administrator_comes_in_by_the_companys_login_and_is_out_the_moment_it_is_ended(
    house: Gateway, open_page: Open
) -> None:
    page = by_company(house, open_page, "dora")
    expect(page.locator("#account")).to_contain_text("acme+dora")
    expect(page.locator("#page-title")).to_have_text("Overview")
    assert "#login" not in page.url
    # Whatever the page may ask from now on is not answered: what it learns, it is told.
    page.route("**/api/v1/**", lambda route: route.abort())
    house.command("session", "revoke", "--user", "acme+dora")
    expect(page.locator("#nobody-title")).to_have_text("This visit has ended")
    expect(page.locator("#nobody-why")).to_contain_text("ended by the people who run this service")
    assert page.locator("#page-root").inner_html() == ""


def test_whom_the_company_says_too_little_of_is_kept_out_of_the_console(house: Gateway, open_page: Open) -> None:
    page = by_company(house, open_page, "emil")
    expect(page.locator("#nobody-title")).to_have_text("One thing is missing")
    expect(page.locator("#nav a")).to_have_count(0)
