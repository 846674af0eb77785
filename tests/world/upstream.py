"""A bot's server that lies, one lie per behaviour; and an honest one that speaks OpenAI's Chat Completions.

Raw asyncio, so that it can break HTTP where a framework would not let it. ``python -m tests.world.upstream --port N``
runs the honest one alone; with ``--tokens`` and ``--gap-ms`` it speaks at that pace.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Writer = asyncio.StreamWriter
Behaviour = Callable[["Upstream", "Asked", Writer], Awaitable[None]]
WORDS = ["Good ", "day. ", "Our office ", "opens ", "at nine."]
TEXT = "".join(WORDS)


@dataclass
class Asked:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: Any
    raw: bytes = b""

    @property
    def streamed(self) -> bool:
        return bool(self.body.get("stream"))


@dataclass
class Upstream:
    """A started server and what it saw."""

    port: int
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"


def head(content_type: str, length: int | None, status: str = "200 OK", extra: str = "") -> bytes:
    """A response head; without a length the body is chunked."""
    framing = "transfer-encoding: chunked" if length is None else f"content-length: {length}"
    return f"HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\n{framing}\r\n{extra}\r\n".encode()


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def event(data: object) -> bytes:
    return b"data: " + json.dumps(data).encode() + b"\n\n"


def delta(text: str | None, finish: str | None = None) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {} if text is None else {"content": text}, "finish_reason": finish}]}


def completion(text: object, finish: str = "stop") -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8},
    }


def whole(body: bytes, content_type: str = "application/json", status: str = "200 OK", extra: str = "") -> Behaviour:
    """Answers with this body, plain."""

    async def behave(_: Upstream, asked: Asked, writer: Writer) -> None:
        writer.write(head(content_type, len(body), status, extra) + body)
        await writer.drain()

    return behave


def events(*parts: bytes, end: bool = True) -> Behaviour:
    """Streams these parts; without *end* the connection closes where a last chunk should be."""

    async def behave(_: Upstream, asked: Asked, writer: Writer) -> None:
        writer.write(head("text/event-stream", None))
        for part in parts:
            writer.write(chunk(part))
            await writer.drain()
        if end:
            writer.write(b"0\r\n\r\n")
            await writer.drain()
        else:
            writer.close()

    return behave


async def honest(_: Upstream, asked: Asked, writer: Writer) -> None:
    """What a good bot does."""
    if not asked.streamed:
        await whole(json.dumps(completion(TEXT)).encode())(_, asked, writer)
        return
    usage = {"choices": [], "usage": completion("")["usage"]}
    parts = [event(delta(word)) for word in WORDS]
    await events(*parts, event(delta(None, "stop")), event(usage), b"data: [DONE]\n\n")(_, asked, writer)


async def echo(_: Upstream, asked: Asked, writer: Writer) -> None:
    """Repeats what it was told last, two letters at a time where it is streamed: what it sees is what it says."""
    said = f"You said: {asked.body['messages'][-1]['content']} - noted."
    if not asked.streamed:
        await whole(json.dumps(completion(said)).encode())(_, asked, writer)
        return
    parts = [event(delta(said[at : at + 2])) for at in range(0, len(said), 2)]
    await events(*parts, event(delta(None, "stop")), b"data: [DONE]\n\n")(_, asked, writer)


def paced(tokens: int, gap: float, words: Sequence[str] = WORDS) -> Behaviour:
    """Speaks *tokens* words, one every *gap* seconds."""

    async def behave(_: Upstream, asked: Asked, writer: Writer) -> None:
        if not asked.streamed:
            await honest(_, asked, writer)
            return
        writer.write(head("text/event-stream", None))
        for n in range(tokens):
            writer.write(chunk(event(delta(words[n % len(words)]))))
            await writer.drain()
            await asyncio.sleep(gap)
        writer.write(chunk(event(delta(None, "stop"))) + chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n")
        await writer.drain()

    return behave


async def never_answers(upstream: Upstream, asked: Asked, writer: Writer) -> None:
    """Reads the request and says nothing."""
    await upstream.hung_up.wait()


async def trickles(upstream: Upstream, asked: Asked, writer: Writer) -> None:
    """A byte a second, for ever."""
    writer.write(head("text/event-stream" if asked.streamed else "application/json", None))
    while not upstream.hung_up.is_set():
        writer.write(chunk(b"d"))
        await writer.drain()
        await asyncio.sleep(0.05)  # quicker than the read timeout: only the total deadline ends it


async def pauses(upstream: Upstream, asked: Asked, writer: Writer) -> None:
    """Begins well and then stands still."""
    writer.write(head("text/event-stream", None) + chunk(event(delta("Good "))))
    await writer.drain()
    await upstream.hung_up.wait()


async def never_ends(upstream: Upstream, asked: Asked, writer: Writer) -> None:
    """An answer without an end, as fast as it is read."""
    writer.write(head("text/event-stream" if asked.streamed else "application/json", None))
    piece = chunk(event(delta("word " * 2_000)))
    while not upstream.hung_up.is_set():
        writer.write(piece)
        await writer.drain()


async def closes_before_answering(_: Upstream, asked: Asked, writer: Writer) -> None:
    writer.close()


async def closes_half_way(_: Upstream, asked: Asked, writer: Writer) -> None:
    """Promises more than it sends."""
    body = json.dumps(completion(TEXT)).encode()
    writer.write(head("application/json", len(body) + 100) + body)
    await writer.drain()
    writer.close()


async def speaks_no_http(_: Upstream, asked: Asked, writer: Writer) -> None:
    writer.write(b"220 mail.example.com ESMTP\r\n")
    await writer.drain()
    writer.close()


@contextlib.asynccontextmanager
async def serving(behaviour: Behaviour, port: int = 0, tls: ssl.SSLContext | None = None) -> AsyncIterator[Upstream]:
    """A server on 127.0.0.1 that behaves like this until the block is left."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: Writer) -> None:
        upstream.connections += 1
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await _converse(upstream, behaviour, reader, writer)
        writer.close()
        tasks.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", port, ssl=tls)
    upstream = Upstream(server.sockets[0].getsockname()[1])
    try:
        yield upstream
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _converse(upstream: Upstream, behaviour: Behaviour, reader: asyncio.StreamReader, writer: Writer) -> None:
    while not writer.is_closing():
        raw = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = raw.strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        form = headers.get("content-type") == "application/x-www-form-urlencoded"
        asked = Asked(first.split()[1], headers, json.loads(body) if body and not form else {}, body)
        upstream.asked.append(asked)
        upstream.begun.set()
        upstream.hung_up.clear()
        answering = asyncio.ensure_future(behaviour(upstream, asked, writer))
        watching = asyncio.create_task(_watch(upstream, reader, answering))
        try:
            await answering
        finally:
            watching.cancel()
            answering.cancel()
            await asyncio.gather(watching, return_exceptions=True)


async def _watch(upstream: Upstream, reader: asyncio.StreamReader, answering: asyncio.Future[None]) -> None:
    """Notices the other side hanging up while an answer is being made."""
    while not reader.at_eof() and reader.exception() is None:  # noqa: ASYNC110  a reader has no event for this
        await asyncio.sleep(0.005)
    upstream.hung_up.set()


async def _main(a: argparse.Namespace) -> None:
    tls = None
    if a.certificate:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(a.certificate, a.key)
    words = [f"{word} " for word in a.text.split()] or WORDS
    behaviour = paced(a.tokens, a.gap_ms / 1000, words) if a.tokens else honest
    async with serving(behaviour, a.port, tls) as upstream:
        print(f"listening on {upstream.url}", flush=True)  # noqa: T201
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="an honest OpenAI-compatible bot for tests")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tokens", type=int, default=0, help="stream so many words")
    parser.add_argument("--gap-ms", type=float, default=0, help="with so long between two")
    parser.add_argument("--text", default="", help="these words, again and again")
    parser.add_argument("--certificate", help="speak TLS")
    parser.add_argument("--key")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main(parser.parse_args()))
