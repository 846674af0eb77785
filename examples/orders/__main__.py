"""A small application with accounts of its own, to see the credential broker work: docs/broker.md.

    python examples/orders --accounts accounts.json --issuer https://127.0.0.1:8443 --issuer-ca var/tls/ca.pem

    GET  /me                     who is asking, and on whose behalf
    GET  /orders                 the orders of that person; of everybody, for an account that comes for itself
    PUT  /orders/NUMBER/contact  {"email": "…"}
    POST /oauth/token, /oauth/revoke

Every request is one line of JSON on standard output, or in ``--journal``: account, person, method, path, status.
``--careless`` makes it the application that one should not have: it returns, in several spellings, what it was shown.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, quote

from accounts import Accounts, Caller, Refused
from store import Orders


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    accounts: ClassVar[Accounts]
    orders: ClassVar[Orders]
    options: ClassVar[argparse.Namespace]
    journal: ClassVar[Any]
    lock: ClassVar[threading.Lock] = threading.Lock()

    def do_GET(self) -> None:  # noqa: N802  http.server's name
        self._serve()

    do_POST = do_PUT = do_DELETE = do_PATCH = do_GET  # noqa: N815

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = self.path.partition("?")[0]
        authorization = self.headers.get("authorization", "")
        if self.command == "POST" and path.startswith("/oauth/"):
            self._oauth(path, dict(parse_qsl(body.decode())), authorization)
            return
        caller = self.accounts.caller(authorization, self.headers.get("x-api-key", ""))
        if caller is None:
            self._say(401, {"error": "unauthorized"}, None, {"www-authenticate": "Bearer"})
            return
        status, told, more = self._answer(caller, path, body)
        self._say(status, told, caller, more)

    def _oauth(self, path: str, form: dict[str, str], authorization: str) -> None:
        try:
            if path == "/oauth/token":
                self._say(200, self.accounts.token(form, authorization), None)
            else:
                self.accounts.revoke(form, authorization)
                self._say(200, {}, None)
        except Refused as refused:
            self._say(refused.status, {"error": refused.word}, None)

    def _answer(self, caller: Caller, path: str, body: bytes) -> tuple[int, Any, dict[str, str]]:
        if path == "/me":
            return 200, {"account": caller.account, "person": caller.person}, {}
        if path == "/orders" and self.command == "GET":
            return 200, self.orders.of(caller.person) if caller.person else self.orders.all(), {}
        if path == "/slow":
            time.sleep(min(float(self.headers.get("x-seconds") or 10), 20))
            return 200, {}, {}
        if path == "/moved":
            return 302, {}, {"location": "http://127.0.0.1:1/elsewhere"}
        parts = path.split("/")
        if len(parts) == 4 and parts[1] == "orders" and parts[3] == "contact" and self.command == "PUT":
            try:
                email = str(json.loads(body)["email"])
            except (ValueError, KeyError, TypeError):
                return 422, {"error": "email is missing"}, {}
            changed = self.orders.change(parts[2], caller.person, email=email)
            return (200, changed, {}) if changed else (404, {"error": "no such order"}, {})
        return 404, {"error": "not found"}, {}

    def _say(self, status: int, told: Any, caller: Caller | None, more: dict[str, str] | None = None) -> None:
        path = self.path.partition("?")[0]
        line = {
            "account": caller.account if caller else None, "person": caller.person if caller else None,
            "method": self.command, "path": self.path, "status": status,
        }
        with self.lock:
            self.journal.write(json.dumps(line) + "\n")
            self.journal.flush()
        if self.options.careless and caller is not None and not path.startswith("/oauth/"):
            self._careless(status, told)
            return
        data = json.dumps(told).encode()
        self.send_response(status)
        for name, value in {"content-type": "application/json", **(more or {})}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _careless(self, status: int, told: Any) -> None:
        """An answer with the credential in it: as it is, in base64, in hexadecimal, percent-encoded and in JSON escapes,
        cut into chunks of seven bytes.
        """
        shown = self.headers.get("x-api-key") or self.headers.get("authorization", "").partition(" ")[2]
        spellings = {
            "plain": shown,
            "base64": base64.b64encode(b"you sent " + shown.encode()).decode(),
            "hex": shown.encode().hex().upper(),
            "url": "".join(f"%{byte:02x}" for byte in shown.encode()) + "&" + quote(shown, safe=""),
        }
        escaped = "".join(f"\\u{ord(char):04x}" for char in shown)
        data = json.dumps({"told": told, **spellings}).encode()[:-1] + f', "json": "{escaped}"}}'.encode()
        packed = "gzip" in self.headers.get("accept-encoding", "")
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("etag", f'"{shown}"')
        self.send_header("x-debug", shown)
        self.send_header("transfer-encoding", "chunked")
        if packed:
            data = gzip.compress(data)
            self.send_header("content-encoding", "gzip")
        self.end_headers()
        for at in range(0, len(data), 7):
            piece = data[at : at + 7]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  http.server's name
        """Nothing: the journal says it."""


def main() -> int:
    """Serves until it is stopped."""
    parser = argparse.ArgumentParser(prog="orders", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--port", type=int, default=9100)
    parser.add_argument("--accounts", type=Path, required=True, help="who may come in (JSON)")
    parser.add_argument("--issuer", default="https://127.0.0.1:8443", help="the gateway")
    parser.add_argument("--issuer-ca", type=Path, help="its certificate authority")
    parser.add_argument("--journal", type=Path, help="instead of standard output")
    parser.add_argument("--careless", action="store_true", help="return what was shown")
    parser.add_argument("--keep-tokens-after", type=int, metavar="N", help="refuse to take tokens back, after N of them")
    options = parser.parse_args()
    server = ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    port = server.server_address[1]
    known = json.loads(options.accounts.read_text())
    Handler.accounts = Accounts(
        known, options.issuer, f"http://127.0.0.1:{port}/oauth/token", options.issuer_ca,
        options.keep_tokens_after,
    )
    Handler.orders, Handler.options = Orders(), options
    Handler.journal = options.journal.open("a") if options.journal else sys.stdout
    sys.stdout.write(f"ready http://127.0.0.1:{port}\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
