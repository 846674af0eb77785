"""The event stream of one's own session (WHATWG server-sent events): that its person is asked, and that it has ended.

For pages that show no conversation, so that they say at once what happened to their visit. It cannot be resumed: whoever
opens it is told how things are. Following it keeps no session.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator

import msgspec

from chatwarden.sessions import rules
from chatwarden.sessions.model import Session, State
from chatwarden.web.api.events import prompt_data
from chatwarden.web.context import Services
from chatwarden.web.http import Request, StreamReply
from chatwarden.web.routes import Access, Route

_JSON = msgspec.json.Encoder()


async def events(services: Services, request: Request, session: Session) -> StreamReply:
    """The event stream of the session."""
    return StreamReply(_events(services, session), request.receive)


async def _events(services: Services, session: Session) -> AsyncGenerator[bytes]:
    listener = services.hub.listen(f"session:{session.id}", session.id)
    try:
        yield b"retry: 1000\n\n"
        if rules.state_of(session, services.clock.now()) is State.PROMPTED:
            yield _frame("session.prompt", _JSON.encode(prompt_data(services, session)))
        while services.sessions.is_live(session, services.clock.now()):
            event = await listener.queue.get()
            if event is None:
                yield b": still here\n\n"
            else:
                if event.name:
                    yield _frame(event.name, event.data)
                if event.last:
                    return
        reason = rules.reason_of(session, services.clock.now())
        yield _frame("session.ended", _JSON.encode({"reason": reason.value if reason else "revoked"}))
    finally:
        services.hub.leave(listener)


def _frame(name: str, data: bytes) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), data)


ROUTES = [
    Route(
        "GET", "/api/v1/session/events", "Follow one's own session", Access.SESSION, events, None, ((200, None),), (),
        media="text/event-stream",
    ),
]  # fmt: skip
