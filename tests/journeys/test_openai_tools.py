"""The unmodified openai client, with tools and with answers that must not go out, through the gateway to a bot."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam
from tests.world.gateway import Gateway, running
from tests.world.threaded import bot_server
from tests.world.upstream import Asked, Upstream, Writer, delta, event, events, whole

IBAN = "DE89 3704 0044 0532 0130 00"
CONFIG = """
[bots.shop]
connector = "openai"
url = "{url}"
model = "m"
[bots.strict]
connector = "openai"
url = "{url}"
model = "m"
[bots.strict.policy]
iban = "block"
[bots.names]
connector = "openai"
url = "{url}"
model = "m"
[bots.names.policy]
person-name = "mask"
[limits]
visitors = "off"
messages = "off"
"""
TOOLS: list[ChatCompletionToolParam] = [
    {"type": "function", "function": {"name": "find_orders", "parameters": {"type": "object"}}}
]
ASK: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Find the orders of ada@example.org"}]


def called(text: str) -> list[dict[str, Any]]:
    """What the bot asks for: the mail address that it was told, and an IBAN that it should not know."""
    at = text.find("[email-")
    arguments = json.dumps({"mail": text[at : text.find("]", at) + 1], "iban": IBAN, "why": 'a "quote"'})
    return [{"id": "call_1", "type": "function", "function": {"name": "find_orders", "arguments": arguments}}]


async def bot(upstream: Upstream, asked: Asked, writer: Writer) -> None:
    """Calls its tool for a first question, tells the result of one, and says an IBAN where it is asked for one."""
    last = asked.body["messages"][-1]
    text = last["content"]
    if "IBAN" in text:
        said: list[dict[str, Any]] = [
            {"content": word} for word in f"Of course. It is {IBAN} and that is all.".split(" ")
        ]
        said = [{"content": one["content"] + " "} for one in said]
    elif "name" in text:
        said = [{"content": letter} for letter in "The order was placed in the name of Anna Schmidt. Bye."]
    elif last["role"] == "tool":
        said = [{"content": "I read: "}, {"content": text}]
    else:
        (call,) = called(text)
        halves = call["function"]["arguments"][:15], call["function"]["arguments"][15:]
        first = {**call, "index": 0, "function": {"name": "find_orders", "arguments": halves[0]}}
        said = [{"content": "Let me look. "}, {"tool_calls": [first]}]
        said.append({"tool_calls": [{"index": 0, "function": {"arguments": halves[1]}}]})
    calls = called(text) if any("tool_calls" in one for one in said) else None
    finish = "tool_calls" if calls else "stop"
    if asked.streamed:
        parts = [event({"choices": [{"index": 0, "delta": one}]}) for one in said]
        await events(*parts, event(delta(None, finish)), b"data: [DONE]\n\n")(upstream, asked, writer)
        return
    message: dict[str, Any] = {"role": "assistant", "content": "".join(one.get("content", "") for one in said)}
    message |= {"tool_calls": calls} if calls else {}
    body = {"choices": [{"index": 0, "message": message, "finish_reason": finish}]}
    await whole(json.dumps(body).encode())(upstream, asked, writer)


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with bot_server(bot) as started:
        yield started


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, upstream: Upstream) -> Iterator[Gateway]:
    home: Path = tmp_path_factory.mktemp("tools") / "home"
    with running(home, CONFIG.format(url=upstream.url)) as started:
        yield started


@pytest.fixture
def client(house: Gateway) -> Iterator[openai.OpenAI]:
    context = ssl.create_default_context(cafile=str(house.home / "tls" / "ca.pem"))
    with (
        httpx2.Client(verify=context) as http,
        openai.OpenAI(api_key=house.visitor(), base_url=f"{house.url}/bots/shop/openai/v1", http_client=http) as made,
    ):
        yield made


def of(client: openai.OpenAI, house: Gateway, name: str) -> openai.OpenAI:
    return client.with_options(base_url=f"{house.url}/bots/{name}/openai/v1")


def record(house: Gateway, client: openai.OpenAI, conversation: str) -> list[dict[str, Any]]:
    path = f"/api/v1/conversations/{conversation}/messages"
    messages: list[dict[str, Any]] = house.call("GET", path, token=client.api_key).json["messages"]
    return messages


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_call_has_its_persons_values_and_nothing_that_policy_hides(
    client: openai.OpenAI, house: Gateway, upstream: Upstream, *, stream: bool
) -> None:
    if stream:
        with client.chat.completions.stream(model="m", messages=ASK, tools=TOOLS) as coming:
            message = coming.get_final_completion().choices[0]
    else:
        message = client.chat.completions.create(model="m", messages=ASK, tools=TOOLS).choices[0]  # type: ignore[assignment]
    assert "ada@" not in str(upstream.asked[-1].body)
    assert upstream.asked[-1].body["tools"] == TOOLS
    assert message.finish_reason == "tool_calls"
    assert (message.message.content or "").strip() == "Let me look."
    call = (message.message.tool_calls or [])[0]
    assert call.type == "function"
    assert (call.id, call.function.name) == ("call_1", "find_orders")
    said = json.loads(call.function.arguments)
    assert said["mail"] == "ada@example.org"
    assert said["why"] == 'a "quote"'
    assert "3704" not in said["iban"]
    kept = record(house, client, house_conversation(client, house))
    assert "find_orders(" in kept[1]["text"]
    assert "3704" not in kept[1]["text"]
    assert {"email", "iban"} <= {one["class"] for one in kept[1]["findings"]}


def house_conversation(client: openai.OpenAI, house: Gateway) -> str:
    listed = house.call("GET", "/api/v1/conversations", token=client.api_key).json["conversations"]
    return str(listed[0]["id"])


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_result_goes_to_the_bot_in_placeholders_and_comes_back_in_clear(
    client: openai.OpenAI, upstream: Upstream, *, stream: bool
) -> None:
    call = {
        "id": "call_1",
        "type": "function",
        "function": {"name": "find_orders", "arguments": '{"mail": "ada@example.org"}'},
    }
    messages: Any = [
        *ASK,
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "One order, of ada@example.org and bert@example.org."},
    ]
    if stream:
        chunks = client.chat.completions.create(model="m", messages=messages, tools=TOOLS, stream=True)
        text = "".join(one.choices[0].delta.content or "" for one in chunks)
    else:
        text = (
            client.chat.completions.create(model="m", messages=messages, tools=TOOLS).choices[0].message.content or ""
        )
    assert text == "I read: One order, of ada@example.org and bert@example.org."
    question, asked, result = upstream.asked[-1].body["messages"]
    assert "@" not in str([question, asked, result])
    name = json.loads(asked["tool_calls"][0]["function"]["arguments"])["mail"]
    assert name.startswith("[email-")
    assert name in question["content"]
    assert name in result["content"]
    assert (result["role"], result["tool_call_id"]) == ("tool", "call_1")


def test_another_person_never_gets_the_value_behind_a_name(client: openai.OpenAI, house: Gateway) -> None:
    mine = client.chat.completions.create(model="m", messages=ASK, tools=TOOLS).choices[0].message
    other = client.with_options(api_key=house.visitor())
    typed: Any = [{"role": "user", "content": "Find the orders of [email-1]"}]
    theirs = other.chat.completions.create(model="m", messages=typed, tools=TOOLS).choices[0].message
    assert "ada@example.org" in str(mine.tool_calls)
    assert "ada@example.org" not in str(theirs.tool_calls)


def test_an_answer_that_must_not_go_out_ends_with_the_protocols_own_error(
    client: openai.OpenAI, house: Gateway
) -> None:
    strict = of(client, house, "strict")
    ask: list[ChatCompletionMessageParam] = [{"role": "user", "content": "What is your IBAN?"}]
    seen: list[str] = []
    with pytest.raises(openai.APIError) as ended:  # noqa: PT012  the error comes in the middle
        for one in strict.chat.completions.create(model="m", messages=ask, stream=True):
            seen.append(one.choices[0].delta.content or "")
            assert one.choices[0].finish_reason is None
    assert ended.value.code == "answer-stopped"
    assert "IBAN" in str(ended.value)
    assert "".join(seen).rstrip() == "Of course. It is"
    raw = strict.chat.completions.with_raw_response.create(model="m", messages=ask)
    assert raw.headers["chatwarden-handoff"] == "offered"
    assert "3704" not in raw.text
    assert "Of course" not in raw.text
    kept = record(house, client, raw.headers["chatwarden-conversation"])
    assert kept[1]["text"].rstrip() == "Of course. It is"
    assert "3704" not in str(kept)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_name_that_policy_hides_is_hidden_whole_or_streamed_and_lives_as_long(
    client: openai.OpenAI, house: Gateway, *, stream: bool
) -> None:
    names = of(client, house, "names")
    ask: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Whose name is on the order?"}]
    if stream:
        chunks = names.chat.completions.create(model="m", messages=ask, stream=True)
        text = "".join(one.choices[0].delta.content or "" for one in chunks)
    else:
        text = names.chat.completions.create(model="m", messages=ask).choices[0].message.content or ""
    assert text == "The order was placed in the name of [person-name hidden]. Bye."
    kept = record(house, client, house_conversation(client, house))[1]
    assert kept["text"] == text
    assert [(one["class"], one["action"]) for one in kept["findings"]] == [("person-name", "masked")]
