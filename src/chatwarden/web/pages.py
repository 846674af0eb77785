"""The pages for everybody: the chat, the account, the console, a conversation in the log and the enrolment page."""

from __future__ import annotations

from chatwarden.errors import NotFound
from chatwarden.web import embedded
from chatwarden.web.context import Services
from chatwarden.web.files import Folder
from chatwarden.web.http import Reply, Request
from chatwarden.web.routes import Access, Route

_DEMO = Folder("demo")
_CONSOLE = Folder("console")


async def demo(_services: Services, _request: Request) -> Reply:
    """The chat page."""
    return _DEMO.file("index.html")


async def asset(_services: Services, request: Request) -> Reply:
    """A file of the chat page."""
    return _DEMO.file(request.path["name"])


async def account(_services: Services, _request: Request) -> Reply:
    """The page on which people keep their own account."""
    return _DEMO.file("account.html")


async def conversation(_services: Services, _request: Request) -> Reply:
    """The page on which administrators and auditors see what the log has about a conversation."""
    return _DEMO.file("conversation.html")


async def console(_services: Services, _request: Request) -> Reply:
    """The pages for agents, administrators and auditors."""
    return _CONSOLE.file("index.html")


async def console_asset(_services: Services, request: Request) -> Reply:
    """A file of the console."""
    return _CONSOLE.file(request.path["name"])


async def enrol(_services: Services, _request: Request) -> Reply:
    """The page behind an enrolment link."""
    return _DEMO.file("enrol.html")


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
        "GET", "/widget", "The chat in a frame of another website", Access.ANYBODY, embedded.document, None,
        ((200, None),), media="text/html", tag="pages", query=("bot",),
    ),
    Route(
        "GET", "/widget/leave", "The way out of the chat", Access.ANYBODY, embedded.leave, None, ((200, None),),
        media="text/html", tag="pages",
    ),
    Route(
        "GET", "/widget/back", "The way back from a company login", Access.ANYBODY, embedded.back, None, ((200, None),),
        media="text/html", tag="pages",
    ),
    Route(
        "GET", "/widget/passkey", "Where a passkey is used for the chat", Access.ANYBODY, embedded.passkey, None,
        ((200, None),), media="text/html", tag="pages",
    ),
    Route(
        "GET", "/widget/{name}", "A file of the chat, by its hash", Access.ANYBODY, embedded.asset, None,
        ((200, None),), (NotFound,), media="text/javascript", tag="pages",
    ),
    Route(
        "GET", "/w/{name}", "What puts the chat into a page, by its hash", Access.ANYBODY, embedded.load, None,
        ((200, None),), (NotFound,), media="text/javascript", tag="pages",
    ),
    Route(
        "GET", "/console", "The console", Access.ANYBODY, console, None, ((200, None),), media="text/html", tag="pages",
    ),
    Route(
        "GET", "/console/{name}", "A file of the console", Access.ANYBODY, console_asset, None, ((200, None),), (NotFound,),
        media="text/html", tag="pages",
    ),
    Route(
        "GET", "/enrol", "Choose a password", Access.ANYBODY, enrol, None, ((200, None),), media="text/html",
        tag="pages",
    ),
]  # fmt: skip
