"""The pages in a language that nobody speaks, in real Chromium: every text of English in ⟦ ⟧, and every value in it in ⟪ ⟫.
What is seen or read out beside the marks must be data (names, numbers, times, what was said), or it stands in no file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.console.people import LIMITS, agent, at_console, employ, issued, writer
from tests.web.demo.conftest import Open, chromium, open_page
from tests.web.demo.people import by_name, fill_in, login, person, with_codes
from tests.world.gateway import Gateway, running

__all__ = ["chromium", "open_page"]

SHIPPED = Path(str(resources.files("chatwarden.web"))) / "strings" / "en"
CARD = "4111 1111 1111 1111"
SETTINGS = f"""
{LIMITS}
[languages]
folder = "words"
[levels.sales]
rights = ["orders:read"]
[bots.helpdesk]
[bots.watched]
connector = "builtin"
mode = "observe"
"""
# What is data: an id, an address, a time, a number with its sign, the name of a thing that the operator named.
DATA = re.compile(
    r"""(?:Chatwarden|chatwarden[\w.-]*|helpdesk|watched|sales|orders:read|builtin|ada|admin|olga|berta|carla|Phone|general|p[0-9a-f]{10}|/hi
    | and | message:received | \d{4}-\d\d-\d\dT[\d:.]+Z | wrong\ password | [0-9a-f]{4}
    | (?:https?://|cnv_|msg_|ses_|usr_|vis_|aud_|fac_|bot_|adm_)[\w.:/#?=…-]*
    | Jan | Feb | Mar | Apr | May | June? | July? | Aug | Sept? | Oct | Nov | Dec
    | [\d\s.,:;()·–+%/…•†-]
    )*""",
    re.VERBOSE,
)
# What people and bots said, ids, settings and words of the log are shown as they are.
AS_IT_IS = (
    ".text, .said, .mono, code, .entry-summary, .summary, .tags li, .proof dd, [data-as-it-is], option[value^='to:']"
)
COLLECT = """(selector) => {
    const found = [];
    const seen = (node) => node.checkVisibility({ visibilityProperty: true });
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        const parent = node.parentElement;
        if (parent.closest("script, style, noscript") || parent.closest(selector) || !seen(parent)) continue;
        found.push(node.data);
    }
    for (const node of document.querySelectorAll("[aria-label], [title], [placeholder], [alt]")) {
        if (node.closest(selector) || !seen(node)) continue;
        for (const name of ["aria-label", "title", "placeholder", "alt"]) found.push(node.getAttribute(name) ?? "");
    }
    return [document.title, ...found];
}"""


def marked(text: object) -> object:
    """A text with its marks."""
    if isinstance(text, dict):
        return {form: marked(one) for form, one in text.items()}
    return "⟦" + re.sub(r"(\{\w+\})", r"⟪\1⟫", str(text)) + "⟧" if text else text


def beside(text: str) -> list[str]:
    """What stands beside the marks, and every value."""
    found: list[str] = []

    def value(match: re.Match[str]) -> str:
        found.append(match[1])
        return ""

    before = ""
    while before != text:
        before = text
        text = re.sub(r"⟦[^⟦⟧⟪⟫]*⟧", "", re.sub(r"⟪([^⟦⟧⟪⟫]*)⟫", value, text))
    return [one.strip() for one in (*found, text) if one.strip()]


def strange(texts: list[str]) -> set[str]:
    """What is neither in a file nor data."""
    return {one for text in texts for one in beside(text) if not DATA.fullmatch(one)}


def look(page: Page, *, also: str = "") -> None:
    """Nothing on the screen is without its marks."""
    texts = page.evaluate(COLLECT, f"{AS_IT_IS}{also and ', ' + also}")
    assert sum("⟦" in one for one in texts) > 2
    assert strange(texts) == set(), page.url


def pseudo(key: str) -> str:
    """A text as it is shown, for a selector."""
    for path in SHIPPED.iterdir():
        found = json.loads(path.read_text("utf-8"))
        if key in found:
            return str(marked(found[key]))
    raise KeyError(key)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    home = tmp_path_factory.mktemp("pseudo") / "home"
    (home / "words" / "en").mkdir(parents=True)
    for path in SHIPPED.iterdir():
        table = {key: marked(text) for key, text in json.loads(path.read_text("utf-8")).items()}
        (home / "words" / "en" / path.name).write_text(json.dumps(table), "utf-8")
    with running(home, SETTINGS) as started:
        gateway = by_name(started)
        employ(gateway, "ada", "admin")
        employ(gateway, "olga", "auditor")
        yield gateway


def test_the_rule_tells_data_from_texts_without_marks() -> None:
    assert strange(["⟦Not sent. ⟪⟦That is not right.⟧⟫⟧", "⟦Signed in as ⟪ada⟫⟧ · 12:05", "msg_0a1b…"]) == set()
    assert strange(["⟦Not sent. ⟪That is not right.⟫⟧"]) == {"That is not right."}
    assert strange(["Close", "⟦One⟧ and ⟦two⟧"]) == {"Close"}


def test_the_chat_its_dialogs_and_its_end(house: Gateway, open_page: Open) -> None:
    page = open_page(house, "/demo")
    expect(page.locator("#link-dot[data-state=on]")).to_be_visible()
    look(page)
    page.fill("#text", f"My card is {CARD}")
    look(page)
    page.press("#text", "Enter")
    bot = page.locator(".message[data-from=bot]")
    expect(bot.first).to_be_visible()
    expect(page.locator(".message .note").first).to_be_visible()
    look(page)
    page.locator(".message[data-from=client] .sooner").click()
    bot.first.locator(".destroy").click()
    look(page)
    bot.first.locator(".sure .destroy").click()
    expect(page.locator(".tombstone")).to_be_visible()
    page.click("#person")
    expect(page.locator("li.line[data-kind=handoff]")).to_be_visible()
    look(page)
    for kinds in (["tap"], ["password", "recovery", "passkey"]):
        page.evaluate(
            """async (kinds) => {
                const { StillThere } = await import("/demo/prompt.js");
                const prompt = new StillThere({ asked: () => {} });
                const expires_at = new Date(Date.now() + 90_000).toISOString();
                prompt.ask({ id: kinds[0], kind: kinds[0], kinds, expires_at, attempts_left: 3 });
                document.querySelector("dialog[open]").id = "asked";
            }""",
            kinds,
        )
        look(page)
        page.evaluate("document.getElementById('asked').remove()")
    page.click("#leave")
    expect(page.locator("#ended")).to_be_visible()
    look(page)


def test_signing_in_the_account_and_its_dialogs(house: Gateway, open_page: Open) -> None:
    name = person(house)
    with_codes(house, login(house, name))
    page = open_page(house, "/account")
    page.click("#in")
    fill_in(page, name, "not the password")
    expect(page.locator("#signin-error")).not_to_be_empty()
    look(page)
    fill_in(page, name)
    expect(page.locator("#login")).to_be_visible()
    look(page)
    token = issued(house, name)
    page = open_page(house, "/account", f"sessionStorage.setItem('chatwarden.token', '{token}')")
    expect(page.locator("#factor-list li")).to_have_count(1)
    look(page, also="#factor-list .name, #identity-how strong")
    page.click("#add-totp")
    look(page)


def test_choosing_a_password(house: Gateway, open_page: Open) -> None:
    look(open_page(house, "/enrol"))
    link = house.command("user", "add", "berta", "--role", "customer").stdout
    path = re.search(r"/enrol#\S+", link)
    assert path
    page = open_page(house, path[0])
    expect(page.locator("#rule")).to_contain_text("⟪15⟫")
    page.fill("#password", "short")
    page.fill("#repeat", "short")
    page.press("#repeat", "Enter")
    expect(page.locator("#error")).not_to_be_empty()
    look(page)


def test_the_widget(house: Gateway, open_page: Open) -> None:
    page = open_page(house, "/widget?bot=helpdesk")
    expect(page.locator("#link-dot[data-state=on]")).to_be_visible()
    page.fill("#text", f"My card is {CARD}")
    page.press("#text", "Enter")
    expect(page.locator("#stopped")).to_be_visible()
    page.locator("#about summary").click()
    page.click("#account")
    expect(page.locator("#signin")).to_be_visible()
    look(page)
    for place in ("leave#https%3A%2F%2Fwww.example.org%2F", "leave", "back"):
        page.goto(f"{house.url}/widget/{place}")
        look_small = page.evaluate(COLLECT, AS_IT_IS)
        assert strange([one for one in look_small if "www.example.org" not in one]) == set()


def test_the_console_for_administrators_and_auditors(house: Gateway, open_page: Open) -> None:
    someone = writer(house)
    someone.say(f"My card is {CARD}, and I want to talk to a person")
    page = at_console(house, open_page, "ada", "/console#/overview")
    places = [
        "overview", "sessions", "conversations", f"conversations/{someone.conversation}", "bots", "applications", "people",
        "policy", "audit", "audit?view=lanes", "overview/found?class=any", "settings?name=session",
    ]  # fmt: skip
    # Words of the log and of the settings, which are the same in every language: docs/languages.md.
    raw = ", ".join(f"td[data-label='{pseudo(key)}']" for key in ("audit.why", "settings.meaning", "settings.value"))
    for place in places:
        page.goto(f"{house.url}/console#/{place}")
        shown = "table" if place == "applications" else "tbody tr:not(:has(.empty)), ol > li"
        expect(page.locator("#page-root").locator(shown).first).to_be_attached()
        look(page, also=raw)
    page.goto(f"{house.url}/console/conversation?id={someone.conversation}")
    expect(page.locator("#shown-title")).to_have_text(someone.conversation)
    look(page, also=raw)
    look(open_page(house, "/console"))


def test_the_desk(house: Gateway, open_page: Open) -> None:
    someone = writer(house)
    someone.say(f"My card is {CARD}")
    assert (
        house.call("POST", f"/api/v1/conversations/{someone.conversation}/handoff", token=someone.token).status == 202
    )
    page = open_page(house, "/console")
    helper = agent(house, "carla")
    page.click("#in")
    fill_in(page, helper.name)
    page.locator("#login button.link").last.click()
    look(page)
    page.keyboard.type(helper.codes.pop())
    page.keyboard.press("Enter")
    page.locator("a.entry").first.click()
    expect(page.locator(".talk .message").first).to_be_visible()
    look(page)
    page.keyboard.press("t")
    expect(page.locator("#desk-text")).to_be_focused()
    page.fill("#desk-text", CARD)
    look(page)
    page.fill("#desk-text", "")
    page.locator(".talk-acts button").first.click()
    look(page)
    page.keyboard.press("Escape")
    page.locator("#talk-title").focus()
    page.keyboard.press("?")
    expect(page.locator("dialog[open]")).to_be_visible()
    look(page)
