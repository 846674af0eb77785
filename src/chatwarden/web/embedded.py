"""The chat as a piece of other people's pages: its document, its one script and sheet, and the loaders that put it there.

All of it comes from this gateway's origin, never from the page's, so that no script of the page can look into it. What a
page loads has its SHA-256 (W3C Subresource Integrity) in its address and never changes; the document says which hash it
wants and runs nothing else. ``chatwarden widget snippet`` prints what a page needs. A loader that was published is kept
as it was, so that pages that name it go on working: a change is a new file under ``widget/loaders``.

It does not protect a page from its own scripts: one that is hostile can hide the chat, or show another (docs/widget.md).
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from chatwarden.errors import InvalidRequest, NotFound
from chatwarden.principal import Role
from chatwarden.web.context import Services
from chatwarden.web.files import spoken
from chatwarden.web.http import SECURITY_HEADERS, Reply, Request
from chatwarden.web.linked import linked
from chatwarden.web.people import Operation

LOADER = "2.js"  # the newest of widget/loaders
PAGES = ("app", "leave", "back", "passkey")
MODES = ("frame", "loader", "self-hosted")
# With its own origin only because that is not the page's. Windows that it opens are ordinary ones: a browser shows no page
# with an opener policy in a window that inherited a sandbox, and login pages have one.
SANDBOX = "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox"

_WEB = resources.files("chatwarden.web")
_BOT = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
# Nothing that a page may ask a browser for. A passkey is used in a window of our own (docs/decisions/0013).
_FEATURES = (
    "accelerometer", "autoplay", "camera", "clipboard-read", "clipboard-write", "display-capture",
    "encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts",
    "magnetometer", "microphone", "midi", "otp-credentials", "payment", "picture-in-picture",
    "publickey-credentials-create", "publickey-credentials-get", "screen-wake-lock", "serial", "storage-access",
    "sync-xhr", "usb", "window-management", "xr-spatial-tracking",
)  # fmt: skip
_PERMISSIONS = ", ".join(f"{one}=()" for one in _FEATURES)
_STATIC = [header for header in SECURITY_HEADERS if header[0] != b"cache-control"]
_UNCHANGING = [
    (b"cache-control", b"public, max-age=31536000, immutable"),
    (b"cross-origin-resource-policy", b"cross-origin"),  # also for pages that ask for COEP
    (b"access-control-allow-origin", b"*"),  # an integrity attribute needs CORS; there is nothing of anybody in it
    (b"vary", b"accept-encoding"),
    (b"content-security-policy", b"default-src 'none'"),
    *_STATIC,
]


@lru_cache(maxsize=1_024)
def _digest(data: bytes) -> bytes:
    """Every request asks for names and hashes of files that never change."""
    return hashlib.sha256(data).digest()


@lru_cache(maxsize=64)
def _packed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def sri(data: bytes) -> str:
    """The value of an integrity attribute."""
    return "sha256-" + base64.b64encode(_digest(data)).decode()


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that never changes under its name."""

    data: bytes
    kind: str

    @property
    def name(self) -> str:
        """The hash of what is in it, and how it ends."""
        return f"{_digest(self.data).hex()}.{'css' if 'css' in self.kind else 'js'}"

    def reply(self, request: Request) -> Reply:
        """Packed for whoever can unpack it. There is no secret in it that its length could tell of."""
        headers = [(b"content-type", self.kind.encode()), *_UNCHANGING]
        if "gzip" in request.header(b"accept-encoding"):
            return Reply(200, _packed(self.data), [*headers, (b"content-encoding", b"gzip")])
        return Reply(200, self.data, headers)


@lru_cache(maxsize=64)
def script(entry: str, words: bytes) -> Asset:
    """One script out of our modules, behind the texts that they say."""
    return Asset(words + linked(_WEB, entry), "text/javascript; charset=utf-8")


@lru_cache(maxsize=1)
def sheet() -> Asset:
    """One sheet: colours and controls as everywhere, and what is the chat's own."""
    parts = ("demo/base.css", "demo/talk.css", "widget/widget.css")
    return Asset("".join(_WEB.joinpath(one).read_text() for one in parts).encode(), "text/css; charset=utf-8")


@lru_cache(maxsize=256)
def loader(name: str, origin: str, bot: str) -> Asset:
    """A published loader for this gateway and one bot. *origin* and *bot* were parsed: neither can leave its quotes."""
    text = (_WEB / "widget" / "loaders" / name).read_text()
    return Asset(text.replace("__GATEWAY__", origin).replace("__BOT__", bot).encode(), "text/javascript; charset=utf-8")


def _loaders(services: Services) -> Iterable[Asset]:
    names = sorted(one.name for one in (_WEB / "widget" / "loaders").iterdir())
    bots = [name for name in services.config.bots if _BOT.fullmatch(name)]
    return (loader(name, services.public_url, bot) for name in names for bot in bots)


def policy(entry: Asset, sites: Iterable[str]) -> bytes:
    """What the document may load, and who may show it."""
    ancestors = " ".join(sites) or "'none'"
    return (
        f"default-src 'none'; script-src '{sri(entry.data)}'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        f"form-action 'none'; base-uri 'none'; frame-src 'none'; frame-ancestors {ancestors}; "
        f"require-trusted-types-for 'script'; trusted-types 'none'"
    ).encode()


def _entry(services: Services, name: str, language: str) -> Asset:
    return script(f"widget/{name}.js", services.languages.script(language, "widget"))


def _page(
    services: Services, name: str, language: str, headers: list[tuple[bytes, bytes]], **values: str
) -> Reply:  # fmt: skip
    entry = _entry(services, name, language)
    text = services.languages.fill((_WEB / "widget" / f"{name}.html").read_text(), language, "widget")
    known = {
        "SCRIPT": entry.name,
        "SCRIPT_HASH": sri(entry.data),
        "SHEET": sheet().name,
        "SHEET_HASH": sri(sheet().data),
    }
    for key, value in {**known, **values}.items():
        text = text.replace(f"__{key}__", value)
    return Reply(
        200,
        text.encode(),
        [(b"content-type", b"text/html; charset=utf-8"), *spoken(language), *SECURITY_HEADERS, *headers],
    )


_ISOLATED = [
    (b"integrity-policy", b"blocked-destinations=(script)"),
    (b"cross-origin-embedder-policy", b"require-corp"),
    (b"origin-agent-cluster", b"?1"),
]


async def document(services: Services, request: Request) -> Reply:
    """The chat in its frame. Whoever is not a registered website cannot show it."""
    sites, language = services.config.widget.sites, services.languages.chosen(request)
    headers = [
        *_ISOLATED,
        (b"permissions-policy", _PERMISSIONS.encode()),
        (b"content-security-policy", policy(_entry(services, "app", language), sites)),
        (b"connection-allowlist", b"(response-origin)"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"cross-origin"),
    ]
    return _page(services, "app", language, headers, SITES=" ".join(sites))


async def leave(services: Services, request: Request) -> Reply:
    """The page between a link in a message and where it leads. It stands behind ``#``, so nobody's log has it."""
    return _window(services, request, "leave", b"same-origin")


async def passkey(services: Services, request: Request) -> Reply:
    """Where a passkey is used for the frame that opened it: nothing of another website can lie over it. It asks for nothing
    that does not come from that frame, of our own origin.
    """
    permissions = _PERMISSIONS.replace("credentials-get=()", "credentials-get=(self)")
    return _window(services, request, "passkey", b"unsafe-none", permissions)


async def back(services: Services, request: Request) -> Reply:
    """Where a company login ends that began in the frame. Its opener is that frame, so the two must not be parted."""
    return _window(services, request, "back", b"unsafe-none")


def _window(
    services: Services, request: Request, name: str, opener: bytes, permissions: str = _PERMISSIONS
) -> Reply:  # fmt: skip
    """A page that has a window of its own."""
    language = services.languages.chosen(request)
    headers = [
        *_ISOLATED,
        (b"permissions-policy", permissions.encode()),
        (b"content-security-policy", policy(_entry(services, name, language), ())),
        (b"cross-origin-opener-policy", opener),
        (b"cross-origin-resource-policy", b"same-origin"),
    ]
    return _page(services, name, language, headers)


async def asset(services: Services, request: Request) -> Reply:
    """The script or the sheet of one of these pages."""
    known = (_entry(services, name, language) for language in services.languages.names for name in PAGES)
    for one in (sheet(), *known):
        if one.name == request.path["name"]:
            return one.reply(request)
    raise NotFound


async def load(services: Services, request: Request) -> Reply:
    """A loader, by the hash of what is in it."""
    for one in _loaders(services):
        if one.name == request.path["name"]:
            return one.reply(request)
    raise NotFound


async def snippet(services: Services, args: dict[str, Any]) -> object:
    """What a website pastes."""
    mode, sites = args.get("mode", "loader"), services.config.widget.sites
    if mode not in MODES:
        raise InvalidRequest(f"mode is one of {', '.join(MODES)}")
    bot = _chosen(services, args.get("bot"))
    if not sites:
        raise InvalidRequest('no website may show the chat: name yours, [widget] sites = ["https://www.example.org"]')
    base = services.public_url
    if not base:
        raise InvalidRequest("the address of the gateway is not known: set server.public_url, or start it first")
    made = loader(LOADER, base, bot)
    address = f"{base}/w/{made.name}"
    script_tag = f'<script src="{{}}" integrity="{sri(made.data)}" crossorigin="anonymous" defer></script>'
    frame = (
        f'<iframe src="{base}/widget?bot={bot}" title="Chat" width="400" height="640" sandbox="{SANDBOX}"\n'
        '        referrerpolicy="no-referrer"></iframe>'
    )
    paste = {
        "frame": frame, "loader": script_tag.format(address), "self-hosted": script_tag.format(f"/chat-{made.name[:12]}.js"),
    }[mode]  # fmt: skip
    return {
        "mode": mode, "bot": bot, "paste": paste, "loader": address, "sites": list(sites),
        "file": f"chat-{made.name[:12]}.js" if mode == "self-hosted" else "",
        "policy": f"frame-src {base}" if mode != "loader" else f"frame-src {base}; script-src {base}",
    }  # fmt: skip


def _chosen(services: Services, name: object) -> str:
    """The bot that is asked for, or the first that visitors may talk to."""
    bots = services.config.bots
    if name is None:
        name = next((one.name for one in bots.values() if one.enabled and Role.VISITOR in one.who), "")
    if not isinstance(name, str) or name not in bots or not _BOT.fullmatch(name):
        raise NotFound(f"there is no bot named {name}" if name else "there is no bot for visitors")
    return name


OPERATIONS: dict[str, Operation] = {"widget.snippet": snippet}
