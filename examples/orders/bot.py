"""A small bot that looks up orders: an OpenAI-compatible server that asks the orders application through the broker.

    python examples/orders/bot.py --gateway https://127.0.0.1:8443 --ca var/tls/ca.pem --client bin_… --secret-file shop.secret

It has an account of its own at the gateway, and none at the application: the broker signs in there.
"""

from __future__ import annotations

import argparse
import base64
import http.client
import json
import ssl
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit


class Bot(BaseHTTPRequestHandler):
    """One question."""

    protocol_version = "HTTP/1.1"
    options: ClassVar[argparse.Namespace]
    token: ClassVar[str] = ""

    def do_POST(self) -> None:  # noqa: N802  http.server's name
        self.rfile.read(int(self.headers["content-length"]))
        status, body = self._orders(self.headers["chatwarden-turn"])
        if status == 401:  # the bot's own token lives five minutes
            Bot.token = ""
            status, body = self._orders(self.headers["chatwarden-turn"])
        said = "I cannot look that up for you."
        if status == 200:
            said = "\n".join(f"{one['number']}: {one['what']}, {one['status']}" for one in json.loads(body))
        message = {"role": "assistant", "content": said}
        data = json.dumps({"choices": [{"index": 0, "finish_reason": "stop", "message": message}]}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _orders(self, turn: str) -> tuple[int, bytes]:
        """What the application says to the person of this turn."""
        if not Bot.token:
            Bot.token = self._sign_in()
        return self._call("GET", "/broker/orders/orders", {"Authorization": f"Bearer {Bot.token}", "Chatwarden-Turn": turn})

    def _sign_in(self) -> str:
        secret = Path(self.options.secret_file).read_text().strip()
        pair = base64.b64encode(f"{self.options.client}:{secret}".encode()).decode()
        fields = {"Authorization": f"Basic {pair}", "Content-Type": "application/x-www-form-urlencoded"}
        _, body = self._call("POST", "/oauth/token", fields, "grant_type=client_credentials")
        return str(json.loads(body)["access_token"])

    def _call(self, method: str, path: str, fields: dict[str, str], body: str | None = None) -> tuple[int, bytes]:
        context = ssl.create_default_context(cafile=self.options.ca)
        connection = http.client.HTTPSConnection(urlsplit(self.options.gateway).netloc, context=context, timeout=30)
        try:
            connection.request(method, path, body, fields)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  http.server's name
        """Nothing."""


def main() -> int:
    """Serves until it is stopped."""
    parser = argparse.ArgumentParser(prog="bot", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--gateway", default="https://127.0.0.1:8443")
    parser.add_argument("--ca", default="var/tls/ca.pem")
    parser.add_argument("--client", required=True)
    parser.add_argument("--secret-file", required=True)
    parser.add_argument("--port", type=int, default=9101)
    Bot.options = parser.parse_args()
    try:
        ThreadingHTTPServer(("127.0.0.1", Bot.options.port), Bot).serve_forever()
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
