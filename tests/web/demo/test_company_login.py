"""A whole company login in Chromium: the page, the company's own page, and back, under the policy of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.demo.conftest import Open
from tests.world.company import VERIFIER, s256
from tests.world.gateway import Gateway, running
from tests.world.oidc import Directory

BUTTON = f"location.assign('/login/acme?return=%2Fdemo&challenge={s256(VERIFIER)}')"
FETCH = """async ([code, verifier]) => {
  const answer = await fetch("/api/v1/session", {
    method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({code, verifier}),
  });
  return [answer.status, await answer.json()];
}"""


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, Directory]]:
    """A gateway with a company's login."""
    folder: Path = tmp_path_factory.mktemp("company")
    acme = Directory.at(folder / "acme")
    acme.settle(folder / "home")
    with (
        running(folder / "home", acme.toml('default_role = "customer"\n')) as gateway,
        acme.opened(gateway.url, folder / "home" / "tls" / "ca.pem"),
    ):
        yield gateway, acme


def signed_in(page: Page, name: str) -> str:
    """From the page to the company and back; the code that the page finds. The page may take it out of its address."""
    page.evaluate(BUTTON)
    page.wait_for_url("**/interaction/*")
    page.fill("input[name=login]", name)
    with page.expect_request("**/login/acme/callback?*") as came:
        page.click("button")
    answer = came.value.response()
    assert answer is not None
    if answer.status != 303:
        return ""
    page.wait_for_url("**/demo**")
    return answer.headers["location"].partition("#login=")[2]


def test_a_person_signs_in_at_the_company_in_a_real_browser(joined: tuple[Gateway, Directory], open_demo: Open) -> None:
    gateway, _ = joined
    page = open_demo(gateway)
    code = signed_in(page, "anna")
    assert [one["name"] for one in page.context.cookies(gateway.url) if "chatwarden" in one["name"]] == []
    status, told = page.evaluate(FETCH, [code, VERIFIER])
    assert (status, told["session"]["principal"]["name"]) == (201, "acme+anna")
    status, told = page.evaluate(FETCH, [code, VERIFIER])
    assert (status, told["type"]) == (401, "urn:chatwarden:problem:invalid-credentials")


def test_the_cookie_of_a_login_is_out_of_reach_for_every_script(
    joined: tuple[Gateway, Directory], open_demo: Open
) -> None:
    gateway, _ = joined
    page = open_demo(gateway)
    page.evaluate(BUTTON)
    page.wait_for_url("**/interaction/*")
    (cookie,) = [one for one in page.context.cookies(gateway.url) if one["name"] == "__Host-chatwarden-login"]
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"], cookie["path"]) == (True, True, "Lax", "/")
    page.goto(gateway.url + "/demo")
    assert "chatwarden" not in page.evaluate("document.cookie")


def test_whom_the_company_does_not_know_reads_why_and_finds_the_way_back(
    joined: tuple[Gateway, Directory], open_demo: Open
) -> None:
    gateway, _ = joined
    page = open_demo(gateway)
    assert signed_in(page, "mallory") == ""
    expect(page.get_by_role("heading", name="You are not signed in")).to_be_visible()
    page.get_by_role("link", name="Back to the chat").click()
    page.wait_for_url(gateway.url + "/demo")


@pytest.mark.parametrize("at", ["/demo", "/account"])
def test_the_pages_own_button_leads_to_the_company_and_back_to_that_page(
    joined: tuple[Gateway, Directory], open_demo: Open, at: str
) -> None:
    gateway, _ = joined
    page = open_demo(gateway)
    if at == "/demo":
        page.click("#account")
    else:
        page.goto(gateway.url + at)
        page.click("#in")
    page.get_by_role("button", name=re.compile("Sign in with (?!a passkey)")).click()
    page.wait_for_url("**/interaction/*")
    page.fill("input[name=login]", "anna")
    page.click("button")
    page.wait_for_url(f"**{at}**")
    expect(page.get_by_text("acme+anna").first).to_be_visible()  # a visitor's token was there before
    token = page.evaluate("sessionStorage.getItem('chatwarden.token')")
    told = gateway.call("GET", "/api/v1/session", token=token)
    assert (told.json["principal"]["name"], told.json["assurance"]["factors"]) == ("acme+anna", ["company"])
    assert "#login" not in page.url
