"""A company's own login, played by an unmodified oidc-provider: people sign in there, and sign out there."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.world.company import VERIFIER
from tests.world.gateway import Answer, Gateway, running
from tests.world.oidc import SECRET, Browser, Directory

MAPPING = """role_claim = "groups"
[company.acme.roles]
desk = "agent"
people = "customer"
[company.acme.rights]
people = ["accounts:read"]
"""
LIMITS = '[limits]\nlogins = "off"\nvisitors = "off"\n'
SESSION = "/api/v1/session"


class Town:
    """A gateway and a company."""

    def __init__(self, gateway: Gateway, acme: Directory) -> None:
        self.gateway = gateway
        self.acme = acme

    def browser(self) -> Browser:
        return Browser(self.gateway.url, self.gateway.home / "tls" / "ca.pem", self.acme.authority)

    def fetch(self, code: str) -> Answer:
        return self.gateway.call("POST", SESSION, {"code": code, "verifier": VERIFIER})

    def login(self, name: str, browser: Browser | None = None) -> Answer:
        status, code = (browser or self.browser()).sign_in(name)
        assert status == 200
        return self.fetch(code)

    def reason(self, token: str) -> str:
        told = self.gateway.call("GET", SESSION, token=token)
        return "living" if told.status == 200 else str(told.json.get("reason", told.problem))

    def entries(self, event: str) -> list[dict[str, Any]]:
        return [one for one in self.gateway.audit() if one["event"] == event]


def town(folder: Path, *, secret: bool) -> Iterator[Town]:
    acme = Directory.at(folder / "acme")
    home = folder / "home"
    acme.settle(home, secret=secret)
    with (
        running(home, LIMITS + acme.toml(MAPPING, secret=secret)) as gateway,
        acme.opened(gateway.url, home / "tls" / "ca.pem", secret=secret),
    ):
        yield Town(gateway, acme)


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    yield from town(tmp_path_factory.mktemp("company"), secret=True)


@pytest.mark.asvs("7.6.1")
def test_a_person_signs_in_chats_and_is_signed_out_by_the_company(acme: Town) -> None:
    browser = acme.browser()
    assert acme.gateway.call("GET", "/login").json == [{"name": "acme", "title": "acme"}]
    told = acme.login("anna", browser)
    assert told.status == 201, told
    token, session = told.json["token"], told.json["session"]
    assert session["principal"]["name"] == "acme+anna"
    assert session["principal"]["roles"] == ["customer"]
    assert session["assurance"]["factors"] == ["company"]
    conversation = acme.gateway.conversation(token)
    assert acme.gateway.say(token, conversation, "What are your opening hours?").status == 201
    # Every step went to an address of the two, and what the page got stands behind the # only.
    assert all(step.startswith((acme.gateway.url, acme.acme.issuer)) for step in browser.way.seen)
    browser.sign_out(acme.acme.issuer)
    assert acme.reason(token) == "company-logout"
    assert acme.gateway.say(token, conversation, "Still here?").json["reason"] == "company-logout"
    assert acme.entries("company:logout")[-1]["reason"] == "1"
    ended = [one for one in acme.entries("session:ended") if one["object"] == session["id"]]
    assert [(one["actor"], one["reason"]) for one in ended] == [("company:acme", "company-logout")]
    # The company asks again, and it is the same person.
    again = acme.login("anna", browser)
    assert again.json["session"]["principal"]["id"] == session["principal"]["id"]


def test_who_is_signed_in_there_already_types_nothing(acme: Town) -> None:
    browser = acme.browser()
    first = acme.login("anna", browser).json
    status, code = browser.sign_in("must not be asked")
    second = acme.fetch(code).json
    assert status == 200
    assert second["session"]["principal"] == first["session"]["principal"]
    browser.sign_out(acme.acme.issuer)
    assert {acme.reason(first["token"]), acme.reason(second["token"])} == {"company-logout"}


@pytest.mark.asvs("7.1.3")
def test_a_logout_ends_the_sessions_of_that_browser_and_no_others(acme: Town) -> None:
    here, there = acme.browser(), acme.browser()
    mine, other = acme.login("anna", here).json["token"], acme.login("anna", there).json["token"]
    here.sign_out(acme.acme.issuer)
    assert (acme.reason(mine), acme.reason(other)) == ("company-logout", "living")


def test_staff_come_with_two_factors_or_set_up_a_second_one(acme: Town) -> None:
    dora = acme.login("dora").json["session"]
    assert (dora["principal"]["roles"], dora["assurance"]["factors"]) == (["agent"], ["company", "mfa"])
    assert "incomplete" not in dora
    emil = acme.login("emil").json
    assert emil["session"]["incomplete"] is True
    refused = acme.gateway.call("GET", "/api/v1/conversations", token=emil["token"])
    assert (refused.status, refused.problem) == (401, "second-factor-required")


def test_whom_the_company_or_the_mapping_does_not_know_is_refused_alike(acme: Town) -> None:
    unknown, unmapped = [acme.browser() for _ in range(2)]
    pages = []
    for browser, name in ((unknown, "mallory"), (unmapped, "root")):
        where = browser.begin()
        status, address, page = browser.open(where, {"login": name})
        assert status == 401
        assert address.startswith(f"{acme.gateway.url}/login/acme/callback")
        pages.append(page)
    assert pages[0] == pages[1]
    assert "You are not signed in" in pages[0]
    assert [one["reason"] for one in acme.entries("login:refused")[-2:]] == ["company-refused", "no-role"]
    assert all("mallory" not in str(one) and "root" not in str(one) for one in acme.gateway.audit())


def test_the_way_back_of_somebody_else_leads_nowhere(acme: Town) -> None:
    """A link to the callback, as an attacker would send it: signed in there, but not begun in this browser."""
    attacker, victim = acme.browser(), acme.browser()
    attacker.sign_in("emil")
    (link,) = [step for step in attacker.way.seen if "/callback?" in step]
    assert victim.open(link)[0] == 401
    assert acme.entries("login:refused")[-1]["reason"] == "another-browser"


def test_a_disabled_account_gets_nothing(acme: Town) -> None:
    token = acme.login("dora").json["token"]
    acme.gateway.command("user", "disable", "acme+dora")
    assert acme.reason(token) == "disabled"
    assert acme.browser().sign_in("dora")[0] == 401
    acme.gateway.command("user", "enable", "acme+dora")
    assert acme.login("dora").status == 201
    refused = acme.gateway.command("user", "enrol", "acme+dora", check=False)
    assert (refused.returncode, "needs no password" in refused.stderr) == (2, True)


def test_another_mapping_counts_from_the_next_login(acme: Town) -> None:
    token = acme.login("anna").json["token"]
    written = acme.gateway.config.read_text()
    try:
        acme.gateway.config.write_text(written.replace('people = "customer"', 'people = "trainer"'))
        acme.gateway.process.send_signal(signal.SIGHUP)
        _until(lambda: acme.login("anna").json["session"]["principal"]["roles"] == ["trainer"])
        assert acme.reason(token) == "revoked"
    finally:
        acme.gateway.config.write_text(written)
        acme.gateway.process.send_signal(signal.SIGHUP)
    _until(lambda: acme.login("anna").json["session"]["principal"]["roles"] == ["customer"])


def _until(so: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not so():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_no_secret_of_a_login_is_in_the_log_or_the_record(acme: Town) -> None:
    browser = acme.browser()
    _, code = browser.sign_in("anna")
    token = acme.fetch(code).json["token"]
    (link,) = [step for step in browser.way.seen if "/callback?" in step]
    words = [SECRET, code, token, link.partition("code=")[2][:20], "anna@", "nobody of that name"]
    home = acme.gateway.home
    for file in (acme.gateway.log, *(home / "data").glob("chatwarden.db*")):
        data = file.read_bytes()
        assert [word for word in words if word.encode() in data] == [], file.name


def test_after_kill_9_a_logout_still_finds_its_sessions(acme: Town) -> None:
    browser = acme.browser()
    token = acme.login("anna", browser).json["token"]
    acme.gateway.kill()
    port = acme.gateway.port
    written = acme.gateway.config.read_text()
    acme.gateway.config.write_text(written.replace("port = 0", f"port = {port}"))
    with running(acme.gateway.home) as acme.gateway:
        assert acme.gateway.port == port
        assert acme.reason(token) == "living"
        browser.sign_out(acme.acme.issuer)
        assert acme.reason(token) == "company-logout"


def test_a_client_with_a_key_instead_of_a_secret_signs_in_too(tmp_path: Path) -> None:
    for keyed in town(tmp_path, secret=False):
        assert keyed.login("anna").status == 201
