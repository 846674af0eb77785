"""Static pages of our own: the chat, the account, a conversation in the log and the enrolment page, under a policy that lets
in nothing else.

Files are read once at first use; only names that ship in the package are served.
"""

from __future__ import annotations

import mimetypes
from importlib import resources

from chatwarden.errors import NotFound
from chatwarden.web.context import Services
from chatwarden.web.http import SECURITY_HEADERS, Reply, Request
from chatwarden.web.routes import Access, Route

POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    b"form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    b"trusted-types 'none'"
)
PAGE_HEADERS = [
    *SECURITY_HEADERS,
    (b"content-security-policy", POLICY),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=(), clipboard-read=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-embedder-policy", b"require-corp"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"origin-agent-cluster", b"?1"),
]
_PUBLIC = (".html", ".js", ".css", ".svg")
_FOLDER = resources.files("chatwarden.web") / "demo"
_FILES: dict[str, Reply] = {}


def _file(name: str) -> Reply:
    if not _FILES:
        for entry in _FOLDER.iterdir():
            if entry.name.endswith(_PUBLIC):
                kind = mimetypes.guess_type(entry.name)[0] or "application/octet-stream"
                if kind.startswith("text/"):
                    kind += "; charset=utf-8"
                _FILES[entry.name] = Reply(200, entry.read_bytes(), [(b"content-type", kind.encode()), *PAGE_HEADERS])
    if name not in _FILES:
        raise NotFound
    return _FILES[name]


async def demo(_services: Services, _request: Request) -> Reply:
    """The chat page."""
    return _file("index.html")


async def asset(_services: Services, request: Request) -> Reply:
    """A file of the chat page."""
    return _file(request.path["name"])


async def account(_services: Services, _request: Request) -> Reply:
    """The page on which people keep their own account."""
    return _file("account.html")


async def conversation(_services: Services, _request: Request) -> Reply:
    """The page on which administrators and auditors see what the log has about a conversation."""
    return _file("conversation.html")


async def enrol(_services: Services, _request: Request) -> Reply:
    """The page behind an enrolment link."""
    return _file("enrol.html")


ROUTES = [
    Route(
        "GET", "/demo", "The chat page", Access.ANYBODY, demo, None, ((200, None),), media="text/html", tag="pages",
    ),
    Route(
        "GET", "/demo/{name}", "A file of the chat page", Access.ANYBODY, asset, None, ((200, None),), (NotFound,),
        media="text/html", tag="pages",
    ),
    Route(
        "GET", "/account", "One's own account", Access.ANYBODY, account, None, ((200, None),), media="text/html",
        tag="pages",
    ),
    Route(
        "GET", "/console/conversation", "A conversation in the log", Access.ANYBODY, conversation, None, ((200, None),),
        media="text/html", tag="pages", query=("id",),
    ),
    Route(
        "GET", "/enrol", "Choose a password", Access.ANYBODY, enrol, None, ((200, None),), media="text/html",
        tag="pages",
    ),
]  # fmt: skip
