"""The pages for administrators and auditors in real Chromium over a real gateway: true, live, by keyboard, closed to others."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.web.console.people import AGENT, LIMITS, at_console, came_in, employ, tab_to, writer
from tests.web.demo.conftest import Open
from tests.web.demo.people import PASSWORD, by_name, person
from tests.world import axe
from tests.world.gateway import Gateway, running

CARD = "4111 1111 1111 1111"
BOTS = """
[levels.sales]
rights = ["orders:read"]
[bots.helpdesk]
[bots.watched]
connector = "builtin"
mode = "observe"
"""
PAGES = [
    "overview",
    "queue",
    "sessions",
    "conversations",
    "bots",
    "applications",
    "people",
    "policy",
    "audit",
    "settings",
]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running(tmp_path_factory.mktemp("office") / "home", LIMITS + BOTS) as started:
        gateway = by_name(started)
        employ(gateway, "ada", "admin")
        employ(gateway, "olga", "auditor")
        gateway.command("bot", "add", "helpdesk", "--level", "sales")
        yield gateway


def at_office(house: Gateway, open_page: Open, name: str, place: str, **options: object) -> Page:
    """A page of the console, where *name* is signed in."""
    return at_console(house, open_page, name, f"/console#/{place}", **options)


def number(page: Page, name: str) -> int:
    return int(page.locator(f"[data-number={name}] .big").inner_text())


def test_numbers_are_true_live_and_lead_to_their_lists(house: Gateway, open_page: Open) -> None:
    someone = writer(house)
    someone.say(f"My card is {CARD}")
    page = at_office(house, open_page, "olga", "overview")
    messages = page.locator("[data-number=messages] .big")
    expect(messages).to_have_text(re.compile(r"^[1-9]"))
    before = number(page, "messages")
    someone.say("and another thing")
    expect(messages).to_have_text(str(before + 1), timeout=20_000)
    expect(page.locator("[data-number=messages] .bar:not(.none)")).not_to_have_count(0)
    page.locator("[data-number=messages] summary").click()
    told = page.locator("[data-number=messages] tbody td").all_inner_texts()
    assert sum(int(one) for one in told) == before + 1
    messages.click()
    expect(page.locator("#page-title")).to_have_text("Audit")
    expect(page.locator("tbody tr")).to_have_count(before + 1)
    page.go_back()
    page.get_by_role("row", name=re.compile("Payment card")).get_by_role("link").first.click()
    expect(page.get_by_role("table", name="Messages with personal data")).to_be_visible()
    page.get_by_role("link", name=re.compile("^msg_")).first.click()
    expect(page.locator(".said").first).to_contain_text("My card is ")
    assert CARD not in page.content()


def test_an_administrator_ends_a_session_by_keyboard_and_its_page_says_so_at_once(
    house: Gateway, open_page: Open
) -> None:
    theirs = open_page(house, "/demo")
    expect(theirs.locator("#link-dot[data-state=on]")).to_be_visible()
    who = theirs.evaluate(
        """async () => {
            const token = sessionStorage.getItem('chatwarden.token');
            const told = await fetch('/api/v1/session', { headers: { Authorization: `Bearer ${token}` } });
            return (await told.json()).principal.id;
        }"""
    )
    page = at_office(house, open_page, "ada", "overview")
    tab_to(page, page.get_by_role("link", name="Sessions", exact=True))
    page.keyboard.press("Enter")
    expect(page.locator("#page-title")).to_have_text("Sessions")
    end = page.get_by_role("button", name=f"End the session of Visitor {who[4:12]}", exact=True)
    expect(end).to_be_visible()
    tab_to(page, end)
    page.keyboard.press("Enter")
    sure = page.get_by_role("button", name=re.compile(f"^Yes: End the session of Visitor {who[4:12]}"))
    expect(sure).to_be_focused()
    page.keyboard.press("Escape")
    expect(end).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(theirs.get_by_text("ended by the people who run this service")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile(who[4:12])).get_by_text("Ended", exact=True)).to_be_visible()


def test_an_auditor_is_offered_nothing_that_changes_something(house: Gateway, open_page: Open) -> None:
    house.visitor()
    page = at_office(house, open_page, "olga", "sessions")
    expect(page.locator("tbody tr")).not_to_have_count(1)
    expect(page.locator("#page .danger")).to_have_count(0)
    page.goto(house.url + "/console#/people")
    expect(page.get_by_role("row", name=re.compile("^ada"))).to_be_visible()
    expect(page.locator("#page .danger")).to_have_count(0)


def test_nothing_is_claimed_before_the_gateway_answered(house: Gateway, open_page: Open) -> None:
    page = at_office(house, open_page, "olga", "policy")
    expect(page.locator("[aria-current=page]")).to_have_text("Policy")
    with page.expect_request("**/api/v1/admin/sessions*"):
        page.route("**/api/v1/admin/sessions*", lambda _: None)
        page.goto(house.url + "/console#/sessions")
    expect(page.get_by_role("columnheader", name="Who")).to_be_visible()
    assert "There is nothing here" not in page.content()
    page.goto(house.url + "/console#/nonsense")
    expect(page.get_by_role("status").filter(has_text="This page is not here")).to_be_visible()
    expect(page.locator("[aria-current=page]")).to_have_count(0)


def test_a_conversation_shows_masks_and_tombstones_and_its_lanes(house: Gateway, open_page: Open) -> None:
    someone = writer(house)
    someone.say(f"My card is {CARD}, mail a@b.example")
    gone = house.say(someone.token, someone.conversation, "swordfish").json["message"]["id"]
    path = f"/api/v1/conversations/{someone.conversation}/messages/{gone}"
    assert house.call("DELETE", path, token=someone.token).status == 200
    page = at_office(house, open_page, "olga", f"conversations/{someone.conversation}")
    expect(page.locator(".said mark")).to_have_count(2)
    expect(page.locator("[data-from=bot] .said em").first).to_contain_text("Source: ")
    expect(page.locator("[data-state=destroyed]")).to_contain_text("Its person wished it")
    for never in (CARD, "a@b.example", "swordfish"):
        assert never not in page.content()
    page.get_by_role("link", name="In the log").click()
    expect(page.get_by_role("cell", name="Conversation opened")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="In two lanes").click()
    expect(page.locator("#shown-title")).to_have_text(someone.conversation)


def test_the_log_is_checked_with_one_click_and_seen_in_two_lanes(house: Gateway, open_page: Open) -> None:
    someone = writer(house)
    someone.say("hello")
    page = at_office(house, open_page, "olga", "audit")
    page.get_by_role("button", name="Check it").click()
    expect(page.get_by_text(re.compile(r"^Whole: \d+ entries"))).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="In two lanes").click()
    bots = page.locator(".step[data-lane=bot]")
    expect(bots.last).to_contain_text("Message answered")
    expect(page.locator(".wire").first).to_be_attached()
    page.get_by_label("Lane", exact=True).select_option("bot")
    expect(page.locator(".step[data-lane=client]")).to_have_count(0)
    expect(bots.first).to_be_visible()
    assert "view=lanes" in page.url


def test_an_account_is_switched_off_and_on(house: Gateway, open_page: Open) -> None:
    theirs = person(house)
    token = house.call("POST", "/api/v1/session", {"username": theirs, "password": PASSWORD}).json["token"]
    fresh = came_in(house, person(house, "admin"))
    page = open_page(
        house,
        f"/console#/people?name={theirs}",
        f"sessionStorage.setItem('chatwarden.token', '{fresh}')",
        user_agent=AGENT,
    )
    page.get_by_role("button", name=f"Switch off: {theirs}").click()
    page.get_by_role("button", name=f"Yes: Switch off: {theirs}").click()
    expect(page.get_by_role("status").filter(has_text="1 session ended")).to_be_visible()
    assert house.call("GET", "/api/v1/session", token=token).json["reason"] == "disabled"
    page.get_by_role("button", name=f"Switch on: {theirs}").click()
    page.get_by_role("button", name=f"Yes: Switch on: {theirs}").click()
    expect(page.get_by_role("row", name=re.compile(theirs)).get_by_text("On", exact=True)).to_be_visible()


def test_settings_policy_and_bots_tell_what_is_in_force(house: Gateway, open_page: Open) -> None:
    page = at_office(house, open_page, "olga", "settings?name=bots.watched.mode")
    expect(page.get_by_role("row", name=re.compile("bots.watched.mode"))).to_contain_text('"observe"')
    expect(page.get_by_role("row", name=re.compile("bots.watched.mode"))).to_contain_text("line")
    page.goto(house.url + "/console#/policy")
    expect(page.get_by_role("row", name=re.compile("^Payment card"))).to_contain_text("Masked 15 min")
    page.goto(house.url + "/console#/bots")
    expect(page.locator("[data-bot=helpdesk]")).to_contain_text("sales: orders:read")


@pytest.mark.parametrize(
    "options",
    [{}, {"color_scheme": "dark"}, {"viewport": {"width": 360, "height": 740}}],
    ids=["light", "dark", "phone"],
)
def test_axe_finds_nothing_on_any_page(house: Gateway, open_page: Open, options: dict[str, object]) -> None:
    someone = writer(house)
    someone.say(f"My card is {CARD}")
    someone.ask_for_a_person()
    page = at_office(house, open_page, "ada", "overview", **options)
    more = (
        f"conversations/{someone.conversation}",
        "overview/found?class=any",
        "overview/handoffs",
        "overview/inquiries?by=bot",
        "audit?view=lanes",
        "settings?name=session",
    )
    for place in (*PAGES[:-1], *more):
        page.goto(f"{house.url}/console#/{place}")
        expect(page.locator("#page-root").locator("table, ol").first).to_be_attached()
        assert axe.faults(page) == [], place
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), place
