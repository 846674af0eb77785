"""One application over HTTP: pinned, bounded, and never sent elsewhere."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import zlib
from pathlib import Path

import pytest
from tests.edge.conftest import make_pair
from tests.world import upstream as world
from tests.world.upstream import Asked, Behaviour, Upstream, Writer, serving, whole

from chatwarden.broker.http import Answer, Origin, Unreached
from chatwarden.broker.wire import BODY_MAX


async def got(behaviour: Behaviour, seconds: float = 5.0) -> Answer:
    async with serving(behaviour) as server:
        origin = Origin(f"http://127.0.0.1:{server.port}", private=True)
        try:
            return await origin.fetch("GET", "/a", [("accept", "x")], b"", seconds)
        finally:
            origin.close()


async def test_a_request_goes_out_and_an_answer_comes_back_whole() -> None:
    async with serving(whole(b"[1]", extra="etag: 1\r\n")) as server:
        origin = Origin(f"http://127.0.0.1:{server.port}", private=True)
        for _ in range(3):
            answer = await origin.fetch("POST", "/a?b=1", [("content-type", "application/json")], b"{}")
            assert (answer.status, answer.body, answer.header("etag")) == (200, b"[1]", "1")
        assert server.connections == 1  # kept
        asked = server.asked[-1]
        assert (asked.path, asked.raw, asked.headers["host"]) == ("/a?b=1", b"{}", f"127.0.0.1:{server.port}")
        assert asked.headers["accept-encoding"] == "identity"
        origin.close()


async def test_chunks_are_put_together_and_interim_answers_passed_over() -> None:
    async def behave(_: Upstream, asked: Asked, writer: Writer) -> None:
        writer.write(b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" + world.head("text/plain", None))
        writer.write(world.chunk(b"one ") + world.chunk(b"two") + b"0\r\n\r\n")
        await writer.drain()

    answer = await got(behave)
    assert (answer.status, answer.body, answer.header("link")) == (200, b"one two", "")


async def test_a_redirect_is_an_answer_and_nothing_more() -> None:
    async with serving(whole(b"")) as other:
        answer = await got(whole(b"", status="302 Found", extra=f"location: http://127.0.0.1:{other.port}/\r\n"))
        assert (answer.status, other.connections) == (302, 0)


@pytest.mark.parametrize(
    ("behaviour", "word"),
    [
        (world.speaks_no_http, "malformed"),
        (whole(b"", status="101 Switching Protocols", extra="connection: upgrade\r\nupgrade: x\r\n"), "malformed"),
        (world.closes_before_answering, "truncated"),
        (world.closes_half_way, "truncated"),
        (world.never_answers, "timeout"),
        (world.trickles, "timeout"),
        (whole(bytes(BODY_MAX + 1)), "oversized"),
        (whole(b"x", extra="x-long: " + "a" * 70_000 + "\r\n"), "oversized"),
        (whole(b"x", extra="content-encoding: br\r\n"), "coding"),
        (whole(b"no gzip", extra="content-encoding: gzip\r\n"), "malformed"),
        (whole(gzip.compress(b"x")[:-4], extra="content-encoding: gzip\r\n"), "malformed"),
        (whole(gzip.compress(b"x") * 2, extra="content-encoding: gzip\r\n"), "malformed"),
        (whole(gzip.compress(bytes(BODY_MAX + 1)), extra="content-encoding: gzip\r\n"), "oversized"),
    ],
)
async def test_what_is_no_usable_answer_is_told_in_one_word(behaviour: Behaviour, word: str) -> None:
    with pytest.raises(Unreached) as failed:
        await got(behaviour, 0.5)
    assert str(failed.value) == word


async def test_what_is_packed_is_unpacked() -> None:
    assert (await got(whole(gzip.compress(b"[1]"), extra="content-encoding: gzip\r\n"))).body == b"[1]"
    assert (await got(whole(zlib.compress(b"[1]"), extra="content-encoding: deflate\r\n"))).body == b"[1]"


async def test_an_address_inside_is_not_connected_to() -> None:
    async with serving(whole(b"")) as server:
        for host in ("127.0.0.1", "localhost"):
            with pytest.raises(Unreached, match="address"):
                await Origin(f"http://{host}:{server.port}", private=False).fetch("GET", "/", [], b"")
        assert server.connections == 0


async def test_a_name_of_which_one_address_is_inside_is_not_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a rebinding name server does: one look-up, two addresses."""
    async with serving(whole(b"")) as server:
        origin = Origin(f"http://rebinding.example:{server.port}", private=False)

        async def resolved(*_: object, **__: object) -> list[tuple[object, ...]]:
            return [(2, 1, 6, "", (address, server.port)) for address in ("93.184.215.14", "127.0.0.1")]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolved)
        with pytest.raises(Unreached, match="address"):
            await origin.fetch("GET", "/", [], b"")
        assert server.connections == 0


async def test_nobody_there_is_unreachable() -> None:
    async with serving(whole(b"")) as server:
        port = server.port
    with pytest.raises(Unreached, match="unreachable"):
        await Origin(f"http://127.0.0.1:{port}", private=True).fetch("GET", "/", [], b"")


@pytest.mark.parametrize("target", ["/a b", "/a\r\nx: y", "/a\nb"])
async def test_a_target_that_would_end_the_line_is_not_sent(target: str) -> None:
    async with serving(whole(b"")) as server:
        with pytest.raises(Unreached, match="malformed"):
            await Origin(f"http://127.0.0.1:{server.port}", private=True).fetch("GET", target, [], b"")
        with pytest.raises(Unreached, match="malformed"):
            await Origin(f"http://127.0.0.1:{server.port}", private=True).fetch("GET", "/", [("a", "b\r\nc: d")], b"")
        assert server.connections == 0


async def test_only_the_named_authority_is_believed(tmp_path: Path) -> None:
    cert, key = make_pair(tmp_path)
    inside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    inside.load_cert_chain(cert, key)
    async with serving(whole(b"[]"), tls=inside) as server:
        url = f"https://localhost:{server.port}"
        origin = Origin(url, private=True, ca=cert.read_text())
        assert (await origin.fetch("GET", "/", [], b"")).body == b"[]"
        origin.close()
        with pytest.raises(Unreached, match="tls"):
            await Origin(url, private=True).fetch("GET", "/", [], b"")
        (tmp_path / "other").mkdir()
        other, _ = make_pair(tmp_path / "other")
        with pytest.raises(Unreached, match="tls"):
            await Origin(url, private=True, ca=other.read_text()).fetch("GET", "/", [], b"")


async def test_a_connection_that_the_application_closes_is_not_used_again() -> None:
    async def once(_: Upstream, asked: Asked, writer: Writer) -> None:
        writer.write(world.head("text/plain", 1, extra="connection: close\r\n") + b"x")
        await writer.drain()
        writer.close()

    async with serving(once) as server:
        origin = Origin(f"http://127.0.0.1:{server.port}", private=True)
        for _ in range(2):
            assert (await origin.fetch("GET", "/", [], b"")).body == b"x"
        assert server.connections == 2


async def test_an_answer_that_nobody_asked_for_is_not_the_next_persons() -> None:
    heard, sent = asyncio.Event(), asyncio.Event()

    async def twice(_: Upstream, asked: Asked, writer: Writer) -> None:
        mine = asked.path[1:].encode()
        writer.write(world.head("text/plain", len(mine)) + mine)
        await writer.drain()
        if asked.path == "/ada":
            await heard.wait()
            writer.write(world.head("text/plain", 6) + b"ada, 2")
            await writer.drain()
            sent.set()

    async with serving(twice) as server:
        origin, other = (Origin(f"http://127.0.0.1:{server.port}", private=True) for _ in range(2))
        assert (await origin.fetch("GET", "/ada", [], b"")).body == b"ada"
        heard.set()
        await sent.wait()
        await other.fetch("GET", "/eve", [], b"")  # what was sent before has arrived
        assert (await origin.fetch("GET", "/bob", [], b"")).body == b"bob"
        assert server.connections == 3
        origin.close()
        other.close()


async def test_an_answer_with_another_one_behind_it_is_no_answer() -> None:
    async def both(_: Upstream, asked: Asked, writer: Writer) -> None:
        writer.write(2 * (world.head("text/plain", 1) + b"x"))
        await writer.drain()

    with pytest.raises(Unreached, match="malformed"):
        await got(both)
