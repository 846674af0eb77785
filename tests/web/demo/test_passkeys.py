"""Passkeys in real Chromium, with a device of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.web.demo.conftest import Open
from tests.web.demo.people import by_name, fill_in, person, sign_in
from tests.web.demo.test_chat import ready
from tests.world.authenticator import Authenticator
from tests.world.gateway import Gateway, running

UNLIMITED = '[limits]\nvisitors = "off"\nlogins = "off"\nlogin_failures = "off"\nmessages = "off"\n'


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running(tmp_path_factory.mktemp("passkeys") / "home", UNLIMITED) as started:
        yield by_name(started)


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that soon asks whether a person is still there, and wants their passkey."""
    session = '[session]\nidle = "14s"\nanswer_within = "10s"\nconfirmation = "passkey"\n'
    with running(tmp_path_factory.mktemp("asking") / "home", session + UNLIMITED) as started:
        yield by_name(started)


def with_passkey(page: Page, name: str = "Laptop") -> None:
    page.click("#add-passkey")
    page.fill("#setup-name", name)
    page.press("#setup-name", "Enter")
    expect(page.locator(".codes li")).to_have_count(10)
    page.click("#setup-yes")
    expect(page.locator("#factor-list")).to_contain_text(name)


def at_the_account(gateway: Gateway, open_page: Open) -> tuple[Page, Authenticator, str]:
    """A customer with a passkey, signed in."""
    name = person(gateway)
    page = open_page(gateway, "/account")
    device = Authenticator(page)
    with_passkey(sign_in(page, name))
    return page, device, name


def signed_out(page: Page) -> Page:
    page.click("#out")
    expect(page.locator("#nobody")).to_be_visible()
    page.click("#in")
    return page


def by_passkey_alone(page: Page) -> None:
    page.get_by_role("button", name="Sign in with a passkey").click()


def test_a_passkey_is_all_that_it_takes_to_sign_in(house: Gateway, open_page: Open) -> None:
    page, device, name = at_the_account(house, open_page)
    assert [one["isResidentCredential"] for one in device.credentials] == [True]
    by_passkey_alone(signed_out(page))
    expect(page.locator("#identity-how")).to_contain_text(f"You are {name} (customer). You showed a passkey on")
    expect(page.locator("#factor-list")).to_contain_text("Last used")


def test_a_passkey_is_the_second_factor_after_the_password(house: Gateway, open_page: Open) -> None:
    page, _, name = at_the_account(house, open_page)
    fill_in(signed_out(page), name)
    expect(page.locator("#login")).to_contain_text("Your account also asks for a second factor")
    page.get_by_role("button", name="Use my passkey").click()
    expect(page.locator("#identity-how")).to_contain_text("You showed your password and a passkey on")


def test_a_passkey_answers_whether_somebody_is_still_there(asking: Gateway, open_page: Open) -> None:
    page, _, name = at_the_account(asking, open_page)
    page.click("#chat")
    ready(page)
    expect(page.locator("#account")).to_have_text(name)
    prompt = page.get_by_role("alertdialog")
    expect(prompt).to_contain_text("Is it still you?", timeout=15_000)
    expect(prompt).to_contain_text("5 tries are left.")
    expect(page.get_by_role("button", name="Use my passkey")).to_be_focused()
    page.keyboard.press("Enter")
    expect(prompt).to_be_hidden()
    expect(page.locator("#ended")).to_be_hidden()


def test_a_wrong_passkey_at_the_prompt_costs_a_try(asking: Gateway, open_page: Open) -> None:
    page, device, _ = at_the_account(asking, open_page)
    page.click("#chat")
    ready(page)
    prompt = page.get_by_role("alertdialog")
    expect(prompt).to_be_visible(timeout=15_000)
    device.lie(isBogusSignature=True)
    page.click("#prompt-yes")
    expect(page.locator("#prompt-error")).to_have_text("That was not right. Please try again.")
    expect(page.locator("#prompt-tries")).to_have_text("4 tries are left.")
    device.lie(isBogusSignature=False)
    page.click("#prompt-yes")
    expect(prompt).to_be_hidden()


@pytest.mark.asvs("6.5.7")
@pytest.mark.parametrize("bit", ["isBogusSignature", "isBadUV", "isBadUP"])
def test_a_passkey_that_proves_nothing_lets_nobody_in(house: Gateway, open_page: Open, bit: str) -> None:
    page, device, _ = at_the_account(house, open_page)
    signed_out(page)
    device.lie(**{bit: True})
    by_passkey_alone(page)
    expect(page.locator("#signin-error")).to_have_text("That is not right.")
    assert page.evaluate("sessionStorage.getItem('chatwarden.token')") is None
    device.lie(**{bit: False})
    by_passkey_alone(page)
    expect(page.locator("#identity-how")).to_contain_text("a passkey")


def test_a_copied_passkey_lets_nobody_in(house: Gateway, open_page: Open) -> None:
    page, device, _ = at_the_account(house, open_page)
    by_passkey_alone(signed_out(page))
    expect(page.locator("#identity-how")).to_contain_text("a passkey")
    signed_out(page)
    (own,) = device.credentials
    device.copied(own, own["signCount"] - 1)
    by_passkey_alone(page)
    expect(page.locator("#signin-error")).to_have_text("That is not right.")


def test_a_device_that_does_not_know_its_person_cannot_be_set_up(house: Gateway, open_page: Open) -> None:
    page = open_page(house, "/account")
    device = Authenticator(page)
    sign_in(page, person(house))
    device.lie(isBadUV=True)
    page.click("#add-passkey")
    page.click("#setup-yes")
    expect(page.locator("#setup-error")).to_contain_text("passkey")
    page.get_by_role("button", name="Not now").click()
    page.reload()
    expect(page.locator("#identity-how")).not_to_be_empty()
    expect(page.locator("#factor-list li")).to_have_count(0)


def test_a_device_without_finger_face_and_pin_is_told_by_the_browser(house: Gateway, open_page: Open) -> None:
    page = open_page(house, "/account")
    Authenticator(page, verifies=False)
    sign_in(page, person(house))
    page.click("#add-passkey")
    page.click("#setup-yes")
    expect(page.locator("#setup-error")).to_have_text("No passkey was used. You can try again.")


def test_a_device_is_set_up_once(house: Gateway, open_page: Open) -> None:
    page, _, _ = at_the_account(house, open_page)
    page.click("#add-passkey")
    page.click("#setup-yes")
    expect(page.locator("#setup-error")).to_have_text("This passkey is set up already.")


@pytest.mark.asvs("6.5.6")
def test_a_removed_passkey_lets_nobody_in(house: Gateway, open_page: Open) -> None:
    page, _, name = at_the_account(house, open_page)
    page.get_by_role("button", name="Remove: Laptop").click()
    page.get_by_role("button", name="Yes, remove").click()
    expect(page.locator("#factor-list li")).to_have_count(0)
    by_passkey_alone(signed_out(page))
    expect(page.locator("#signin-error")).to_have_text("That is not right.")
    fill_in(page, name)
    expect(page.locator("#identity-how")).to_contain_text("You showed your password on")


def test_a_browser_that_parses_no_options_has_them_parsed_by_the_page(house: Gateway, open_page: Open) -> None:
    name = person(house)
    script = """
        delete PublicKeyCredential.parseCreationOptionsFromJSON;
        delete PublicKeyCredential.parseRequestOptionsFromJSON;
        delete PublicKeyCredential.prototype.toJSON;
    """
    page = open_page(house, "/account", script)
    assert page.evaluate("'parseRequestOptionsFromJSON' in PublicKeyCredential") is False
    Authenticator(page)
    with_passkey(sign_in(page, name))
    by_passkey_alone(signed_out(page))
    expect(page.locator("#identity-how")).to_contain_text("You showed a passkey on")


def test_at_an_address_without_a_name_it_is_told_where_passkeys_work(house: Gateway, open_page: Open) -> None:
    page = open_page(replace(house, host="127.0.0.1"), "/account")
    Authenticator(page)
    page.click("#in")
    by_passkey_alone(page)
    expect(page.locator("#signin-error")).to_contain_text(f"Please open https://localhost:{house.port}/account")


def test_a_browser_without_passkeys_is_offered_none(house: Gateway, open_page: Open) -> None:
    page = open_page(house, "/account", "delete window.PublicKeyCredential;")
    page.click("#in")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)
    fill_in(page, person(house))
    expect(page.locator("#add-totp")).to_be_visible()
    expect(page.locator("#add-passkey")).to_be_hidden()
