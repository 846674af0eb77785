"""The credential broker's door: ``/broker/{application}/{path}`` for bots, with their own token and the turn token.

What a bot may ask is decided in errand.py; here a request becomes an errand and its outcome a reply. Whatever is missing,
the answer is ``forbidden``; only a bot's token that is none is told from that. Answers of applications come from another
house: they are never given a page's rights in a browser.
"""

from __future__ import annotations

from chatwarden.bots.broker.model import METHODS
from chatwarden.broker.wire import REQUEST_FIELDS
from chatwarden.errand_log import Asked
from chatwarden.errors import Forbidden, InvalidRequest, InvalidToken, NotFound, TooManyRequests, Unavailable
from chatwarden.principal import Kind
from chatwarden.web.context import Services
from chatwarden.web.doors import one_kind
from chatwarden.web.http import SECURITY_HEADERS, Reply, Request
from chatwarden.web.routes import Access, Route

_PREFIX = b"/broker/"
_HEADERS = [*SECURITY_HEADERS, (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; sandbox")]


async def serve(services: Services, request: Request) -> Reply:
    """One errand."""
    await one_kind(services, request, door=Kind.BOT)
    scope = request.scope
    application, path = _place(scope.get("raw_path") or str(scope["path"]).encode())
    headers = {
        name.decode("latin-1"): value.decode("latin-1")
        for name, value in scope["headers"]
        if name.decode("latin-1") in REQUEST_FIELDS
    }
    asked = Asked(
        application, scope["method"], path, scope["query_string"].decode("latin-1"), headers, await request.body()
    )  # fmt: skip
    fetched = await services.errands.ask(request.bearer(), request.header(b"chatwarden-turn"), asked)
    shown = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fetched.headers]
    return Reply(fetched.status, fetched.body, [*shown, *_HEADERS])


def _place(raw: bytes) -> tuple[str, str]:
    """Application and path as they were sent. A name that is written in a roundabout way is no name."""
    name, slash, path = raw.removeprefix(_PREFIX).decode("latin-1").partition("/")
    return name, slash + path


_PROBLEMS = (InvalidToken, Forbidden, TooManyRequests, Unavailable, InvalidRequest, NotFound)

ROUTES = [
    Route(
        method, "/broker/{application}/{path:path}", "Ask an application, for the person of a turn", Access.ITSELF, serve,
        None, ((200, None),), _PROBLEMS, media="*/*", tag="bots",
    )
    for method in METHODS
]  # fmt: skip
