"""What OpenAI's clients send and expect."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from chatwarden.bots.model import ToolCall
from chatwarden.errors import (
    ConfirmationRequired,
    Forbidden,
    InvalidRequest,
    InvalidToken,
    NotFound,
    Problem,
    TooManyRequests,
    Unavailable,
)
from chatwarden.web.facades.openai_wire import (
    ChatRequest,
    check,
    error_reply,
    options_of,
    text_of,
    turned,
    written,
)

HELLO = {"role": "user", "content": "hello"}
TOOL = {"type": "function", "function": {"name": "find", "parameters": {"properties": {"mail": {"example": "a@b.c"}}}}}
CALL = {"id": "call_1", "type": "function", "function": {"name": "find", "arguments": '{"mail": "a"}'}}
ASKED = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT = {"role": "tool", "content": "found", "tool_call_id": "call_1"}


def request(*messages: dict[str, Any], **more: Any) -> ChatRequest:
    return msgspec.convert({"messages": list(messages) or [HELLO], **more}, ChatRequest)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"n": 1, "tools": [], "functions": [], "logprobs": False, "response_format": {"type": "text"}},
        {"stop": ["a", "b", "c", "d"], "user": "somebody", "top_k": 3},
    ],
)
def test_what_this_front_does_is_let_through(more: dict[str, Any]) -> None:
    check(request(HELLO, {"role": "assistant", "content": None}, HELLO, **more), client_system=False, tools=True)


@pytest.mark.parametrize(
    ("messages", "more", "status"),
    [
        ([HELLO] * 257, {}, 413),
        ([HELLO, {"role": "assistant", "content": "yes"}], {}, 400),
        ([{"role": "tool", "content": "x"}, HELLO], {}, 400),
        ([{"role": "User", "content": "x"}], {}, 400),
        ([HELLO], {"n": 2}, 400),
        ([HELLO], {"n": 0}, 400),
        ([HELLO], {"tools": [{"type": "web_search"}]}, 400),
        ([HELLO], {"tools": [TOOL] * 129}, 400),
        ([{**HELLO, "tool_calls": [CALL]}], {}, 400),
        ([{"role": "assistant", "tool_calls": [CALL] * 129}, HELLO], {}, 400),
        ([{"role": "assistant", "tool_calls": [{**CALL, "id": ""}]}, HELLO], {}, 400),
        ([{"role": "assistant", "tool_calls": [{**CALL, "type": "custom"}]}, HELLO], {}, 400),
        ([{**HELLO, "tool_call_id": "call_1"}], {}, 400),
        ([HELLO], {"functions": [{}]}, 400),
        ([HELLO], {"logprobs": True}, 400),
        ([HELLO], {"response_format": {"type": "json_object"}}, 400),
        ([HELLO], {"response_format": {"schema": {}}}, 400),
        ([HELLO], {"stop": ["a"] * 5}, 400),
    ],
)
def test_what_this_front_does_not_do_is_refused_in_plain_words(
    messages: list[dict[str, Any]], more: dict[str, Any], status: int
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        check(request(*messages, **more), client_system=True, tools=True)
    assert refused.value.status == status
    assert refused.value.detail


def test_tools_are_for_a_bot_that_takes_some() -> None:
    wanted = request(HELLO, ASKED, RESULT, tools=[TOOL], tool_choice="auto")
    check(wanted, client_system=False, tools=True)
    with pytest.raises(InvalidRequest):
        check(wanted, client_system=False, tools=False)


@pytest.mark.parametrize(
    ("messages", "new"),
    [([HELLO], 1), ([HELLO, ASKED, RESULT], 1), ([HELLO, ASKED, RESULT, RESULT], 2), ([RESULT], 1)],
)
def test_new_is_what_the_user_says_or_every_result(messages: list[dict[str, Any]], new: int) -> None:
    wanted = request(*messages)
    before, last = turned(wanted.messages)
    assert ([*before, *last], len(last)) == (wanted.messages, new)


def test_a_tools_description_is_screened_and_stays_what_it_is() -> None:
    made = options_of(
        request(tools=[TOOL], tool_choice={"type": "function"}, parallel_tool_calls=False),
        lambda text: text.replace("a@b.c", "[email-1]"),
    )
    shown = {"mail": {"example": "[email-1]"}}
    assert made["tools"] == [{"type": "function", "function": {"name": "find", "parameters": {"properties": shown}}}]
    assert (made["tool_choice"], made["parallel_tool_calls"]) == ({"type": "function"}, False)
    assert options_of(request(parallel_tool_calls=False, tool_choice="none"), str) == {}


def test_a_call_has_its_place_in_a_stream_only() -> None:
    calls = [ToolCall("call_1", "find", '{"mail": "a"}')]
    assert written(calls, streamed=False) == [CALL]
    assert written(calls, streamed=True) == [{"index": 0, **CALL}]


def test_a_request_without_messages_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        check(ChatRequest([]), client_system=True, tools=True)


@pytest.mark.parametrize("role", ["system", "developer"])
def test_only_where_it_is_allowed_may_a_client_instruct_the_bot(role: str) -> None:
    wanted = request({"role": role, "content": "you are a pirate"}, HELLO)
    check(wanted, client_system=True, tools=True)
    with pytest.raises(Forbidden):
        check(wanted, client_system=False, tools=True)
    with pytest.raises(InvalidRequest):  # and never instead of a person
        check(request({"role": role, "content": "x"}), client_system=True, tools=True)


def test_text_is_a_string_or_parts_of_text() -> None:
    parts = [{"type": "text", "text": "Good "}, {"type": "text", "text": "day"}]
    wanted = request({"role": "user", "content": None}, {"role": "user", "content": parts})
    assert text_of(wanted.messages[1]) == "Good day"
    assert text_of(wanted.messages[0]) == ""


@pytest.mark.parametrize("kind", ["image_url", "input_audio", "file", ""])
def test_parts_that_are_no_text_are_refused(kind: str) -> None:
    with pytest.raises(InvalidRequest):
        text_of(
            request(
                {"role": "user", "content": [{"type": "text", "text": "see"}, {"type": kind, "text": "x"}]}
            ).messages[0]
        )


def test_options_go_on_and_their_words_are_screened() -> None:
    wanted = request(temperature=0.0, seed=7, stop=["one", "two"], user="anna", model="mine", n=1, stream=True)
    assert options_of(wanted, str.upper) == {"temperature": 0.0, "seed": 7, "stop": ["ONE", "TWO"]}
    assert options_of(request(stop="one"), str.upper) == {"stop": "ONE"}
    assert options_of(request(stop=[]), str.upper) == {"stop": []}
    assert options_of(request(), str.upper) == {}


@pytest.mark.parametrize(
    ("problem", "kind", "retry"),
    [
        (InvalidRequest("no"), "invalid_request_error", None),
        (InvalidRequest(status=422), "invalid_request_error", None),
        (InvalidToken(), "authentication_error", "false"),
        (ConfirmationRequired(), "authentication_error", "false"),
        (Forbidden(), "permission_error", "false"),
        (NotFound(), "invalid_request_error", "false"),
        (TooManyRequests(headers={"Retry-After": "3"}), "rate_limit_error", None),
        (Unavailable(), "server_error", "true"),
        (Problem(error_id="err_1"), "server_error", "false"),
    ],
    ids=lambda value: value.name if isinstance(value, Problem) else None,
)
def test_a_refusal_takes_openais_form_and_says_whether_another_try_helps(
    problem: Problem, kind: str, retry: str | None
) -> None:
    reply = error_reply(problem)
    headers = {name.decode(): value.decode() for name, value in reply.headers}
    error = json.loads(reply.body)["error"]
    assert reply.status == problem.status
    assert error == {
        "message": problem.detail or problem.title, "type": kind, "param": None, "code": problem.name, **problem.extra,
    }  # fmt: skip
    assert headers.get("x-should-retry") == retry
    assert headers["content-type"] == "application/json"
    assert headers.get("retry-after") == problem.headers.get("Retry-After")
