"""What OpenAI's clients send and expect, as types and pure functions (OpenAI API reference, Chat Completions)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from chatwarden.errors import Forbidden, InvalidRequest, Problem
from chatwarden.web.http import JSON_HEADERS, Reply

_MESSAGES_MAX = 256
_STOPS_MAX = 4  # OpenAI's own; each is looked at
_ROLES = {"system", "developer", "user", "assistant"}
_encode = msgspec.json.Encoder().encode


class TextPart(msgspec.Struct):
    """A part of a message; only text is understood."""

    type: str
    text: str = ""


class ChatMessage(msgspec.Struct):
    """One message as the client sends it."""

    role: str
    content: str | list[TextPart] | None = None
    name: str | None = None


class StreamOptions(msgspec.Struct):
    """Options of a stream."""

    include_usage: bool = False


class ChatRequest(msgspec.Struct, omit_defaults=True):
    """The request. Fields that are not listed are ignored, as OpenAI-compatible servers do; those that would change
    the meaning of the answer and are not supported are refused by ``check``.
    """

    messages: list[ChatMessage]
    model: str = ""
    stream: bool = False
    stream_options: StreamOptions | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    stop: str | list[str] | None = None
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    n: int | None = None
    tools: list[Any] | None = None
    functions: list[Any] | None = None
    response_format: dict[str, Any] | None = None
    logprobs: bool | None = None


_PASSED_ON = (
    "temperature", "top_p", "max_tokens", "max_completion_tokens", "stop", "seed", "presence_penalty",
    "frequency_penalty",
)  # fmt: skip


def check(request: ChatRequest, *, client_system: bool) -> None:
    """Raises InvalidRequest or Forbidden for what this front does not do."""
    if not request.messages:
        raise InvalidRequest("messages is empty")
    if len(request.messages) > _MESSAGES_MAX:
        raise InvalidRequest(f"at most {_MESSAGES_MAX} messages", status=413)
    if request.n not in {None, 1}:
        raise InvalidRequest("n is 1 here")
    if isinstance(request.stop, list) and len(request.stop) > _STOPS_MAX:
        raise InvalidRequest(f"at most {_STOPS_MAX} stop sequences")
    if request.tools or request.functions:
        raise InvalidRequest("tools are not supported by this gateway yet")
    if request.logprobs:
        raise InvalidRequest("logprobs are not supported by this gateway")
    if request.response_format and request.response_format.get("type") != "text":
        raise InvalidRequest("response_format is text here")
    for message in request.messages:
        if message.role not in _ROLES:
            raise InvalidRequest("a message has role user, assistant, system or developer")
        if message.role in {"system", "developer"} and not client_system:
            raise Forbidden("system and developer messages are not accepted from clients")
    if request.messages[-1].role != "user":
        raise InvalidRequest("the last message must be the user's")


def text_of(message: ChatMessage) -> str:
    """The text of a message. Raises InvalidRequest when it has anything else."""
    if message.content is None:
        return ""
    if isinstance(message.content, str):
        return message.content
    if any(part.type != "text" for part in message.content):
        raise InvalidRequest("only text parts are accepted")
    return "".join(part.text for part in message.content)


def last_text(request: ChatRequest) -> str:
    """The new user turn."""
    return text_of(request.messages[-1])


def options_of(request: ChatRequest, screened: Callable[[str], str]) -> dict[str, Any]:
    """What is passed on to the bot. Words among it are *screened*: they may hold personal data like any other."""
    options = {name: value for name in _PASSED_ON if (value := getattr(request, name)) is not None}
    if isinstance(request.stop, str):
        options["stop"] = screened(request.stop)
    elif request.stop is not None:
        options["stop"] = [screened(one) for one in request.stop]
    return options


def error_reply(problem: Problem) -> Reply:
    """*problem* in OpenAI's form, with the problem's own members beside it."""
    error: dict[str, Any] = {
        "message": problem.detail or problem.title,
        "type": _kind(problem.status),
        "param": None,
        "code": problem.name,
    }
    error.update({name: value for name, value in problem.extra.items() if value is not None})
    headers = [(name.lower().encode(), value.encode()) for name, value in problem.headers.items()]
    # Clients retry what a retry cannot mend unless they are told not to.
    if problem.status in {401, 403, 404, 409} or problem.status >= 500:
        headers.append((b"x-should-retry", b"true" if problem.status == 503 else b"false"))
    return Reply(problem.status, _encode({"error": error}), [*JSON_HEADERS, *headers])


def _kind(status: int) -> str:
    if status == 401:
        return "authentication_error"
    if status == 403:
        return "permission_error"
    if status == 429:
        return "rate_limit_error"
    return "invalid_request_error" if status < 500 else "server_error"
