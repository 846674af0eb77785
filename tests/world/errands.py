"""A bot that runs errands: it is asked as an OpenAI-compatible server, signs in with its own account, asks an application
through the broker on behalf of whoever asked it, and says what came of it. All that it ever sees is in its journal.

    python -m tests.world.errands --gateway URL --ca PEM --client bin_… --secret-file F --journal F

``ask METHOD APPLICATION PATH [BODY]`` says word for word what it shall ask; anything else asks for the person's orders.
"""

from __future__ import annotations

import argparse
import base64
import http.client
import json
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit


class Bot:
    """The bot's own side of the gateway."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._place = urlsplit(options.gateway).netloc
        self._context = ssl.create_default_context(cafile=options.ca)
        self._client, self._secret = options.client, Path(options.secret_file).read_text().strip()
        self._token = ""
        self._journal = Path(options.journal)
        self._lock = threading.Lock()

    def note(self, what: object) -> None:
        with self._lock, self._journal.open("a") as journal:
            journal.write(json.dumps(what) + "\n")

    def call(self, method: str, path: str, headers: dict[str, str], body: bytes | None = None) -> tuple[int, str]:
        connection = http.client.HTTPSConnection(self._place, context=self._context, timeout=40)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            self.note({"asked": path, "status": answer.status, "headers": answer.getheaders(), "body": text})
            return answer.status, text
        finally:
            connection.close()

    def sign_in(self) -> str:
        pair = base64.b64encode(f"{self._client}:{self._secret}".encode()).decode()
        fields = {"Authorization": f"Basic {pair}", "Content-Type": "application/x-www-form-urlencoded"}
        status, text = self.call("POST", "/oauth/token", fields, b"grant_type=client_credentials")
        assert status == 200, text
        return str(json.loads(text)["access_token"])

    def errand(self, words: str, turn: str) -> str:
        if words.startswith("ask "):
            method, application, path, *rest = words.removeprefix("ask ").split(" ", 3)
        else:
            method, application, path, rest = "GET", "orders", "/orders", []
        with self._lock:
            fresh = not self._token
        if fresh:
            self._token = self.sign_in()
        headers = {"Authorization": f"Bearer {self._token}", "Chatwarden-Turn": turn}
        body = None
        if rest:
            body, headers["Content-Type"] = rest[0].encode(), "application/json"
        status, text = self.call(method, f"/broker/{application}{path}", headers, body)
        return f"{status} {text}"


class Handler(BaseHTTPRequestHandler):
    """The bot as the gateway asks it."""

    protocol_version = "HTTP/1.1"
    bot: ClassVar[Bot]

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.bot.note({"told": asked, "headers": self.headers.items()})
        said = self.bot.errand(asked["messages"][-1]["content"], self.headers.get("chatwarden-turn", ""))
        message = {"role": "assistant", "content": said}
        choice: Any = {"index": 0, "finish_reason": "stop", "delta" if asked.get("stream") else "message": message}
        if asked.get("stream"):
            kind = "text/event-stream"
            piece = json.dumps({"id": "1", "object": "chat.completion.chunk", "choices": [choice]})
            data = f"data: {piece}\n\ndata: [DONE]\n\n".encode()
        else:
            kind = "application/json"
            data = json.dumps({"id": "1", "object": "chat.completion", "choices": [choice]}).encode()
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


def main() -> int:
    parser = argparse.ArgumentParser()
    for name in ("gateway", "ca", "client", "secret-file", "journal"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    Handler.bot = Bot(options)
    server = ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    server.serve_forever()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
