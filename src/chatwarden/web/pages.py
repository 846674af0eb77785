"""The pages for everybody: the chat, the account, the console, a conversation in the log and the enrolment page."""

from __future__ import annotations

from chatwarden.errors import NotFound
from chatwarden.web import embedded
from chatwarden.web.context import Services
from chatwarden.web.files import PAGE_HEADERS, Folder
from chatwarden.web.http import Reply, Request
from chatwarden.web.languages import AREAS
from chatwarden.web.routes import Access, Route

_DEMO = Folder("demo")
_CONSOLE = Folder("console")


async def demo(services: Services, request: Request) -> Reply:
    """The chat page."""
    return _DEMO.page("index.html", "demo", services.languages, request)


async def asset(_services: Services, request: Request) -> Reply:
    """A file of the chat page."""
    return _DEMO.file(request.path["name"])


async def account(services: Services, request: Request) -> Reply:
    """The page on which people keep their own account."""
    return _DEMO.page("account.html", "demo", services.languages, request)


async def conversation(services: Services, request: Request) -> Reply:
    """The page on which administrators and auditors see what the log has about a conversation."""
    return _DEMO.page("conversation.html", "demo", services.languages, request)


async def console(services: Services, request: Request) -> Reply:
    """The pages for agents, administrators and auditors."""
    return _CONSOLE.page("index.html", "console", services.languages, request)


async def console_asset(_services: Services, request: Request) -> Reply:
    """A file of the console."""
    return _CONSOLE.file(request.path["name"])


async def enrol(services: Services, request: Request) -> Reply:
    """The page behind an enrolment link."""
    return _DEMO.page("enrol.html", "demo", services.languages, request)


async def strings(services: Services, request: Request) -> Reply:
    """The texts of a kind of page in a language, for its scripts: ``demo.en.js``."""
    page, _, rest = request.path["name"].partition(".")
    language = rest.removesuffix(".js")
    if page not in AREAS or language not in services.languages.names or not rest.endswith(".js"):
        raise NotFound
    script = services.languages.script(language, page)
    return Reply(200, script, [(b"content-type", b"text/javascript; charset=utf-8"), *PAGE_HEADERS])


ROUTES = [
    Route(
        "GET", "/demo", "The chat page", Access.ANYBODY, demo, None, ((200, None),), media="text/html", tag="pages",
    ),
    Route(
        "GET", "/demo/{name}", "A file of the chat page", Access.ANYBODY, asset, None, ((200, None),), (NotFound,),
        media="text/html", tag="pages",
    ),
    Route(
        "GET", "/strings/{name}", "The texts of the pages", Access.ANYBODY, strings, None, ((200, None),), (NotFound,),
        media="text/javascript", tag="pages",
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
        ((200, None),), media="text/html", tag="pages", query=("bot", "lang"),
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
