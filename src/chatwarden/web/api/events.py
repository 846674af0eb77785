"""The event stream of a conversation (WHATWG server-sent events).

An event id is ``SEQ-MARK``: the last message that the stream told and the tombstone where it began. ``Last-Event-ID``
resumes from the record: every later message, and everything destroyed since; a destruction may be told twice. Pieces of
an answer (``message.delta``) cannot be resumed; the whole message follows.

Where people have to do with the conversation, the stream begins with how that stands (``handoff``): what was told of it while
nobody listened is not kept.

While an active person is asked for a factor (a recheck: somebody else may hold the token) no text is told, neither what
comes nor what was; after the right answer it comes from the record.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator

import msgspec

from chatwarden.clock import rfc3339
from chatwarden.conversations.model import Conversation, Destroyed
from chatwarden.errors import InvalidRequest
from chatwarden.routing import rules as routing
from chatwarden.sessions import rules
from chatwarden.sessions.model import Session, State
from chatwarden.web.context import Services
from chatwarden.web.moved import standing
from chatwarden.web.streams import StreamEvent, frame
from chatwarden.web.views import challenge_view, message_view

_ID = re.compile(r"(\d{1,15})-(\d{1,15})")
_PAGE = 1_000
_TEXT = frozenset({"message", "message.delta"})
_JSON = msgspec.json.Encoder()


def destroyed_data(destroyed: Destroyed) -> dict[str, str]:
    """What a screen is told of a destroyed message."""
    return {"id": destroyed.message, "at": rfc3339(destroyed.at), "reason": destroyed.reason}


def prompt_data(services: Services, session: Session) -> dict[str, object] | None:
    """What a screen is told when the person is asked."""
    now = services.clock.now()
    challenge = services.sessions.challenge(session, now)
    if challenge is None:
        return None
    return {"challenge": challenge_view(challenge, services.relying_party), "now": rfc3339(now)}


def event_stream(
    services: Services, session: Session, conversation: Conversation, last_event_id: str
) -> AsyncGenerator[bytes]:
    """The stream. Raises InvalidRequest when the id to resume from is none of ours."""
    resume: tuple[int, int] | None = None
    if last_event_id:
        match = _ID.fullmatch(last_event_id)
        if match is None:
            raise InvalidRequest("Last-Event-ID is not one of this stream")
        resume = int(match[1]), int(match[2])
    return _events(services, session, conversation, resume)


async def _events(
    services: Services, session: Session, conversation: Conversation, resume: tuple[int, int] | None
) -> AsyncGenerator[bytes]:
    # Listen first, then read the record: what is committed in between comes twice rather than not at all.
    listener = services.hub.listen(conversation.id, session.id)
    try:
        seq = resume[0] if resume else conversation.next_seq - 1
        gone, mark = await services.conversations.destroyed_since(conversation, resume[1] if resume else 0)
        yield b"id: %d-%d\nretry: 2000\n\n" % (seq, mark)
        if resume:
            for one in gone:
                yield _frame("message.destroyed", destroyed_data(one), seq, mark)
        behind = resume is not None
        if rules.state_of(session, services.clock.now()) is State.PROMPTED:
            yield _frame("session.prompt", prompt_data(services, session), seq, mark)
        if resume or conversation.state != routing.State.BOT:
            yield _frame("handoff", standing(services, conversation), seq, mark)
        while services.sessions.is_live(session, services.clock.now()):
            if behind and not session.asked:
                page = await services.conversations.since(conversation, seq, _PAGE, services.clock.now())
                for message in await services.gateway.shown(conversation, page):
                    seq = message.seq
                    view = message_view(message, services.conversations.reply_id(conversation, message))
                    yield _frame("message", view, seq, mark)
                behind = len(page) == _PAGE
                continue
            event = await listener.queue.get()
            if event is None:
                yield b": still here\n\n"
            elif session.asked and event.name in _TEXT:
                behind = True  # nobody reads on before they proved who they are; then it comes from the record
            else:
                seq = max(seq, event.seq)
                if event.name:
                    yield frame(event, f"{seq}-{mark}")
                if event.last:
                    return
        reason = rules.reason_of(session, services.clock.now())
        yield _frame("session.ended", {"reason": reason.value if reason else "revoked"}, seq, mark)
    finally:
        services.hub.leave(listener)


def _frame(name: str, value: object, seq: int, mark: int) -> bytes:
    return frame(StreamEvent(name, _JSON.encode(value)), f"{seq}-{mark}")
