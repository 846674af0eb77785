"""A bot that speaks OpenAI's Chat Completions, plain and streamed.

What it says is believed only in shape: every lie about type, length or end is a BotFailed. Tool calls are read where the
client offered tools, and handed on when they are complete.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import msgspec

from chatwarden.bots.model import Answer, BotFailed, Link, StreamEnd, ToolCall, Turn, Utterance
from chatwarden.bots.upstream import Upstream, standing_fields, with_turn
from chatwarden.config.model import BotConfig

_DONE = b"[DONE]"
_FINISHES = {"stop", "length", "content_filter", "tool_calls"}
_CALLS_MAX = 64
_ARGUMENTS_MAX = 256 * 1024  # of all calls of one answer


class _Usage(msgspec.Struct):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0


class _Function(msgspec.Struct):
    name: str | None = None
    arguments: str | None = None


class _Call(msgspec.Struct):
    index: int = 0
    id: str | None = None
    function: _Function = msgspec.field(default_factory=_Function)


class _Said(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None
    tool_calls: list[_Call] | None = None


class _Choice(msgspec.Struct):
    message: _Said
    finish_reason: str | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice]
    usage: _Usage | None = None


class _Delta(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None
    tool_calls: list[_Call] | None = None


class _ChunkChoice(msgspec.Struct):
    delta: _Delta = msgspec.field(default_factory=_Delta)
    finish_reason: str | None = None


class _Chunk(msgspec.Struct):
    choices: list[_ChunkChoice] = msgspec.field(default_factory=list)
    usage: _Usage | None = None


class _Calls:
    """Tool calls in the making. Raises BotFailed when there are more than any answer needs."""

    def __init__(self, turn: Turn) -> None:
        self._wanted = "tools" in turn.options
        self._made: dict[int, list[str]] = {}
        self._length = 0

    def add(self, calls: list[_Call] | None, *, whole: bool = False) -> None:
        """Parts of some, or all of them: those are numbered by their places."""
        for place, call in enumerate(calls or () if self._wanted else ()):
            one = self._made.setdefault(place if whole else call.index, ["", "", ""])
            for at, text in enumerate((call.id, call.function.name, call.function.arguments)):
                one[at] += text or ""
                self._length += len(text or "")
        if len(self._made) > _CALLS_MAX or self._length > _ARGUMENTS_MAX:
            raise BotFailed("oversized", "tool calls")

    def done(self) -> tuple[ToolCall, ...]:
        """All of them. Raises BotFailed when one of them names no tool."""
        made = tuple(ToolCall(*one) for _, one in sorted(self._made.items()))
        if not all(one.id and one.name for one in made):
            raise BotFailed("malformed", "tool calls")
        return made


_encode = msgspec.json.Encoder().encode
_completion = msgspec.json.Decoder(_Completion).decode
_chunk = msgspec.json.Decoder(_Chunk).decode


class OpenAI:
    """The connector. Raises ConfigurationError at once when its files are not as they must be."""

    streams = True

    def __init__(self, config: BotConfig, home: Path) -> None:
        self._config = config
        self._home = home
        self._upstream = Upstream(config, home, "/chat/completions")
        self._first = [{"role": "system", "content": config.system}] if config.system else []
        self._fields = b""
        self.reload()

    def reload(self) -> None:
        """Reads the credential and certificates again."""
        fields = standing_fields(self._config, self._home)
        self._upstream.reload()
        self._fields = fields

    async def ask(self, turn: Turn) -> Answer:
        """The whole answer."""
        body = await self._upstream.whole(
            with_turn(self._fields, turn), self._body(turn, stream=False), "application/json"
        )
        try:
            completion = _completion(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise BotFailed("malformed") from None
        if not completion.choices:
            raise BotFailed("empty")
        choice = completion.choices[0]
        text = choice.message.content or choice.message.refusal or ""
        calls = _Calls(turn)
        calls.add(choice.message.tool_calls, whole=True)
        made = calls.done()
        if not text.strip() and not made:
            raise BotFailed("empty")
        return Answer(text, _finish(choice.finish_reason, made), usage=_usage(completion.usage), calls=made)

    async def stream(self, turn: Turn) -> AsyncGenerator[str | StreamEnd]:
        """The answer in pieces, then a StreamEnd."""
        end = StreamEnd()
        calls = _Calls(turn)
        finished = spoken = False
        events = self._upstream.events(with_turn(self._fields, turn), self._body(turn, stream=True), _DONE)
        try:
            async for together in events:
                said: list[str] = []
                sound = True
                for data in together:
                    if data == _DONE:
                        finished = True
                        break
                    try:
                        chunk = _chunk(data)
                    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                        sound = False
                        break
                    if chunk.usage is not None:
                        end.usage = _usage(chunk.usage)
                    for choice in chunk.choices[:1]:
                        said.append(choice.delta.content or choice.delta.refusal or "")
                        calls.add(choice.delta.tool_calls)
                        if choice.finish_reason is not None:
                            end.finish = choice.finish_reason
                            finished = True
                text = "".join(said)  # what came together goes on together: each piece costs a look and a write
                if text:
                    spoken = True
                    yield text
                if not sound:
                    raise BotFailed("malformed")
        finally:
            await events.aclose()
        if not finished:
            raise BotFailed("truncated")
        end.calls = calls.done()
        end.finish = _finish(end.finish, end.calls)
        if not spoken and not end.calls:
            raise BotFailed("empty")
        yield end

    async def reach(self) -> Link:
        """Only connects."""
        return await self._upstream.reach()

    async def close(self) -> None:
        """Lets connections go."""
        await self._upstream.close()

    def _body(self, turn: Turn, *, stream: bool) -> bytes:
        said = [_line(line) for line in turn.utterances]
        body: dict[str, Any] = {"model": self._config.model, "messages": [*self._first, *said], **turn.options}
        if stream:
            body["stream"] = True
            body["stream_options"] = {"include_usage": True}
        return _encode(body)


def _line(line: Utterance) -> dict[str, Any]:
    said: dict[str, Any] = {"role": line.role, "content": line.text}
    if line.calls:
        said["tool_calls"] = [
            {"id": one.id, "type": "function", "function": {"name": one.name, "arguments": one.arguments}}
            for one in line.calls
        ]
    if line.call:
        said["tool_call_id"] = line.call
    return said


def _finish(reason: str | None, calls: tuple[ToolCall, ...]) -> str:
    if calls:
        return "tool_calls"
    return reason if reason in _FINISHES and reason != "tool_calls" else "stop"


def _usage(usage: _Usage | None) -> dict[str, int] | None:
    return None if usage is None else msgspec.structs.asdict(usage)
