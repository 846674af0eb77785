"""Measure sessions: how many requests a second are verified, from memory and from the record; what 10,000 living sessions
cost in memory; and how late their people are asked.

Contract: `python -m bench.session [--sessions N] [--streams N] [--write]`. One real gateway over TLS on processor 0, one
client on processor 1. *From the record*: the gateway was started anew, so that each token is read from SQLite at its
first request; *from memory*: the same tokens again, by the same client in the same run; the ratio is what counts. The
prompt's lateness is measured twice: by the gateway for every session (its histogram), and from outside by a number of open
event streams, from the deadline that the gateway states to the arrival of the event. A wrong answer voids the run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

from bench.world import ROOT, pss, untrusting
from chatwarden.clock import SECOND, SystemClock

CONFIG = """[server]
port = {port}
lab = true
[session]
idle = "{idle}s"
answer_within = "{within}s"
[limits]
visitors = "off"
connections_per_peer = 20000
connections = 30000
new_connections_per_peer = "off"
new_connections = "off"
[metrics]
listen = "127.0.0.1:{metrics}"
"""
CONNECTIONS = 32
IDLE, WITHIN = 60, 20  # seconds: asked after 40
PAGE = ROOT / "docs" / "performance-sessions.md"


class Gateway:
    """One gateway over one home."""

    def __init__(self, folder: Path, port: int, metrics: int) -> None:
        self.folder, self.port, self.metrics = folder, port, metrics
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, idle: int, within: int) -> None:
        config = self.folder / "gateway.toml"
        config.write_text(CONFIG.format(port=self.port, metrics=self.metrics, idle=idle, within=within))
        command = ["taskset", "-c", "0", sys.executable, "-m", "chatwarden", "up"]
        command += ["--home", str(self.folder / "home"), "--config", str(config)]
        log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
        assert self.process.stdout is not None
        if not self.process.stdout.readline().startswith(b"ready"):
            raise SystemExit((self.folder / "log").read_text()[-2000:])

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(60)
            self.process = None

    @property
    def memory(self) -> float:
        """PSS in MiB."""
        assert self.process is not None
        return pss(self.process.pid)

    def lateness(self) -> list[tuple[float, int]]:
        """The histogram of the gateway: seconds and how many were asked no later."""
        text = urllib.request.urlopen(f"http://127.0.0.1:{self.metrics}/metrics").read().decode()
        found = re.findall(r'chatwarden_prompt_lateness_seconds_bucket\{le="([^"]+)"\} (\S+)', text)
        return [(float(bound), int(float(count))) for bound, count in found]


class Client:
    """Keep-alive connections; one request at a time on each."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.tls: ssl.SSLContext = untrusting()

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port, ssl=self.tls)

    async def each(
        self, items: list[str], request: Callable[[str], bytes], took: Callable[[str, bytes], None]
    ) -> float:
        """Sends one request for each item over all connections; seconds."""
        left = iter(items)
        pairs = [await self.connect() for _ in range(CONNECTIONS)]

        async def worker(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for item in left:
                writer.write(request(item))
                took(item, await self.answer(reader))
            writer.close()

        began = time.perf_counter()
        await asyncio.gather(*(worker(*pair) for pair in pairs))
        return time.perf_counter() - began

    async def answer(self, reader: asyncio.StreamReader) -> bytes:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(re.search(rb"content-length: (\d+)", head)[1])  # type: ignore[index]
        body = await reader.readexactly(length)
        if head[9:12] not in {b"200", b"201"}:
            raise SystemExit(f"refused: {body!r}")
        return body


def beginning(_item: str) -> bytes:
    return b"POST /api/v1/session HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n"


def looking(token: str) -> bytes:
    return f"GET /api/v1/session HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n".encode()


async def begun(client: Client, count: int) -> list[str]:
    tokens: list[str] = []
    await client.each([""] * count, beginning, lambda _, body: tokens.append(json.loads(body)["token"]))
    return tokens


async def listen(client: Client, token: str, late: list[float]) -> None:
    """One event stream, until its person is asked."""
    reader, writer = await client.connect()

    async def ask(method: str, path: str, body: bytes = b"") -> bytes:
        head = f"{method} {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n"
        if body:
            head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
        writer.write(head.encode() + b"\r\n" + body)
        return b"" if path.endswith("/events") else await client.answer(reader)

    conversation = json.loads(await ask("POST", "/api/v1/conversations", b'{"bot":"helpdesk"}'))["id"]
    await ask("GET", f"/api/v1/conversations/{conversation}/events")
    while True:
        line = await reader.readline()
        if not line:
            raise SystemExit("a stream ended before its person was asked")
        if line.startswith(b"data:") and b'"challenge"' in line:
            break
    now = SystemClock().now() / SECOND
    due = json.loads(line[5:])["challenge"]["expires_at"]
    late.append(now - (datetime.fromisoformat(due).timestamp() - WITHIN))
    writer.close()


def quantile(histogram: list[tuple[float, int]], share: float) -> float:
    """The bound under which this share lies."""
    total = histogram[-1][1]
    return next(bound for bound, count in histogram if count >= share * total)


async def measure(options: argparse.Namespace, gateway: Gateway) -> dict[str, float]:
    client = Client(gateway.port)
    found: dict[str, float] = {}
    gateway.start(3600, 60)
    tokens = await begun(client, options.sessions)
    print(f"{len(tokens)} sessions begun", flush=True)
    gateway.stop()

    gateway.start(3600, 60)
    await client.each(tokens[:1] * 200, looking, lambda _item, _body: None)  # warm, with one session
    found["empty"] = gateway.memory
    found["record"] = len(tokens) / await client.each(tokens, looking, lambda _item, _body: None)
    found["loaded"] = gateway.memory
    rates = [len(tokens) / await client.each(tokens, looking, lambda _item, _body: None) for _ in range(3)]
    found["memory"] = statistics.median(rates)
    gateway.stop()
    print(f"verified: {found['record']:.0f}/s from the record, {found['memory']:.0f}/s from memory", flush=True)

    gateway.start(IDLE, WITHIN)
    await begun(client, options.sessions - options.streams)
    late: list[float] = []
    heard = await begun(client, options.streams)
    listening: list[Awaitable[None]] = [asyncio.ensure_future(listen(client, one, late)) for one in heard]
    print(f"waiting until {options.sessions} people are asked", flush=True)
    await asyncio.gather(*listening)
    histogram = gateway.lateness()
    gateway.stop()
    if histogram[-1][1] < options.sessions:
        raise SystemExit(f"{histogram[-1][1]} of {options.sessions} were asked")
    found["asked"] = histogram[-1][1]
    found["within_p50"], found["within_p99"] = quantile(histogram, 0.5), quantile(histogram, 0.99)
    late.sort()
    found["late_p50"] = statistics.median(late)
    found["late_p99"] = late[int(len(late) * 0.99) - 1]
    found["late_max"] = late[-1]
    return found


def page(options: argparse.Namespace, found: dict[str, float]) -> str:
    """What was found, in words and numbers."""
    each = (found["loaded"] - found["empty"]) * 1024 / options.sessions
    own = f"under {found['within_p50'] * 1e3:.0f} ms, under {found['within_p99'] * 1e3:.0f} ms"
    outside = ", ".join(f"{found[name] * 1e3:.1f} ms" for name in ("late_p50", "late_p99", "late_max"))
    return f"""# How fast sessions are

Written by `scripts/bench session --write` on {time.strftime("%Y-%m-%d")}, {os.cpu_count()} processors: the gateway on one,
its client on the other, TLS, SQLite, {options.sessions:,} living sessions.

| what | measured |
|---|---|
| verified requests a second (`GET /api/v1/session`), session in memory | {found["memory"]:.0f} |
| the same, each session read from the record first | {found["record"]:.0f} |
| ratio | {found["memory"] / found["record"]:.1f} |
| memory for each living session | {each:.1f} KiB |
| a person is asked this late, every session, by the gateway's own histogram: half, 99 % | {own} |
| the event arrives this late at {options.streams} open streams: half, 99 %, the latest | {outside} |

The client is a Python program on one processor: the rates are what it could ask for, and what counts is their ratio. A
session is read from the record once, by one indexed look, and lives in memory until it ends.
"""


def main() -> None:
    """Runs it."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--sessions", type=int, default=10_000)
    p.add_argument("--streams", type=int, default=500, help="how many of them listen")
    p.add_argument("--write", action="store_true", help="write docs/performance-sessions.md")
    options = p.parse_args()
    os.sched_setaffinity(0, {1} if (os.cpu_count() or 1) > 1 else {0})
    with tempfile.TemporaryDirectory(prefix="bench-session-") as folder:
        gateway = Gateway(Path(folder), 18_643, 18_644)
        try:
            text = page(options, asyncio.run(measure(options, gateway)))
        finally:
            gateway.stop()
    print(text)
    if options.write:
        PAGE.write_text(text)


if __name__ == "__main__":
    main()
