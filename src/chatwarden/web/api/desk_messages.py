"""What is said at the desk, over HTTP: an agent reads, writes, notes, and has a value revealed."""

from __future__ import annotations

from typing import Annotated

import msgspec

from chatwarden.clock import rfc3339
from chatwarden.conversations.model import MessageState
from chatwarden.errors import (
    Conflict,
    Forbidden,
    InvalidRequest,
    MessageBlocked,
    NotFound,
    StepUpRequired,
    TooManyRequests,
)
from chatwarden.sessions.model import Session
from chatwarden.storage.model import Transaction
from chatwarden.web.api.desk import AGENTS, DESK, Note, acts, arrived
from chatwarden.web.context import Services
from chatwarden.web.desk_views import NoteView, RevealedView, SentView, agent_message_view, name_view, note_view
from chatwarden.web.http import Reply, Request, json_reply
from chatwarden.web.routes import Access, Route
from chatwarden.web.views import MessagePage

OPERATION = "reveal"
_PAGE_MAX = 200
_DIGITS = 6


class AgentMessage(msgspec.Struct, forbid_unknown_fields=True):
    """What the agent says. The same ``client_id`` again returns the first answer."""

    text: str
    client_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern="^[A-Za-z0-9._:-]+$")] | None = None


class NewNote(msgspec.Struct, forbid_unknown_fields=True):
    """For other agents only."""

    text: Note


class Reveal(msgspec.Struct, forbid_unknown_fields=True):
    """Which finding of the message, by its place in the list, and what for."""

    finding: Annotated[int, msgspec.Meta(ge=0, le=10_000)]
    reason: Annotated[str, msgspec.Meta(min_length=3, max_length=500)]


_MESSAGE = msgspec.json.Decoder(AgentMessage)
_NOTE = msgspec.json.Decoder(NewNote)
_REVEAL = msgspec.json.Decoder(Reveal)


async def messages(services: Services, request: Request, session: Session) -> Reply:
    """A page of messages, oldest first, masked. A message that waits for its person's word is not in it."""
    arrived(services, session)
    conversation, _ = await services.floor.access(session.principal, request.path["id"])
    query = request.query
    if set(query) - {"after", "limit"}:
        raise InvalidRequest("the query parameters are after and limit")
    limit = query.get("limit", "50")
    if not (limit.isascii() and limit.isdigit() and len(limit) <= _DIGITS and 1 <= int(limit) <= _PAGE_MAX):
        raise InvalidRequest(f"limit is a number from 1 to {_PAGE_MAX}")
    services.floor.note_read(session.principal, conversation)
    now = services.clock.now()
    page, following = await services.conversations.page(conversation, query.get("after"), int(limit), now)
    hidden = services.gateway.screening.hidden(conversation.bot)
    views = [
        agent_message_view(one, hidden, session.principal, services.conversations.reply_id(conversation, one))
        for one in page
        if one.state is not MessageState.HELD
    ]
    return json_reply(MessagePage(views, following))


async def say(services: Services, request: Request, session: Session) -> Reply:
    """Writes to the person."""
    given = await request.json(_MESSAGE)
    acts(services, session)
    conversation = await services.floor.own(session.principal, request.path["id"])
    message = await services.floor.say(session.principal, conversation, given.text, given.client_id or "")
    hidden = services.gateway.screening.hidden(conversation.bot)
    return json_reply(SentView(agent_message_view(message, hidden, session.principal)), 201)


async def note(services: Services, request: Request, session: Session) -> Reply:
    """Writes a note for other agents."""
    given = await request.json(_NOTE)
    acts(services, session)
    conversation, _ = await services.floor.access(session.principal, request.path["id"])
    tx = Transaction()
    written, tell = await services.floor.note(session.principal, conversation, given.text, tx)
    await services.gateway.database.commit(tx)
    tell()
    return json_reply(note_view(services, conversation, written), 201)


async def typing(services: Services, request: Request, session: Session) -> Reply:
    """Tells the person, and other agents, that the agent is writing."""
    agent = arrived(services, session)
    conversation = await services.floor.own(session.principal, request.path["id"])
    services.desk.busy(conversation, agent.id, services.clock.now())
    if services.floor.may_tell_typing(agent.id):
        shown = services.desk.config.shown_as(agent.name)
        services.hub.publish(conversation.id, "typing", {"from": "agent", "agent": {"name": shown}})
        services.agents.about(conversation, "typing", {"from": "agent", "agent": name_view(services, agent.id)})
    return Reply(204)


async def reveal(services: Services, request: Request, session: Session) -> Reply:
    """One masked value, once. It wants a fresh proof, and the log has it before it is shown."""
    given = await request.json(_REVEAL)
    _, _, now = acts(services, session)
    conversation = await services.floor.own(session.principal, request.path["id"])
    services.answers.require_fresh(session, OPERATION, now)
    shown = await services.floor.reveal(
        session.principal, conversation, request.path["mid"], given.finding, given.reason
    )
    return json_reply(RevealedView(shown.text, shown.data_class.value, rfc3339(shown.until)))


_ONE = "/api/v1/desk/conversations/{id}"
ROUTES = [
    Route(
        "GET", _ONE + "/messages", "Read messages as an agent", Access.ACTIVE, messages, None, ((200, MessagePage),),
        (NotFound,), query=("after", "limit"), roles=DESK,
    ),
    Route(
        "POST", _ONE + "/messages", "Write to the person", Access.ACTIVE, say, AgentMessage, ((201, SentView),),
        (Conflict, NotFound, MessageBlocked, TooManyRequests), roles=AGENTS,
    ),
    Route(
        "POST", _ONE + "/notes", "Write an internal note", Access.ACTIVE, note, NewNote, ((201, NoteView),),
        (NotFound, MessageBlocked, TooManyRequests), roles=AGENTS,
    ),
    Route(
        "POST", _ONE + "/typing", "Say that an agent is writing", Access.ACTIVE, typing, None, ((204, None),),
        (Conflict, NotFound), roles=AGENTS,
    ),
    Route(
        "POST", _ONE + "/messages/{mid}/reveal", "Have a masked value shown", Access.ACTIVE, reveal, Reveal,
        ((200, RevealedView),), (Conflict, Forbidden, NotFound, StepUpRequired, TooManyRequests), roles=AGENTS,
    ),
]  # fmt: skip
