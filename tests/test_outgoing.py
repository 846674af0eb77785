"""A real server on loopback: what comes back, and what is refused."""

from __future__ import annotations

import http.server
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatwarden.errors import ConfigurationError
from chatwarden.outgoing import BODY_MAX, Outgoing, Unreachable


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


def test_an_authority_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        Outgoing(tmp_path / "none.pem")
