"""What the chat does in its frame, from the launcher to the end of a visit."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import cast

import pytest
from playwright.sync_api import Page, Route, expect

from tests.web.demo.people import PASSWORD, person
from tests.web.widget.conftest import LIVE, Shop, chat, opened, write
from tests.world.axe import faults
from tests.world.wire import wire

BOT = f".message[data-from=bot]{LIVE}"
OWN = f".message[data-from=client]{LIVE}"
CARD = "My card is 4111 1111 1111 1111, please refund me."


def test_what_these_tests_paste_is_what_the_command_prints(shop: Shop) -> None:
    assert shop.snippet in shop.gateway.command("widget", "snippet").stdout
    printed = " ".join(shop.gateway.command("widget", "snippet", "--mode", "frame").stdout.split())
    assert set(shop.frame_tag.replace("></iframe>", "").split()) <= set(printed.replace("></iframe>", " ").split())


def test_nothing_begins_before_somebody_opens_it(shop: Shop) -> None:
    page = shop.page()
    frame = chat(page, shop)
    assert frame.evaluate("sessionStorage.length") == 0
    expect(frame.locator("#launcher")).to_have_attribute("aria-label", "Open the chat")
    frame.focus("#launcher")
    page.keyboard.press("Enter")
    expect(frame.locator("#text")).to_be_focused()
    frame.wait_for_function("text.scrollHeight === 40 && text.clientHeight === 40")  # as high as what stands in it
    expect(frame.locator("#machine-line")).to_contain_text("You are talking to a machine.")
    page.keyboard.press("Escape")
    expect(frame.locator("#launcher")).to_be_focused()


def test_the_box_of_a_chat_that_opens_is_one_line_high_and_as_high_as_its_draft(shop: Shop) -> None:
    page = shop.page()
    frame = opened(page, shop)
    height = "() => document.getElementById('text').clientHeight"
    frame.wait_for_function(f"innerWidth > 300 && ({height})() > 30 && ({height})() < 60")
    frame.fill("#text", "one\ntwo\nthree")
    three = frame.evaluate(height)
    assert three > 70
    page.reload()
    frame = opened(page, shop)
    frame.wait_for_function(f"innerWidth > 300 && ({height})() === {three}")


def test_a_question_is_answered_once_and_is_there_again_after_a_reload(shop: Shop) -> None:
    page = shop.page()
    frame = opened(page, shop)
    write(frame, "How do I reset my password?")
    expect(frame.locator(BOT)).to_have_count(1)
    expect(frame.locator(OWN)).to_have_count(1)
    expect(frame.locator(".clock").first).to_have_text(re.compile(r"^\d+ d left$"))
    page.reload()
    frame = opened(page, shop)
    expect(frame.locator(".message")).to_have_count(2)


def test_a_card_number_never_leaves_the_frame(shop: Shop) -> None:
    page = shop.page()
    frame = opened(page, shop)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.url} {request.post_data or ''}"))
    frame.locator("#text").press_sequentially(CARD)
    expect(frame.locator("#hint")).to_have_text("This looks like a card number. It will not be sent.")
    assert frame.evaluate("JSON.stringify(sessionStorage)").count("4111") == 0
    frame.press("#text", "Enter")
    expect(frame.get_by_role("alert").filter(has_text="has not left this window")).to_be_visible()
    expect(frame.locator("#text")).to_have_value(CARD)
    frame.get_by_role("button", name="Send it without the number").click()
    expect(frame.locator(f"{OWN} .text")).to_have_text("My card is [card number left out], please refund me.")
    assert not re.search(r"4111|1111", " ".join(sent))


def test_destroy_now_leaves_a_tombstone_with_its_receipt(shop: Shop) -> None:
    frame = opened(shop.page(), shop)
    write(frame, "What does a refund cost?")
    frame.locator(f"{OWN} .destroy").click()
    frame.get_by_role("button", name="Yes, destroy").click()
    expect(frame.locator(".message[data-from=client] .tombstone code")).to_have_text(re.compile(r"^\w+_[0-9a-f]{32}$"))


def test_answers_that_come_while_it_is_closed_are_counted(shop: Shop) -> None:
    page = shop.page()
    frame = opened(page, shop)
    token = frame.evaluate("sessionStorage.getItem('chatwarden.token')")
    conversation = frame.evaluate("sessionStorage.getItem('chatwarden.conversation')")
    frame.click("#close")
    assert shop.gateway.say(token, conversation, "What does a refund cost?").status == 201
    expect(frame.locator("#unread")).to_have_text("1")
    expect(frame.locator("#launcher")).to_have_attribute("aria-label", "Open the chat: 1 unread")
    frame.click("#launcher")
    expect(frame.locator("#unread")).to_be_hidden()
    expect(frame.locator(BOT)).to_have_count(1)


def test_files_are_not_taken_yet_and_nothing_of_them_is_sent(shop: Shop) -> None:
    page = shop.page()
    frame = opened(page, shop)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    frame.click("#attach")
    expect(frame.locator("#notice")).to_contain_text("Files: not yet.")
    frame.evaluate(
        """() => {
          const carried = new DataTransfer();
          carried.items.add(new File(["secret"], "secret.txt"));
          document.getElementById("notice").hidden = true;
          document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true }));
        }"""
    )
    expect(frame.locator("#notice")).to_contain_text("Files: not yet.")
    assert [url for url in sent if "attachments" in url] == []


def test_a_person_signs_in_by_password_and_the_conversation_comes_along(shop: Shop) -> None:
    name = person(shop.gateway)
    frame = opened(shop.page(), shop)
    write(frame, "What are your opening hours?")
    expect(frame.locator(BOT)).to_have_count(1)
    frame.click("#account")
    frame.fill("#username", name)
    frame.fill("#password", PASSWORD)
    frame.press("#password", "Enter")
    expect(frame.locator("#link-text")).to_have_text(f"Signed in as {name}")
    expect(frame.locator(BOT)).to_have_count(1)
    frame.get_by_role("button", name="End this visit").click()
    expect(frame.locator("#ended-reason")).to_have_text("You ended it.")
    assert frame.locator(".message").count() == 0


def test_asking_for_a_person_is_told(shop: Shop) -> None:
    frame = opened(shop.page(), shop)
    frame.click("#person")
    expect(frame.locator(".line[data-kind=handoff]")).to_contain_text("A person has been asked for")
    expect(frame.locator("#person")).to_be_hidden()


def test_an_answer_that_comes_late_does_not_hide_the_place_in_line(shop: Shop) -> None:
    page = shop.page()
    frame = opened(page, shop)
    line = frame.locator(".line[data-kind=handoff]")
    place = re.compile("You are (next|number [0-9]+ in line)")

    def late(route: Route) -> None:
        answer = route.fetch()
        expect(line).to_contain_text(place)
        route.fulfill(response=answer)

    page.route("**/handoff", late)
    with page.expect_response("**/handoff"):
        frame.click("#person")
    frame.evaluate("() => new Promise((done) => setTimeout(done))")  # what the page does with it is done
    expect(line).to_contain_text(place)


def test_an_agent_takes_over_writes_and_gives_back(shop: Shop) -> None:
    name = person(shop.gateway, "agent")
    token = shop.gateway.command("session", "issue", "--user", name, "--for", "1h").stdout.strip()
    desk = "/api/v1/desk"
    assert shop.gateway.call("PUT", f"{desk}/presence", {"presence": "available"}, token).status == 200
    frame = opened(shop.page(), shop)
    frame.click("#person")
    line = frame.locator(".line[data-kind=handoff]")
    expect(line).to_contain_text("A person has been asked for.")
    talk = f"{desk}/conversations/{frame.evaluate('sessionStorage.getItem(`chatwarden.conversation`)')}"
    assert shop.gateway.call("POST", f"{talk}/take", token=token).status == 200
    expect(line).to_have_text(f"{name} is with you now. The machine does not answer while you talk.")
    expect(frame.locator("#machine-line")).to_have_text(f"You are talking to {name}.")
    assert shop.gateway.call("POST", f"{talk}/typing", token=token).status == 204
    expect(frame.locator("#typing")).to_have_text(f"{name} is writing")
    frame.click("#close")
    assert shop.gateway.call("POST", f"{talk}/messages", {"text": "How can I help?"}, token).status == 201
    expect(frame.locator("#unread")).to_have_text("1")
    frame.click("#launcher")
    expect(frame.locator(f".message[data-from=agent]{LIVE} .text")).to_have_text("How can I help?")
    with frame.page.expect_request("**/typing") as told:
        frame.locator("#text").press_sequentially("it is solved")
    assert told.value.post_data is None  # that somebody writes, and not a word of it
    frame.press("#text", "Enter")
    expect(frame.locator(OWN)).to_have_count(1)
    assert frame.locator(BOT).count() == 0
    assert shop.gateway.call("POST", f"{talk}/finish", {}, token).status == 200
    expect(line).to_contain_text("has finished")
    assert shop.gateway.call("POST", f"{talk}/return", token=token).status == 204
    expect(frame.locator("#machine-line")).to_have_text("You are talking to a machine.")


STATES: dict[str, tuple[dict[str, object], str, str]] = {
    "offered": ({}, "Would a person be of more help?", "You are talking to a machine."),
    "queued": ({"position": 3}, "You are number 3 in line.", "You are talking to a machine."),
    "assigned": ({"agent": {"name": "Mia"}}, "Mia is with you now.", "You are talking to Mia."),
    "wrap-up": ({"agent": {"name": "Mia"}}, "Mia has finished.", "You are talking to Mia."),
    "closed": ({}, "This conversation is closed.", "You are talking to a machine."),
    "bot": (
        {"notice": "Nobody is free at the moment."},
        "Nobody is free at the moment.",
        "You are talking to a machine.",
    ),
}


@pytest.mark.parametrize("state", STATES)
def test_every_state_of_a_hand_over_is_told(shop: Shop, state: str) -> None:
    """The stream of a gateway, with one more event in it."""
    more, line, who = STATES[state]
    event = f"event: handoff\nid: 0-0\ndata: {json.dumps({'state': state, **more})}\n\n"
    page = shop.page("nothing")
    page.route("**/events", lambda route: route.fulfill(body=event, content_type="text/event-stream"))
    page.goto(shop.site.put("/told", f"<!doctype html><title>Shop</title><body>{shop.snippet}"))
    frame = chat(page, shop)
    frame.click("#launcher")
    expect(frame.locator(".line[data-kind=handoff]")).to_contain_text(line)
    expect(frame.locator("#machine-line")).to_contain_text(who)


def test_without_a_script_the_frame_is_the_chat(shop: Shop) -> None:
    frame = opened(shop.page(shop.frame_tag), shop)
    expect(frame.locator("#close")).to_be_hidden()
    write(frame, "How do I reset my password?")
    expect(frame.locator(BOT)).to_have_count(1)


def test_a_draft_is_kept_in_the_frame_and_nowhere_else(shop: Shop) -> None:
    page = shop.page()
    frame = opened(page, shop)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.url} {request.post_data or ''}"))
    frame.locator("#text").press_sequentially("half a thought")
    assert not [one for one in sent if "half" in one or "typing" in one]
    page.context.set_offline(True)
    frame.locator("#text").press_sequentially(", and more")
    page.context.set_offline(False)
    page.reload()
    frame = opened(page, shop)
    expect(frame.locator("#text")).to_have_value("half a thought, and more")
    assert page.evaluate("sessionStorage.length + localStorage.length") == 0


def test_after_a_cut_everything_is_there_once(shop: Shop) -> None:
    with wire(shop.gateway.port) as line:
        wired = replace(shop, gateway=replace(shop.gateway, port=line.port))  # its contexts are the shop's
        frame = opened(wired.page(wired.tag("helpdesk")), wired)
        write(frame, "first")
        expect(frame.locator(BOT)).to_have_count(1)
        token = frame.evaluate("sessionStorage.getItem('chatwarden.token')")
        conversation = frame.evaluate("sessionStorage.getItem('chatwarden.conversation')")
        line.cut()
        expect(frame.locator("#link-dot")).to_have_attribute("data-state", "connecting")
        assert shop.gateway.say(token, conversation, "said elsewhere meanwhile").status == 201
        write(frame, "said while the network was gone")
        line.mend()
        expect(frame.locator("#link-dot")).to_have_attribute("data-state", "on", timeout=20_000)
        expect(frame.locator(OWN)).to_have_count(3, timeout=30_000)
        expect(frame.locator(BOT)).to_have_count(3, timeout=30_000)
        path = f"/api/v1/conversations/{conversation}/messages"
        assert len(shop.gateway.call("GET", path, token=token).json["messages"]) == 6


def test_on_a_phone_it_fills_the_screen(shop: Shop) -> None:
    page = shop.page(viewport={"width": 360, "height": 740})
    frame = opened(page, shop)
    assert frame.evaluate("[innerWidth, innerHeight]") == [360, 740]
    write(frame, "x" * 400)
    expect(frame.locator(OWN)).to_have_count(1)
    assert frame.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_view(shop: Shop, scheme: str) -> None:
    page = shop.page(color_scheme=scheme, viewport={"width": 360, "height": 740})
    frame = chat(page, shop)
    assert faults(page) == []
    looked = cast("Page", frame)  # it is asked nothing but what both know
    assert faults(looked) == []
    opened(page, shop)
    write(frame, "How do I reset my password?")
    expect(frame.locator(BOT)).to_have_count(1)
    write(frame, CARD)
    frame.click("#person")
    frame.click("#about summary")
    assert faults(looked) == []
    frame.get_by_role("button", name="Change the message").click()
    frame.click("#account")
    expect(frame.get_by_role("dialog")).to_be_visible()
    assert faults(looked) == []
    frame.get_by_role("button", name="Not now").click()
    frame.get_by_role("button", name="End this visit").click()
    expect(frame.locator("#ended")).to_be_visible()
    assert faults(looked) == []


IDENTIFY = """(word) => {
  window.asked = 0;
  chatwarden.identify(async () => {
    window.asked += 1;
    return word;
  });
}"""


def vouching(shop: Shop, word: str) -> Page:
    page = shop.page()
    chat(page, shop)
    page.evaluate(IDENTIFY, word)
    return page


def test_a_website_vouches_once_before_anything_was_said(shop: Shop) -> None:
    page = vouching(shop, shop.assertion("c-1042"))
    frame = opened(page, shop)
    expect(frame.locator("#link-text")).to_have_text("Signed in as shop+c-1042")
    write(frame, "How do I reset my password?")
    expect(frame.locator(BOT)).to_have_count(1)
    frame.click("#close")
    frame.click("#launcher")
    assert page.evaluate("window.asked") == 1
    page.reload()
    frame = chat(page, shop)
    page.evaluate(IDENTIFY, shop.assertion("somebody-else"))
    opened(page, shop)
    expect(frame.locator("#link-text")).to_have_text("Signed in as shop+c-1042")
    assert page.evaluate("window.asked") == 0


@pytest.mark.parametrize("word", ["", "not.an.assertion", "x" * 20_000, "<b>", "cws_" + "0" * 64])
def test_a_word_that_is_none_makes_a_visitor(shop: Shop, word: str) -> None:
    page = vouching(shop, word)
    frame = opened(page, shop)
    expect(frame.locator("#link-text")).to_have_text("Connected")
    assert page.evaluate("window.asked") == 1
