"""Attacks from the page around the chat, each with a control in which it succeeds because a defence was taken away.

The browser keeps no cookies of third parties (P14), as more and more do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Frame, Page, Route, expect, sync_playwright

from chatwarden.web.embedded import script, sri
from tests.web.widget.conftest import LIVE, PARTITIONED, Shop, chat, opened, without, write
from tests.world.site import Site, site

SECRET = "the quiet answer is forty two"
PHASEOUT = "--test-third-party-cookie-phaseout"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", PARTITIONED, PHASEOUT]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Site]:
    """Somebody else's website."""
    with site("127.0.0.4") as pages:
        yield pages


def weakened(shop: Shop, page: Page, old: str, new: str) -> None:
    """The chat's own script with one check changed, under a document that lets it run."""
    entry = script("widget/app.js")
    text = entry.data.decode()
    assert text.count(old) == 1, old
    changed = text.replace(old, new)

    def document(route: Route) -> None:
        answer = route.fetch()
        kept = {n: v for n, v in answer.headers.items() if n not in {"content-security-policy", "integrity-policy"}}
        route.fulfill(response=answer, headers=kept, body=answer.text().replace(sri(entry.data), sri(changed.encode())))

    page.route(re.compile(r"/widget\?"), document)
    page.route(
        f"**/widget/{entry.name}",
        lambda route: route.fulfill(
            body=changed, content_type="text/javascript", headers={"access-control-allow-origin": "*"}
        ),
    )


# -- P1: a host page that listens

LISTENER = """
window.caught = "";
for (const type of ["keydown", "keypress", "keyup", "input", "beforeinput", "submit", "paste", "compositionupdate"]) {
  window.addEventListener(type, ({ key, data, target }) => (window.caught += [key, data, target?.value].join("")), true);
}
window.addEventListener("message", (event) => (window.caught += JSON.stringify(event.data)), true);
const watch = (root) => new MutationObserver((all) => all.forEach((one) => {
  window.caught += one.target.textContent ?? "";
  one.addedNodes.forEach((node) => node.shadowRoot && watch(node.shadowRoot));
})).observe(root, { subtree: true, childList: true, characterData: true, attributes: true });
document.addEventListener("DOMContentLoaded", () => watch(document));
window.reach = () => {
  for (let i = 0; i < window.frames.length; i++) {
    try {
      const inside = window.frames[i].document;
      watch(inside);
      inside.addEventListener("input", (event) => (window.caught += event.target.value), true);
      window.caught += inside.body.innerText;
    } catch (error) {
      window.shut = error.name;
    }
  }
};
"""


def test_p1_a_page_that_listens_hears_nothing_of_what_is_typed_and_read(shop: Shop) -> None:
    page = shop.page(script=LISTENER)
    frame = opened(page, shop)
    page.evaluate("reach()")
    frame.locator("#text").press_sequentially(SECRET)
    frame.press("#text", "Enter")
    expect(frame.locator(f".message[data-from=bot]{LIVE}")).to_have_count(1)
    caught = page.evaluate("window.caught")
    assert page.evaluate("[window.frames.length, document.querySelectorAll('iframe').length]") == [0, 0]
    assert "quiet" not in caught
    assert not set("xqz42").intersection(caught.replace("chatwarden hello 1", ""))


def test_p1_nor_does_it_where_the_frame_was_put_there_without_the_loader(shop: Shop) -> None:
    page = shop.page(shop.frame_tag, script=LISTENER)
    frame = opened(page, shop)
    page.evaluate("reach()")
    frame.locator("#text").press_sequentially(SECRET)
    assert page.evaluate("window.shut") == "SecurityError"
    assert "quiet" not in page.evaluate("window.caught")


def test_p1_control_a_chat_of_the_pages_own_origin_is_an_open_book(shop: Shop) -> None:
    shop.site.put("/own", "<!doctype html><title>Chat</title><textarea id=text></textarea>")
    page = shop.page('<iframe src="/own" title="Chat"></iframe>', script=LISTENER)
    frame = page.frame(url="**/own")
    assert frame is not None
    frame.wait_for_selector("#text")
    page.evaluate("reach()")
    frame.locator("#text").press_sequentially(SECRET)
    assert SECRET in page.evaluate("window.caught")


# -- P2, P3, P4: the script that puts it there


@pytest.mark.parametrize("checked", [True, False], ids=["checked", "control"])
def test_p2_a_loader_with_one_byte_changed_does_not_run(shop: Shop, checked: bool) -> None:
    changed = shop.loader.data.replace(b"Chatwarden loader 1", b"Chatwarden loader 2")
    assert len(changed) == len(shop.loader.data)
    shop.site.put("/chat.js", changed, "text/javascript")
    integrity = f'integrity="{sri(shop.loader.data)}"' if checked else ""
    page = shop.page(f'<script src="/chat.js" {integrity} crossorigin="anonymous"></script>')
    assert page.evaluate("'chatwarden' in window") is not checked


WATCH = """
window.reports = [];
const note = (all) => window.reports.push(...all.map((one) => `${one.type} ${one.body?.blockedURL}`));
new ReportingObserver(note, { buffered: true }).observe();
"""


@pytest.mark.parametrize("held", [True, False], ids=["held", "control"])
def test_p3_a_script_without_integrity_is_blocked_and_reported_where_the_policy_says_so(shop: Shop, held: bool) -> None:
    bare = re.sub(r' integrity="[^"]+"', "", shop.snippet)
    fields = {"integrity_policy": "blocked-destinations=(script)"} if held else {}
    page = shop.page(bare, fields=fields, script=WATCH)
    assert page.evaluate("'chatwarden' in window") is not held
    if held:
        page.wait_for_function("window.reports.some((one) => one.startsWith('integrity-violation'))")
        page = shop.page(path="/with", fields=fields)  # with its hash it is let in
        assert page.evaluate("'chatwarden' in window") is True


@pytest.mark.parametrize("held", [True, False], ids=["held", "control"])
def test_p4_an_evil_script_that_a_loader_brings_along_is_blocked_by_the_page(
    shop: Shop, elsewhere: Site, held: bool
) -> None:
    evil = elsewhere.put("/evil.js", "window.evil = true;", "text/javascript")
    more = f'(() => {{ const s = document.createElement("script"); s.src = "{evil}"; document.head.append(s); }})();'
    shop.site.put("/chat.js", shop.loader.data + more.encode(), "text/javascript")
    policy = f"script-src 'self'; frame-src {shop.gateway.url}"
    page = shop.page('<script src="/chat.js"></script>', fields={"content_security_policy": policy} if held else {})
    page.wait_for_timeout(300)
    assert page.evaluate("window.evil === true") is not held


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


def test_p8_the_window_that_opened_the_page_cannot_speak_to_the_chat(shop: Shop, elsewhere: Site) -> None:
    tag = shop.frame_tag.replace("bot=helpdesk", "bot=helpdesk&view=launcher")
    shop.site.put("/opened", f"<!doctype html><title>Shop</title><body>{tag}")
    page = shop.page("nothing")
    page.goto(elsewhere.put("/opener", f"<!doctype html><title>Opener</title><script>{STEAL}</script>"))
    with page.expect_popup() as popup:
        page.evaluate(f"void (window.shop = window.open('{shop.site.origin}/opened'))")
    frame = chat(popup.value, shop)
    assert page.evaluate(f"({FORGE})(window.shop.frames[0])") == []
    assert frame.locator("#panel").is_hidden()
    assert page.evaluate("window.stolen") == 0


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
    loader = shop.loader.data.decode().replace('ORIGIN + "/widget?bot=helpdesk&view=launcher"', f'"{thief}"')
    if not held:
        loader = loader.replace(" || apply(originOf, event, []) !== ORIGIN", "").replace(
            'port 1", ORIGIN,', 'port 1", "*",'
        )
    shop.site.put("/chat.js", loader, "text/javascript")
    page = shop.page("<script src='/chat.js'></script>")
    inside = wait_for(page, elsewhere.origin)
    page.wait_for_timeout(300)
    assert (inside.evaluate("window.stolen") == 0) is held


def wait_for(page: Page, origin: str) -> Frame:
    for _ in range(100):
        for one in page.frames:
            if one.url.startswith(origin):
                one.wait_for_load_state()
                return one
        page.wait_for_timeout(100)
    raise AssertionError([one.url for one in page.frames])


# -- P9: pages that nobody registered


@pytest.mark.parametrize("held", [True, False], ids=["held", "control"])
def test_p9_a_website_that_is_not_registered_cannot_show_the_chat(shop: Shop, elsewhere: Site, held: bool) -> None:
    page = shop.page("nothing", alter=None if held else without("content-security-policy"))
    page.goto(elsewhere.put("/", f"<!doctype html><title>Elsewhere</title><body>{shop.frame_tag}"))
    page.wait_for_timeout(500)
    shown = [one for one in page.frames if one.url.startswith(shop.gateway.url)]
    assert bool(shown and shown[0].locator("#text").count()) is not held


# -- P12, P13, P14: pages that forbid much

ASK = "How do I reset my password?"


def works(page: Page, shop: Shop) -> None:
    frame = opened(page, shop)
    write(frame, ASK)
    expect(frame.locator(f".message[data-from=bot]{LIVE}")).to_have_count(1)


def test_p12_under_a_strict_policy_of_the_page_the_chat_works(shop: Shop) -> None:
    policy = (
        f"default-src 'none'; script-src '{sri(shop.loader.data)}'; frame-src {shop.gateway.url}; base-uri 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    more = "<style>h1{color:rgb(1, 2, 3)}</style><script>window.inline = true</script>"
    page = shop.page(shop.snippet + more, fields={"content_security_policy": policy})
    works(page, shop)
    # The policy is as strict as it says: what the page itself writes into its text is refused.
    assert page.evaluate("[window.inline ?? null, getComputedStyle(document.querySelector('h1')).color]") == [
        None, "rgb(0, 0, 0)",
    ]  # fmt: skip
    assert page.locator("div").evaluate("(place) => getComputedStyle(place).position") == "static"


def test_p12_control_the_same_without_the_frame_in_the_policy_shows_none(shop: Shop) -> None:
    page = shop.page(fields={"content_security_policy": f"default-src 'none'; script-src '{sri(shop.loader.data)}'"})
    page.wait_for_timeout(500)
    assert [one for one in page.frames if one.url.startswith(shop.gateway.url)] == []


COEP = {"cross_origin_embedder_policy": "require-corp", "cross_origin_opener_policy": "same-origin"}


def test_p13_in_a_page_that_is_cross_origin_isolated_the_chat_works(shop: Shop) -> None:
    page = shop.page(fields=COEP)
    works(page, shop)


def test_p13_control_without_the_documents_own_policy_it_is_blocked(shop: Shop) -> None:
    page = shop.page(fields=COEP, alter=without("cross-origin-embedder-policy", "cross-origin-resource-policy"))
    page.wait_for_timeout(500)
    assert [one for one in page.frames if one.locator("#launcher").count()] == []


def test_p14_without_cookies_of_third_parties_the_chat_works_and_sets_none(shop: Shop) -> None:
    page = shop.page()
    works(page, shop)
    assert page.context.cookies() == []
    page.reload()
    frame = opened(page, shop)
    expect(frame.locator(".message")).to_have_count(2)


COOKIE = "(document.cookie = 'a=1; Secure; SameSite=None', document.cookie)"


def test_p14_control_a_frame_that_lives_on_cookies_has_none_in_that_browser(shop: Shop, elsewhere: Site) -> None:
    body = f"<iframe src='{elsewhere.put('/cookie', '<!doctype html><title>Frame</title>')}'></iframe>"
    assert wait_for(shop.page(body), elsewhere.origin).evaluate(COOKIE) == ""
    page = shop.page("nothing")
    page.goto(elsewhere.origin + "/cookie")
    assert page.evaluate(COOKIE) == "a=1"  # a page of its own has one


def test_where_a_browser_keeps_nothing_for_frames_the_chat_works_until_it_is_left(
    shop: Shop, chromium: Browser
) -> None:
    other = chromium.browser_type.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])  # see PARTITIONED
    page = other.new_context(ignore_https_errors=True).new_page()
    page.goto(shop.site.put("/nothing-kept", f"<!doctype html><title>Shop</title><body>{shop.snippet}"))
    works(page, shop)
    told = chat(page, shop).evaluate("(() => { try { return sessionStorage.length } catch { return 'denied' } })()")
    assert told == "denied"
    other.close()


# -- P15: a page whose prototypes are not what they were

POLLUTE = """
window.ports = [];
const seen = (value) => { if (value instanceof MessagePort) window.ports[window.ports.length] = value; };
const each = Array.prototype[Symbol.iterator];
Array.prototype[Symbol.iterator] = function () { for (let i = 0; i < this.length; i++) seen(this[i]); return each.call(this); };
for (const name of ["mode", "get", "set", "transfer", "targetOrigin", "delegatesFocus", "open", "done", "signal", "once"]) {
  Object.defineProperty(Object.prototype, name, { configurable: true, get: () => undefined, set(value) {
    Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true });
  } });
}
"""
AFTERWARDS = """
const post = MessagePort.prototype.postMessage;
MessagePort.prototype.postMessage = function (...all) { window.ports[window.ports.length] = this; return post.apply(this, all); };
const data = Object.getOwnPropertyDescriptor(MessageEvent.prototype, "data");
Object.defineProperty(MessageEvent.prototype, "data", { get() {
  if (this.currentTarget instanceof MessagePort) window.ports[window.ports.length] = this;
  return data.get.call(this);
} });
for (const name of ["push", "map", "forEach", "includes", "join"]) Array.prototype[name] = () => { throw new Error(name); };
RegExp.prototype.exec = () => { throw new Error("exec"); };
Element.prototype.setAttribute = () => { throw new Error("setAttribute"); };
window.postMessage = () => { throw new Error("postMessage"); };
"""


def polluted(shop: Shop, loader: str) -> Page:
    shop.site.put("/chat.js", loader, "text/javascript")
    tag = f"<script>{POLLUTE}</script><script src='/chat.js'></script><script>{AFTERWARDS}</script>"
    return shop.page(tag)


def test_p15_on_a_page_with_polluted_prototypes_the_chat_works_and_no_port_is_seen(shop: Shop) -> None:
    page = polluted(shop, shop.loader.data.decode())
    frame = chat(page, shop)
    page.evaluate("chatwarden.open()")
    expect(frame.locator("#link-dot")).to_have_attribute("data-state", "on", timeout=20_000)
    write(frame, ASK)
    expect(frame.locator(f".message[data-from=bot]{LIVE}")).to_have_count(1)
    frame.click("#close")
    expect(frame.locator("#launcher")).to_be_visible()
    assert page.evaluate("window.ports.length") == 0


def test_p15_control_the_port_of_a_loader_that_trusts_the_page_is_seen(shop: Shop) -> None:
    loader = shop.loader.data.decode()
    careless = loader.replace("[apply(dataOf, event, [])]", "[event.data]")
    assert careless != loader
    page = polluted(shop, careless)
    chat(page, shop).click("#launcher")
    for _ in range(100):
        if page.evaluate("window.ports.length"):
            return
        page.wait_for_timeout(100)
    raise AssertionError("the port was not seen")


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
