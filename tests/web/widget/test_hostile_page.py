"""Attacks from the page around the chat (P1 to P4, P12 to P15), each with a control in which it succeeds because a defence
was taken away. The browser keeps no cookies of third parties (P14), as more and more do.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from chatwarden.web.embedded import sri
from tests.web.widget.conftest import LIVE, Shop, chat, opened, wait_for, without, write
from tests.world.site import Site

SECRET = "the quiet answer is forty two"


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
    changed = shop.loader.data.replace(b"Chatwarden loader ", b"Chatwarden leader ")
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
    # Such a page parts every window from the frame that opened it: that is said, and the password is left.
    frame = chat(page, shop)
    frame.click("#account")
    frame.get_by_role("button", name="Sign in with a passkey").click()
    expect(frame.locator("#signin-error")).to_contain_text("or parted it from the chat")


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


# What the loader does, and what one does that trusts the page. That it lists the port with an iterator of its own has no
# control: Chromium looks into a list of ports without asking the page's iterator, unlike Web IDL (section 3.2.21).
CARELESS = {
    "reads what a message says": ("[apply(dataOf, event, [])]", "[event.data]"),
    "speaks through the port": ("apply(send, port1, [text])", "port1.postMessage(text)"),
}


@pytest.mark.parametrize("how", CARELESS)
def test_p15_control_the_port_of_a_loader_that_trusts_the_page_is_seen(shop: Shop, how: str) -> None:
    loader = shop.loader.data.decode()
    careless = loader.replace(*CARELESS[how])
    assert careless != loader
    page = polluted(shop, careless)
    chat(page, shop).click("#launcher")
    page.evaluate("chatwarden.close()")
    for _ in range(100):
        if page.evaluate("window.ports.length"):
            return
        page.wait_for_timeout(100)
    raise AssertionError("the port was not seen")
