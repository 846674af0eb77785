"""A website on another origin of this machine, and a listener that hears whatever reaches it."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Site:
    """Pages by path, each with its own fields in the head of the answer. It remembers what it was asked."""

    port: int = 0
    host: str = "127.0.0.2"
    pages: dict[str, tuple[bytes, dict[str, str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"http://{self.host}:{self.port}"

    def put(self, path: str, body: str | bytes, kind: str = "text/html; charset=utf-8", **fields: str) -> str:
        """A page; its address."""
        data = body.encode() if isinstance(body, str) else body
        head = {name.replace("_", "-"): value for name, value in fields.items()}
        self.pages[path] = (data, {"content-type": kind, **head})
        return self.origin + path


@contextlib.contextmanager
def site(host: str = "127.0.0.2") -> Iterator[Site]:
    """A website, until the block is left."""
    made = Site(host=host)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.path)
            body, fields = made.pages.get(self.path.partition("?")[0], (b"", {}))
            self.send_response(200 if fields else 404)
            for name, value in {**fields, "content-length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            made.asked.append(f"POST {self.path} {self.rfile.read(length).decode(errors='replace')}")
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer((host, 0), Handler)
    server.daemon_threads = True
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


class Ear:
    """Hears on one port, by TCP and by UDP: who so much as connects was heard. It answers HTTP with 204."""

    def __init__(self, host: str = "127.0.0.3") -> None:
        self.host = host
        self.heard: list[bytes] = []
        self._arrived = threading.Event()
        self._stream = socket.create_server((host, 0))
        self.port: int = self._stream.getsockname()[1]
        self._packets = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._packets.bind((host, self.port))
        for work in (self._accept, self._receive):
            threading.Thread(target=work, daemon=True).start()

    def close(self) -> None:
        """The end of it."""
        for one in (self._stream, self._packets):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def forget(self) -> None:
        """As if nobody had come."""
        self.heard.clear()
        self._arrived.clear()

    def hears(self, within: float) -> bool:
        """Whether anything comes."""
        return self._arrived.wait(within)

    def _note(self, data: bytes) -> None:
        self.heard.append(data)
        self._arrived.set()

    def _accept(self) -> None:
        while True:
            try:
                one, _ = self._stream.accept()
            except OSError:
                return
            self._note(b"connected")
            threading.Thread(target=self._answer, args=(one,), daemon=True).start()

    def _answer(self, one: socket.socket) -> None:
        with contextlib.suppress(OSError), one:
            one.settimeout(5)
            while data := one.recv(65_536):
                self.heard.append(data)
                one.sendall(b"HTTP/1.1 204 No Content\r\naccess-control-allow-origin: *\r\ncontent-length: 0\r\n\r\n")

    def _receive(self) -> None:
        while True:
            try:
                data = self._packets.recv(65_536)
            except OSError:
                return
            if data:
                self._note(data)


@contextlib.contextmanager
def ear() -> Iterator[Ear]:
    """An open ear, until the block is left."""
    made = Ear()
    try:
        yield made
    finally:
        made.close()
