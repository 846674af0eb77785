"""HTTP/1.1 towards a bot: connections are kept where that is safe, and every wait and size ends."""

import asyncio
import json

import pytest
from tests.world.upstream import Asked, Behaviour, Upstream, Writer, head, never_answers, serving

from chatwarden.bots.http1 import Connection, Pool
from chatwarden.bots.model import BotFailed

BODY = b'{"a":1}'
REQUEST = b"POST /v1/x HTTP/1.1\r\nhost: bot\r\ncontent-length: 2\r\n\r\n{}"
PATIENCE = 30


def raw(*parts: bytes, close: bool = False, pause: float = 0.0) -> Behaviour:
    """Writes these bytes as they are."""

    async def behave(_: Upstream, asked: Asked, writer: Writer) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
        if close:
            writer.close()

    return behave


GOOD = head("application/json", len(BODY)) + BODY


async def get(pool: Pool, seconds: float = 0.3) -> tuple[Connection, bytes]:
    async with asyncio.timeout(PATIENCE):
        connection = await pool.take()
        try:
            connection.send(REQUEST)
            await connection.head(seconds)
            body = b""
            while (data := await connection.chunk(seconds)) is not None:
                body += data
        finally:
            connection.finish()
    return connection, body


def pool_of(server: Upstream) -> Pool:
    return Pool(server.url, context=None, connect_seconds=5)


async def test_a_connection_is_used_again_after_a_whole_answer() -> None:
    async with serving(raw(GOOD)) as server:
        pool = pool_of(server)
        for _ in range(3):
            connection, body = await get(pool)
            assert (connection.status, connection.content_type, body) == (200, "application/json", BODY)
        assert server.connections == 1
        pool.close()


@pytest.mark.parametrize(
    "behaviour",
    [
        raw(head("application/json", len(BODY), extra="connection: close\r\n") + BODY, close=True),
        raw(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n" + BODY, close=True),
        raw(GOOD, close=True),
    ],
    ids=["it says so", "its close is its end", "it closes without a word"],
)
async def test_a_connection_that_the_bot_closes_is_not_used_again(behaviour: Behaviour) -> None:
    async with serving(behaviour) as server:
        pool = pool_of(server)
        for _ in range(2):
            connection, body = await get(pool)
            assert body == BODY
            while connection.usable:  # noqa: ASYNC110  until the close has come
                await asyncio.sleep(0.001)
        assert server.connections == 2
        pool.close()


@pytest.mark.parametrize(
    "more", [GOOD, GOOD[:10], b"H", b"HTTP/1.1 200 OK\r\n"], ids=["whole", "cut", "a byte", "line"]
)
async def test_what_was_not_asked_for_is_never_the_answer_to_the_next_question(more: bytes) -> None:
    async with serving(raw(GOOD + more)) as server:
        pool = pool_of(server)
        for _ in range(2):
            _, body = await get(pool)
            assert body == BODY
        assert server.connections == 2
        pool.close()


@pytest.mark.parametrize(
    "behaviour",
    [
        raw(b"HTTP/1.1 200 OK\r\n", *[b"x-a: 1\r\n"] * 1_000, pause=0.02),
        raw(*[b"HTTP/1.1 102 Processing\r\n\r\n"] * 1_000, pause=0.02),
        raw(head("application/json", None) + b"1;a=", *[b"x"] * 1_000, pause=0.02),
        never_answers,
    ],
    ids=["fields", "interim answers", "a chunk extension", "nothing"],
)
async def test_a_trickle_that_brings_nothing_does_not_move_the_deadline(behaviour: Behaviour) -> None:
    async with serving(behaviour) as server:
        pool = pool_of(server)
        with pytest.raises(BotFailed) as failed:
            await get(pool)
        assert failed.value.reason == "timeout"
        await asyncio.wait_for(server.hung_up.wait(), PATIENCE)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"HTTP/1.1 200 OK\r\n" + b"x-a: " + b"1" * 200_000 + b"\r\n", "oversized"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n", "malformed"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n", "malformed"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", "malformed"),
        (b"\x00\x01\x02\x03", "malformed"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nabc", "truncated"),
        (b"HTTP/1.1 200 OK\r\n", "truncated"),
        (b"", "truncated"),
    ],
    ids=["a large field", "two lengths", "a negative length", "no chunk size", "noise", "less", "half a head", "none"],
)
async def test_what_is_not_http_is_a_failure(said: bytes, reason: str) -> None:
    async with serving(raw(said, close=True)) as server:
        with pytest.raises(BotFailed) as failed:
            await get(pool_of(server), seconds=10)
        assert failed.value.reason == reason


async def test_an_interim_answer_is_passed_over() -> None:
    async with serving(raw(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\n\r\n", GOOD)) as server:
        pool = pool_of(server)
        connection, body = await get(pool)
        assert (connection.status, json.loads(body)) == (200, {"a": 1})
        pool.close()


async def test_a_large_answer_that_is_not_read_is_not_held_in_memory() -> None:
    piece = bytes(65_536)
    async with serving(raw(head("x/y", 64 * len(piece)), *[piece] * 64)) as server:
        pool = pool_of(server)
        connection = await pool.take()
        connection.send(REQUEST)
        await connection.head(10)
        size = 0
        while (data := await connection.chunk(10)) is not None:
            assert connection._held == 0
            assert len(data) <= 1_048_576
            size += len(data)
        assert size == 64 * len(piece)
        connection.finish()
        pool.close()
