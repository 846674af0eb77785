"""The page of a conversation in the log: for administrators and auditors, readable without eyes and without a mouse."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.web.demo.conftest import Open
from tests.web.demo.people import by_name, fill_in, person
from tests.world.gateway import Gateway, running

LIMITS = '[limits]\nvisitors = "off"\nlogins = "off"\nmessages = "off"\n[policy.class]\niban = "hold"\n'
SECRET = "swordfish and marmalade"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running(tmp_path_factory.mktemp("lanes") / "home", LIMITS) as started:
        yield by_name(started)


@pytest.fixture(scope="module")
def talk(house: Gateway) -> str:
    token = house.visitor()
    conversation = house.conversation(token)
    house.say(token, conversation, SECRET)
    house.say(token, conversation, "mail a@b.example")
    house.say(token, conversation, "IBAN DE89 3704 0044 0532 0130 00")
    house.command("erase", "--conversation", conversation)
    return conversation


def looking(house: Gateway, open_page: Open, role: str, path: str, **options: object) -> Page:
    """The page, for somebody of this role who is signed in."""
    token = house.command("session", "issue", "--user", person(house, role), "--for", "8h").stdout.strip()
    script = f"sessionStorage.getItem('chatwarden.token') ?? sessionStorage.setItem('chatwarden.token', '{token}')"
    return open_page(house, path, script, **options)


def test_an_auditor_sees_two_lanes_and_a_line_from_every_cause(house: Gateway, talk: str, open_page: Open) -> None:
    page = looking(house, open_page, "auditor", f"/console/conversation?id={talk}")
    expect(page.locator("#shown-title")).to_have_text(talk)
    expect(page.locator("#shown-title")).to_be_focused()
    steps = page.locator(".step")
    answers = page.locator(".step[data-lane=bot]")
    expect(answers.first).to_contain_text("Message answered")
    caused = steps.filter(has_text="Because of").count()
    assert caused >= 2
    expect(page.locator(".wire")).to_have_count(caused)
    expect(page.locator(".knot")).to_have_count(steps.count())
    left, right = (page.locator(f".step[data-lane={lane}] article").first.bounding_box() for lane in ("client", "bot"))
    assert left is not None
    assert right is not None
    assert left["x"] + left["width"] < right["x"]
    assert SECRET not in page.content()
    assert "b.example" not in page.content()


def test_lines_begin_and_end_at_their_entries(house: Gateway, talk: str, open_page: Open) -> None:
    page = looking(house, open_page, "admin", f"/console/conversation?id={talk}")
    expect(page.locator(".wire").first).to_be_visible()
    for width in (1200, 360):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_function(
            """() => [...document.querySelectorAll('.wire')].every((wire) => {
                const at = (place) => document.querySelector(`.knot[data-place="${place}"]`);
                const ends = [wire.getPointAtLength(0), wire.getPointAtLength(wire.getTotalLength())];
                return [at(wire.dataset.cause), at(wire.dataset.effect)].every((knot, n) =>
                    Math.hypot(knot.cx.baseVal.value - ends[n].x, knot.cy.baseVal.value - ends[n].y) < 1);
            })"""
        )
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_cause_is_reached_by_keyboard_and_its_chain_is_lit(house: Gateway, talk: str, open_page: Open) -> None:
    page = looking(house, open_page, "auditor", f"/console/conversation?id={talk}")
    link = page.locator(".step[data-lane=bot] a").first
    link.focus()
    expect(page.locator(".wire.lit")).not_to_have_count(0)
    page.keyboard.press("Enter")
    cause = page.locator(".step:focus")
    expect(cause).to_have_attribute("data-lane", "client")
    expect(cause).to_contain_text("Message received")
    expect(cause).to_have_class(re.compile(r"\blit\b"))
    cause = page.locator(f"#{cause.get_attribute('id')}")
    details = cause.locator("summary")
    details.focus()
    page.keyboard.press("Enter")
    expect(cause.locator("dl")).to_contain_text("leaf hash")
    expect(cause.locator("dl")).to_contain_text(re.compile(r"aud_[0-9a-f]{32}"))


def test_without_eyes_it_is_a_list_that_says_who_did_what_and_why(house: Gateway, talk: str, open_page: Open) -> None:
    page = looking(house, open_page, "auditor", f"/console/conversation?id={talk}")
    listed = page.get_by_role("list", name="Entries, oldest first")
    expect(listed.get_by_role("heading", name="Person: Message received").first).to_be_visible()
    expect(listed.get_by_role("heading", name="Bot: Message answered").first).to_be_visible()
    expect(listed.get_by_role("link", name=re.compile("Message received")).first).to_be_visible()
    assert page.locator(".wires").get_attribute("aria-hidden") == "true"


@pytest.mark.parametrize("role", ["customer", "agent", "trainer"])
def test_nobody_else_sees_anything(house: Gateway, talk: str, open_page: Open, role: str) -> None:
    page = looking(house, open_page, role, f"/console/conversation?id={talk}")
    expect(page.locator("#nobody-why")).to_contain_text("Administrators and auditors may.")
    expect(page.locator("#which")).to_be_hidden()
    expect(page.locator(".step")).to_have_count(0)


def test_who_is_not_signed_in_is_asked_to_and_a_customer_learns_that_it_is_not_for_them(
    house: Gateway, talk: str, open_page: Open
) -> None:
    page = open_page(house, f"/console/conversation?id={talk}")
    expect(page.locator("#nobody-title")).to_have_text("You are not signed in")
    page.click("#in")
    fill_in(page, person(house))
    expect(page.locator("#nobody-title")).to_have_text("This is not for your account")
    page.click("#out")
    expect(page.locator("#nobody-title")).to_have_text("You are not signed in")


def test_an_id_is_typed_and_one_that_is_none_is_said(house: Gateway, talk: str, open_page: Open) -> None:
    page = looking(house, open_page, "auditor", "/console/conversation")
    expect(page.get_by_label("Id of the conversation")).to_be_focused()
    page.fill("#wanted", "cnv_" + "0" * 32)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("There is no conversation with this id.")
    page.fill("#wanted", talk)
    page.keyboard.press("Enter")
    expect(page.locator("#shown-title")).to_have_text(talk)
    expect(page.get_by_role("status")).to_be_hidden()
    assert page.url.endswith(f"?id={talk}")


def test_an_end_of_the_visit_leaves_nothing_on_the_screen(house: Gateway, talk: str, open_page: Open) -> None:
    page = looking(house, open_page, "auditor", f"/console/conversation?id={talk}")
    expect(page.locator(".step").first).to_be_visible()
    page.click("#out")
    expect(page.locator(".step")).to_have_count(0)
    expect(page.locator("#shown")).to_be_hidden()
    assert page.evaluate("sessionStorage.getItem('chatwarden.token')") is None
