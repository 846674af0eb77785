"""Whatever a bot says or does not say: an answer in shape, or a BotFailed with the right word, in time."""

import asyncio
import json
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.world import upstream as world
from tests.world.upstream import TEXT, WORDS, Behaviour, completion, delta, event, events, serving, whole

from chatwarden.bots.connectors.openai import OpenAI
from chatwarden.bots.model import Answer, BotFailed, StreamEnd, ToolCall, Turn, Utterance
from chatwarden.clock import SECOND
from chatwarden.config.model import BotConfig
from chatwarden.errors import ConfigurationError

TURN = Turn("cnv_1", (Utterance("user", "When do you open?"),))
SHORT = SECOND * 3 // 10
PATIENCE = 30  # far beyond every deadline in here: only a call that hangs meets it
DONE = b"data: [DONE]\n\n"


def config(url: str) -> BotConfig:
    return BotConfig(
        "helper",
        "openai",
        url=url,
        model="small",
        plaintext=True,
        connect_timeout=SHORT,
        first_byte_timeout=SHORT,
        total_timeout=3 * SHORT,
    )


async def ask(url: str, turn: Turn = TURN) -> Answer:
    connector = OpenAI(config(url), Path())
    try:
        return await asyncio.wait_for(connector.ask(turn), PATIENCE)
    finally:
        await connector.close()


async def stream(url: str, turn: Turn = TURN) -> list[str | StreamEnd]:
    connector = OpenAI(config(url), Path())
    try:
        async with asyncio.timeout(PATIENCE):
            return [piece async for piece in connector.stream(turn)]
    finally:
        await connector.close()


def plain(said: object) -> Behaviour:
    return whole(json.dumps(said).encode())


BOTH: dict[str, tuple[Behaviour, str]] = {
    "the first byte never comes": (world.never_answers, "timeout"),
    "a byte now and then": (world.trickles, "timeout"),
    "closed before an answer": (world.closes_before_answering, "truncated"),
    "another protocol": (world.speaks_no_http, "malformed"),
    "500": (whole(b"{}", status="500 Internal Server Error"), "status"),
    "429": (whole(b"{}", status="429 Too Many Requests"), "status"),
    "204": (whole(b"", status="204 No Content"), "status"),
    "a redirect": (whole(b"", status="302 Found", extra="location: http://127.0.0.1:1/\r\n"), "status"),
    "a web page": (whole(b"<html>", content_type="text/html"), "content-type"),
    "no type": (whole(b"{}", content_type=""), "content-type"),
}
PLAIN: dict[str, tuple[Behaviour, str]] = {
    "closed half-way": (world.closes_half_way, "truncated"),
    "half of its JSON": (whole(b'{"choices": [{"mess'), "malformed"),
    "nothing at all": (whole(b""), "malformed"),
    "another shape": (plain({"choices": "yes"}), "malformed"),
    "a list": (plain([]), "malformed"),
    "no choices": (plain({"choices": []}), "empty"),
    "an empty text": (plain(completion("")), "empty"),
    "only space": (plain(completion(" \n")), "empty"),
    "no text": (plain(completion(None)), "empty"),
    "a number for a text": (plain(completion(5)), "malformed"),
    "NaN": (whole(b'{"choices": [], "usage": {"total_tokens": NaN}}'), "malformed"),
    "bytes that are no text": (whole(b'{"choices":[{"message":{"content":"\xff\xfe"}}]}'), "malformed"),
    "half of a surrogate pair": (whole(b'{"choices":[{"message":{"content":"\\ud800"}}]}'), "malformed"),
    "a deep nest": (whole(b"[" * 200_000), "malformed"),
    "an answer without an end": (world.never_ends, "oversized"),
    "a stream that nobody asked for": (events(event(delta("a")), DONE), "content-type"),
}
STREAMED: dict[str, tuple[Behaviour, str]] = {
    "closed half-way": (events(event(delta("Good ")), end=False), "truncated"),
    "no [DONE] and no reason": (events(event(delta("Good "))), "truncated"),
    "nothing at all": (events(), "truncated"),
    "only [DONE]": (events(DONE), "empty"),
    "a reason and no text": (events(event(delta(None, "stop")), DONE), "empty"),
    "half of its JSON": (events(b'data: {"choices": [{"del\n\n'), "malformed"),
    "another shape": (events(b"data: [1, 2]\n\n"), "malformed"),
    "NaN": (events(b'data: {"choices": [], "usage": {"total_tokens": NaN}}\n\n'), "malformed"),
    "bytes that are no text": (events(b'data: {"choices":[{"delta":{"content":"\xff"}}]}\n\n'), "malformed"),
    "a line of 10 MB": (events(*[b"data: " + b"x" * 1_000_000] * 10), "oversized"),
    "an event of many lines": (events(*[b"data: " + b"x" * 1_000 + b"\n"] * 1_000), "oversized"),
    "an answer without an end": (world.never_ends, "oversized"),
    "a pause in the middle": (world.pauses, "timeout"),
    "a plain answer": (plain(completion("a")), "content-type"),
}


@pytest.mark.parametrize("lie", [*BOTH, *PLAIN])
async def test_every_lie_of_a_plain_answer_is_a_failure_with_its_word(lie: str) -> None:
    behaviour, reason = {**BOTH, **PLAIN}[lie]
    async with serving(behaviour) as server:
        with pytest.raises(BotFailed) as failed:
            await ask(server.url)
        assert failed.value.reason == reason
        assert len(server.asked) == 1  # nothing is tried again


@pytest.mark.parametrize("lie", [*BOTH, *STREAMED])
async def test_every_lie_of_a_stream_is_a_failure_with_its_word(lie: str) -> None:
    behaviour, reason = {**BOTH, **STREAMED}[lie]
    async with serving(behaviour) as server:
        with pytest.raises(BotFailed) as failed:
            await stream(server.url)
        assert failed.value.reason == reason
        assert len(server.asked) == 1


@pytest.mark.parametrize("call", [ask, stream])
async def test_a_port_that_refuses_is_unreachable(call: Callable[..., object]) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound and not listening: nobody else takes it, and it refuses
        with pytest.raises(BotFailed) as failed:
            await call(f"http://127.0.0.1:{held.getsockname()[1]}/v1")  # type: ignore[misc]
    assert failed.value.reason == "unreachable"


async def test_an_honest_answer_comes_through() -> None:
    async with serving(world.honest) as server:
        answer = await ask(server.url)
    assert answer == Answer(TEXT, "stop", usage={"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8})


async def test_what_comes_apart_goes_on_apart_and_what_comes_together_together() -> None:
    together = b"".join(event(delta(word)) for word in WORDS) + event(delta(None, "stop")) + DONE
    async with serving(events(together)) as server:
        assert (await stream(server.url))[:-1] == [TEXT]
    async with serving(world.paced(len(WORDS), 0.05)) as server:
        assert (await stream(server.url))[:-1] == WORDS


async def test_what_was_said_before_a_fault_is_not_lost_with_it() -> None:
    heard: list[str | StreamEnd] = []
    async with serving(events(event(delta("Good ")) + b"data: {not json\n\n")) as server:
        connector = OpenAI(config(server.url), Path())
        pieces = connector.stream(TURN)
        heard.append(await anext(pieces))
        with pytest.raises(BotFailed, match="malformed"):
            await anext(pieces)
        await connector.close()
    assert heard == ["Good "]


async def test_an_honest_stream_comes_through_whole() -> None:
    async with serving(world.honest) as server:
        *pieces, end = await stream(server.url)
    assert "".join(piece for piece in pieces if isinstance(piece, str)) == TEXT
    assert end == StreamEnd("stop", usage={"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8})


@pytest.mark.parametrize(
    ("said", "finish"),
    [("length", "length"), ("content_filter", "content_filter"), ("tool_calls", "stop"), ("", "stop")],
)
async def test_only_known_reasons_to_finish_are_passed_on(said: str, finish: str) -> None:
    async with serving(plain(completion("text", said))) as server:
        assert (await ask(server.url)).finish == finish
    async with serving(events(event(delta("text")), event(delta(None, said)), DONE)) as server:
        assert (await stream(server.url))[-1] == StreamEnd(finish)


async def test_a_reason_to_finish_is_an_end_even_without_done() -> None:
    async with serving(events(event(delta("text", "stop")))) as server:
        assert await stream(server.url) == ["text", StreamEnd("stop")]


async def test_a_refusal_is_an_answer() -> None:
    said = {"choices": [{"message": {"refusal": "I will not."}}]}
    async with serving(plain(said)) as server:
        assert (await ask(server.url)).text == "I will not."


async def test_what_comes_after_done_is_not_read() -> None:
    async with serving(events(event(delta("text")), DONE, event(delta("more")), b"data: {\n\n")) as server:
        assert await stream(server.url) == ["text", StreamEnd("stop")]


async def test_a_bot_is_told_the_turn_and_nothing_of_the_person() -> None:
    turn = replace(TURN, options={"temperature": 0.5}, turn_token="turn-1")
    async with serving(world.honest) as server:
        await ask(server.url, turn)
        (asked,) = server.asked
    assert asked.path == "/v1/chat/completions"
    assert asked.body == {
        "model": "small",
        "messages": [{"role": "user", "content": "When do you open?"}],
        "temperature": 0.5,
    }
    assert asked.headers["chatwarden-turn"] == "turn-1"
    assert asked.headers["user-agent"] == "chatwarden"
    assert not {"cookie", "referer", "authorization", "accept-encoding"} & set(asked.headers)


async def test_the_credential_is_sent_and_read_again_on_reload(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.touch(0o600)
    key.write_text("first\n")
    async with serving(world.honest) as server:
        connector = OpenAI(replace(config(server.url), credential_file=Path("key"), system="Be brief."), tmp_path)
        await connector.ask(TURN)
        key.write_text("second\n")
        connector.reload()
        await connector.ask(TURN)
        await connector.close()
        assert [asked.headers["authorization"] for asked in server.asked] == ["Bearer first", "Bearer second"]
        assert server.asked[0].body["messages"][0] == {"role": "system", "content": "Be brief."}
        assert server.connections == 1


async def test_a_missing_credential_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="credential_file"):
        OpenAI(replace(config("http://127.0.0.1:1/v1"), credential_file=Path("key")), tmp_path)


@pytest.mark.parametrize("behaviour", [world.never_answers, world.trickles], ids=["silent", "trickling"])
async def test_a_person_who_goes_away_closes_the_connection_to_the_bot(behaviour: Behaviour) -> None:
    async with serving(behaviour) as server:
        connector = OpenAI(
            replace(config(server.url), first_byte_timeout=60 * SECOND, total_timeout=60 * SECOND), Path()
        )
        asking = asyncio.create_task(connector.ask(TURN))
        await asyncio.wait_for(server.begun.wait(), PATIENCE)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await asyncio.wait_for(server.hung_up.wait(), PATIENCE)
        await connector.close()


async def test_a_stream_that_is_left_closes_the_connection_to_the_bot() -> None:
    async with serving(world.pauses) as server:
        connector = OpenAI(
            replace(config(server.url), first_byte_timeout=60 * SECOND, total_timeout=60 * SECOND), Path()
        )
        pieces = connector.stream(TURN)
        assert await anext(pieces) == "Good "
        await pieces.aclose()
        await asyncio.wait_for(server.hung_up.wait(), PATIENCE)
        await connector.close()


TOOLS = replace(TURN, options={"tools": [{"type": "function", "function": {"name": "find"}}]})


def part(index: int, **more: object) -> bytes:
    function = {name: value for name, value in more.items() if name in {"name", "arguments"}}
    call: dict[str, object] = {"index": index, "function": function}
    call |= {"id": more["id"], "type": "function"} if "id" in more else {}
    return event({"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]})


async def test_calls_come_whole_at_the_end_of_a_stream() -> None:
    parts = [
        part(0, id="call_1", name="find", arguments=""), part(0, arguments='{"a"'),
        part(1, id="call_2", name="stop", arguments="{}"), part(0, arguments=": 1}"),
    ]  # fmt: skip
    async with serving(events(*parts, event(delta(None, "tool_calls")), DONE)) as started:
        (end,) = await stream(started.url, TOOLS)
    assert isinstance(end, StreamEnd)
    assert end.finish == "tool_calls"
    assert end.calls == (ToolCall("call_1", "find", '{"a": 1}'), ToolCall("call_2", "stop", "{}"))


async def test_a_plain_answer_with_calls_needs_no_text() -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "find", "arguments": "{}"}}
    said = {"choices": [{"message": {"content": None, "tool_calls": [call, {**call, "id": "call_2"}]}}]}
    async with serving(plain(said)) as started:
        answer = await ask(started.url, TOOLS)
        assert (answer.text, answer.finish) == ("", "tool_calls")
        assert [one.id for one in answer.calls] == ["call_1", "call_2"]
        with pytest.raises(BotFailed, match="empty"):  # nobody offered it a tool
            await ask(started.url)


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([part(0, name="find", arguments="{}")], "malformed"),
        ([part(0, id="call_1", arguments="{}")], "malformed"),
        ([part(n, id="call", name="find") for n in range(65)], "oversized"),
        ([part(0, id="call", name="find", arguments="x" * 100_000)] * 3, "oversized"),
    ],
)
async def test_calls_that_are_none_are_a_failure(parts: list[bytes], reason: str) -> None:
    async with serving(events(*parts, event(delta(None, "tool_calls")), DONE)) as started:
        with pytest.raises(BotFailed) as failed:
            await stream(started.url, TOOLS)
    assert failed.value.reason == reason


async def test_a_bot_is_told_of_calls_and_results() -> None:
    asked = Utterance("assistant", "", (ToolCall("call_1", "find", "{}"),))
    turn = replace(TOOLS, utterances=(*TURN.utterances, asked, Utterance("tool", "found", call="call_1")))
    async with serving(world.honest) as started:
        await ask(started.url, turn)
    call = {"id": "call_1", "type": "function", "function": {"name": "find", "arguments": "{}"}}
    assert started.asked[0].body["messages"][1:] == [
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "content": "found", "tool_call_id": "call_1"},
    ]
    assert started.asked[0].body["tools"] == TOOLS.options["tools"]
