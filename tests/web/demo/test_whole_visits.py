"""Visits in which something happens to the page: somebody signs in, the network is cut, a message is held."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from tests.web.demo.conftest import Open
from tests.web.demo.test_chat import ready, say
from tests.world.gateway import Gateway, running
from tests.world.threaded import bot_server
from tests.world.upstream import WORDS, paced
from tests.world.wire import wire

PASSWORD = "a long and quiet afternoon"
BOT = ".message[data-from=bot][data-state=live]"


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that holds mail addresses, before a bot that speaks slowly, protected and observed."""
    with bot_server(paced(len(WORDS), 0.3)) as upstream:
        bot = f'connector = "openai"\nurl = "{upstream.url}"\nmodel = "m"\nwho = ["visitor", "customer"]\n'
        toml = (
            '[limits]\nmessages = "off"\nvisitors = "off"\nlogins = "off"\n[policy.class]\nemail = "hold"\n'
            f'[bots.slow]\n{bot}[bots.spoken]\n{bot}[bots.spoken.policy]\nemail = "placeholder"\n'  # said word by word
            f'[bots.watched]\n{bot}mode = "observe"\nmachine_line = "A machine answers."\n'
        )
        with running(tmp_path_factory.mktemp("joined") / "home", toml) as started:
            yield started


def token_of(page: object) -> str:
    return str(page.evaluate("sessionStorage.getItem('chatwarden.token')"))  # type: ignore[attr-defined]


def test_signing_in_takes_the_conversation_along(joined: Gateway, open_demo: Open) -> None:
    joined.command("user", "add", "anna", "--role", "customer", "--password-stdin", stdin=PASSWORD + "\n")
    page = ready(open_demo(joined))
    say(page, "What are your opening hours?")
    expect(page.locator(BOT)).to_have_count(1)
    visitor = token_of(page)
    page.click("#account")
    page.fill("#username", "anna")
    page.fill("#password", "not this one at all")
    page.press("#password", "Enter")
    expect(page.locator("#signin-error")).not_to_be_empty()
    expect(page.locator("#password")).to_have_value("")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    expect(page.locator("#account")).to_have_text("anna")
    expect(page.locator(".message[data-from=client] .text")).to_have_text("What are your opening hours?")
    expect(page.locator(BOT)).to_have_count(1)
    say(page, "And where?")
    expect(page.locator(BOT)).to_have_count(2)
    assert joined.call("GET", "/api/v1/session", token=visitor).json["reason"] == "replaced"
    mine = joined.call("GET", "/api/v1/conversations", token=token_of(page)).json["conversations"]
    assert len(mine) == 1


def test_after_a_cut_everything_is_there_once(joined: Gateway, open_demo: Open) -> None:
    with wire(joined.port) as line:
        page = ready(open_demo(replace(joined, port=line.port)))
        say(page, "first")
        expect(page.locator(BOT)).to_have_count(1)
        token = token_of(page)
        (conversation,) = joined.call("GET", "/api/v1/conversations", token=token).json["conversations"]
        line.cut()
        expect(page.locator("#link-dot")).to_have_attribute("data-state", "connecting")
        assert joined.say(token, conversation["id"], "said elsewhere meanwhile").status == 201
        say(page, "said while the network was gone")
        line.mend()
        ready(page)
        texts = page.locator(".message[data-from=client][data-state=live] .text")
        expect(texts).to_have_count(3, timeout=30_000)
        assert sorted(texts.all_inner_texts()) == [
            "first", "said elsewhere meanwhile", "said while the network was gone"
        ]  # fmt: skip
        expect(page.locator(BOT)).to_have_count(3, timeout=20_000)
        path = f"/api/v1/conversations/{conversation['id']}/messages"
        assert len(joined.call("GET", path, token=token).json["messages"]) == 6


def test_an_answer_is_seen_while_it_is_spoken(joined: Gateway, open_demo: Open) -> None:
    page = ready(open_demo(joined, "?bot=spoken"))
    say(page, "hello")
    expect(page.locator("[data-state=partial] .text")).to_have_text(
        re.compile("Good day")
    )  # not over while it is partial
    expect(page.locator(BOT + " .text")).to_have_text("".join(WORDS))
    expect(page.locator("[data-state=partial]")).to_have_count(0)


def test_a_held_message_waits_and_goes_on_or_is_taken_back(joined: Gateway, open_demo: Open) -> None:
    page = ready(open_demo(joined))
    for act, after in (("Send it", "live"), ("Withdraw it", "destroyed")):
        say(page, "write to anna@example.com please")
        held = page.locator(".message[data-from=client][data-state=held]")
        expect(held.locator("mark")).to_have_count(1)
        assert "anna@example.com" not in page.content()
        held.get_by_role("button", name=act).click()
        expect(held).to_have_count(0)
        expect(page.locator(f".message[data-from=client][data-state={after}]")).to_have_count(1)
    expect(page.locator(BOT)).to_have_count(1)


def test_a_page_promises_no_more_than_its_bot_keeps(joined: Gateway, open_demo: Open) -> None:
    page = ready(open_demo(joined, "?bot=watched"))
    expect(page.locator("#machine-line")).to_contain_text("A machine answers. Messages are destroyed after 30 days")
    expect(page.locator("#rule-hidden")).to_be_hidden()
    expect(page.get_by_text("hidden before the machine reads it")).to_be_hidden()
    page.reload()
    expect(ready(page).locator("#machine-line")).to_contain_text("A machine answers.")
    expect(page.locator("#rule-hidden")).to_be_hidden()
    other = ready(open_demo(joined))
    expect(other.locator("#rule-hidden")).to_be_visible()
    expect(other.get_by_text("hidden before the machine reads it")).to_be_visible()
