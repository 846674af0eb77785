"""Measure what asking an application through the broker costs, beside asking it directly and beside nginx adding a static
header, alternating in one run.

Contract: `python -m bench.broker [--calls N] [--rounds N] [--write]`. One client, one TLS connection to each: the
application itself (nginx with a fixed answer that wants an Authorization header), nginx in front of it that adds the header,
and the gateway, whose broker adds it. Through the gateway each call is checked against grant, level, person and session, is
durably on record twice, and its answer is searched. Any answer other than 200 voids the run.
"""

from __future__ import annotations

import argparse
import base64
import http.client
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

from bench.world import NGINX, ROOT, World, untrusting, world

APP, APP_TLS, PROXY, OURS, BOT = 19180, 19181, 19182, 19183, 19184
PAGE = ROOT / "docs" / "performance-broker.md"
TOKEN = "a-token-for-the-benchmark"
ANSWER = '{"number": "A-1001", "status": "sent", "total": 118.5}'
CONFIG = f"""[server]
port = {OURS}
[metrics]
listen = "off"
[limits]
messages = "off"
visitors = "off"
requests_per_connection = "off"
[levels.sales]
rights = ["orders:read"]
[bots.shop]
connector = "openai"
url = "http://127.0.0.1:{BOT}/v1"
model = "m"
who = ["visitor"]
"""


class Bot(BaseHTTPRequestHandler):
    """Says a word, and remembers the turn token."""

    protocol_version = "HTTP/1.1"
    turn: ClassVar[str] = ""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        Bot.turn = self.headers["chatwarden-turn"]
        message = {"role": "assistant", "content": "One moment."}
        data = json.dumps({"choices": [{"index": 0, "finish_reason": "stop", "message": message}]}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


class Gateway:
    """The gateway with everything that a call needs."""

    def __init__(self, scene: World) -> None:
        self.home, self.config = scene.folder / "home", scene.folder / "gateway.toml"
        self.config.write_text(CONFIG)
        scene.start(0, sys.executable, "-m", "chatwarden", *self._where, "up")
        for _ in range(120):
            time.sleep(0.25)
            if (self.home / "run" / "control.sock").exists():
                break
        else:
            raise SystemExit("the gateway did not start:\n" + scene.log())
        made = json.loads(self.command("bot", "add", "shop", "--level", "sales", "--plain-client", "--json"))
        self._pair = base64.b64encode(f"{made['client_id']}:{made['client_secret']}".encode()).decode()
        self.command(
            "app", "add", "orders", "--url", f"http://127.0.0.1:{APP}", "--sign-in", "bearer", "--private", stdin=TOKEN
        )  # fmt: skip
        self.command(
            "app", "grant", "shop", "orders", "--method", "GET", "--path", "/orders/*", "--right", "orders:read"
        )
        self._session = self._post("/api/v1/session", b"{}", {"Content-Type": "application/json"})["token"]
        self._talk = self._said("/api/v1/conversations", {"bot": "shop"})["id"]

    @property
    def _where(self) -> list[str]:
        return ["--home", str(self.home), "--config", str(self.config)]

    def command(self, *words: str, stdin: str = "") -> str:
        done = subprocess.run(
            [sys.executable, "-m", "chatwarden", *words, *self._where], input=stdin, capture_output=True, text=True
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(words)}: {done.stderr}")
        return done.stdout

    def _post(self, path: str, body: bytes, headers: dict[str, str]) -> dict[str, str]:
        connection = http.client.HTTPSConnection("127.0.0.1", OURS, context=untrusting(), timeout=30)
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        told: dict[str, str] = json.loads(answer.read())
        connection.close()
        if answer.status >= 300:
            raise SystemExit(f"{path}: {answer.status} {told}")
        return told

    def _said(self, path: str, body: object) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._session}"}
        return self._post(path, json.dumps(body).encode(), headers)

    def fields(self) -> dict[str, str]:
        """A new turn and a new sign-in: both live five minutes."""
        self._said(f"/api/v1/conversations/{self._talk}/messages", {"text": "Where is my order?"})
        form = {"Authorization": f"Basic {self._pair}", "Content-Type": "application/x-www-form-urlencoded"}
        token = self._post("/oauth/token", b"grant_type=client_credentials", form)["access_token"]
        return {"Authorization": f"Bearer {token}", "Chatwarden-Turn": Bot.turn}


def servers(scene: World) -> None:
    """The application, and nginx before it."""
    d = scene.folder
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
         d / "k", "-out", d / "c", "-subj", "/CN=localhost"],
        check=True, capture_output=True,
    )  # fmt: skip
    app = f"""server {{ listen 127.0.0.1:{APP}; listen 127.0.0.1:{APP_TLS} ssl; {scene.tls} default_type application/json;
        location / {{ if ($http_authorization != "Bearer {TOKEN}") {{ return 401; }} return 200 '{ANSWER}'; }} }}"""
    proxy = f"""upstream a {{ server 127.0.0.1:{APP}; keepalive 16; }}
        server {{ listen 127.0.0.1:{PROXY} ssl; {scene.tls} location / {{ proxy_pass http://a; proxy_http_version 1.1;
        proxy_set_header Connection ''; proxy_set_header Authorization "Bearer {TOKEN}"; }} }}"""
    for name, body, core in (("app", app, 1), ("proxy", proxy, 0)):
        (d / f"{name}.conf").write_text(NGINX.format(d=d, n=name, body=body))
        scene.start(core, "nginx", "-c", str(d / f"{name}.conf"))


def calls(port: int, path: str, headers: dict[str, str], count: int) -> list[float]:
    """Milliseconds of each of *count* calls on one connection."""
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=untrusting(), timeout=30)
    took = []
    for number in range(count + 20):
        begun = time.perf_counter()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200 or body != ANSWER.encode():
            raise SystemExit(f"void: {path} answered {answer.status} {body[:200]!r}")
        if number >= 20:
            took.append((time.perf_counter() - begun) * 1e3)
    connection.close()
    return took


def measure(count: int, rounds: int) -> str:
    """The page."""
    with world("broker") as scene:
        bot = ThreadingHTTPServer(("127.0.0.1", BOT), Bot)
        threading.Thread(target=bot.serve_forever, daemon=True).start()
        servers(scene)
        gateway = Gateway(scene)
        took: dict[str, list[float]] = {"direct": [], "nginx": [], "broker": []}
        for _ in range(rounds):
            took["direct"] += calls(APP_TLS, "/orders/A-1001", {"Authorization": f"Bearer {TOKEN}"}, count)
            took["nginx"] += calls(PROXY, "/orders/A-1001", {}, count)
            took["broker"] += calls(OURS, "/broker/orders/orders/A-1001", gateway.fields(), count)
        entries = gateway.command("audit", "export", "--json")
        if entries.count('"broker:answered"') < rounds * count:
            raise SystemExit("void: not every call is on record")
        bot.shutdown()
    direct = statistics.median(took["direct"])
    titles = {
        "direct": "the application itself", "nginx": "nginx adding a static header",
        "broker": "the gateway and its broker",
    }  # fmt: skip
    rows = []
    for name, title in titles.items():
        found = sorted(took[name])
        middle, late = statistics.median(found), found[int(len(found) * 0.99)]
        rows.append(f"| {title} | {middle:.2f} | {middle - direct:+.2f} | {middle / direct:.1f} | {late:.2f} |")
    return f"""# What a call through the broker costs

Written by `scripts/bench broker --write` on {time.strftime("%Y-%m-%d")}, {os.cpu_count()} processors: {rounds} rounds of {count}
calls each, one client with one TLS connection to each contender, in turns. A brokered call is checked against grant, level,
person and session, is durably on record before the application is asked and again before its answer is shown, and the
answer is searched for the credential and for personal data.

| who is asked | median ms | more than directly | times | 99th percentile ms |
| --- | ---: | ---: | ---: | ---: |
{chr(10).join(rows)}
"""


def main() -> int:
    """Prints the figures, and writes them into the page with ``--write``."""
    parser = argparse.ArgumentParser(prog="scripts/bench broker", description=__doc__)
    parser.add_argument("--calls", type=int, default=300, help="calls a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    options = parser.parse_args()
    text = measure(options.calls, options.rounds)
    sys.stdout.write(text)
    if options.write:
        Path(PAGE).write_text(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
