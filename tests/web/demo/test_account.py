"""The account page: what people see and change of how they are identified."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.demo.conftest import Open
from tests.web.demo.people import PASSWORD, App, by_name, fill_in, login, person, sign_in, token_of, with_codes
from tests.web.demo.test_chat import ready
from tests.world.gateway import Gateway, running

LIMITS = '[limits]\nvisitors = "off"\nlogins = "off"\nlogin_failures = "off"\nmessages = "off"\n'
NEXT = "another long evening by the sea"
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running(tmp_path_factory.mktemp("account") / "home", LIMITS) as started:
        yield by_name(started)


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Each change wants a proof of its own here."""
    with running(tmp_path_factory.mktemp("bank") / "home", '[session]\nprofile = "bank"\n' + LIMITS) as started:
        yield by_name(started)


def state(gateway: Gateway, token: str) -> str:
    told = gateway.call("GET", "/api/v1/session", token=token)
    return str(told.json["state"] if told.status == 200 else told.json.get("reason"))


def at_home(gateway: Gateway, open_page: Open, role: str = "customer") -> tuple[Page, str]:
    name = person(gateway, role)
    return sign_in(open_page(gateway, "/account"), name), name


def add_codes(page: Page, name: str = "Phone", opener: str = "#add-totp") -> App:
    """Sets up one-time codes on the page, up to the proof that they work."""
    page.click(opener)
    page.fill("#setup-name", name)
    page.press("#setup-name", "Enter")
    app = App(page.locator("#setup-key").inner_text().replace(" ", ""))
    page.fill("#setup-code", app.code())
    page.press("#setup-code", "Enter")
    return app


def test_staff_choose_a_password_then_a_second_factor_then_work(house: Gateway, open_page: Open) -> None:
    shown = json.loads(house.command("user", "add", "olga", "--role", "agent", "--json").stdout)
    page = open_page(house, "/enrol#" + shown["enrolment_link"].partition("#")[2])
    assert page.evaluate("location.href") == house.url + "/enrol"
    expect(page.locator("#rule")).to_contain_text("A password has at least 12 characters.")
    page.fill("#password", PASSWORD)
    page.fill("#repeat", PASSWORD)
    page.get_by_role("button", name="Save the password").click()
    page.get_by_role("link", name="Sign in").click()
    expect(page.locator("#username")).to_have_value("olga")
    assert "olga" not in page.evaluate("location.href")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    expect(page.locator("#first-title")).to_be_focused()
    half = token_of(page)
    add_codes(page, opener="#choices button:has-text('authenticator')")
    expect(page.locator(".codes li")).to_have_count(10)
    page.click("#setup-yes")
    expect(page.locator("#first")).to_be_hidden()
    expect(page.locator("#identity-how")).to_contain_text("You showed your password and a one-time code on")
    assert state(house, half) == "replaced"
    page.get_by_role("link", name="Go to the console").click()
    expect(page.locator("#account")).to_have_text("olga")
    expect(page.locator("#nav a")).to_have_text(["Desk"])


def test_a_key_is_shown_as_picture_link_and_text_and_is_the_same(house: Gateway, open_page: Open) -> None:
    page, name = at_home(house, open_page)
    page.click("#add-totp")
    page.press("#setup-name", "Enter")
    key = page.locator("#setup-key").inner_text()
    assert {len(group) for group in key.split(" ")} == {4}
    link = str(page.locator("#setup a").get_attribute("href"))
    assert link.startswith(f"otpauth://totp/Chatwarden:{name}?secret={key.replace(' ', '')}&")
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    page.fill("#setup-code", "000000")
    page.press("#setup-code", "Enter")
    expect(page.locator("#setup-error")).to_contain_text("The code is not right")
    page.keyboard.press("Escape")
    expect(page.locator("#add-totp")).to_be_focused()
    expect(page.get_by_text(key)).to_have_count(0)
    assert key not in page.content()
    expect(page.locator("#factor-list li")).to_have_count(0)


def test_recovery_codes_are_copied_saved_printed_and_shown_once(
    house: Gateway, open_page: Open, tmp_path: Path
) -> None:
    page, _ = at_home(house, open_page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    add_codes(page)
    expect(page.locator(".codes li")).to_have_count(10)
    codes = page.locator(".codes li").all_inner_texts()
    assert len(set(codes)) == 10
    for _ in range(3):
        page.keyboard.press("Escape")
    expect(page.locator(".codes")).to_be_visible()
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("#codes-told")).to_have_text("Copied.")
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save").click()
    saved = tmp_path / "codes.txt"
    saving.value.save_as(saved)
    assert [line for line in saved.read_text().splitlines() if line in codes] == codes
    page.evaluate("window.print = () => { window.printed = getComputedStyle(document.body).visibility; }")
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed") is not None
    page.click("#setup-yes")
    expect(page.locator("#recovery-left")).to_contain_text("10 codes are left")
    page.wait_for_function("code => !document.documentElement.outerHTML.includes(code)", arg=codes[0])
    assert codes[0] not in page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")
    elsewhere = page.context.new_page()
    elsewhere.goto(house.url + "/demo")
    elsewhere.focus("#text")
    elsewhere.keyboard.press("Control+V")
    assert [code for code in codes if code in elsewhere.input_value("#text")] == codes


def test_only_the_codes_are_on_the_paper(house: Gateway, open_page: Open) -> None:
    page, _ = at_home(house, open_page)
    add_codes(page)
    expect(page.locator(".codes")).to_be_visible()
    page.emulate_media(media="print")
    page.evaluate("document.body.classList.add('printing')")
    expect(page.locator(".codes")).to_be_visible()
    for hidden in ("#identity", "#factors", "#out"):
        expect(page.locator(hidden)).to_be_hidden()


@pytest.mark.slow  # waits for a code of the next half minute
def test_new_recovery_codes_take_the_place_of_the_earlier_ones(house: Gateway, open_page: Open) -> None:
    name = person(house)
    app, earlier = with_codes(house, login(house, name))
    page = open_page(house, "/account")
    page.click("#in")
    fill_in(page, name)
    page.fill("#login-answer", app.code())
    page.press("#login-answer", "Enter")
    page.click("#renew")
    expect(page.locator(".codes li")).to_have_count(10)
    fresh = page.locator(".codes li").all_inner_texts()
    page.click("#setup-yes")
    expect(page.locator("#notice")).to_contain_text("The earlier ones work no longer.")
    page.click("#out")
    for code, works in ((earlier[0], False), (fresh[0], True)):
        asked = house.call("POST", "/api/v1/session", {"username": name, "password": PASSWORD}).json["challenge"]["id"]
        answer = {"answer": code, "kind": "recovery"}
        assert (house.call("POST", f"/api/v1/challenges/{asked}/answer", answer).status == 201) is works


def test_where_each_change_wants_a_proof_it_is_asked_and_the_request_repeated_once(
    bank: Gateway, open_page: Open
) -> None:
    page, _ = at_home(bank, open_page)
    sent: list[str] = []
    page.on("request", lambda r: sent.append(r.url) if r.method == "POST" and r.url.endswith("/factors") else None)
    page.click("#add-totp")
    page.press("#setup-name", "Enter")
    expect(page.locator("#proof")).to_contain_text("Is it you?")
    expect(page.get_by_label("Your password")).to_be_focused()
    page.fill("#proof-answer", "not this one at all")
    page.press("#proof-answer", "Enter")
    expect(page.locator("#proof")).to_contain_text("That was not right. Please try again.")
    page.fill("#proof-answer", PASSWORD)
    page.press("#proof-answer", "Enter")
    expect(page.locator("#setup-key")).to_be_visible()
    expect(page.locator("#setup-code")).to_be_focused()
    assert len(sent) == 2


def test_a_proof_that_is_not_given_changes_nothing(bank: Gateway, open_page: Open) -> None:
    page, _ = at_home(bank, open_page)
    page.click("#add-totp")
    page.press("#setup-name", "Enter")
    expect(page.locator("#proof")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#proof")).to_be_hidden()
    expect(page.locator("#setup-name")).to_be_visible()
    expect(page.locator("#setup-error")).to_be_empty()


def test_factors_are_renamed_and_removed_and_names_stay_text(house: Gateway, open_page: Open) -> None:
    page, name = at_home(house, open_page)
    other = login(house, name)
    add_codes(page, HOSTILE)
    page.click("#setup-yes")
    assert state(house, other) == "credential-changed"
    expect(page.locator("#factor-list .name")).to_have_text(HOSTILE)
    page.get_by_role("button", name="Rename").click()
    field = page.get_by_label("New name")
    expect(field).to_be_focused()
    field.press("Escape")
    expect(page.get_by_role("button", name="Rename")).to_be_focused()
    page.keyboard.press("Enter")
    field.fill("Old phone")
    field.press("Enter")
    expect(page.locator("#factor-list .name")).to_have_text("Old phone")
    expect(page.locator("#factors-title")).to_be_focused()
    page.get_by_role("button", name="Remove: Old phone").click()
    expect(page.get_by_role("button", name="Keep")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Remove: Old phone")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Yes, remove").click()
    expect(page.locator("#factor-list li")).to_have_count(0)
    expect(page.locator("#recovery")).to_be_hidden()


def test_the_only_factor_of_staff_cannot_be_removed(house: Gateway, open_page: Open) -> None:
    page, _ = at_home(house, open_page, "agent")
    add_codes(page, opener="#choices button:has-text('authenticator')")
    page.click("#setup-yes")
    expect(page.locator("#factor-list")).to_contain_text("The only one: add another before you remove it.")
    expect(page.get_by_role("button", name="Remove")).to_have_count(0)


def test_a_password_is_changed_and_says_why_it_is_refused(house: Gateway, open_page: Open) -> None:
    page, name = at_home(house, open_page)
    other = login(house, name)

    def change(current: str, to: str) -> None:
        page.fill("#current", current)
        page.fill("#next", to)
        page.press("#next", "Enter")

    change("not this one at all", NEXT)
    expect(page.locator("#secret-error")).to_have_text("The present password is not right.")
    change(PASSWORD, "short")
    expect(page.locator("#secret-error")).to_have_text("A password has at least 15 characters.")
    change(PASSWORD, "passwordpassword")
    expect(page.locator("#secret-error")).to_contain_text("list of common ones")
    page.get_by_role("button", name="Show: New password").click()
    assert page.locator("#next").get_attribute("type") == "text"
    change(PASSWORD, NEXT)
    expect(page.locator("#notice")).to_contain_text("Your password is changed.")
    expect(page.locator("#next")).to_have_value("")
    assert page.locator("#next").get_attribute("type") == "password"
    assert state(house, other) == "credential-changed"
    assert house.call("POST", "/api/v1/session", {"username": name, "password": NEXT}).status == 201


def test_one_visit_is_ended_and_then_all_others(house: Gateway, open_page: Open) -> None:
    name = person(house)
    tokens = [login(house, name) for _ in range(3)]
    page = sign_in(open_page(house, "/account"), name)
    entries = page.locator("#visit-list li")
    expect(entries).to_have_count(4)
    expect(entries.first).to_contain_text("This visit")
    entries.nth(1).get_by_role("button", name="End").click()
    page.get_by_role("button", name="Yes, end").click()
    expect(entries).to_have_count(3)
    assert sorted(state(house, token) for token in tokens) == ["active", "active", "logout"]
    page.click("#end-others")
    expect(entries).to_have_count(1)
    expect(page.locator("#end-others")).to_be_hidden()
    assert {state(house, token) for token in tokens} == {"logout"}
    assert state(house, token_of(page)) == "active"


def test_signing_out_leaves_nothing_on_the_screen(house: Gateway, open_page: Open) -> None:
    page, name = at_home(house, open_page)
    token = token_of(page)
    page.click("#out")
    expect(page.locator("#nobody")).to_be_visible()
    expect(page.locator("#identity")).to_be_hidden()
    assert state(house, token) == "logout"
    assert page.evaluate("sessionStorage.getItem('chatwarden.token')") is None
    page.reload()
    expect(page.locator("#nobody")).to_be_visible()
    assert name not in page.locator("body").inner_text()


def test_a_visit_that_is_ended_elsewhere_takes_open_dialogs_along(house: Gateway, open_page: Open) -> None:
    page, name = at_home(house, open_page)
    add_codes(page)
    expect(page.locator(".codes li")).to_have_count(10)
    house.command("user", "disable", name)
    expect(page.locator("#nobody-why")).to_contain_text("This account was switched off.", timeout=15_000)
    expect(page.locator("#setup")).to_be_hidden()
    expect(page.locator(".codes li")).to_have_count(0)


def test_the_page_asks_whether_somebody_is_still_there(tmp_path: Path, open_page: Open) -> None:
    toml = '[session]\nidle = "12s"\nanswer_within = "8s"\nconfirmation = "password"\n' + LIMITS
    with running(tmp_path / "home", toml) as started:
        gateway = by_name(started)
        page, _ = at_home(gateway, open_page)
        prompt = page.get_by_role("alertdialog")
        expect(prompt).to_be_visible(timeout=12_000)
        expect(page.get_by_label("Your password")).to_be_focused()
        page.fill("#prompt-answer", PASSWORD)
        page.press("#prompt-answer", "Enter")
        expect(prompt).to_be_hidden()
        assert state(gateway, token_of(page)) == "active"
        expect(page.locator("#nobody-why")).to_contain_text("nobody answered", timeout=25_000)


def test_a_visitor_is_nobody_here(house: Gateway, open_page: Open) -> None:
    page = ready(open_page(house, "/demo"))
    page.goto(house.url + "/account")
    expect(page.locator("#nobody")).to_be_visible()
    expect(page.locator("#out")).to_be_hidden()
    page.click("#chat")
    ready(page)


def test_a_used_link_says_so_before_anything_is_typed(house: Gateway, open_page: Open) -> None:
    shown = json.loads(house.command("user", "add", "ulla", "--role", "customer", "--json").stdout)
    token = shown["enrolment_link"].partition("#")[2]
    assert house.call("POST", "/api/v1/enrolments", {"token": token, "password": PASSWORD}).status == 201
    page = open_page(house, "/enrol#" + token)
    expect(page.locator("#title")).to_have_text("This link works no longer")
    expect(page.locator("#form")).to_be_hidden()


def test_a_refused_password_keeps_the_link_and_says_why(house: Gateway, open_page: Open) -> None:
    shown = json.loads(house.command("user", "add", "vera", "--role", "customer", "--json").stdout)
    page = open_page(house, "/enrol#" + shown["enrolment_link"].partition("#")[2])
    expect(page.locator("#rule")).to_contain_text("at least 15 characters")
    for password, reason in (("too short", "at least 15 characters"), ("passwordpassword", "list of common ones")):
        page.fill("#password", password)
        page.fill("#repeat", password)
        page.press("#repeat", "Enter")
        expect(page.locator("#error")).to_contain_text(reason)
        expect(page.locator("#password")).to_be_focused()
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Show: New password").click()
    assert page.locator("#password").get_attribute("type") == "text"
    page.fill("#repeat", PASSWORD + "!")
    page.press("#repeat", "Enter")
    expect(page.locator("#error")).to_have_text("The two are not the same.")
    page.fill("#repeat", PASSWORD)
    page.press("#repeat", "Enter")
    expect(page.get_by_text("You can sign in as vera now")).to_be_visible()


@pytest.mark.asvs("6.2.6", "6.2.7")
def test_passwords_are_masked_and_may_be_pasted_and_filled_in(house: Gateway, open_page: Open) -> None:
    page, _ = at_home(house, open_page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("(text) => navigator.clipboard.writeText(text)", NEXT)
    for field, purpose in (("#current", "current-password"), ("#next", "new-password")):
        assert page.get_attribute(field, "type") == "password"
        assert page.get_attribute(field, "autocomplete") == purpose
        page.focus(field)
        page.keyboard.press("Control+V")
        expect(page.locator(field)).to_have_value(NEXT)
        page.fill(field, "")


@pytest.mark.asvs("7.4.4")
def test_signing_out_is_in_sight_wherever_one_is_signed_in(house: Gateway, open_page: Open) -> None:
    page, _ = at_home(house, open_page)
    expect(page.locator("#out")).to_be_visible()
    token = token_of(page)
    page.click("#chat")
    ready(page)
    expect(page.locator("#leave")).to_be_visible()
    page.click("#leave")
    expect(page.locator("#ended")).to_be_visible()
    assert state(house, token) == "logout"
