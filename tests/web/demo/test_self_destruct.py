"""How messages end on the screen: by wish, by timer, by their own clock, and without the gateway's word."""

from __future__ import annotations

import contextlib
import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.demo.conftest import Open
from tests.web.demo.people import PASSWORD, by_name, person, sign_in, token_of
from tests.web.demo.test_chat import CARD, ready, say
from tests.world.gateway import Gateway, running
from tests.world.threaded import bot_server
from tests.world.upstream import Asked, Upstream, Writer, delta, event, events

SHORT = '[limits]\nmessages = "off"\nvisitors = "off"\nlogins = "off"\n[ephemeral]\nbucket = "1s"\n'
OWN = ".message[data-from=client]"


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Messages live for four seconds here."""
    with running(tmp_path_factory.mktemp("quick") / "home", SHORT + '[retention]\ndefault = "4s"\n') as started:
        yield started


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running(tmp_path_factory.mktemp("ends") / "home", SHORT) as started:
        yield by_name(started)


def spoken(page: Page) -> None:
    """Waits until the last thing said was answered."""
    expect(page.locator(".message:not([data-from=client])").last).to_have_attribute("data-state", "live")


def test_a_timer_for_what_is_sent_counts_for_its_answer_and_is_remembered(house: Gateway, open_demo: Open) -> None:
    page = ready(open_demo(house))
    page.get_by_label("Destroy after").select_option("300")
    say(page, "How do I reset my password?")
    spoken(page)
    expect(page.locator(".message .left")).to_have_text([re.compile("5 min"), re.compile("5 min")])
    page.reload()
    ready(page)
    expect(page.locator("#timer")).to_have_value("300")


def test_a_message_is_let_go_sooner_by_keyboard(house: Gateway, open_demo: Open) -> None:
    page = ready(open_demo(house))
    say(page, "How do I reset my password?")
    spoken(page)
    own = page.locator(OWN)
    expect(own.locator(".left")).to_have_text("30 d left")
    own.locator(".sooner").focus()
    page.keyboard.press("Enter")
    group = own.get_by_role("group", name="Destroy after")
    expect(group.get_by_role("button")).to_have_text(["1 minute", "5 minutes", "1 hour", "1 day", "Keep"])
    page.keyboard.press("Escape")
    expect(own.locator(".sooner")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(own.locator(".left")).to_have_text("5 min left")
    expect(own.locator(".sooner")).to_be_focused()


def test_a_whole_conversation_is_destroyed_after_one_question(house: Gateway, open_demo: Open) -> None:
    page = ready(open_demo(house))
    for text in ("How do I reset my password?", "What does a refund cost?"):
        say(page, text)
        spoken(page)
    page.get_by_role("button", name="Destroy all of this").click()
    page.get_by_role("button", name="Yes, destroy").click()
    expect(page.locator(".tombstone")).to_have_count(4)
    expect(page.locator("#notice")).to_contain_text("Everything that was said here is destroyed.")
    expect(page.locator(".message .text")).to_have_count(0)


def test_at_its_end_the_text_leaves_the_screen_and_a_calm_word_stays(quick: Gateway, open_demo: Open) -> None:
    page = ready(open_demo(quick))
    say(page, "swordfish in the harbour")
    expect(page.locator(OWN + "[data-state=live]")).to_have_count(1)
    expect(page.locator(OWN + " .tombstone")).to_contain_text("its time was over", timeout=15_000)
    assert "swordfish" not in page.content()
    page.reload()
    ready(page)
    expect(page.locator(OWN + " .tombstone")).to_contain_text(
        re.compile(r"destroyed at \d\d:\d\d:\d\d: its time was over")
    )


@contextlib.contextmanager
def silent(gateway: Gateway) -> Iterator[None]:
    """A gateway that stands still: what happens on the screen meanwhile the page does by itself."""
    gateway.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        gateway.process.send_signal(signal.SIGCONT)


def test_a_page_that_hears_nothing_wipes_by_its_own_timer_also_where_seconds_stand_still(
    quick: Gateway, open_page: Open
) -> None:
    """In the background a browser may stop what happens every second: the end has a timer of its own."""
    page = ready(open_page(quick, "/demo", "window.setInterval = () => 0;"))
    say(page, "swordfish in the harbour")
    expect(page.locator(OWN + "[data-state=live]")).to_have_count(1)
    with silent(quick):
        expect(page.locator(OWN + " .tombstone")).to_contain_text("its time was over", timeout=15_000)
        assert "swordfish" not in page.content()
        assert "swordfish" not in str(page.evaluate("JSON.stringify({...sessionStorage})"))


def test_a_page_that_slept_over_the_end_wipes_when_it_wakes(quick: Gateway, open_page: Open) -> None:
    """No timer ran at all; the first sign of life is enough."""
    asleep = """
      window.setInterval = () => 0;
      const real = window.setTimeout;
      window.setTimeout = (act, ms, ...rest) => (ms > 1900 ? 0 : real(act, ms, ...rest));
    """
    page = ready(open_page(quick, "/demo", asleep))
    say(page, "swordfish in the harbour")
    expect(page.locator(OWN + "[data-state=live]")).to_have_count(1)
    with silent(quick):
        page.wait_for_timeout(5_500)
        assert "swordfish" in page.content()  # the test can see: nothing ran
        page.evaluate("window.dispatchEvent(new Event('pageshow'))")
        expect(page.locator(OWN + " .tombstone")).to_have_count(1)
        assert "swordfish" not in page.content()


def test_what_was_found_and_done_is_said_in_one_calm_line(house: Gateway, open_demo: Open) -> None:
    page = ready(open_demo(house))
    say(page, "My card is 4111 1111 1111 1111, cvv 737, write to wilhelmina@mail.example")
    note = page.locator(OWN + " .note")
    expect(note).to_have_count(1)
    for part in (
        "Your card number was hidden.",
        "Your card security code was removed.",
        "You see your e-mail address;",
    ):
        expect(note).to_contain_text(part)


def test_another_screen_of_the_same_conversation_forgets_too(house: Gateway, open_demo: Open) -> None:
    one = ready(open_demo(house))
    kept = one.evaluate("({...sessionStorage})")
    other = one.context.new_page()
    other.add_init_script(f"Object.entries({json.dumps(kept)}).forEach(([k, v]) => sessionStorage.setItem(k, v))")
    other.goto(house.url + "/demo")
    ready(other)
    say(one, CARD)
    expect(other.locator(OWN + "[data-state=live]")).to_have_count(1)
    one.locator(OWN + " .destroy").click()
    one.get_by_role("button", name="Yes, destroy").click()
    expect(other.locator(OWN + " .tombstone")).to_contain_text("you asked for it")
    assert "refund me" not in other.content()


async def _repeats(upstream: Upstream, asked: Asked, writer: Writer) -> None:
    said = str(asked.body["messages"][-1]["content"])
    parts = [event(delta(f"You wrote: {said}")), event(delta(None, "stop")), b"data: [DONE]\n\n"]
    await events(*parts)(upstream, asked, writer)


def test_an_answer_lets_go_of_a_value_when_the_message_that_held_it_is_destroyed(
    open_demo: Open, tmp_path: Path
) -> None:
    with bot_server(_repeats) as upstream:
        shop = f'[bots.shop]\nconnector = "openai"\nurl = "{upstream.url}"\nmodel = "m"\n'
        with running(tmp_path / "home", SHORT + shop) as started:
            page = ready(open_demo(started, "?bot=shop"))
            say(page, "write to wilhelmina@mail.example")
            answer = page.locator(".message[data-from=bot] .text")
            expect(answer).to_contain_text("You wrote: write to wilhelmina@mail.example")
            page.locator(OWN + " .destroy").click()
            page.get_by_role("button", name="Yes, destroy").click()
            expect(answer).to_contain_text("You wrote: write to [email-1]")
            assert "wilhelmina" not in page.content()


def test_a_person_takes_along_what_is_theirs(house: Gateway, open_page: Open, tmp_path: Path) -> None:
    name = person(house)
    page = sign_in(open_page(house, "/account"), name)
    token = token_of(page)
    house.say(token, house.conversation(token), CARD)
    with page.expect_download() as started:
        page.get_by_role("button", name="Take it along").click()
    started.value.save_as(tmp_path / "mine.json")
    shown = json.loads((tmp_path / "mine.json").read_text())
    assert shown["account"]["name"] == name
    assert shown["conversations"][0]["messages"][0]["text"] == CARD
    assert PASSWORD not in (tmp_path / "mine.json").read_text()
    expect(page.locator("#notice")).to_have_text("The file is in your downloads.")
