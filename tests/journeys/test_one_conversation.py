"""One conversation, seen on every screen that it reaches: the chat on a shop's page, the desk, the console, and the log."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect, sync_playwright
from tests.journeys.joined import Town, told
from tests.web.demo.people import by_name
from tests.web.widget.conftest import PARTITIONED, Shop
from tests.world.copies import free_port
from tests.world.forge import Signer
from tests.world.gateway import running
from tests.world.site import site
from tests.world.threaded import bot_server
from tests.world.upstream import echo

IBAN = "DE89 3704 0044 0532 0130 00"
MASKED = "DE•• •••• •••• •••• ••30 00"

# A message with an account number lives twelve seconds. Who is silent for thirteen is asked, and after twenty-four the visit
# is over: both are counted from the last thing that the visitor does.
HOUSE = """
[server]
port = {port}
public_url = "https://localhost:{port}"
lab = true
[metrics]
listen = "off"
[widget]
sites = ["{shop}"]
[bots.echo]
connector = "openai"
url = "{bot}"
model = "m"
[ephemeral]
bucket = "1s"
[retention.class]
iban = "12s"
[session.visitor]
idle = "24s"
answer_within = "11s"
[desk]
reveal_for = "4s"
[step_up.reveal]
once = true
"""

STORY = [
    ("client", "message:received"), ("bot", "message:answered"),
    ("client", "conversation:handoff-requested"), ("staff", "conversation:handoff-taken"), ("staff", "message:sent"),
    ("client", "message:received"), ("staff", "step-up:confirmed"), ("staff", "message:revealed"),
    ("system", "message:destroyed"),
    ("staff", "message:noted"), ("staff", "conversation:handoff-finished"), ("staff", "conversation:handoff-returned"),
    ("staff", "session:ended"), ("system", "session:ended"),
]  # fmt: skip


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    port = free_port()
    with site() as shop, bot_server(echo) as bot, sync_playwright() as playwright:
        toml = HOUSE.format(port=port, shop=shop.origin, bot=bot.url)
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", PARTITIONED])
        with running(tmp_path_factory.mktemp("town") / "home", toml, lab=False) as gateway:
            yield Town(Shop(browser, shop, by_name(gateway), Signer.fresh()))
        browser.close()


def test_from_the_first_question_to_the_end_of_the_visit(town: Town) -> None:
    agent, admin = town.agent("bea"), town.administrator("ada")
    customer, visitor = town.customer("carl"), town.visitor()

    visitor.writes("When do you open?")
    expect(visitor.partner).to_have_text("You are talking to a machine.")
    expect(visitor.messages("bot")).to_have_text("You said: When do you open? - noted.")

    visitor.asks_for_a_person()
    expect(visitor.told).to_contain_text("A person has been asked for. You are next.")
    agent.takes(visitor.conversation)
    expect(visitor.partner).to_have_text("You are talking to bea.")
    expect(agent.knows("Why it is here")).to_contain_text("Asked for a person")
    expect(agent.knows("In short")).to_contain_text("When do you open?")
    expect(agent.knows("Who it is")).to_contain_text("Not identified: anybody could be writing.")
    agent.writes("Which account shall it go to?")
    expect(visitor.messages("agent")).to_have_text("Which account shall it go to?")

    visitor.writes(f"To {IBAN}, please")
    expect(agent.messages("client").last).to_contain_text(MASKED)
    agent.asks_to_see("IBAN", "to compare it with the order")
    agent.proves_who_they_are()
    shown = agent.shown("IBAN")
    expect(shown).to_contain_text(IBAN)
    expect(shown).to_be_hidden()
    assert IBAN not in agent.page.content()

    expect(visitor.tombstone).to_contain_text("its time was over", timeout=20_000)
    expect(agent.tombstone).to_contain_text("its time was over")
    assert IBAN not in visitor.frame.content()
    expect(visitor.messages("bot")).to_have_count(1)  # it was silent all the time
    agent.finishes("The refund is on its way")
    expect(visitor.partner).to_have_text("You are talking to a machine.")

    expect(visitor.question).to_be_visible(timeout=20_000)
    admin.ends_the_session_of("carl")
    expect(customer.end).to_have_text("It was ended by the people who run this service.")
    expect(visitor.end).to_contain_text("nobody answered whether you were still there", timeout=20_000)
    assert visitor.frame.locator(".message").count() == 0

    assert town.gateway.command("audit", "verify").stdout.startswith("ok localhost/audit/")
    log = told(town.gateway)
    assert [(lane, event) for lane, event, _ in log] == STORY
    asked, answered = log[:2]
    assert answered[2]["cause"] == asked[2]["id"]
    assert IBAN not in str(log)
    assert town.faults == []
