"""The nouns of talking to a bot. A connector is one way to reach one; ``service.py`` keeps it honest (deadlines,
circuit breaker).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from chatwarden.errors import ChatwardenError


@dataclass(frozen=True, slots=True)
class ToolCall:
    """What an answer asks the client's program to do. ``arguments`` is JSON as it was written, or what should be."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Utterance:
    """One earlier or present line of a conversation, in the form the bot may see. ``role``: user, assistant, system, tool.
    ``calls``: those of an earlier answer; ``call``: the one whose result a tool's line is.
    """

    role: str
    text: str
    calls: tuple[ToolCall, ...] = ()
    call: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a bot is asked. The last utterance is the person's new one. ``options`` are request fields that an
    OpenAI-compatible client set itself (temperature, max_tokens …), already checked against an allow-list.
    """

    conversation: str
    utterances: tuple[Utterance, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    turn_token: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a bot said. ``handoff``: the bot itself offers a person. ``finish``: stop, length, content_filter, tool_calls."""

    text: str
    finish: str = "stop"
    handoff: bool = False
    usage: Mapping[str, int] | None = None
    calls: tuple[ToolCall, ...] = ()


@dataclass(slots=True)
class StreamEnd:
    """The last item of a stream: how it ended, and the calls of tools: they come whole, or not at all."""

    finish: str = "stop"
    handoff: bool = False
    usage: Mapping[str, int] | None = None
    calls: tuple[ToolCall, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A connection that was made: which TLS, if any, and until when the bot's certificate is valid."""

    tls: str = ""
    until: str = ""


class BotFailed(ChatwardenError):
    """The bot did not give a usable answer. ``reason`` is a constant word for the log and the metrics: unreachable,
    timeout, status, content-type, malformed, oversized, empty, truncated, signature, token (none could be fetched),
    error (its own word), blocked (it says what must not go out), circuit-open.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class Connector(Protocol):
    """One way to reach a bot. Both calls raise BotFailed and nothing else, and never wait longer than configured.
    ``streams``: whether an answer can come in more than one piece.
    """

    streams: bool

    async def ask(self, turn: Turn) -> Answer:
        """The whole answer."""
        ...

    def stream(self, turn: Turn) -> AsyncGenerator[str | StreamEnd]:
        """The answer in pieces, then one StreamEnd."""
        ...

    async def reach(self) -> Link | None:
        """Only connects, as a request would; None where there is nothing to connect to."""
        ...

    def reload(self) -> None:
        """Reads again what lies in files."""
        ...

    async def close(self) -> None:
        """Lets connections go."""
        ...
