"""Deadlines, ceilings and turns, against a real front with raw sockets."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from tests.edge.conftest import Run
from tests.edge.support import PATIENCE, QUICK, connect, serving, status, talk

from chatwarden.clock import SECOND
from chatwarden.config.model import LimitsConfig
from chatwarden.edge.tls import server_context

GET = b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
CLOSE = b"GET /z HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
POST = b"POST /p HTTP/1.1\r\nHost: a\r\n"


def trickle(raw: bytes) -> list[bytes]:
    """*raw* byte by byte."""
    return [raw[at : at + 1] for at in range(len(raw))]


def trusting(cert: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(cert))


# deadlines


def test_a_peer_that_says_nothing_is_closed(run: Run) -> None:
    async def scene() -> None:
        async with serving() as house:
            assert await talk(house) == b""
            assert house.refused == ["silent"]

    run(scene())


def test_a_head_that_comes_byte_by_byte_is_closed_with_408(run: Run) -> None:
    async def scene() -> None:
        async with serving() as house:
            answer = await talk(house, *trickle(GET), pause=0.1)
            assert status(answer) == 408
            assert house.app.calls == []
            assert house.refused == ["header-timeout"]

    run(scene())


def test_a_head_that_comes_byte_by_byte_over_tls_is_closed_with_408(run: Run, pair: tuple[Path, Path]) -> None:
    async def scene() -> None:
        async with serving(tls=server_context(*pair)) as house:
            answer = await talk(house, *trickle(GET), pause=0.1, tls=trusting(pair[0]))
            assert status(answer) == 408
            assert house.app.calls == []

    run(scene())


@pytest.mark.parametrize("framing", [b"Content-Length: 100000", b"Transfer-Encoding: chunked"])
def test_a_body_that_comes_byte_by_byte_is_closed_with_408(run: Run, framing: bytes) -> None:
    async def scene() -> None:
        async with serving() as house:
            body = trickle(b"186A0\r\n" + b"x" * 100)
            answer = await talk(house, POST + framing + b"\r\n\r\n", *body, pause=0.1)
            assert status(answer) == 408
            assert house.app.calls == []
            assert house.refused == ["body-timeout"]

    run(scene())


def test_a_body_above_the_minimum_rate_still_ends_at_the_absolute_deadline(run: Run) -> None:
    async def scene() -> None:
        limits = replace(QUICK, body_rate=1, body_grace=60 * SECOND)
        async with serving(limits) as house:
            answer = await talk(house, POST + b"Content-Length: 100000\r\n\r\n", *trickle(b"x" * 100), pause=0.1)
            assert status(answer) == 408

    run(scene())


def test_a_body_slower_than_the_grace_but_fast_enough_arrives(run: Run) -> None:
    async def scene() -> None:
        limits = replace(QUICK, body_rate=10, body_grace=SECOND // 2, body_deadline=60 * SECOND)
        async with serving(limits) as house:
            pieces = [b"x" * 20] * 10
            head = POST + b"Connection: close\r\nContent-Length: 200\r\n\r\n"
            answer = await talk(house, head, *pieces, pause=0.1)
            assert status(answer) == 200
            assert answer.endswith(b"x" * 200)

    run(scene())


def test_an_idle_connection_is_closed_without_a_word(run: Run) -> None:
    async def scene() -> None:
        async with serving() as house:
            answer = await talk(house, GET)
            assert answer.count(b"HTTP/1.1 ") == 1
            assert answer.endswith(b"ok")
            assert house.refused == ["idle"]

    run(scene())


def test_a_stream_outlives_every_deadline_of_the_request(run: Run) -> None:
    async def scene() -> None:
        async with serving() as house:
            reader, writer = await connect(house)
            writer.write(b"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
            assert b"data: 1" in await reader.readuntil(b"data: 1")
            await asyncio.sleep(1.2)
            assert house.front.connections == 1
            assert house.refused == []
            writer.close()
            await until(lambda: house.app.ended == ["/stream"])

    run(scene())


@pytest.mark.parametrize("secure", [False, True])
def test_a_peer_that_does_not_read_is_cut_off(run: Run, secure: bool, pair: tuple[Path, Path]) -> None:
    async def scene() -> None:
        async with serving(tls=server_context(*pair) if secure else None) as house:
            peer = socket.socket()
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            peer.setblocking(False)
            await asyncio.get_running_loop().sock_connect(peer, ("127.0.0.1", house.port))
            context = trusting(pair[0]) if secure else None
            _, writer = await asyncio.open_connection(
                sock=peer, ssl=context, server_hostname="localhost" if secure else None, limit=1024
            )
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            writer.write(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
            await until(lambda: house.app.calls == ["/large"])
            await until(lambda: house.front.connections == 0)
            writer.transport.abort()

    run(scene())


def test_a_thousand_slow_sockets_do_not_keep_a_probe_user_waiting(run: Run) -> None:
    async def scene() -> None:
        limits = replace(QUICK, connections_per_peer=2000, header_deadline=10 * SECOND, first_byte=10 * SECOND)
        async with serving(limits) as house:
            slow = [await connect(house) for _ in range(1000)]
            for _, writer in slow:
                writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nX: ")
            await until(lambda: house.front.connections == 1000)
            answered = 0
            while house.front.connections and answered < 20:
                assert status(await talk(house, CLOSE)) == 200
                answered += 1
            assert answered == 20
            answers = await asyncio.gather(*(asyncio.wait_for(reader.read(), PATIENCE) for reader, _ in slow))
            assert {status(answer) for answer in answers} == {408}
            for _, writer in slow:
                writer.transport.abort()
            await until(lambda: house.front.connections == 0)
            assert house.front.gate.open == 0

    run(scene())


# ceilings


@pytest.mark.parametrize(
    ("expected", "raw"),
    [
        (431, b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 20_000 + b"\r\n\r\n"),
        (431, b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 20_000),
        (431, b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 64 + b"\r\n"),
        (414, b"GET /" + b"a" * 5_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n"),
        (414, b"GET /" + b"a" * 5_000),
        (413, POST + b"Content-Length: 262145\r\n\r\n"),
        (413, POST + b"Content-Length: 262145\r\nExpect: 100-continue\r\n\r\n"),
        (413, POST + b"Transfer-Encoding: chunked\r\n\r\n40001\r\n"),
        (413, POST + b"Transfer-Encoding: chunked\r\n\r\n" + (b"8000\r\n" + b"a" * 32_768 + b"\r\n") * 9),
    ],
    ids=["field", "field-unfinished", "fields", "url", "url-unfinished", "declared", "expect", "chunk", "counted"],
)
def test_what_is_too_large_is_refused(run: Run, expected: int, raw: bytes) -> None:
    async def scene() -> None:
        async with serving() as house:
            answer = await talk(house, raw)
            assert status(answer) == expected
            assert b"[reset]" not in answer
            assert b"100 Continue" not in answer
            head, _, body = answer.partition(b"\r\n\r\n")
            assert b"content-length: %d" % len(body) in head
            assert json.loads(body)["type"] == "urn:chatwarden:problem:invalid-request"
            assert json.loads(body)["status"] == expected

    run(scene())


def test_a_declared_length_that_is_too_large_never_reaches_the_application(run: Run) -> None:
    async def scene() -> None:
        async with serving() as house:
            await talk(house, POST + b"Content-Length: 262145\r\n\r\n" + b"x" * 262_145)
            assert house.app.calls == []

    run(scene())


def test_the_largest_allowed_body_arrives_whole(run: Run) -> None:
    async def scene() -> None:
        async with serving(LimitsConfig()) as house:
            body = bytes(range(256)) * 1024
            head = POST + b"Connection: close\r\nContent-Length: 262144\r\n\r\n"
            answer = await talk(house, head + body)
            assert answer.partition(b"\r\n\r\n")[2] == body

    run(scene())


def test_a_chunked_body_in_any_pieces_arrives_whole(run: Run) -> None:
    async def scene() -> None:
        async with serving(LimitsConfig()) as house:
            body = bytes(range(256)) * 800
            coded = b"".join(b"%x;a=b\r\n%b\r\n" % (len(p), p) for p in (body[:1], body[1:70_000], body[70_000:]))
            raw = POST + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + coded + b"0\r\n\r\n"
            answer = await talk(house, *(raw[at : at + 9973] for at in range(0, len(raw), 9973)))
            assert answer.partition(b"\r\n\r\n")[2] == body

    run(scene())


def test_a_connection_ends_after_its_share_of_requests(run: Run) -> None:
    async def scene() -> None:
        async with serving(replace(QUICK, requests_per_connection=3)) as house:
            answer = await talk(house, GET * 10)
            assert answer.count(b"HTTP/1.1 200 OK") == 3
            assert answer.count(b"connection: close") == 1
            assert len(house.app.calls) == 3

    run(scene())


# turns


def test_pipelined_requests_are_answered_in_turn(run: Run) -> None:
    async def scene() -> None:
        async with serving() as house:
            posts = [POST + b"Content-Length: 2\r\n\r\n%02d" % n for n in range(50)]
            coded = POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
            answer = await talk(house, b"".join(posts) + coded + CLOSE)
            bodies = [each[:2] for each in answer.split(b"\r\n\r\n")[1:]]
            assert bodies == [b"%02d" % n for n in range(50)] + [b"hi", b"ok"]

    run(scene())


def test_only_one_request_of_a_connection_is_worked_on_at_a_time(run: Run) -> None:
    async def scene() -> None:
        async with serving() as house:
            reader, writer = await connect(house)
            writer.write(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n" + GET * 3)
            await until(lambda: house.app.calls == ["/slow"])
            await asyncio.sleep(0.1)
            assert house.app.calls == ["/slow"]
            assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
            await until(lambda: house.app.calls == ["/slow", "/a", "/a", "/a"])
            writer.close()

    run(scene())


def test_too_much_sent_ahead_is_not_held(run: Run) -> None:
    async def scene() -> None:
        async with serving() as house:
            reader, writer = await connect(house)
            writer.write(b"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n" + GET * 200_000)
            await reader.readuntil(b"data: 1")
            await asyncio.sleep(0.3)
            held = [each for each in house.front._living() if len(each._buffer) > 600_000]
            assert held == []
            writer.transport.abort()
            await house.front.drain(0.0)

    run(scene())


def test_an_answer_before_the_body_leaves_the_connection_usable(run: Run) -> None:
    async def scene() -> None:
        async with serving(LimitsConfig()) as house:
            early = b"POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n"
            answer = await talk(house, early, *[b"x" * 20_000] * 10, CLOSE, pause=0.01)
            assert answer.count(b"HTTP/1.1 200 OK") == 2
            assert house.app.calls == ["/early", "/z"]

    run(scene())


def test_a_client_that_asks_first_is_told_to_continue(run: Run) -> None:
    async def scene() -> None:
        async with serving() as house:
            reader, writer = await connect(house)
            writer.write(POST + b"Connection: close\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
            assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
            writer.write(b"hello")
            assert (await reader.read()).endswith(b"hello")
            writer.close()

    run(scene())


def test_an_http_1_0_client_gets_one_answer_and_the_end(run: Run) -> None:
    async def scene() -> None:
        async with serving() as house:
            answer = await talk(house, b"GET /a HTTP/1.0\r\n\r\n")
            assert status(answer) == 200
            assert b"transfer-encoding" not in answer
            assert house.refused == []

    run(scene())


# answers


def test_an_application_that_fails_gives_a_problem_document(run: Run) -> None:
    async def scene() -> None:
        async with serving() as house:
            answer = await talk(house, b"GET /broken HTTP/1.1\r\nHost: a\r\n\r\n")
            assert status(answer) == 500
            assert b"urn:chatwarden:problem:internal-error" in answer
            assert b"on purpose" not in answer

    run(scene())


def test_a_field_that_would_split_the_response_is_not_written(run: Run) -> None:
    async def scene() -> None:
        async with serving() as house:
            answer = await talk(house, b"GET /split HTTP/1.1\r\nHost: a\r\n\r\n")
            assert status(answer) == 500
            assert b"set-cookie" not in answer

    run(scene())


def test_head_has_the_length_and_no_body(run: Run) -> None:
    async def scene() -> None:
        async with serving() as house:
            answer = await talk(house, b"HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n" + CLOSE)
            assert answer.startswith(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nHTTP/1.1 200 OK")

    run(scene())


def test_nothing_tells_which_server_this_is(run: Run) -> None:
    async def scene() -> None:
        async with serving() as house:
            for raw in (CLOSE, b"nonsense\r\n\r\n"):
                answer = (await talk(house, raw)).lower()
                assert b"\r\nserver:" not in answer
                assert b"uvicorn" not in answer

    run(scene())


async def until(condition: object) -> None:
    """Waits for *condition*; fails where it never comes."""
    assert callable(condition)
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110  the front has no event for what a test wants to see
            await asyncio.sleep(0.01)
