"""The OpenAI-compatible front: Chat Completions, streaming included, for unmodified clients.

The API key is a session token. The whole request is scanned; only the new user turn and the answer are recorded. What a
client sends as history is given to the bot in the conversation's own placeholders and is never stored as fact. Errors
take OpenAI's form, so that a client's own error classes work. A failing bot answers 200 with the calm line and
``Chatwarden-Handoff: offered``: a 5xx would make clients retry. ``x-request-id`` is the id of the audit entry,
``Chatwarden-Notice`` the line about what was done with the message.

Tools are offered to a bot that speaks Chat Completions too, and called by the client's own program: what is new is then
the results. Arguments and results are treated as any text; calls of an answer come whole, at its end.

Not here: several choices, images (refused in plain words).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from typing import Any

import msgspec
from starlette.routing import Route as StarletteRoute
from starlette.types import Receive, Scope, Send

from chatwarden.answering import Answered, Received, TakenOver
from chatwarden.bots.model import ToolCall, Turn, Utterance
from chatwarden.calls import mapped
from chatwarden.clock import SECOND, Instant
from chatwarden.conversations.model import Conversation
from chatwarden.conversations.told import stopped, told
from chatwarden.errors import (
    AnswerStopped,
    Forbidden,
    InvalidRequest,
    InvalidToken,
    NotFound,
    Problem,
    TooManyRequests,
    Unavailable,
)
from chatwarden.ids import new_id
from chatwarden.log import get_logger
from chatwarden.sessions.model import Session
from chatwarden.storage.model import StorageFailed
from chatwarden.web.api.conversations import lane_of
from chatwarden.web.context import Services
from chatwarden.web.doors import one_kind
from chatwarden.web.facades.openai_wire import (
    ChatMessage,
    ChatRequest,
    check,
    error_reply,
    options_of,
    text_of,
    turned,
    written,
)
from chatwarden.web.http import (
    EVENT_HEADERS,
    JSON_HEADERS,
    ClientGone,
    Reply,
    Request,
    StreamReply,
    json_reply,
    parse,
)
from chatwarden.web.routes import Access, Route
from chatwarden.web.views import extension

_log = get_logger("openai")
_CHAT = msgspec.json.Decoder(ChatRequest)
_encode = msgspec.json.Encoder().encode
PATH = "/bots/{bot}/openai/v1/chat/completions"
_NO_RESULT = "(no result)"
_HUMAN = "A person answers this conversation now. Read on where you chat with them."
MODELS = "/bots/{bot}/openai/v1/models"


class ChatCompletions:
    """The endpoint, as plain ASGI: it is the busiest road of the house."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        request = Request(scope, receive, scope["path_params"])
        try:
            reply = await self._chat(request)
        except ClientGone:
            return
        except Problem as problem:
            problem.extra = {
                name: extension(value, self._services.relying_party) for name, value in problem.extra.items()
            }
            reply = self._refused(problem)
        except StorageFailed:
            _log.error("storage-failed")
            reply = self._refused(Unavailable("nothing was stored; try again later", headers={"Retry-After": "5"}))
        except Exception as error:  # noqa: BLE001  the last border: everything becomes an answer
            error_id = new_id("err")
            _log.exception("unexpected-error", error_id=error_id, kind=type(error).__name__)
            reply = self._refused(Problem("", error_id=error_id))
        await reply.send(send)

    def _refused(self, problem: Problem) -> Reply:
        self._services.metrics.refusal(problem.name)
        return error_reply(problem)

    async def _chat(self, request: Request) -> Reply | StreamReply:
        if request.scope["method"] != "POST":
            raise InvalidRequest("send POST", status=405, headers={"Allow": "POST"})
        services = self._services
        session = await _session(services, request)
        services.sessions.require_active(session, services.clock.now())
        bot = services.gateway.bot_for(session, request.path["bot"])
        wanted = parse(_CHAT, await request.body())
        check(wanted, client_system=bot.config.client_system, tools=bot.config.connector == "openai")
        conversation = await _conversation(services, session, bot.config.name, request)
        before, new = turned(wanted.messages)
        text = "\n\n".join(text_of(message) for message in new) or (_NO_RESULT if new[0].role == "tool" else "")

        def screened(given: str) -> str:
            return services.gateway.screening.history(conversation, given, services.clock.now())

        def line(message: ChatMessage, seen: str) -> Utterance:
            calls = tuple(
                ToolCall(one.id, one.function.name, mapped(one.function.arguments, screened))
                for one in message.tool_calls or ()
            )
            return Utterance(message.role, seen, calls, message.tool_call_id or "")

        said = [(message.role, text_of(message)) for message in before]
        seen = services.gateway.screening.histories(conversation, said, text, services.clock.now())
        earlier = [line(message, shown) for message, shown in zip(before, seen, strict=True)]
        received = await services.gateway.receive(session, lane_of(session), conversation, text)
        headers = [
            (b"x-request-id", received.entry.encode()),
            (b"chatwarden-conversation", conversation.id.encode()),
        ]
        if notice := told(received.message, rewritten=received.rewritten):
            headers.append((b"chatwarden-notice", notice.encode()))
        if received.held:
            return _completion(wanted, received.message.at, _held_line(), headers, "stop", None)
        # Of several results, each is looked at again alone: its values have their names from the message by now.
        news = [line(one, received.bot_text if len(new) == 1 else screened(text_of(one))) for one in new]
        turn = Turn(conversation.id, (*earlier, *news), options_of(wanted, screened))
        try:
            if wanted.stream:
                return await self._stream(request, wanted, received, turn, headers)
            answered = await services.gateway.answer(received, turn)
        except TakenOver:
            headers.append((b"chatwarden-handoff", b"assigned"))
            return self._human(request, wanted, received, headers)
        if answered.handoff:
            headers.append((b"chatwarden-handoff", answered.handoff.encode()))
        return _completion(
            wanted, answered.reply.at, answered.text, headers, answered.finish, answered.usage, answered.reply.id,
            answered.calls,
        )  # fmt: skip

    def _human(
        self, request: Request, wanted: ChatRequest, received: Received, headers: list[tuple[bytes, bytes]]
    ) -> Reply | StreamReply:
        """A human answers, in their own time: this protocol cannot bring it, and says so."""
        at = received.message.at
        if not wanted.stream:
            return _completion(wanted, at, _HUMAN, headers, "stop", None)
        head = {
            "id": new_id("chatcmpl"),
            "object": "chat.completion.chunk",
            "created": at // SECOND,
            "model": wanted.model,
        }

        async def chunks() -> AsyncGenerator[bytes]:
            for delta, finish in (({"role": "assistant", "content": _HUMAN}, None), ({}, "stop")):
                choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
                yield b"data: %s\n\n" % _encode({**head, "choices": choices})
            yield b"data: [DONE]\n\n"

        return StreamReply(chunks(), request.receive, [*EVENT_HEADERS, *headers])

    async def _stream(
        self, request: Request, wanted: ChatRequest, received: Received, turn: Turn, headers: list[tuple[bytes, bytes]]
    ) -> StreamReply:
        pieces = self._services.gateway.stream(received, turn)
        # The first piece decides the headers: a bot that fails before it speaks is an offered hand-off.
        first = await anext(pieces)
        if isinstance(first, Answered) and first.handoff:
            headers.append((b"chatwarden-handoff", first.handoff.encode()))
        return StreamReply(self._chunks(wanted, pieces, first), request.receive, [*EVENT_HEADERS, *headers])

    async def _chunks(
        self, wanted: ChatRequest, pieces: AsyncGenerator[str | Answered], first: str | Answered
    ) -> AsyncGenerator[bytes]:
        head = {
            "id": new_id("chatcmpl"),
            "object": "chat.completion.chunk",
            "created": self._services.clock.now() // SECOND,
            "model": wanted.model,
        }

        def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
            choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
            return b"data: %s\n\n" % _encode({**head, "choices": choices})

        try:
            yield chunk({"role": "assistant", "content": first.text if isinstance(first, Answered) else first})
            piece = first
            while isinstance(piece, str):
                piece = await anext(pieces)
                if isinstance(piece, str):
                    yield chunk({"content": piece})
            if piece.stopped is not None:
                raise AnswerStopped(stopped(piece.stopped), classes=[piece.stopped.value])
            if piece.calls:
                yield chunk({"tool_calls": written(piece.calls, streamed=True)})
            yield chunk({}, piece.finish)
            if wanted.stream_options is not None and wanted.stream_options.include_usage:
                yield b"data: %s\n\n" % _encode({**head, "choices": [], "usage": _usage(piece.usage)})
            yield b"data: [DONE]\n\n"
        except Problem as problem:
            # The answer has begun, so the protocol's own error ends it: clients raise APIError on this.
            yield b"data: %s\n\n" % self._refused(problem).body
        except StorageFailed:
            yield b"data: %s\n\n" % self._refused(Unavailable("the answer could not be stored")).body
        finally:
            # Who went away is told nothing any more, not even that their session has ended too.
            with suppress(Problem):
                await pieces.aclose()


async def _session(services: Services, request: Request) -> Session:
    await one_kind(services, request)
    token = request.bearer()
    if not token:
        raise InvalidToken(headers={"WWW-Authenticate": 'Bearer realm="chatwarden"'})
    return await services.sessions.authenticate(token, services.clock.now(), request.client)


async def _conversation(services: Services, session: Session, bot: str, request: Request) -> Conversation:
    """The one named in the header, or the one of this session and bot."""
    named = request.header(b"chatwarden-conversation")
    now = services.clock.now()
    if named:
        conversation = await services.conversations.access(session.principal, named, now)
        if conversation.bot != bot:
            raise NotFound
        return conversation
    origin = f"openai\0{session.id}\0{bot}"
    known = services.conversations.derived(session.principal, origin)
    return known or await services.conversations.open(
        session.principal, bot, now, lane=lane_of(session), derived=origin
    )


def _completion(
    wanted: ChatRequest,
    now: Instant,
    text: str,
    headers: list[tuple[bytes, bytes]],
    finish: str,
    usage: Any,
    reply_id: str = "",
    calls: Sequence[ToolCall] = (),
) -> Reply:
    message: dict[str, Any] = {"role": "assistant", "content": text or None if calls else text}
    if calls:
        message["tool_calls"] = written(calls, streamed=False)
    body = {
        "id": "chatcmpl-" + (reply_id or new_id("hold"))[4:],
        "object": "chat.completion",
        "created": now // SECOND,
        "model": wanted.model,
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": _usage(usage),
    }
    return Reply(200, _encode(body), [*JSON_HEADERS, *headers])


def _held_line() -> str:
    return (
        "Your message holds personal data and was not sent on. Release or withdraw it in the conversation named in the "
        "header Chatwarden-Conversation."
    )


def _usage(usage: Any) -> dict[str, int]:
    return dict(usage) if usage else {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


async def models(services: Services, request: Request) -> Reply:
    """The one model of this path, so that front-ends can list the bot. Errors take OpenAI's form too."""
    try:
        session = await _session(services, request)
        services.sessions.require_active(session, services.clock.now())
        bot = services.gateway.bot_for(session, request.path["bot"])
    except Problem as problem:
        problem.extra = {name: extension(value, services.relying_party) for name, value in problem.extra.items()}
        return error_reply(problem)
    model = {"id": bot.config.name, "object": "model", "created": 0, "owned_by": "chatwarden"}
    return json_reply({"object": "list", "data": [model]})


async def _described(_services: Services, _request: Request) -> Reply:
    raise NotFound  # unreachable: the hot route answers this path; the entry is here to be documented


ROUTES = [
    Route(
        "POST", PATH, "Chat Completions (OpenAI-compatible)", Access.ITSELF, _described, ChatRequest, ((200, None),),
        (Forbidden, NotFound, TooManyRequests), tag="openai",
    ),
    Route(
        "GET", MODELS, "The bot as a model (OpenAI-compatible)", Access.ITSELF, models, None, ((200, None),),
        (NotFound,), tag="openai",
    ),
]  # fmt: skip


def hot_route(services: Services) -> StarletteRoute:
    """The route to put first."""
    return StarletteRoute(PATH, ChatCompletions(services))
