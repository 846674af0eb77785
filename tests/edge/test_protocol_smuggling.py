"""Every request that two parsers might read differently: refused, closed, never seen by the application."""

from __future__ import annotations

import pytest
from tests.edge.conftest import Run
from tests.edge.support import serving, status, talk

START = b"POST / HTTP/1.1\r\nHost: a\r\n"
CHUNKED = START + b"Transfer-Encoding: chunked\r\n\r\n"
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"

CASES: dict[str, tuple[int, bytes]] = {
    "length and coding": (400, START + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "coding and length": (400, START + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
    "two different lengths": (400, START + b"Content-Length: 5\r\nContent-Length: 0\r\n\r\nhello"),
    "two equal lengths": (400, START + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
    "a list of lengths": (400, START + b"Content-Length: 5, 5\r\n\r\nhello"),
    "a length with a plus": (400, START + b"Content-Length: +5\r\n\r\nhello"),
    "a length with a minus": (400, START + b"Content-Length: -5\r\n\r\nhello"),
    "a length with a space inside": (400, START + b"Content-Length: 1 0\r\n\r\nhello"),
    "a length in hexadecimal": (400, START + b"Content-Length: 0x5\r\n\r\nhello"),
    "a length with a leading zero": (400, START + b"Content-Length: 05\r\n\r\nhello"),
    "an empty length": (400, START + b"Content-Length:\r\n\r\nhello"),
    "a length with an underscore": (400, START + b"Content-Length: 1_0\r\n\r\nhello"),
    "a length in other digits": (400, START + b"Content-Length: \xd9\xa5\r\n\r\nhello"),
    "a length beyond any integer": (413, START + b"Content-Length: 99999999999999999999999\r\n\r\nhello"),
    "an unknown coding": (400, START + b"Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n"),
    "identity": (400, START + b"Transfer-Encoding: identity\r\n\r\n0\r\n\r\n"),
    "an obscured coding": (400, START + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    "a quoted coding": (400, START + b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n'),
    "chunked twice in a list": (400, START + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
    "chunked not last": (400, START + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"),
    "chunked after another": (400, START + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    "two coding fields": (
        400,
        START + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    ),
    "a coding with a vertical tab": (400, START + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n"),
    "a coding in HTTP/1.0": (
        400,
        b"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    "bare LF everywhere": (400, b"GET / HTTP/1.1\nHost: a\n\n"),
    "bare LF after a field": (400, b"GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"),
    "bare LF at the end": (400, b"GET / HTTP/1.1\r\nHost: a\r\n\n"),
    "bare CR in a value": (400, b"GET / HTTP/1.1\r\nHost: a\r\nX: b\rContent-Length: 5\r\n\r\n"),
    "bare CR in the request line": (400, b"GET / HTTP/1.1\rHost: a\r\n\r\n"),
    "two CR before LF": (400, b"GET / HTTP/1.1\r\r\nHost: a\r\n\r\n"),
    "a folded field": (400, b"GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n"),
    "a field folded with a tab": (400, b"GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n\tc\r\n\r\n"),
    "a folded first field": (400, b"GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
    "a space before the colon": (400, START + b"Content-Length : 5\r\n\r\nhello"),
    "a tab before the colon": (400, START + b"Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n"),
    "a space in a name": (400, START + b"Content Length: 5\r\n\r\nhello"),
    "a name of other bytes": (400, START + b"X\xe9: 5\r\n\r\n"),
    "an empty name": (400, START + b": 5\r\n\r\n"),
    "a field without a colon": (400, START + b"nonsense\r\n\r\n"),
    "NUL in a value": (400, START + b"X: a\x00b\r\n\r\n"),
    "NUL in a name": (400, START + b"X\x00: b\r\n\r\n"),
    "a control character in a value": (400, START + b"X: a\x01b\r\n\r\n"),
    "DEL in a value": (400, START + b"X: a\x7fb\r\n\r\n"),
    "two hosts": (400, b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
    "two equal hosts": (400, b"GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n"),
    "no host": (400, b"GET / HTTP/1.1\r\nX: a\r\n\r\n"),
    "no field at all": (400, b"GET / HTTP/1.1\r\n\r\n"),
    "an empty host": (400, b"GET / HTTP/1.1\r\nHost:\r\n\r\n"),
    "a list of hosts": (400, b"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"),
    "a host with a path": (400, b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
    "a host with a user": (400, b"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"),
    "absolute form": (400, b"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    "authority form": (400, b"GET b:80 HTTP/1.1\r\nHost: a\r\n\r\n"),
    "an asterisk for GET": (400, b"GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
    "a fragment in the target": (400, b"GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"),
    "a space in the target": (400, b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"),
    "a tab in the target": (400, b"GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n"),
    "a raw byte in the target": (400, b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n"),
    "an escaped NUL in the target": (400, b"GET /a%00b HTTP/1.1\r\nHost: a\r\n\r\n"),
    "two spaces in the request line": (400, b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
    "a space before the method": (400, b" GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    "an empty line first": (400, b"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    "two empty lines first": (400, b"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    "HTTP/0.9": (400, b"GET /\r\n\r\n"),
    "a version in small letters": (400, b"GET / http/1.1\r\nHost: a\r\n\r\n"),
    "CONNECT": (405, b"CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\n"),
    "TRACE": (405, b"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"),
    "an unknown method": (405, b"BREW / HTTP/1.1\r\nHost: a\r\n\r\n"),
    "a method in small letters": (405, b"get / HTTP/1.1\r\nHost: a\r\n\r\n"),
    "an upgrade to a WebSocket": (
        400,
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a\r\n\r\n",
    ),
    "an upgrade to h2c": (
        400,
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings:\r\n\r\n",
    ),
    "the HTTP/2 preface": (505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "HTTP/2.0": (505, b"GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
    "HTTP/1.2": (505, b"GET / HTTP/1.2\r\nHost: a\r\n\r\n"),
    "HTTP/1.10": (505, b"GET / HTTP/1.10\r\nHost: a\r\n\r\n"),
    "a TLS greeting in the clear": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    "a chunk size that is no number": (400, CHUNKED + b"z\r\nhello\r\n0\r\n\r\n"),
    "a chunk size with 0x": (400, CHUNKED + b"0x5\r\nhello\r\n0\r\n\r\n"),
    "a chunk size with a sign": (400, CHUNKED + b"+5\r\nhello\r\n0\r\n\r\n"),
    "a chunk size with a space behind": (400, CHUNKED + b"5 \r\nhello\r\n0\r\n\r\n"),
    "a chunk size with a space before": (400, CHUNKED + b" 5\r\nhello\r\n0\r\n\r\n"),
    "an empty chunk size": (400, CHUNKED + b"\r\nhello\r\n0\r\n\r\n"),
    "a chunk size beyond 32 bits": (400, CHUNKED + b"100000005\r\nhello\r\n0\r\n\r\n"),
    "a huge chunk size": (413, CHUNKED + b"ffffffff\r\nhello\r\n0\r\n\r\n"),
    "a chunk longer than it said": (400, CHUNKED + b"3\r\nhello\r\n0\r\n\r\n"),
    "a chunk line that ends in LF": (400, CHUNKED + b"5\nhello\r\n0\r\n\r\n"),
    "chunk data that end in LF": (400, CHUNKED + b"5\r\nhello\n0\r\n\r\n"),
    "a last chunk that ends in LF": (400, CHUNKED + b"0\n\n"),
    "a bare CR in an extension": (400, CHUNKED + b"5;a\rb\r\nhello\r\n0\r\n\r\n"),
    "a long chunk extension": (400, CHUNKED + b"5;" + b"a" * 300 + b"\r\nhello\r\n0\r\n\r\n"),
    "an endless chunk extension": (400, CHUNKED + b"5;" + b"a" * 3000),
    "many chunk extensions": (400, CHUNKED + (b"1;" + b"a" * 200 + b"\r\nx\r\n") * 30 + b"0\r\n\r\n"),
    "too many trailers": (431, CHUNKED + b"0\r\n" + b"X: a\r\n" * 20 + b"\r\n"),
    "large trailers": (431, CHUNKED + b"0\r\nX: " + b"a" * 5000 + b"\r\n\r\n"),
    "a malformed trailer": (400, CHUNKED + b"0\r\nnonsense\r\n\r\n"),
    "a folded trailer": (400, CHUNKED + b"0\r\nX: a\r\n b\r\n\r\n"),
}


@pytest.mark.parametrize("name", CASES)
def test_an_ambiguous_request_is_refused_and_never_reaches_the_application(run: Run, name: str) -> None:
    expected, raw = CASES[name]

    async def scene() -> None:
        async with serving() as house:
            answer = await talk(house, raw + HIDDEN)
            assert status(answer) == expected
            assert b"\r\ncontent-type: application/problem+json\r\n" in answer
            assert b"\r\nconnection: close\r\n" in answer
            assert answer.count(b"HTTP/1.1 ") == 1
            assert b"[reset]" not in answer
            assert house.app.calls == []
            assert len(house.refused) == 1

    run(scene())


@pytest.mark.parametrize("name", CASES)
def test_an_ambiguous_request_is_refused_when_it_comes_in_pieces(run: Run, name: str) -> None:
    expected, raw = CASES[name]

    async def scene() -> None:
        async with serving() as house:
            answer = await talk(house, *(raw[at : at + 7] for at in range(0, len(raw), 7)), HIDDEN)
            assert status(answer) == expected
            assert house.app.calls == []
            assert house.front.requests == 0

    run(scene())


def test_a_trailer_never_becomes_a_field(run: Run) -> None:
    async def scene() -> None:
        async with serving() as house:
            raw = (
                CHUNKED.replace(b"Host", b"Connection: close\r\nHost")
                + b"2\r\nhi\r\n0\r\nAuthorization: Bearer x\r\n\r\n"
            )
            answer = await talk(house, raw)
            assert status(answer) == 200
            assert answer.endswith(b"hi")
            assert b"authorization" not in house.app.headers[0]

    run(scene())
