"""What somebody had begun to write is there again after a new sign-in in the same tab, however the visit ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from chatwarden.sessions.model import EndReason
from tests.web.demo.conftest import Open
from tests.web.demo.people import PASSWORD, fill_in, login, person, token_of
from tests.web.demo.test_chat import ready
from tests.world.gateway import Gateway, running

LIMITS = '[limits]\nvisitors = "off"\nlogins = "off"\nlogin_failures = "off"\nmessages = "off"\n'
DRAFT = "half a thought,\nand a second line"
NEXT = "another long evening by the sea"


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running(tmp_path_factory.mktemp("calm") / "home", LIMITS) as started:
        yield started


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """People are asked for their password after two seconds, once; visitors may stay for five."""
    toml = (
        '[session]\nidle = "7s"\nanswer_within = "5s"\nconfirmation = "password"\nattempts = 1\n'
        '[session.visitor]\nidle = "1m"\nabsolute = "5s"\n'
    )
    with running(tmp_path_factory.mktemp("hasty") / "home", toml + LIMITS) as started:
        yield started


def idle(gateway: Gateway, page: Page, name: str) -> str:
    return name


def wrong_answers(gateway: Gateway, page: Page, name: str) -> str:
    expect(page.get_by_role("alertdialog")).to_be_visible(timeout=10_000)
    page.fill("#prompt-answer", "not this one at all")
    page.press("#prompt-answer", "Enter")
    return name


def logout(gateway: Gateway, page: Page, name: str) -> str:
    page.click("#leave")
    return name


def revoked(gateway: Gateway, page: Page, name: str) -> str:
    own = gateway.call("GET", "/api/v1/session", token=token_of(page)).json["id"]
    gateway.command("session", "revoke", own)
    return name


def disabled(gateway: Gateway, page: Page, name: str) -> str:
    gateway.command("user", "disable", name)
    expect(page.locator("#ended")).to_be_visible()
    gateway.command("user", "enable", name)
    return name


def credential_changed(gateway: Gateway, page: Page, name: str) -> str:
    change = {"current": PASSWORD, "password": NEXT}
    assert gateway.call("PUT", "/api/v1/password", change, login(gateway, name)).status == 204
    return name


def absolute(gateway: Gateway, page: Page, name: str) -> str:
    return name


def replaced(gateway: Gateway, page: Page, name: str) -> str:
    elsewhere = {"username": name, "password": PASSWORD}
    assert gateway.call("POST", "/api/v1/session", elsewhere, token_of(page)).status == 201
    return name


ENDS: dict[EndReason, tuple[str, Callable[[Gateway, Page, str], str], str]] = {
    EndReason.IDLE: ("hasty", idle, "nobody answered"),
    EndReason.WRONG_ANSWERS: ("hasty", wrong_answers, "wrong too often"),
    EndReason.ABSOLUTE: ("hasty", absolute, "reached its limit"),
    EndReason.LOGOUT: ("calm", logout, "You ended it"),
    EndReason.REVOKED: ("calm", revoked, "by the people who run this service"),
    EndReason.DISABLED: ("calm", disabled, "was switched off"),
    EndReason.CREDENTIAL_CHANGED: ("calm", credential_changed, "password or a second factor"),
    EndReason.REPLACED: ("calm", replaced, "signed in elsewhere"),
}
AS_VISITOR = {EndReason.ABSOLUTE, EndReason.REPLACED}


def test_every_way_to_end_is_tried_here_except_the_one_that_needs_a_company() -> None:
    assert set(EndReason) - set(ENDS) == {EndReason.COMPANY_LOGOUT}


@pytest.mark.parametrize("reason", ENDS, ids=lambda reason: reason.value)
def test_a_draft_outlives_its_visit(reason: EndReason, request: pytest.FixtureRequest, open_demo: Open) -> None:
    fixture, end, told = ENDS[reason]
    gateway: Gateway = request.getfixturevalue(fixture)
    name = person(gateway)
    page = ready(open_demo(gateway))
    if reason not in AS_VISITOR:
        page.click("#account")
        fill_in(page, name)
        expect(page.locator("#account")).to_have_text(name)
    page.fill("#text", DRAFT)
    end(gateway, page, name)
    expect(page.locator("#ended")).to_be_visible(timeout=20_000)
    expect(page.locator("#ended-reason")).to_contain_text(told)
    assert page.evaluate("sessionStorage.getItem('chatwarden.token')") is None
    assert page.locator(".message").count() == 0
    page.click("#again-signin")
    fill_in(page, name, NEXT if reason is EndReason.CREDENTIAL_CHANGED else PASSWORD)
    expect(page.locator("#account")).to_have_text(name)
    expect(page.locator("#ended")).to_be_hidden()
    expect(page.locator("#text")).to_have_value(DRAFT)
    page.reload()
    expect(page.locator("#text")).to_have_value(DRAFT)


def test_a_text_that_came_too_late_is_given_back(calm: Gateway, open_demo: Open) -> None:
    page = ready(open_demo(calm))
    page.route("**/events", lambda route: route.abort())  # the page does not hear that it is over
    page.reload()
    expect(page.locator("#leave")).to_be_visible()
    own = calm.call("GET", "/api/v1/session", token=token_of(page)).json["id"]
    calm.command("session", "revoke", own)
    page.fill("#text", DRAFT)
    page.press("#text", "Enter")
    expect(page.locator("#ended")).to_be_visible()
    page.unroute("**/events")
    page.click("#again")
    expect(ready(page).locator("#text")).to_have_value(DRAFT)


def test_a_text_that_waited_for_an_answer_in_vain_is_given_back(hasty: Gateway, open_demo: Open) -> None:
    name = person(hasty)
    page = ready(open_demo(hasty))
    page.click("#account")
    fill_in(page, name)
    prompt = page.get_by_role("alertdialog")
    expect(prompt).to_be_visible(timeout=10_000)
    page.evaluate(
        """(text) => {
          const box = document.getElementById("text");
          box.value = text;
          document.getElementById("composer").requestSubmit();
        }""",
        DRAFT,
    )
    expect(page.locator(".message .sending")).to_have_text("Waiting for your answer")
    expect(page.locator("#ended")).to_be_visible(timeout=15_000)
    page.click("#again")
    expect(page.locator("#text")).to_have_value(DRAFT)


def test_a_draft_survives_the_way_to_the_account_and_back(calm: Gateway, open_demo: Open) -> None:
    name = person(calm)
    page = ready(open_demo(calm))
    page.click("#account")
    fill_in(page, name)
    expect(page.locator("#account")).to_have_text(name)
    page.fill("#text", DRAFT)
    page.click("#account")
    expect(page.locator("#identity-how")).to_contain_text(name)
    page.click("#chat")
    expect(ready(page).locator("#text")).to_have_value(DRAFT)
