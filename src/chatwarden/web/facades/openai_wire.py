"""What OpenAI's clients send and expect, as types and pure functions (OpenAI API reference, Chat Completions)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from chatwarden.bots.model import ToolCall
from chatwarden.calls import mapped
from chatwarden.errors import Forbidden, InvalidRequest, Problem
from chatwarden.web.http import JSON_HEADERS, Reply

_MESSAGES_MAX = 256
_STOPS_MAX = 4  # OpenAI's own; each is looked at
_ROLES = {"system", "developer", "user", "assistant", "tool"}
_TOOLS_MAX = 128
_encode = msgspec.json.Encoder().encode
_json = msgspec.json.Decoder().decode


class TextPart(msgspec.Struct):
    """A part of a message; only text is understood."""

    type: str
    text: str = ""


class CalledFunction(msgspec.Struct):
    """What a tool call names."""

    name: str = ""
    arguments: str = ""


class CalledTool(msgspec.Struct):
    """A tool call of an earlier answer."""

    id: str = ""
    type: str = "function"
    function: CalledFunction = msgspec.field(default_factory=CalledFunction)


class ChatMessage(msgspec.Struct):
    """One message as the client sends it."""

    role: str
    content: str | list[TextPart] | None = None
    name: str | None = None
    tool_calls: list[CalledTool] | None = None
    tool_call_id: str | None = None


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
    tools: list[dict[str, Any]] | None = None
    tool_choice: str | dict[str, Any] | None = None
    parallel_tool_calls: bool | None = None
    functions: list[Any] | None = None
    response_format: dict[str, Any] | None = None
    logprobs: bool | None = None


_PASSED_ON = (
    "temperature", "top_p", "max_tokens", "max_completion_tokens", "stop", "seed", "presence_penalty",
    "frequency_penalty", "parallel_tool_calls",
)  # fmt: skip


def check(request: ChatRequest, *, client_system: bool, tools: bool) -> None:
    """Raises InvalidRequest or Forbidden for what this front, or a bot without *tools*, does not do."""
    if not request.messages:
        raise InvalidRequest("messages is empty")
    if len(request.messages) > _MESSAGES_MAX:
        raise InvalidRequest(f"at most {_MESSAGES_MAX} messages", status=413)
    if request.n not in {None, 1}:
        raise InvalidRequest("n is 1 here")
    if isinstance(request.stop, list) and len(request.stop) > _STOPS_MAX:
        raise InvalidRequest(f"at most {_STOPS_MAX} stop sequences")
    if request.functions:
        raise InvalidRequest("functions are not supported: send tools")
    if request.tools and not tools:
        raise InvalidRequest("this bot takes no tools")
    if len(request.tools or ()) > _TOOLS_MAX or any(one.get("type") != "function" for one in request.tools or ()):
        raise InvalidRequest(f"tools are at most {_TOOLS_MAX} functions")
    if request.logprobs:
        raise InvalidRequest("logprobs are not supported by this gateway")
    if request.response_format and request.response_format.get("type") != "text":
        raise InvalidRequest("response_format is text here")
    for message in request.messages:
        if message.role not in _ROLES:
            raise InvalidRequest("a message has role user, assistant, tool, system or developer")
        if message.role in {"system", "developer"} and not client_system:
            raise Forbidden("system and developer messages are not accepted from clients")
        _check_tools(message)
    if request.messages[-1].role not in {"user", "tool"}:
        raise InvalidRequest("the last message must be the user's, or the result of a tool")


def _check_tools(message: ChatMessage) -> None:
    if (message.role == "tool") != bool(message.tool_call_id):
        raise InvalidRequest("a tool's message, and no other, has a tool_call_id")
    calls = message.tool_calls or ()
    if len(calls) > _TOOLS_MAX or (calls and message.role != "assistant"):
        raise InvalidRequest(f"tool_calls are the assistant's, {_TOOLS_MAX} at most")
    if any(one.type != "function" or not one.id or not one.function.name for one in calls):
        raise InvalidRequest("a tool call has an id and names a function")


def text_of(message: ChatMessage) -> str:
    """The text of a message. Raises InvalidRequest when it has anything else."""
    if message.content is None:
        return ""
    if isinstance(message.content, str):
        return message.content
    if any(part.type != "text" for part in message.content):
        raise InvalidRequest("only text parts are accepted")
    return "".join(part.text for part in message.content)


def turned(messages: Sequence[ChatMessage]) -> tuple[Sequence[ChatMessage], Sequence[ChatMessage]]:
    """What was said before, and what is new: the user's message, or the results of tools."""
    at = len(messages) - 1
    while messages[at].role == "tool" and at and messages[at - 1].role == "tool":
        at -= 1
    return messages[:at], messages[at:]


def options_of(request: ChatRequest, screened: Callable[[str], str]) -> dict[str, Any]:
    """What is passed on to the bot. Words among it are *screened*: they may hold personal data like any other."""
    options = {name: value for name in _PASSED_ON if (value := getattr(request, name)) is not None}
    if isinstance(request.stop, str):
        options["stop"] = screened(request.stop)
    elif request.stop is not None:
        options["stop"] = [screened(one) for one in request.stop]
    if request.tools:
        options["tools"] = _json(mapped(_encode(request.tools).decode(), screened))
        if request.tool_choice is not None:
            options["tool_choice"] = _json(mapped(_encode(request.tool_choice).decode(), screened))
    else:
        options.pop("parallel_tool_calls", None)
    return options


def written(calls: Sequence[ToolCall], *, streamed: bool) -> list[dict[str, Any]]:
    """Tool calls as a message has them; in a stream each has its place."""
    return [
        {
            **({"index": place} if streamed else {}),
            "id": one.id,
            "type": "function",
            "function": {"name": one.name, "arguments": one.arguments},
        }
        for place, one in enumerate(calls)
    ]


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
