"""The event stream of an agent's page (WHATWG server-sent events): everything at the desk that this agent may see.

It cannot be resumed: whoever opens it reads the desk and the conversation anew. While the agent is asked for a factor nothing
of the desk is told; after the right answer the stream ends, so that the page begins again.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator

import msgspec

from chatwarden.errors import NotFound, SecondFactorRequired
from chatwarden.sessions import rules
from chatwarden.sessions.model import Session, State
from chatwarden.web.agent_screens import ENTRY
from chatwarden.web.api.desk import DESK, arrived, looks_at
from chatwarden.web.api.events import prompt_data
from chatwarden.web.context import Services
from chatwarden.web.desk_views import entry_view, staffed
from chatwarden.web.http import Request, StreamReply
from chatwarden.web.routes import Access, Route
from chatwarden.web.streams import Listener, StreamEvent

_JSON = msgspec.json.Encoder()
_OF_THE_SESSION = frozenset({"session.prompt", "session.ended", ""})


async def events(services: Services, request: Request, session: Session) -> StreamReply:
    """The event stream of the desk."""
    if session.incomplete:
        raise SecondFactorRequired
    return StreamReply(_events(services, session), request.receive)


async def _events(services: Services, session: Session) -> AsyncGenerator[bytes]:
    agent = arrived(services, session) if staffed(session.principal) else None
    listener = services.agents.listen(session)
    if agent is not None:
        services.desk.agents.opened(agent, session.id)
    try:
        yield b"retry: 1000\n\n"
        if rules.state_of(session, services.clock.now()) is State.PROMPTED:
            yield _frame("session.prompt", prompt_data(services, session))
        async for told in _told(services, session, listener):
            yield told
    finally:
        services.agents.leave(listener)
        if agent is not None:
            services.desk.agents.closed(agent, session.id, services.clock.now())
            if not agent.connected and agent.looks_at:
                looks_at(services, agent, None)


async def _told(services: Services, session: Session, listener: Listener) -> AsyncGenerator[bytes]:
    missed = False
    while services.sessions.is_live(session, services.clock.now()):
        event = await listener.queue.get()
        if event is None:
            yield b": still here\n\n"
        elif session.asked and event.name not in _OF_THE_SESSION:
            missed = True
        elif missed and not session.asked:
            return
        elif event.name == ENTRY:
            yield await _entry(services, session, event)
        else:
            if event.name:
                yield b"event: %s\ndata: %s\n\n" % (event.name.encode(), event.data)
            if event.last:
                return
    reason = rules.reason_of(session, services.clock.now())
    yield _frame("session.ended", {"reason": reason.value if reason else "revoked"})


async def _entry(services: Services, session: Session, event: StreamEvent) -> bytes:
    """How a conversation stands, as this agent may see it; null when it left the desk."""
    conversation_id = event.data.decode()
    view = None
    try:
        conversation = await services.conversations.look_up(conversation_id, services.clock.now())
    except NotFound:
        conversation = None
    handoff = None if conversation is None else services.desk.book.of(conversation)
    if conversation is not None and handoff is not None:
        view = await entry_view(services, session.principal, conversation, handoff)
    return _frame(ENTRY, {"conversation": conversation_id, "entry": view})


def _frame(name: str, value: object) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), _JSON.encode(value))


ROUTES = [
    Route(
        "GET", "/api/v1/desk/events", "Follow the desk", Access.SESSION, events, None, ((200, None),), (),
        media="text/event-stream", roles=DESK,
    ),
]  # fmt: skip
