"""Conversations and messages over HTTP."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Annotated

import msgspec

from chatwarden.answering import Answered, Received, TakenOver
from chatwarden.audit.model import Lane
from chatwarden.bots.notice import notice
from chatwarden.bulk import Kind, Reader
from chatwarden.clock import SECOND, Duration, Instant
from chatwarden.conversations.model import Conversation, Message, MessageState
from chatwarden.conversations.told import stopped, told
from chatwarden.erasure import By
from chatwarden.errors import (
    AnswerStopped,
    AttachmentRefused,
    Conflict,
    Forbidden,
    InvalidRequest,
    MessageBlocked,
    NotFound,
    SecondFactorRequired,
    TooManyRequests,
    Unavailable,
)
from chatwarden.principal import STAFF
from chatwarden.routing import model as routing
from chatwarden.sessions.model import Session
from chatwarden.web.api.events import event_stream
from chatwarden.web.context import Services
from chatwarden.web.http import Reply, Request, StreamReply, json_reply, problem_document
from chatwarden.web.routes import Access, Route
from chatwarden.web.views import (
    ConversationList,
    ConversationView,
    ErasedView,
    HandoffView,
    MessagePage,
    MessageView,
    ReceiptView,
    TurnView,
    conversation_view,
    erased_view,
    message_view,
    receipt_view,
)

_PAGE_MAX = 200
_DIGITS = 6
_LISTED = 200
# How long something may live at most, in seconds: up to 400 days, the most that any policy allows.
Seconds = Annotated[int, msgspec.Meta(ge=1, le=400 * 86_400)]


class NewConversation(msgspec.Struct, forbid_unknown_fields=True):
    """Which bot to talk to."""

    bot: Annotated[str, msgspec.Meta(max_length=64)]


class NewMessage(msgspec.Struct, forbid_unknown_fields=True):
    """What the person says. The same ``client_id`` again returns the first answer. ``destroy_after``: seconds after which
    message and answer are destroyed, where policy does not destroy them sooner.
    """

    text: str
    client_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern="^[A-Za-z0-9._:-]+$")] | None = None
    destroy_after: Seconds | None = None


class Timer(msgspec.Struct, forbid_unknown_fields=True):
    """Seconds from now after which a message is destroyed. It never lives longer by it."""

    destroy_after: Seconds


_CONVERSATION = msgspec.json.Decoder(NewConversation)
_MESSAGE = msgspec.json.Decoder(NewMessage)
_TIMER = msgspec.json.Decoder(Timer)
_TURNS: dict[tuple[str, str], asyncio.Task[TurnView]] = {}


async def _own(services: Services, request: Request, session: Session) -> Conversation:
    return await services.conversations.access(session.principal, request.path["id"], services.clock.now())


def lane_of(session: Session) -> Lane:
    """The lane of what this session's principal does."""
    return Lane.STAFF if STAFF.intersection(session.principal.roles) else Lane.CLIENT


async def create(services: Services, request: Request, session: Session) -> Reply:
    """Begins a conversation with a bot."""
    wanted = await request.json(_CONVERSATION)
    bot = services.gateway.bot_for(session, wanted.bot)
    now = services.clock.now()
    services.gateway.limit(session, now)
    services.sessions.touch(session, now)
    conversation = await services.conversations.open(session.principal, bot.config.name, now, lane=lane_of(session))
    return json_reply(_view(services, conversation), 201)


def _reads(services: Services, session: Session, conversation: Conversation) -> None:
    """What is said in a conversation is about to be read."""
    reader = Reader(session.principal.id, lane_of(session))
    services.bulk.note(Kind.CONVERSATIONS, reader, conversation.id, services.clock.now())


async def listing(services: Services, _request: Request, session: Session) -> Reply:
    """One's own conversations, newest first."""
    own = await services.conversations.owned(session.principal, _LISTED)
    return json_reply(ConversationList([_view(services, one) for one in own]))


def _view(services: Services, conversation: Conversation) -> ConversationView:
    bot = services.bots.get(conversation.bot)
    return conversation_view(conversation, notice(bot.config, services.config.retention) if bot else None)


async def send(services: Services, request: Request, session: Session) -> Reply:
    """Sends a message and waits for the answer. The turn goes on when the client goes away, so that a retry with the
    same ``client_id`` finds it.
    """
    given = await request.json(_MESSAGE)
    conversation = await _own(services, request, session)
    if not given.client_id:
        return _turn_reply(await _turn(services, session, conversation, given))
    key = (conversation.id, given.client_id)
    running = _TURNS.get(key)
    if running is None:
        running = asyncio.create_task(_once(services, session, conversation, given))
        _TURNS[key] = running
        running.add_done_callback(lambda _: _TURNS.pop(key, None))
    return _turn_reply(await asyncio.shield(running))


async def _once(services: Services, session: Session, conversation: Conversation, given: NewMessage) -> TurnView:
    now = services.clock.now()
    before = await services.conversations.sent_before(conversation, given.client_id or "", now)
    if before is None:
        return await _turn(services, session, conversation, given)
    message = before[0]
    replies = await services.gateway.shown(conversation, before[1])
    if replies or message.state is not MessageState.LIVE:
        answers = [message_view(reply, message.id) for reply in replies]
        return TurnView(message_view(message), answers, notice=told(message) or None)
    if await services.desk.book.had_since(
        conversation, message.at
    ):  # it went to a person, and the bot has nothing to add
        return TurnView(message_view(message), [], notice=told(message) or None)
    # It was stored and never answered: the gateway stopped in between. The turn goes on from the record.
    return await _answered(services, services.gateway.resume(session, conversation, message, _wish(given)))


async def _turn(services: Services, session: Session, conversation: Conversation, given: NewMessage) -> TurnView:
    received = await services.gateway.receive(
        session, lane_of(session), conversation, given.text, given.client_id or "", _wish(given)
    )
    return await _answered(services, received)


def _wish(given: NewMessage) -> Duration | None:
    return None if given.destroy_after is None else given.destroy_after * SECOND


async def _answered(services: Services, received: Received) -> TurnView:
    notice = told(received.message, rewritten=received.rewritten) or None
    if received.held:
        return TurnView(message_view(received.message), [], notice=notice)
    hub = services.hub
    conversation = received.conversation.id
    try:
        if hub.listening(conversation):
            answered = await _told_live(services, received)
        else:
            answered = await services.gateway.answer(received)
    except TakenOver:  # a human answers, in their own time
        return TurnView(message_view(received.message), [], notice=notice)
    reply = message_view(answered.reply, received.message.id)
    if answered.stopped is not None:
        notice = " ".join(filter(None, (notice, stopped(answered.stopped))))
        problem = AnswerStopped(stopped(answered.stopped), classes=[answered.stopped.value])
        hub.publish(conversation, "problem", {"reply_to": received.message.id, **problem_document(problem)})
    return TurnView(message_view(received.message), [reply], answered.handoff or None, notice)


async def _told_live(services: Services, received: Received) -> Answered:
    """The answer, told piece by piece to those who look at the conversation."""
    conversation = received.conversation.id
    if services.desk.bot_answers(received.conversation):
        services.hub.publish(conversation, "typing", {"from": "bot"})
    async for piece in services.gateway.stream(received):
        if isinstance(piece, Answered):
            return piece
        services.hub.publish(conversation, "message.delta", {"reply_to": received.message.id, "text": piece})
    raise AssertionError("a stream ends with what was recorded")  # unreachable: gateway.stream promises it


def _turn_reply(turn: TurnView) -> Reply:
    return json_reply(turn, 202 if turn.message.state == MessageState.HELD else 201)


async def messages(services: Services, request: Request, session: Session) -> Reply:
    """A page of messages, oldest first."""
    conversation = await _own(services, request, session)
    query = request.query
    if set(query) - {"after", "limit"}:
        raise InvalidRequest("the query parameters are after and limit")
    limit = query.get("limit", "50")
    if not (limit.isascii() and limit.isdigit() and len(limit) <= _DIGITS and 1 <= int(limit) <= _PAGE_MAX):
        raise InvalidRequest(f"limit is a number from 1 to {_PAGE_MAX}")
    _reads(services, session, conversation)
    now = services.clock.now()
    page, following = await services.conversations.page(conversation, query.get("after"), int(limit), now)
    shown = await services.gateway.shown(conversation, page)
    return json_reply(MessagePage(_views(services, conversation, shown), following))


def _views(services: Services, conversation: Conversation, page: list[Message]) -> list[MessageView]:
    return [message_view(one, services.conversations.reply_id(conversation, one)) for one in page]


async def events(services: Services, request: Request, session: Session) -> StreamReply:
    """The event stream of a conversation."""
    if session.incomplete:
        raise SecondFactorRequired
    conversation = await _own(services, request, session)
    _reads(services, session, conversation)
    stream = event_stream(services, session, conversation, request.header(b"last-event-id"))
    return StreamReply(stream, request.receive)


async def one(services: Services, request: Request, session: Session) -> Reply:
    """One message, or when and why it was destroyed."""
    conversation = await _own(services, request, session)
    _reads(services, session, conversation)
    found = await services.conversations.either(conversation, request.path["mid"], services.clock.now())
    return json_reply(_views(services, conversation, await services.gateway.shown(conversation, [found]))[0])


async def destroy(services: Services, request: Request, session: Session) -> Reply:
    """Destroys one's own message now; also while the session waits for an answer."""
    conversation = await _own(services, request, session)
    now = services.clock.now()
    services.conversations.rows.place(conversation, request.path["mid"])  # not what agents noted about it
    receipt = await services.erasure.message(conversation, request.path["mid"], now, _by(session))
    return json_reply(receipt_view(receipt))


async def destroy_all(services: Services, request: Request, session: Session) -> Reply:
    """Destroys all of one's own conversation now; also while the session waits for an answer."""
    conversation = await _own(services, request, session)
    erased = await services.erasure.everything(conversation, services.clock.now(), _by(session))
    erased = replace(erased, receipts=[one for one in erased.receipts if not one.internal])
    return json_reply(erased_view(conversation, erased))


async def shorten(services: Services, request: Request, session: Session) -> Reply:
    """Lets one's own message be destroyed sooner."""
    conversation = await _own(services, request, session)
    given = await request.json(_TIMER)
    now = services.clock.now()
    wish = given.destroy_after * SECOND
    message = await services.erasure.shorten(conversation, request.path["mid"], wish, now, _by(session))
    [shown] = await services.gateway.shown(conversation, [message])
    services.gateway.publish(conversation, shown)
    return json_reply(_views(services, conversation, [shown])[0])


def _by(session: Session) -> By:
    return By(session.principal.id, lane_of(session))


async def release(services: Services, request: Request, session: Session) -> Reply:
    """Lets a held message go on to the bot."""
    conversation = await _own(services, request, session)
    received = await services.gateway.release(session, lane_of(session), conversation, request.path["mid"])
    return _turn_reply(await _answered(services, received))


async def withdraw(services: Services, request: Request, session: Session) -> Reply:
    """Takes a held message back."""
    conversation = await _own(services, request, session)
    await services.gateway.withdraw(session, lane_of(session), conversation, request.path["mid"])
    return Reply(204)


async def handoff(services: Services, request: Request, session: Session) -> Reply:
    """Asks for a person."""
    conversation = await _own(services, request, session)
    now: Instant = services.clock.now()
    services.gateway.limit(session, now)
    services.sessions.touch(session, now)
    await services.gateway.request_handoff(session, lane_of(session), conversation)
    return json_reply(HandoffView(conversation.state), 202)


async def no_handoff(services: Services, request: Request, session: Session) -> Reply:
    """Declines the offer of a person, or does not wait for one any more."""
    conversation = await _own(services, request, session)
    now = services.clock.now()
    services.gateway.limit(session, now)
    services.sessions.touch(session, now)
    state = await services.desk.turn_down(conversation, routing.By(session.principal.id, lane_of(session)), now)
    return json_reply(HandoffView(state), 202)


async def typing(services: Services, request: Request, session: Session) -> Reply:
    """Tells the agent that the person is writing."""
    conversation = await _own(services, request, session)
    if services.floor.may_tell_typing(session.principal.id):
        services.agents.about(conversation, "typing", {"from": "client"})
    return Reply(204)


async def attach(services: Services, request: Request, session: Session) -> Reply:
    """Refuses: files are accepted once they can be scanned."""
    await _own(services, request, session)
    raise AttachmentRefused("attachments are not accepted by this gateway yet")


_ONE = "/api/v1/conversations/{id}"
ROUTES = [
    Route(
        "POST", "/api/v1/conversations", "Begin a conversation", Access.ACTIVE, create, NewConversation,
        ((201, ConversationView),), (NotFound, TooManyRequests),
    ),
    Route(
        "GET", "/api/v1/conversations", "One's own conversations", Access.ACTIVE, listing, None,
        ((200, ConversationList),),
    ),
    Route(
        "DELETE", _ONE, "Destroy a whole conversation now", Access.SESSION, destroy_all, None, ((200, ErasedView),),
        (NotFound,),
    ),
    Route(
        "POST", _ONE + "/messages", "Send a message", Access.ACTIVE, send, NewMessage,
        ((201, TurnView), (202, TurnView)), (NotFound, MessageBlocked, TooManyRequests, Unavailable),
    ),
    Route(
        "GET", _ONE + "/messages", "Read messages", Access.ACTIVE, messages, None, ((200, MessagePage),), (NotFound,),
        query=("after", "limit"),
    ),
    Route(
        "GET", _ONE + "/events", "Follow a conversation", Access.SESSION, events, None, ((200, None),), (NotFound,),
        media="text/event-stream",
    ),
    Route(
        "GET", _ONE + "/messages/{mid}", "Read one message", Access.ACTIVE, one, None, ((200, MessageView),),
        (NotFound,),
    ),
    Route(
        "PATCH", _ONE + "/messages/{mid}", "Destroy a message sooner", Access.ACTIVE, shorten, Timer,
        ((200, MessageView),), (Conflict, Forbidden, NotFound),
    ),
    Route(
        "DELETE", _ONE + "/messages/{mid}", "Destroy a message now", Access.SESSION, destroy, None,
        ((200, ReceiptView),), (Forbidden, NotFound),
    ),
    Route(
        "POST", _ONE + "/messages/{mid}/release", "Let a held message go on", Access.ACTIVE, release, None,
        ((201, TurnView),), (NotFound,),
    ),
    Route(
        "POST", _ONE + "/messages/{mid}/withdraw", "Take a held message back", Access.SESSION, withdraw, None,
        ((204, None),), (NotFound,),
    ),
    Route(
        "POST", _ONE + "/handoff", "Ask for a person", Access.ACTIVE, handoff, None, ((202, HandoffView),),
        (NotFound, TooManyRequests),
    ),
    Route(
        "DELETE", _ONE + "/handoff", "Want no person any more", Access.ACTIVE, no_handoff, None, ((202, HandoffView),),
        (Conflict, NotFound, TooManyRequests),
    ),
    Route(
        "POST", _ONE + "/typing", "Say that one is writing", Access.ACTIVE, typing, None, ((204, None),), (NotFound,),
    ),
    Route(
        "POST", _ONE + "/attachments", "Attach a file", Access.ACTIVE, attach, None, (),
        (NotFound, AttachmentRefused),
    ),
]  # fmt: skip
