"""The desk over HTTP: who waits, who is there, and whose a conversation is. What is said is in desk_messages.py."""

from __future__ import annotations

from typing import Annotated

import msgspec

from chatwarden.audit.model import Lane
from chatwarden.clock import DAY, Instant, rfc3339
from chatwarden.conversations.model import Conversation
from chatwarden.errors import Conflict, InvalidRequest, MessageBlocked, NotFound, TooManyRequests
from chatwarden.principal import Role
from chatwarden.routing import store
from chatwarden.routing.model import By
from chatwarden.routing.presence import Agent, Presence
from chatwarden.routing.rules import Happening
from chatwarden.sessions.model import Session
from chatwarden.storage.model import Transaction
from chatwarden.web.chosen import instant
from chatwarden.web.context import Services
from chatwarden.web.desk_numbers import numbers_since
from chatwarden.web.desk_views import (
    AgentView,
    DeskView,
    EntryView,
    NumbersView,
    OpenedView,
    ReplyList,
    ReplyView,
    StepView,
    agent_at_desk,
    desk_view,
    entry_view,
    name_view,
    note_view,
    staffed,
)
from chatwarden.web.http import Reply, Request, json_reply
from chatwarden.web.routes import Access, Route

AGENTS = frozenset({Role.AGENT})
DESK = frozenset({Role.AGENT, Role.ADMIN})
NUMBERS = frozenset({Role.AGENT, Role.ADMIN, Role.AUDITOR})
NOTE_MAX = 4_000
Note = Annotated[str, msgspec.Meta(min_length=1, max_length=NOTE_MAX)]


class NewPresence(msgspec.Struct, forbid_unknown_fields=True):
    """What an agent says of themselves."""

    presence: Presence


class Transfer(msgspec.Struct, forbid_unknown_fields=True):
    """To whom, or to which skill, and what they should know."""

    note: Note
    to: Annotated[str, msgspec.Meta(max_length=64)] = ""
    skill: Annotated[str, msgspec.Meta(max_length=64)] = ""


class Finish(msgspec.Struct, forbid_unknown_fields=True):
    """With a note or without."""

    note: Note | None = None


_PRESENCE = msgspec.json.Decoder(NewPresence)
_TRANSFER = msgspec.json.Decoder(Transfer)
_FINISH = msgspec.json.Decoder(Finish)


def arrived(services: Services, session: Session) -> Agent:
    """A sign of life of who asks. Who only looks on is nobody's colleague."""
    principal, now = session.principal, services.clock.now()
    if not staffed(principal):
        return Agent(principal.id, principal.name)
    return services.desk.agents.arrived(principal.id, principal.name, session.id, now)


def acts(services: Services, session: Session) -> tuple[Agent, By, Instant]:
    """Who asks does something: counted, and a sign that they are still there."""
    now = services.clock.now()
    services.gateway.limit(session, now)
    services.sessions.touch(session, now)
    return arrived(services, session), By(session.principal.id, Lane.STAFF), now


async def entry(services: Services, session: Session, conversation: Conversation) -> Reply:
    """How a conversation stands, as an answer."""
    handoff = services.desk.book.of(conversation)
    if handoff is None:
        raise NotFound
    return json_reply(await entry_view(services, session.principal, conversation, handoff))


async def everything(services: Services, _request: Request, session: Session) -> Reply:
    """The whole desk."""
    me = arrived(services, session)
    return json_reply(await desk_view(services, session.principal, me))


async def presence(services: Services, request: Request, session: Session) -> Reply:
    """An agent comes, goes away for a while, or goes."""
    wanted = await request.json(_PRESENCE)
    agent, _, now = acts(services, session)
    agent.becomes(wanted.presence, now)
    view = agent_at_desk(services, agent)
    services.agents.everybody("presence", {"conversation": None, "agent": view})
    await services.desk.distribute(now)
    return json_reply(view)


async def following(services: Services, _request: Request, session: Session) -> Reply:
    """Takes what waits longest and fits."""
    _, by, now = acts(services, session)
    talk = await services.desk.next(session.principal, by, now)
    if talk is None:
        return Reply(204)
    return await entry(services, session, await services.conversations.look_up(talk.id, now))


async def take(services: Services, request: Request, session: Session) -> Reply:
    """Takes one conversation."""
    _, by, now = acts(services, session)
    conversation = await services.conversations.look_up(request.path["id"], now)
    await services.desk.take(conversation, session.principal, by, now)
    return await entry(services, session, conversation)


async def look(services: Services, request: Request, session: Session) -> Reply:
    """One conversation, without what was said; others see that one looks at it."""
    me = arrived(services, session)
    conversation, handoff = await services.floor.access(session.principal, request.path["id"])
    services.floor.note_read(session.principal, conversation)
    looks_at(services, me, conversation)
    now = services.clock.now()
    notes = await services.conversations.notes(conversation, now)
    looking = [name_view(services, one.id) for one in services.desk.agents.looking(conversation.id)]
    view = OpenedView(
        await entry_view(services, session.principal, conversation, handoff),
        [note_view(services, conversation, one) for one in notes],
        [one for one in looking if one is not None],
        await _timeline(services, conversation),
    )
    return json_reply(view)


async def look_away(services: Services, _request: Request, session: Session) -> Reply:
    """Back to the list: others see that nobody looks at the conversation any more."""
    looks_at(services, arrived(services, session), None)
    return Reply(204)


def looks_at(services: Services, agent: Agent, conversation: Conversation | None) -> None:
    """What is on an agent's screen changes; the others are told."""
    before, agent.looks_at = agent.looks_at, "" if conversation is None else conversation.id
    for conversation_id in {before, agent.looks_at} - {""}:
        looking = [name_view(services, one.id) for one in services.desk.agents.looking(conversation_id)]
        services.agents.everybody("looking", {"conversation": conversation_id, "agents": looking})


async def _timeline(services: Services, conversation: Conversation) -> list[StepView]:
    """What happened to the hand-offs of a conversation, in short; the log has every step."""
    steps: list[tuple[Instant | None, str, str, str, str]] = []
    for one in await store.of(services.gateway.database, conversation.no):
        person = "" if one.queued_at == one.began_at else "gateway"
        steps += [
            (one.began_at if person else None, "offered", one.why.reason, "", ""),
            (one.queued_at, "requested", one.why.reason, "", ""),
            (one.taken_at, "taken", "", one.passed[0].agent if one.passed else one.agent, ""),
            *((at, "transferred" if to else "requeued", reason, agent, to) for at, agent, to, reason in one.passed),
            (one.finished_at, "finished", "", one.agent, ""),
            (one.ended_at, "ended", one.outcome, "", ""),
        ]
    return [StepView(rfc3339(at), what, reason, by, to) for at, what, reason, by, to in steps if at is not None]


async def transfer(services: Services, request: Request, session: Session) -> Reply:
    """Passes a conversation on, with a note."""
    wanted = await request.json(_TRANSFER)
    if bool(wanted.to) == bool(wanted.skill):
        raise InvalidRequest("name an agent (to) or a skill, not both", status=422)
    _, by, now = acts(services, session)
    conversation = await services.floor.own(session.principal, request.path["id"], admin=True)
    if wanted.to:
        services.floor.agent(wanted.to, now)
    tx = Transaction()
    _, tell = await services.floor.note(session.principal, conversation, wanted.note, tx)
    await services.desk.transfer(conversation, by, now, to=wanted.to, skill=wanted.skill, together=tx)
    tell()
    return await entry(services, session, conversation)


async def finish(services: Services, request: Request, session: Session) -> Reply:
    """The agent is done; the conversation stays theirs for the wrap-up."""
    wanted = await request.json(_FINISH, optional=True)
    _, by, now = acts(services, session)
    conversation = await services.floor.own(session.principal, request.path["id"])
    tx = Transaction()
    tell = None
    if wanted.note is not None:
        _, tell = await services.floor.note(session.principal, conversation, wanted.note, tx)
    await services.desk.change(conversation, Happening.FINISH, by, now, tx)
    if tell is not None:
        tell()
    return await entry(services, session, conversation)


async def give_back(services: Services, request: Request, session: Session) -> Reply:
    """The conversation is the bot's again."""
    return await _end(services, request, session, Happening.RETURN)


async def close(services: Services, request: Request, session: Session) -> Reply:
    """The conversation is closed, until its person writes again."""
    return await _end(services, request, session, Happening.CLOSE)


async def _end(services: Services, request: Request, session: Session, what: Happening) -> Reply:
    _, by, now = acts(services, session)
    conversation = await services.floor.own(session.principal, request.path["id"])
    await services.desk.change(conversation, what, by, now, Transaction())
    return Reply(204)


async def replies(services: Services, _request: Request, session: Session) -> Reply:
    """Texts that are sent often."""
    arrived(services, session)
    configured = services.desk.config.replies
    return json_reply(ReplyList([ReplyView(name, one.shortcut, one.text) for name, one in configured.items()]))


async def numbers(services: Services, request: Request, session: Session) -> Reply:  # noqa: ARG001  the table says who
    """What the desk did, by default in the last seven days."""
    query = request.query
    if set(query) - {"since"}:
        raise InvalidRequest("the query parameter is since")
    since = instant(dict(query), "since", services.clock.now() - 7 * DAY)
    return json_reply(await numbers_since(services, since))


_ONE = "/api/v1/desk/conversations/{id}"
ROUTES = [
    Route("GET", "/api/v1/desk", "The desk", Access.ACTIVE, everything, None, ((200, DeskView),), roles=DESK),
    Route(
        "PUT", "/api/v1/desk/presence", "Say whether one is there", Access.ACTIVE, presence, NewPresence,
        ((200, AgentView),), (TooManyRequests,), roles=AGENTS,
    ),
    Route(
        "POST", "/api/v1/desk/next", "Take what waits longest", Access.ACTIVE, following, None,
        ((200, EntryView), (204, None)), (Conflict, TooManyRequests), roles=AGENTS,
    ),
    Route("GET", "/api/v1/desk/replies", "Texts that are sent often", Access.ACTIVE, replies, None, ((200, ReplyList),),
          roles=DESK),
    Route(
        "GET", "/api/v1/desk/numbers", "What the desk did", Access.ACTIVE, numbers, None, ((200, NumbersView),), (),
        query=("since",), roles=NUMBERS,
    ),
    Route("DELETE", "/api/v1/desk/looking", "Look at no conversation any more", Access.ACTIVE, look_away, None, ((204, None),),
          roles=DESK),
    Route(
        "GET", _ONE, "Look at a conversation", Access.ACTIVE, look, None, ((200, OpenedView),), (NotFound,), roles=DESK,
    ),
    Route(
        "POST", _ONE + "/take", "Take a conversation", Access.ACTIVE, take, None, ((200, EntryView),),
        (Conflict, NotFound, TooManyRequests), roles=AGENTS,
    ),
    Route(
        "POST", _ONE + "/transfer", "Pass a conversation on", Access.ACTIVE, transfer, Transfer, ((200, EntryView),),
        (Conflict, NotFound, MessageBlocked, TooManyRequests), roles=DESK,
    ),
    Route(
        "POST", _ONE + "/finish", "Be done with a conversation", Access.ACTIVE, finish, Finish, ((200, EntryView),),
        (Conflict, NotFound, MessageBlocked, TooManyRequests), bodiless=True, roles=AGENTS,
    ),
    Route(
        "POST", _ONE + "/return", "Give a conversation back to the bot", Access.ACTIVE, give_back, None, ((204, None),),
        (Conflict, NotFound, TooManyRequests), roles=AGENTS,
    ),
    Route(
        "POST", _ONE + "/close", "Close a conversation", Access.ACTIVE, close, None, ((204, None),),
        (Conflict, NotFound, TooManyRequests), roles=AGENTS,
    ),
]  # fmt: skip
