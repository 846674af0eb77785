"""The little of HTTP that every handler needs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator

import msgspec
import pytest
from starlette.types import Message

from chatwarden.errors import InvalidRequest, NotFound, TooManyRequests
from chatwarden.web.http import ClientGone, Reply, Request, StreamReply, json_reply, parse, problem_reply


class Said(msgspec.Struct, forbid_unknown_fields=True):
    text: str = "nothing"


SAID = msgspec.json.Decoder(Said)
GONE: Message = {"type": "http.disconnect"}


def request(
    *events: Message, headers: list[tuple[bytes, bytes]] | None = None, query: bytes = b"", client: str = "192.0.2.1"
) -> Request:
    coming = list(events)

    async def receive() -> Message:
        return coming.pop(0)

    return Request({"headers": headers or [], "query_string": query, "client": (client, 1)}, receive)


def body(data: bytes, *, more: bool = False) -> Message:
    return {"type": "http.request", "body": data, "more_body": more}


JSON = [(b"content-type", b"Application/JSON; charset=utf-8")]


async def test_a_body_in_pieces_is_one_body() -> None:
    assert await request(body(b'{"te', more=True), body(b'xt":', more=True), body(b'"a"}')).body() == b'{"text":"a"}'


@pytest.mark.parametrize("events", [[GONE], [body(b"{", more=True), GONE]], ids=["at once", "half way"])
async def test_a_client_that_leaves_before_its_request_is_whole_is_gone(events: list[Message]) -> None:
    with pytest.raises(ClientGone):
        await request(*events).body()


async def test_json_is_the_declared_type() -> None:
    assert await request(body(b'{"text":"hi"}'), headers=JSON).json(SAID) == Said("hi")
    assert await request(body(b"")).json(SAID, optional=True) == Said("nothing")


@pytest.mark.parametrize(
    ("data", "headers", "status"),
    [
        (b'{"text":"hi"}', [], 415),
        (b'{"text":"hi"}', [(b"content-type", b"text/plain; application/json")], 415),
        (b"", [], 415),
        (b"", JSON, 400),
        (b'{"text"', JSON, 400),
        (b'{"text":"\xff"}', JSON, 400),
        (b"[" * 100_000, JSON, 422),
        (b'{"text":7}', JSON, 422),
    ],
)
async def test_what_is_not_the_declared_json_is_refused(
    data: bytes, headers: list[tuple[bytes, bytes]], status: int
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await request(body(data), headers=headers).json(SAID)
    assert refused.value.status == status


def test_what_a_client_named_is_told_back_short_and_printable() -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse(SAID, json.dumps({"a\x1b[31m\n" + "x" * 5_000: 1}).encode())
    assert refused.value.detail.startswith("Object contains unknown field")
    assert refused.value.detail.isprintable()
    assert len(refused.value.detail) <= 200


@pytest.mark.parametrize(
    ("header", "token"),
    [
        (b"Bearer cws_1", "cws_1"),
        (b"bearer   cws_1 ", "cws_1"),
        (b"Basic cws_1", ""),
        (b"cws_1", ""),
        (b"Bearer", ""),
        (b"", ""),
    ],
)
def test_only_a_bearer_token_is_one(header: bytes, token: str) -> None:
    assert request(headers=[(b"authorization", header)]).bearer() == token
    assert request().bearer() == ""


def test_of_a_header_that_comes_twice_the_first_counts() -> None:
    assert request(headers=[(b"x", b"1"), (b"x", b"2")]).header(b"x") == "1"
    assert request().header(b"x") == ""


def test_a_query_is_decoded_and_each_parameter_comes_once() -> None:
    assert request(query=b"after=msg_1&limit=%31&empty=").query == {"after": "msg_1", "limit": "1", "empty": ""}
    assert request().query == {}
    with pytest.raises(InvalidRequest):
        _ = request(query=b"limit=1&limit=1").query


def test_a_query_of_many_parameters_is_refused_as_the_clients_mistake() -> None:
    for many in (33, 1_000):
        with pytest.raises(InvalidRequest):
            _ = request(query=b"&".join(b"a%d=1" % n for n in range(many))).query


def test_peers_are_told_apart_by_address_and_by_network() -> None:
    assert request(client="192.0.2.1").source != request(client="192.0.2.2").source
    assert request(client="2001:db8::1").source == request(client="2001:db8::2").source
    assert request(client="2001:db8::1").source != request(client="2001:db8:0:1::1").source


async def told(reply: Reply) -> tuple[int, dict[str, str], bytes]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await reply.send(send)
    start, end = sent
    return start["status"], {k.decode(): v.decode() for k, v in start["headers"]}, end["body"]


async def test_a_reply_carries_its_length_and_may_not_be_kept() -> None:
    status, headers, data = await told(json_reply({"a": 1}, 201, [(b"x-one", b"1")]))
    assert (status, data) == (201, b'{"a":1}')
    assert headers["content-length"] == "7"
    assert headers["cache-control"] == "no-store"
    assert headers["x-one"] == "1"
    assert "x-one" not in (await told(json_reply({})))[1]


async def test_a_problem_is_told_as_rfc_9457_says() -> None:
    refusal = TooManyRequests("later", headers={"Retry-After": "3"}, wait=3, nothing=None)
    status, headers, data = await told(problem_reply(refusal))
    assert (status, headers["retry-after"], headers["content-type"]) == (429, "3", "application/problem+json")
    assert json.loads(data) == {
        "type": "urn:chatwarden:problem:too-many-requests", "title": "Too many requests", "status": 429,
        "detail": "later", "wait": 3,
    }  # fmt: skip
    assert "detail" not in json.loads((await told(problem_reply(NotFound())))[2])


class Wire:
    """A client's end of a stream."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.ended = self.broken = False
        self.begun, self.left = asyncio.Event(), asyncio.Event()
        self.closed = 0

    async def receive(self) -> Message:
        await self.left.wait()
        return GONE

    async def send(self, message: Message) -> None:
        if self.broken and self.sent:
            raise OSError("the pipe is broken")
        if message["type"] == "http.response.body":
            self.sent.append(message["body"])
            self.begun.set()
            self.ended = not message.get("more_body", False)

    async def pieces(self, *known: bytes, then: asyncio.Event | None = None) -> AsyncGenerator[bytes]:
        try:
            for piece in known:
                yield piece
            if then is not None:
                await then.wait()
        finally:
            await asyncio.sleep(0)  # what is tidied up may take its time
            self.closed += 1


async def test_a_stream_is_told_to_its_end() -> None:
    wire = Wire()
    await StreamReply(wire.pieces(b"a", b"b"), wire.receive).send(wire.send)
    assert (wire.sent, wire.ended, wire.closed) == ([b"a", b"b", b""], True, 1)


async def test_a_stream_ends_when_its_client_leaves_though_nothing_happens() -> None:
    wire = Wire()
    going = asyncio.create_task(StreamReply(wire.pieces(b"a", then=asyncio.Event()), wire.receive).send(wire.send))
    await wire.begun.wait()
    assert wire.closed == 0
    wire.left.set()
    await asyncio.wait_for(going, 20)
    assert (wire.sent, wire.ended, wire.closed) == ([b"a"], False, 1)


async def test_a_stream_is_closed_when_it_cannot_be_written_or_its_server_stops() -> None:
    wire = Wire()
    wire.broken = True
    with pytest.raises(OSError, match="broken"):
        await StreamReply(wire.pieces(b"a", b"b"), wire.receive).send(wire.send)
    assert wire.closed == 1
    waiting = Wire()
    going = asyncio.create_task(
        StreamReply(waiting.pieces(b"a", then=asyncio.Event()), waiting.receive).send(waiting.send)
    )
    await waiting.begun.wait()
    going.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going
    assert waiting.closed == 1


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"role": 1}, "Object contains unknown field `role`"),
        ({"4111 1111 1111 1111": 1}, "Object contains unknown field (not shown)"),
        ({"a` - at `$.4111": 1}, "Object contains unknown field (not shown)"),
        ({"Wilhelmina": 1}, "Object contains unknown field (not shown)"),
    ],
)
def test_a_name_that_may_be_personal_is_not_told_back(given: dict[str, int], told: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse(SAID, json.dumps(given).encode())
    assert refused.value.detail == told
