"""The desk of the agents in real Chromium over a real gateway: by keyboard alone, on both screens, and closed to others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.web.console.people import LIMITS, Agent, agent, at_console, dialog, employ, row, tab_to, writer
from tests.web.demo.conftest import Open
from tests.web.demo.people import PASSWORD, by_name
from tests.world import axe
from tests.world.gateway import Gateway, running

CARD = "4111 1111 1111 1111"
DESK = """
[desk]
capacity = 50
reveal_for = "4s"
[step_up.reveal]
once = true
[desk.replies.hello]
shortcut = "hi"
text = "Hello {name}, this is the desk of {bot}."
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running(tmp_path_factory.mktemp("desk") / "home", LIMITS + DESK) as started:
        gateway = by_name(started)
        for name in ("bea", "ida"):
            employ(gateway, name, "agent")
        yield gateway


@pytest.fixture(scope="module")
def greta(house: Gateway) -> Agent:
    return agent(house, "greta")


def at_desk(house: Gateway, open_page: Open, name: str, **options: Any) -> Page:
    """The desk of *name*, who is available and connected."""
    page = at_console(house, open_page, name, **options)
    page.get_by_role("radio", name="Available").check()
    return page


def take(page: Page) -> None:
    """The conversation that is open: whoever takes it can write at once."""
    page.get_by_role("button", name="Take it").click()
    expect(page.get_by_label("Your reply to the person")).to_be_focused()


def test_an_agent_works_by_keyboard_alone_from_sign_in_to_the_end(
    house: Gateway, open_page: Open, greta: Agent
) -> None:
    person = writer(house)
    person.say(f"My card {CARD} was charged twice")
    page = open_page(house, "/console")
    expect(page.locator("#nobody-title")).to_have_text("You are not signed in")
    tab_to(page, page.locator("#in"))
    page.keyboard.press("Enter")
    page.keyboard.type("greta")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    dialog(page, "One more step")
    page.keyboard.type(greta.app.code())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Desk", level=1)).to_be_attached()
    tab_to(page, page.locator("[name=presence]:checked"))
    while not page.locator("[value=available]").is_checked():
        page.keyboard.press("ArrowRight")
    person.ask_for_a_person()
    expect(row(page, person)).to_contain_text("Topic: payment dispute")
    expect(row(page, person).locator("[data-time=waiting]")).to_have_text(re.compile(r"^waits \d+:\d\d$"))
    expect(page).to_have_title(re.compile(r"^\(1\) Desk"))
    page.keyboard.press("j")
    expect(row(page, person)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#talk-title")).to_be_focused()
    expect(page.locator(".message[data-from=client] mark")).to_contain_text("4111")
    expect(page.locator(".message[data-from=client] .found")).to_contain_text("card number")
    expect(page.locator(".message[data-from=client] .left")).to_have_text(re.compile(r"^\d+ (min|s) left$"))
    assert CARD not in page.content()
    page.keyboard.press("t")
    box = page.get_by_label("Your reply to the person")
    expect(box).to_be_focused()
    person.types()
    expect(page.locator(".typing")).to_have_text("The person is writing")
    page.keyboard.type("/hi")
    expect(page.locator(".offers")).to_contain_text("Hello, this is the desk of helpdesk.")
    page.keyboard.press("Tab")
    expect(box).to_have_value("Hello, this is the desk of helpdesk.")
    page.keyboard.press("Enter")
    expect(page.locator(".message[data-from=agent][data-state=live]")).to_contain_text(
        "Hello, this is the desk of helpdesk."
    )
    assert ("agent", "Hello, this is the desk of helpdesk.") in person.heard()
    page.keyboard.press("Escape")
    expect(row(page, person)).to_be_focused()
    page.keyboard.press("n")
    page.keyboard.type("The second charge is a known fault")
    page.keyboard.press("Enter")
    expect(page.locator(".aside-note")).to_contain_text("greta")
    assert "known fault" not in str(person.heard())
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    dialog(page, "Finish this conversation")
    page.keyboard.press("Control+Enter")
    back = page.get_by_role("button", name="Back to the bot")
    expect(back).to_be_visible()
    tab_to(page, back)
    page.keyboard.press("Enter")
    expect(row(page, person)).to_have_count(0)
    expect(page.locator("#talk-title")).to_be_hidden()
    expect(page.locator("#notice")).to_contain_text("The bot answers again.")  # and not that a colleague has it
    person.say("How do I reset my password?")
    assert person.heard()[-1][0] == "bot"


def test_a_hand_off_is_seen_on_both_screens_at_once(house: Gateway, open_page: Open) -> None:
    desk = at_desk(house, open_page, "ida")
    chat = open_page(house, "/demo")
    expect(chat.locator("#link-dot")).to_have_attribute("data-state", "on")
    chat.fill("#text", "What are your opening hours?")
    chat.press("#text", "Enter")
    expect(chat.locator(".message[data-from=bot][data-state=live]")).to_have_count(1)
    chat.click("#person")
    conversation = chat.evaluate("sessionStorage.getItem('chatwarden.conversation')")
    desk.locator(f"[data-group=queue] .entry[data-conversation={conversation}]").click()
    take(desk)
    desk.keyboard.type("I look into it")
    expect(chat.locator("#typing")).to_be_visible()
    desk.keyboard.press("Enter")
    expect(chat.locator(".message[data-from=agent]")).to_contain_text("I look into it")
    expect(chat.locator(".message[data-from=agent] .who")).to_have_text("Person · ida")
    chat.fill("#text", "Then tell me about my refund")
    chat.press("#text", "Enter")
    expect(desk.locator(".message[data-from=client]").last).to_contain_text("about my refund")
    expect(chat.locator(".message[data-from=bot]")).to_have_count(1)  # the bot never talks over a person
    chat.locator(".message[data-from=client] .destroy").last.click()
    chat.get_by_role("button", name="Yes, destroy").click()
    expect(desk.locator(".message[data-from=client] .tombstone")).to_contain_text("its person asked for it")
    assert "about my refund" not in desk.content()


def test_what_is_revealed_needs_a_reason_and_a_proof_and_closes_itself(
    house: Gateway, open_page: Open, greta: Agent
) -> None:
    person = writer(house)
    person.say(f"My card is {CARD}")
    person.ask_for_a_person()
    page = greta.arrives(open_page)
    row(page, person).click()
    take(page)
    page.get_by_role("button", name=re.compile("Reveal once: card number")).click()
    dialog(page, "See the card number once?")
    page.keyboard.press("Control+Enter")
    expect(page.locator("dialog[open]")).to_have_count(1)  # without a reason nothing is asked
    page.keyboard.type("to compare it with the receipt")
    page.keyboard.press("Control+Enter")
    dialog(page, "Is it you?")
    page.keyboard.type(greta.app.code())
    page.keyboard.press("Enter")
    shown = dialog(page, "The card number")
    expect(shown.locator(".revealed-value")).to_have_text(CARD)
    expect(page.locator("#revealed-left")).to_have_text(re.compile(r"^\d$"))
    expect(shown).to_be_hidden(timeout=10_000)
    assert CARD not in page.content()
    assert "message:revealed" in {entry["event"] for entry in house.audit()}


def test_colleagues_see_each_other_and_hand_on_with_a_note(house: Gateway, open_page: Open) -> None:
    person = writer(house)
    person.say("I want to complain")
    person.ask_for_a_person()
    ida, bea = (at_desk(house, open_page, name) for name in ("ida", "bea"))
    row(ida, person).click()
    row(bea, person).click()
    expect(ida.locator(".looking")).to_have_text("bea is looking at this too.")
    expect(bea.locator(".looking")).to_have_text("ida is looking at this too.")
    bea.evaluate("history.back()")  # to the list
    expect(ida.locator(".looking")).to_have_text("")
    row(bea, person).click()
    expect(ida.locator(".looking")).to_have_text("bea is looking at this too.")
    take(ida)
    expect(bea.locator("[data-group=others]").locator(row(bea, person))).to_contain_text("with ida")
    expect(bea.locator("#talk-title")).to_be_hidden()  # whoever has it reads it, and nobody else
    assert "complain" not in bea.locator(".scroll").inner_html()
    ida.get_by_role("button", name="Hand on").click()
    asked = dialog(ida, "Hand this on")
    to = asked.get_by_label("To whom")
    to.select_option(to.locator("option", has_text="bea").get_attribute("value"))
    asked.get_by_label("What they should know").fill("He was promised a call")
    ida.keyboard.press("Control+Enter")
    expect(ida.locator("#notice")).to_contain_text("Handed on.")
    expect(bea.locator("[data-group=mine]").locator(row(bea, person))).to_be_visible()
    row(bea, person).click()
    expect(bea.locator(".aside-note")).to_contain_text("He was promised a call")
    expect(bea.get_by_role("button", name="Reply")).to_be_visible()
    assert "promised" not in str(person.heard())


def test_after_a_cut_nothing_is_missing_and_nothing_is_said_twice(house: Gateway, open_page: Open) -> None:
    person = writer(house)
    person.say("Is somebody there?")
    person.ask_for_a_person()
    page = at_desk(house, open_page, "ida")
    row(page, person).click()
    take(page)
    page.context.set_offline(True)
    page.keyboard.type("I am")
    page.keyboard.press("Enter")
    expect(page.locator(".message[data-state=sending]")).to_have_count(1)
    person.say("Hello?")
    page.context.set_offline(False)
    expect(page.locator(".message[data-from=agent][data-state=live]")).to_have_count(1, timeout=20_000)
    expect(page.locator(".message[data-from=client]")).to_have_count(2, timeout=20_000)
    assert [text for who, text in person.heard() if who == "agent"] == ["I am"]


def test_what_a_person_writes_is_text_at_the_desk(house: Gateway, open_page: Open) -> None:
    person = writer(house)
    written = "<img src=x onerror=alert(1)> <b>bold</b> [here](javascript:alert(1))"
    person.say(written)
    person.ask_for_a_person()
    page = at_desk(house, open_page, "ida")
    row(page, person).click()
    said = page.locator(".message[data-from=client] .text")
    expect(said).to_have_text(written)
    assert said.locator("*").count() == 0


def test_who_does_not_work_here_sees_nothing(house: Gateway, open_page: Open) -> None:
    page = at_console(house, open_page, employ(house, "carl", "customer"), "/console#/desk")
    expect(page.locator("#nobody-title")).to_have_text("This is not for your account")
    expect(page.locator("#nav a")).to_have_count(0)
    expect(page.locator(".desk")).to_have_count(0)


def test_the_office_has_pages_of_its_own_and_no_desk(house: Gateway, open_page: Open) -> None:
    page = at_console(house, open_page, employ(house, "olga", "auditor"), "/console#/desk")
    expect(page.locator("#nav a")).to_have_text(
        ["Overview", "Sessions", "Conversations", "Bots", "Applications", "People", "Policy", "Audit", "Settings"]
    )
    expect(page.get_by_role("status").filter(has_text="not for your role")).to_be_visible()
    expect(page.locator(".desk")).to_have_count(0)


def test_signing_out_leaves_nothing_on_the_screen(house: Gateway, open_page: Open) -> None:
    person = writer(house)
    person.say("Something of mine")
    person.ask_for_a_person()
    page = at_desk(house, open_page, "ida")
    row(page, person).click()
    expect(page.locator(".message").first).to_contain_text("Something of mine")
    page.click("#out")
    expect(page.locator("#nobody-title")).to_have_text("This visit has ended")
    assert "Something of mine" not in page.content()
    assert page.evaluate("sessionStorage.getItem('chatwarden.token')") is None


def test_axe_finds_nothing_in_light_and_dark_and_on_a_phone(house: Gateway, open_page: Open) -> None:
    page = open_page(house, "/console")
    expect(page.locator("#in")).to_be_visible()
    assert axe.faults(page) == []
    person = writer(house)
    person.say(f"My card is {CARD}")
    person.ask_for_a_person()
    page = at_desk(house, open_page, "ida")
    row(page, person).click()
    take(page)
    page.get_by_role("button", name="Note").click()
    page.keyboard.type("for us")
    page.keyboard.press("Enter")
    expect(page.locator(".aside-note")).to_be_visible()
    page.get_by_role("button", name="Reply").click()
    page.keyboard.type("/hi")
    expect(page.locator(".offers")).to_be_visible()
    assert axe.faults(page) == []
    page.emulate_media(color_scheme="dark")
    assert axe.faults(page) == []
    page.get_by_role("button", name=re.compile("Reveal once")).click()
    assert axe.faults(page) == []
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Menu").click()
    assert axe.faults(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Back to the list").click()
    expect(row(page, person)).to_be_visible()
    assert axe.faults(page) == []


def test_keys_of_one_letter_can_be_switched_off(house: Gateway, open_page: Open) -> None:
    page = at_desk(house, open_page, "ida")
    page.keyboard.press("?")
    asked = dialog(page, "By keyboard")
    asked.get_by_label("Keys of one letter are on").uncheck()
    page.keyboard.press("Escape")
    expect(asked).to_be_hidden()
    before = page.evaluate("document.activeElement.outerHTML")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.outerHTML") == before


def test_shortcuts_are_found_and_filled_in(house: Gateway, open_page: Open) -> None:
    page = open_page(house, "/console")
    told = page.evaluate(
        """async () => {
            const { filled, matching, putIn, wordAt } = await import("/console/desk-replies.js");
            const reply = { shortcut: "/hi", text: "Hello {name}, from {agent} {else}" };
            return {
                words: ["/hi", "say /h", "a/b", "http://x", "", "/hi there"]
                    .map((one) => wordAt(one, one.length)?.word ?? null),
                matched: matching([{ shortcut: "/hint" }, { shortcut: "/Hi" }, { shortcut: "/x" }], "/h")
                    .map((one) => one.shortcut),
                known: filled(reply, { name: "Ida", agent: "greta" }), unknown: filled(reply, { name: "", agent: "greta" }),
                put: putIn("well /hi now", 8, wordAt("well /hi now", 8), "hello"),
            };
        }"""
    )
    assert told == {
        "words": ["/hi", "/h", None, None, None, None],
        "matched": ["/Hi", "/hint"],
        "known": "Hello Ida, from greta {else}",
        "unknown": "Hello, from greta {else}",
        "put": {"text": "well hello now", "caret": 10},
    }
