"""Attacks on the chat by what it is told: hostile answers, forged messages, foreign pages and windows (P5, P6, P8, P9, P17,
P19), each with a control in which it succeeds because a defence was taken away.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.web.widget.conftest import LIVE, Shop, chat, opened, wait_for, weakened, without, write
from tests.world.site import Site

# -- P5, P6: what a bot may say

HOSTILE: tuple[tuple[str, str, list[str]], ...] = (  # what is said, what is read, and the elements that it becomes
    ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>", []),
    ("<svg/onload=alert(1)><!-- c -->", "<svg/onload=alert(1)><!-- c -->", []),
    (
        "<math><mtext></table><mglyph><style><!--</style><img src onerror=alert(1)>",
        "<math><mtext></table><mglyph><style><!--</style><img src onerror=alert(1)>",
        [],
    ),
    ("[a](javascript:alert(1))", "[a](javascript:alert(1))", []),
    ("[b](data:text/html,<script>alert(1)</script>)", "[b](data:text/html,<script>alert(1)</script>)", []),
    ("![beacon](https://evil.example/x.png?q=1)", "![beacon](https://evil.example/x.png?q=1)", []),
    ("**[_c_](javascript:alert(1))**", "[c](javascript:alert(1))", ["strong", "em"]),
    ("<style>*{background:url(//evil.example)}</style>", "<style>*{background:url(//evil.example)}</style>", []),
    ("[bank](https://bank.example:y@localhost/)", "[bank](https://bank.example:y@localhost/)", []),
    ("[shop](https://shop.example/)", "shop (shop.example)", ["a", "span"]),
)


def test_p5_what_a_bot_says_stays_text_whatever_it_says(shop: Shop) -> None:
    frame = opened(shop.page(shop.tag("parrot")), shop)
    write(frame, "\n\n".join(said for said, _, _ in HOSTILE))
    answer = frame.locator(f".message[data-from=bot]{LIVE} .text")
    expect(answer).to_have_count(1)
    drawn = answer.evaluate(
        """(box) => [...box.children].map((p) =>
          [p.localName, p.textContent, [...p.querySelectorAll("*")].map((e) => e.localName)])"""
    )
    drawn[0][1] = drawn[0][1].removeprefix("You said: ")
    drawn[-1][1] = drawn[-1][1].removesuffix(" - noted.")
    assert drawn == [["p", read, elements] for _, read, elements in HOSTILE]
    attributes = answer.evaluate("(box) => [...box.querySelectorAll('*')].flatMap((e) => e.getAttributeNames())")
    assert set(attributes) <= {"href", "target", "rel", "class"}
    assert answer.locator("a").get_attribute("href") == "/widget/leave?lang=en#https%3A%2F%2Fshop.example%2F"


def test_p5_control_a_chat_that_drew_answers_as_markup_would_run_what_is_in_them(shop: Shop) -> None:
    page = shop.page("nothing yet")
    weakened(shop, page, "else writer.markdown(text);", "else text.innerHTML = message.text;")
    frame = opened(again(shop, page, shop.tag("parrot")), shop)
    write(frame, "<img src=x onerror=\"document.title = 'ran'\">")
    frame.wait_for_function("document.title === 'ran'")


FORCE = """(text) => {
  const box = document.createElement("div");
  document.body.append(box);
  try {
    box.innerHTML = text;
  } catch (error) {
    return error.name;
  }
  return new Promise((done) => setTimeout(() => done(window.hit ?? "drawn"), 500));
}"""


@pytest.mark.parametrize("held", [True, False], ids=["held", "control"])
def test_p6_markup_that_somebody_forces_in_is_refused_by_the_browser(shop: Shop, held: bool) -> None:
    frame = chat(shop.page(alter=None if held else without("content-security-policy")), shop)
    told = frame.evaluate(FORCE, "<img src=data:x onerror=\"window.hit = 'ran'\">")
    assert told == ("TypeError" if held else "ran")


# -- P8: messages that nobody of ours sent

STEAL = """
window.stolen = 0;
addEventListener("message", (event) => {
  if (event.ports.length) { window.stolen += 1; event.ports[0].onmessage = () => {}; event.ports[0].postMessage("open"); }
});
"""
# Everything that somebody outside could say, with a port of their own to hear what comes back.
FORGE = """(target) => new Promise((done) => {
  const { port1, port2 } = new MessageChannel();
  const heard = [];
  port1.onmessage = ({ data }) => heard.push(data);
  target.postMessage("chatwarden port 1", "*", [port2]);
  for (const text of ["open", "close", "identify", "assertion a.b.c", "login CODE", { type: "open" }]) {
    target.postMessage(text, "*");
    port1.postMessage(text);
  }
  setTimeout(() => done(heard), 500);
})"""
CHECK = "if (this.#port || event.source !== window.parent || !this.#sites.includes(event.origin)) return;"
HELD = "const unheld = 1;"


def as_sibling(shop: Shop, elsewhere: Site, page: Page) -> list[str]:
    """A frame beside the chat's, of another website."""
    beside = next(one for one in page.frames if one.url.startswith(elsewhere.origin))
    heard: list[str] = beside.evaluate(f"({FORGE})(parent.frames[0])")
    return heard


@pytest.mark.parametrize("held", [True, False], ids=["held", "control"])
def test_p8_a_frame_beside_it_cannot_speak_for_the_page(shop: Shop, elsewhere: Site, held: bool) -> None:
    beside = elsewhere.put("/beside", "<!doctype html><title>Beside</title>")
    body = f"{shop.frame_tag.replace('bot=helpdesk', 'bot=helpdesk&view=launcher')}<iframe src='{beside}'></iframe>"
    if held:
        page = shop.page(body)
    else:
        page = shop.page("nothing yet")
        weakened(shop, page, CHECK, HELD)
        page = again(shop, page, body)
    frame = chat(page, shop)
    heard = as_sibling(shop, elsewhere, page)
    assert ("open" in heard) is not held
    assert frame.locator("#panel").is_hidden()


def again(shop: Shop, page: Page, body: str) -> Page:
    """The same tab at a page with another *body*."""
    page.goto(shop.site.put("/again", f"<!doctype html><title>Shop</title><body>{body}"))
    return page


@pytest.mark.parametrize("held", [True, False], ids=["held", "control"])
def test_p8_the_window_that_opened_the_page_cannot_speak_to_the_chat(shop: Shop, elsewhere: Site, held: bool) -> None:
    tag = shop.frame_tag.replace("bot=helpdesk", "bot=helpdesk&view=launcher")
    shop.site.put("/opened", f"<!doctype html><title>Shop</title><body>{tag}")
    page = shop.page("nothing")
    if not held:
        weakened(shop, page, CHECK, HELD)
    page.goto(elsewhere.put("/opener", f"<!doctype html><title>Opener</title><script>{STEAL}</script>"))
    with page.expect_popup() as popup:
        page.evaluate(f"void (window.shop = window.open('{shop.site.origin}/opened'))")
    frame = chat(popup.value, shop)
    heard = page.evaluate(f"({FORGE})(window.shop.frames[0])")
    assert ("open" in heard) is not held
    assert (heard == []) is held
    assert frame.locator("#panel").is_hidden()
    assert page.evaluate("window.stolen") == 0


@pytest.mark.parametrize("held", [True, False], ids=["held", "control"])
def test_p8_whoever_comes_second_gets_no_port_of_the_chat(shop: Shop, held: bool) -> None:
    page = shop.page("nothing yet")
    if not held:
        weakened(shop, page, CHECK, CHECK.replace("this.#port || ", ""))
    tag = shop.frame_tag.replace("bot=helpdesk", "bot=helpdesk&view=launcher")
    chat(again(shop, page, tag), shop)
    assert "open" in page.evaluate(f"({FORGE})(frames[0])")  # the first one is the page's own
    assert ("open" in page.evaluate(f"({FORGE})(frames[0])")) is not held


# What a page says to a window of the gateway that it opened, to have a passkey used for itself.
LURE = """(address) => {
  const away = window.open(address);
  window.heard = [];
  window.times = 0;
  addEventListener("message", ({ data }) => window.heard.push(data));
  const say = () => (window.times++, away.postMessage({ options: { rpId: "localhost", challenge: "AAAA" } }, "*"));
  setInterval(say, 50);
}"""


@pytest.mark.parametrize("held", [True, False], ids=["held", "control"])
def test_p8_a_page_of_somebody_else_cannot_have_a_passkey_used(shop: Shop, elsewhere: Site, held: bool) -> None:
    page = shop.page("nothing")
    if not held:
        check = "if (options || event.source !== frame || event.origin !== location.origin) return;"
        weakened(shop, page, check, "if (options) return;", "passkey")
    page.goto(elsewhere.put("/lure", "<!doctype html><title>Lure</title>"))
    with page.expect_popup() as popup:
        page.evaluate(LURE, f"{shop.gateway.url}/widget/passkey")
    away, use = popup.value, popup.value.get_by_role("button", name="Use my passkey")
    if held:
        expect(away.get_by_role("status")).to_contain_text("No chat asks for a passkey here.")
        page.wait_for_function("(before) => window.times > before + 5", arg=page.evaluate("window.times"))
        expect(use).to_be_hidden()
    else:
        expect(use).to_be_visible()
    assert page.evaluate("window.heard") == []


def test_p8_the_page_may_open_and_close_it_and_cannot_even_name_its_window(shop: Shop) -> None:
    page = shop.page()
    frame = chat(page, shop)
    assert page.evaluate("window.frames.length") == 0  # what is in a closed shadow root has no name to call it by
    page.evaluate("chatwarden.open()")
    expect(frame.locator("#panel")).to_be_visible()
    page.evaluate("chatwarden.close()")
    expect(frame.locator("#panel")).to_be_hidden()


@pytest.mark.parametrize("held", [True, False], ids=["held", "control"])
def test_p8_a_document_that_took_the_frames_place_gets_no_port(shop: Shop, elsewhere: Site, held: bool) -> None:
    thief = elsewhere.put(
        "/thief", f"<!doctype html><script>{STEAL}parent.postMessage('chatwarden hello 1', '*');</script>"
    )
    loader = shop.loader.data.decode().replace(
        'ORIGIN + "/widget?bot=helpdesk&view=launcher&lang=" + document.documentElement.lang', f'"{thief}"'
    )
    assert thief in loader
    if not held:
        loader = loader.replace(" || apply(originOf, event, []) !== ORIGIN", "").replace(
            'port 1", ORIGIN,', 'port 1", "*",'
        )
    shop.site.put("/chat.js", loader, "text/javascript")
    page = shop.page("<script src='/chat.js'></script>")
    inside = wait_for(page, elsewhere.origin)
    page.wait_for_timeout(300)
    assert (inside.evaluate("window.stolen") == 0) is held


# -- P9: pages that nobody registered


@pytest.mark.parametrize("held", [True, False], ids=["held", "control"])
def test_p9_a_website_that_is_not_registered_cannot_show_the_chat(shop: Shop, elsewhere: Site, held: bool) -> None:
    page = shop.page("nothing", alter=None if held else without("content-security-policy"))
    page.goto(elsewhere.put("/", f"<!doctype html><title>Elsewhere</title><body>{shop.frame_tag}"))
    page.wait_for_timeout(500)
    shown = [one for one in page.frames if one.url.startswith(shop.gateway.url)]
    assert bool(shown and shown[0].locator("#text").count()) is not held


# -- P17: calls to the gateway from other people's pages

HIJACK = """async (base) => {
  const socket = await new Promise((done) => {
    const one = new WebSocket(base.replace("https", "wss") + "/api/v1/session");
    one.onopen = () => done("open");
    one.onerror = () => done("refused");
  });
  const stream = await new Promise((done) => {
    const path = "/api/v1/conversations/cnv_00000000000000000000000000000000/events";
    const one = new EventSource(base + path, { withCredentials: true });
    one.onopen = () => done("open");
    one.onerror = () => { one.close(); done("refused"); };
  });
  const read = await fetch(base + "/api/v1/session", { credentials: "include" }).then((r) => `read ${r.status}`, () => "refused");
  return [socket, stream, read];
}"""
AS_IT_IS = """async (token) => {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  return (await fetch("/api/v1/session", { headers, credentials: "include" })).status;
}"""


def test_p17_another_page_has_neither_a_socket_nor_an_answer_of_the_persons_session(shop: Shop) -> None:
    page = shop.page()
    frame = opened(page, shop)
    assert page.evaluate(HIJACK, shop.gateway.url) == ["refused", "refused", "refused"]
    # What a browser sends along by itself counts for nothing; the token does, and that is in the frame alone.
    assert frame.evaluate(AS_IT_IS, None) == 401
    token = frame.evaluate("sessionStorage.getItem('chatwarden.token')")
    assert frame.evaluate(AS_IT_IS, token) == 200


def test_p17_control_a_server_that_goes_by_cookies_and_lets_all_origins_read_is_read(
    shop: Shop, elsewhere: Site
) -> None:
    open_to_all = {"access_control_allow_origin": shop.site.origin, "access_control_allow_credentials": "true"}
    elsewhere.put("/api/v1/session", "yours", "text/plain", **open_to_all)
    page = shop.page("nothing")
    read = "(base) => fetch(base + '/api/v1/session', { credentials: 'include' }).then((answer) => answer.text())"
    assert page.evaluate(read, elsewhere.origin) == "yours"


# -- P19: where a link leads cannot reach back


def test_p19_where_a_link_leads_cannot_reach_back(shop: Shop, elsewhere: Site) -> None:
    target = elsewhere.put("/target", "<!doctype html><title>Target</title>")
    page = shop.page(shop.tag("parrot"))
    frame = opened(page, shop)
    write(frame, f"[your bank]({target})")
    with page.context.expect_page() as came:
        frame.click(".message[data-from=bot] .text a")
    way = came.value
    expect(way.get_by_role("heading")).to_have_text(f"This link leads to {elsewhere.host}:{elsewhere.port}")
    assert way.evaluate("[window.opener, location.origin]") == [None, shop.gateway.url]
    assert elsewhere.asked.count("/target") == 0
    way.get_by_role("link").click()
    way.wait_for_url(target)
    assert way.evaluate("[window.opener, document.referrer]") == [None, ""]


def test_p19_control_a_link_that_names_its_opener_is_reached_back(shop: Shop, elsewhere: Site) -> None:
    target = elsewhere.put("/target", "<!doctype html><title>Target</title>")
    page = shop.page(f'<a href="{target}" target="_blank" rel="opener">bank</a>')
    with page.context.expect_page() as came:
        page.click("a")
    came.value.wait_for_load_state()
    assert came.value.evaluate("window.opener !== null")
