"""A real server on loopback: what comes back, and what is refused."""

from __future__ import annotations

import asyncio
import http.server
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatwarden.errors import ConfigurationError
from chatwarden.outgoing import BODY_MAX, Line, Outgoing, Unreachable, in_thread


class _Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/plain")
            self.end_headers()
            return
        body = b"x" * (BODY_MAX + 1) if self.path == "/large" else self.headers.get("X-Said", "").encode()
        self.send_response(200)
        self.send_header("X-Kind", "plain")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[http.server.ThreadingHTTPServer]:
    started = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    thread = threading.Thread(target=started.serve_forever, daemon=True)
    thread.start()
    yield started
    started.shutdown()
    started.server_close()
    thread.join()


async def test_an_answer_comes_back_with_its_fields(server: http.server.ThreadingHTTPServer) -> None:
    answer = await Outgoing().fetch("GET", f"http://127.0.0.1:{server.server_port}/plain", {"X-Said": "hello"})
    assert (answer.status, answer.headers["x-kind"], answer.body) == (200, "plain", b"hello")


async def test_a_redirect_is_an_answer_and_is_not_followed(server: http.server.ThreadingHTTPServer) -> None:
    assert (await Outgoing().fetch("GET", f"http://127.0.0.1:{server.server_port}/moved")).status == 302


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_an_answer_that_is_too_large_is_refused(server: http.server.ThreadingHTTPServer) -> None:
    with pytest.raises(Unreachable, match="too large"):
        await Outgoing().fetch("GET", f"http://127.0.0.1:{server.server_port}/large")


async def test_what_does_not_answer_or_speaks_no_tls_is_unreachable(server: http.server.ThreadingHTTPServer) -> None:
    with pytest.raises(Unreachable):
        await Outgoing().fetch("GET", f"https://127.0.0.1:{server.server_port}/plain")
    with pytest.raises(Unreachable):
        await Outgoing().fetch("GET", "http://127.0.0.1:1/")


async def test_a_certificate_of_nobody_known_is_refused(tmp_path: Path) -> None:
    from chatwarden.clock import SystemClock
    from chatwarden.config import certificates
    from chatwarden.config.home import Home
    from chatwarden.config.parse import parse

    home = Home(tmp_path / "home")
    home.prepare()
    pair = certificates.current(home, parse(""), SystemClock().now())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.chain, pair.key)
    started = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    started.socket = context.wrap_socket(started.socket, server_side=True)
    thread = threading.Thread(target=started.serve_forever, daemon=True)
    thread.start()
    try:
        url = f"https://127.0.0.1:{started.server_port}/plain"
        with pytest.raises(Unreachable, match="SSLCertVerificationError"):
            await Outgoing().fetch("GET", url)
        assert (await Outgoing(home.tls / "ca.pem").fetch("GET", url)).status == 200
    finally:
        started.shutdown()
        started.server_close()
        thread.join()


class _Trickles(http.server.BaseHTTPRequestHandler):
    """Says a byte now and then: no single read is too long, and the whole never ends."""

    went = threading.Event()

    def do_GET(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        try:
            while True:
                self.wfile.write(b"x")
                self.wfile.flush()
                self.went.wait(0.01)
        except OSError:
            self.went.set()

    def log_message(self, *args: object) -> None:
        pass


async def test_an_answer_that_never_ends_is_cut_and_holds_no_thread() -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), _Trickles) as started:
        serving = threading.Thread(target=started.handle_request, daemon=True)
        serving.start()
        with pytest.raises(Unreachable, match="no answer in time"):
            await Outgoing(wait=0.3).fetch("GET", f"http://127.0.0.1:{started.server_port}/")
        assert await asyncio.to_thread(_Trickles.went.wait, 10)
        serving.join(10)
    for thread in threading.enumerate():
        if thread.name == "outgoing":
            await asyncio.to_thread(thread.join, 10)
            assert not thread.is_alive()


async def test_who_goes_away_takes_the_line_along() -> None:
    heard = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host, port = "127.0.0.1", silent.getsockname()[1]

        def ask(line: Line) -> bytes:
            with line.connect(host, port, 10) as plain:
                heard.set()
                return plain.recv(1)

        waiting = asyncio.create_task(in_thread(ask, 10))
        assert await asyncio.to_thread(heard.wait, 10)
        other, _ = await asyncio.to_thread(silent.accept)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        with other:
            assert await asyncio.to_thread(other.recv, 1) == b""


def test_a_line_that_was_cut_is_not_made() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = Line()
        line.cut()
        with pytest.raises(ConnectionAbortedError):
            line.connect("127.0.0.1", server.getsockname()[1], 10)


def test_an_authority_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        Outgoing(tmp_path / "none.pem")
