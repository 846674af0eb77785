"""What administrators do in the console, and what they see of the desk, in real Chromium over a real gateway."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.web.console.people import AGENT, LIMITS, at_console, came_in, dialog, employ, issued, tab_to, writer
from tests.web.demo.conftest import Open
from tests.web.demo.people import PASSWORD, by_name, person
from tests.world.gateway import Gateway, running

# A test is quicker than a person, who would be asked whether it is still them.
STEADY = "[bots.helpdesk]\n[session.admin]\nrecheck_on_change = false\n"
SLOW = 30_000  # a machine that does much else takes its time


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running(tmp_path_factory.mktemp("acts") / "home", LIMITS + STEADY) as started:
        yield by_name(started)


@pytest.fixture(scope="module")
def admin(house: Gateway) -> str:
    """The token of an administrator who just came in with two factors."""
    return came_in(house, person(house, "admin"))


def at_office(house: Gateway, open_page: Open, token: str, place: str) -> Page:
    script = f"sessionStorage.setItem('chatwarden.token', '{token}')"
    page = open_page(house, f"/console#/{place}", script, user_agent=AGENT)
    expect(page.locator("#page-root table").first).to_be_attached(timeout=SLOW)
    return page


def told(page: Page, words: str) -> None:
    expect(page.get_by_role("status").filter(has_text=words)).to_be_visible(timeout=SLOW)


def test_somebody_is_invited_by_keyboard_and_comes_in_with_the_link_that_is_shown_once(
    house: Gateway, open_page: Open, admin: str
) -> None:
    page = at_office(house, open_page, admin, "people")
    invite = page.get_by_role("button", name="Invite somebody")
    expect(invite).to_be_visible()
    tab_to(page, invite)
    page.keyboard.press("Enter")
    expect(dialog(page, "Invite somebody").get_by_label("Name of the account")).to_be_focused()
    page.keyboard.type("bea")
    page.keyboard.press("Enter")
    shown = dialog(page, "The link for bea")
    link = shown.get_by_label("Link").input_value()
    page.keyboard.press("Escape")
    expect(shown).to_have_count(0)
    row = page.get_by_role("row", name=re.compile("^bea"))
    expect(row).to_contain_text("Agent")
    expect(row).to_contain_text("Not come in yet")
    assert link.partition("#")[2] not in page.evaluate("document.documentElement.outerHTML")
    assert link.partition("#")[2] not in page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")
    done = house.call("POST", "/api/v1/enrolments", {"token": link.partition("/enrol#")[2], "password": PASSWORD})
    assert done.json["username"] == "bea"


def test_a_name_that_is_taken_is_told_and_nothing_is_shown(house: Gateway, open_page: Open, admin: str) -> None:
    taken = person(house)
    page = at_office(house, open_page, admin, "people")
    page.get_by_role("button", name="Invite somebody").click()
    page.keyboard.type(taken)
    page.keyboard.press("Enter")
    told(page, f"There is an account named {taken} already")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_role_is_changed_and_every_session_of_somebody_ends(house: Gateway, open_page: Open, admin: str) -> None:
    theirs = person(house)
    tokens = [
        house.call("POST", "/api/v1/session", {"username": theirs, "password": PASSWORD}).json["token"] for _ in "ab"
    ]
    page = at_office(house, open_page, admin, f"people?name={theirs}")
    page.get_by_role("button", name=f"End sessions: {theirs}").click()
    page.get_by_role("button", name=f"Yes: End sessions: {theirs}").click()
    told(page, f"2 sessions of {theirs} ended")
    assert {house.call("GET", "/api/v1/session", token=one).json["reason"] for one in tokens} == {"revoked"}
    expect(page.get_by_role("button", name=f"End sessions: {theirs}")).to_have_count(0)
    page.get_by_role("button", name=f"Role: {theirs}").click()
    dialog(page, f"Another role for {theirs}").get_by_label("Role").select_option("auditor")
    page.get_by_role("button", name="Give this role").click()
    told(page, f"{theirs} is Auditor now")
    expect(page.get_by_role("row", name=re.compile(theirs))).to_contain_text("Auditor")


def test_a_bot_is_paused_and_asked_again(house: Gateway, open_page: Open, admin: str) -> None:
    page = at_office(house, open_page, admin, "bots")
    card = page.locator("[data-bot=helpdesk]")
    expect(card.get_by_text("Asked", exact=True)).to_be_visible()
    page.get_by_role("button", name="Pause: helpdesk").click()
    page.get_by_role("button", name="Yes: Pause: helpdesk").click()
    expect(card.get_by_text("Paused", exact=True)).to_be_visible()
    someone = writer(house)
    someone.say("How do I return a parcel?")
    assert "bot" not in {who for who, _ in someone.heard()}
    page.get_by_role("button", name="Ask again: helpdesk").click()
    page.get_by_role("button", name="Yes: Ask again: helpdesk").click()
    expect(card.get_by_text("Asked", exact=True)).to_be_visible()
    page.get_by_role("button", name="Pause every bot").click()
    page.get_by_role("button", name="Yes: Pause every bot").click()
    expect(page.get_by_text("Every bot is paused")).to_be_visible()
    expect(card.get_by_role("button")).to_have_count(0)  # none is asked alone while all are paused
    page.get_by_role("button", name="Ask every bot again").click()
    page.get_by_role("button", name="Yes: Ask every bot again").click()
    expect(card.get_by_text("Asked", exact=True)).to_be_visible()


def test_an_administrator_sees_who_waits_and_who_is_there_and_reads_nothing(
    house: Gateway, open_page: Open, admin: str
) -> None:
    greta = issued(house, employ(house, "greta", "agent"))
    assert house.call("PUT", "/api/v1/desk/presence", {"presence": "available"}, greta).status == 200
    someone = writer(house)
    someone.say("The blue parcel came today")
    page = at_office(house, open_page, admin, "queue")
    agents = page.get_by_role("table", name="Agents")
    expect(agents.get_by_role("row", name=re.compile("^greta"))).to_contain_text("Available")
    someone.ask_for_a_person()
    waiting = page.get_by_role("table", name="Waiting, in the order of service")
    row = waiting.get_by_role("row", name=re.compile(someone.conversation[:12]))
    expect(row).to_contain_text("The bot did not know", timeout=SLOW)
    expect(row.locator("[data-time=waiting]")).to_have_text(re.compile(r"^waits \d:\d\d$"))
    taken = house.call("POST", f"/api/v1/desk/conversations/{someone.conversation}/take", token=greta)
    assert taken.status == 200
    had = page.get_by_role("table", name="With agents").get_by_role("row", name=re.compile(someone.conversation[:12]))
    expect(had).to_contain_text("greta", timeout=SLOW)
    expect(agents.get_by_role("row", name=re.compile("^greta"))).to_contain_text("1 of 3")
    assert "blue parcel" not in page.content()
    page.get_by_role("button", name="Last 30 days").click()
    expect(page.locator("[data-number=inquiries] .big")).to_have_text(re.compile(r"^[1-9]"), timeout=SLOW)


def test_the_numbers_of_the_desk_lead_to_inquiries_and_hand_offs(house: Gateway, open_page: Open, admin: str) -> None:
    alone, someone = writer(house), writer(house)
    someone.ask_for_a_person()
    page = at_office(house, open_page, admin, "overview")
    asked = page.locator("[data-number=asked-people] .big")
    expect(asked).to_have_text(re.compile(r"^[1-9]"), timeout=SLOW)
    many = int(asked.inner_text())
    asked.click()
    rows = page.get_by_role("table", name="Handed over to people").locator("tbody tr")
    expect(rows).to_have_count(many)
    expect(rows.filter(has_text=someone.conversation[:12])).to_contain_text("Asked for a person")
    page.go_back()
    page.locator("[data-number=inquiries]").get_by_role("link", name="Answered by the bot").click()
    inquiries = page.get_by_role("table", name="Inquiries")
    expect(inquiries.get_by_role("row", name=re.compile(alone.conversation[:12]))).to_be_visible()
    expect(inquiries.get_by_role("row", name=re.compile(someone.conversation[:12]))).to_have_count(0)


def test_an_auditor_has_no_queue_and_no_way_to_pause_a_bot(house: Gateway, open_page: Open) -> None:
    page = at_console(house, open_page, employ(house, "olga", "auditor"), "/console#/queue")
    expect(page.get_by_role("status").filter(has_text="not for your role")).to_be_visible()
    page.goto(house.url + "/console#/bots")
    expect(page.locator("[data-bot=helpdesk]")).to_be_visible()
    expect(page.locator("#page").get_by_role("button")).to_have_count(0)
