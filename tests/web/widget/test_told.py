"""What the frame tells while an answer comes and after something was hidden, to eyes and to a screen reader."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.web.widget.conftest import LIMITS, LIVE, Shop, opened, write
from tests.world.forge import Signer
from tests.world.gateway import running
from tests.world.site import site
from tests.world.threaded import bot_server
from tests.world.upstream import Asked, Upstream, Writer, chunk, delta, event, head

BOT = f".message[data-from=bot]{LIVE}"
# Longer than what the gateway waits for before it lets a piece go on.
FIRST = "Our office opens at **nine**. " + "There is a bench in front of the door. " * 20
PARTIAL = ".message[data-state=partial]"


class Slow:
    """A bot that says one half, and the other when it is let go on."""

    def __init__(self) -> None:
        self.go_on = threading.Event()

    async def __call__(self, _: Upstream, asked: Asked, writer: Writer) -> None:
        writer.write(head("text/event-stream", None))
        for words in (FIRST, "It closes at five."):
            writer.write(chunk(event(delta(words))))
            await writer.drain()
            await asyncio.to_thread(self.go_on.wait, 30)
        writer.write(chunk(event(delta(None, "stop"))) + chunk(b"data: [DONE]\n\n") + chunk(b""))
        await writer.drain()


@pytest.fixture(scope="module")
def slow() -> Slow:
    return Slow()


@pytest.fixture(scope="module")
def careful(chromium: Browser, slow: Slow, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A gateway that asks before mail addresses go on, hides account numbers, and has a slow bot."""
    with site() as pages, bot_server(slow) as upstream:
        bot = f'[bots.slow]\nconnector = "openai"\nurl = "{upstream.url}"\nmodel = "m"\n'
        policy = '[policy.class]\nemail = "hold"\niban = "mask"\n'
        with running(
            tmp_path_factory.mktemp("told") / "home", f'[widget]\nsites = ["{pages.origin}"]\n{LIMITS}{policy}{bot}'
        ) as gateway:
            yield Shop(chromium, pages, gateway, Signer.fresh())


@pytest.fixture
def shop(careful: Shop) -> Iterator[Shop]:
    yield careful
    careful.close()


def test_an_answer_is_read_while_it_is_still_being_said(shop: Shop, slow: Slow) -> None:
    frame = opened(shop.page(shop.tag("slow")), shop)
    write(frame, "When are you open?")
    partial = frame.locator(PARTIAL)
    expect(partial.locator(".text")).to_contain_text("Our office opens at nine.")
    expect(partial.locator("strong")).to_have_text("nine")
    assert frame.locator(BOT).count() == 0
    # A screen reader hears the whole once, not each piece.
    assert partial.evaluate("(one) => [one.ariaLive, one.ariaBusy]") == ["off", "true"]
    slow.go_on.set()
    expect(frame.locator(f"{BOT} .text")).to_contain_text("It closes at five.")
    expect(partial).to_have_count(0)


def test_what_was_hidden_is_said_in_one_line(shop: Shop) -> None:
    frame = opened(shop.page(shop.tag("helpdesk")), shop)
    write(frame, "Refund it to DE89 3704 0044 0532 0130 00, please")
    own = frame.locator(f".message[data-from=client]{LIVE}")
    expect(own.locator("mark")).to_have_attribute("data-action", "masked")
    expect(own.locator(".note")).to_have_count(1)
    expect(own.locator(".note")).to_have_text("Your IBAN was hidden. The bot never sees it.")
    expect(own.locator(".text")).not_to_contain_text("0532")


@pytest.mark.parametrize(("act", "answers"), [("Send it", 1), ("Withdraw it", 0)])
def test_what_is_held_goes_on_only_when_its_person_says_so(shop: Shop, act: str, answers: int) -> None:
    frame = opened(shop.page(shop.tag("helpdesk")), shop)
    write(frame, "Write to me at ada@example.org about a refund")
    held = frame.locator(".message[data-from=client][data-state=held]")
    expect(held).to_contain_text("Shall this message go on to the bot? It sees the hidden form only.")
    assert frame.locator(BOT).count() == 0
    held.get_by_role("button", name=act).click()
    expect(held).to_have_count(0)
    expect(frame.locator(BOT)).to_have_count(answers)
    if not answers:
        expect(frame.locator(".tombstone")).to_contain_text("you took it back")


LIVE_REGIONS = """() => ["log", "typing", "notice", "stopped", "hint", "link-text"].map((id) => {
  const place = document.getElementById(id).closest("[role]");
  return [id, place.role ?? place.getAttribute("role"), place.ariaLive];
})"""


def test_what_comes_is_told_to_a_screen_reader(shop: Shop) -> None:
    frame = opened(shop.page(shop.tag("helpdesk")), shop)
    assert frame.evaluate(LIVE_REGIONS) == [
        ["log", "log", "polite"], ["typing", "status", None], ["notice", "status", None],
        ["stopped", "alert", None], ["hint", "status", None], ["link-text", "status", None],
    ]  # fmt: skip
    expect(frame.get_by_role("log", name="Messages")).to_be_visible()
    write(frame, "How do I reset my password?")
    expect(frame.get_by_role("log", name="Messages").locator(BOT)).to_have_count(1)
    # Clocks tick every second; nobody wants to hear them.
    assert frame.locator(f"{BOT} .foot").get_attribute("aria-live") == "off"
