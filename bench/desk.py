"""Measure the desk: how long after one side sends something the other side's screen has it, both ways.

Contract: `python -m bench.desk [--messages N] [--agents N]`. One real gateway over TLS with SQLite, one visitor and one agent
who has the conversation, each with an open event stream and a connection of their own to write on; other agents look at the
desk too. Each message is sent when the one before has arrived; the time runs from the moment before the request is written to
the moment in which the event with that very text was read from the other side's stream, on one clock. It includes detection,
sealing, and two durable commits. A message that does not arrive voids the run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.world import untrusting

CONFIG = """[server]
port = {port}
lab = true
[limits]
messages = "off"
visitors = "off"
[metrics]
listen = "off"
"""
PORT = 18_653
WAIT = 10.0


class Side:
    """One party: a token, a connection to write on, and a stream."""

    def __init__(self, tls: ssl.SSLContext, token: str = "") -> None:
        self.tls, self.token = tls, token
        self.writing: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.heard: asyncio.Queue[tuple[float, str, Any]] = asyncio.Queue()
        self.listening: asyncio.Task[None] | None = None

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", PORT, ssl=self.tls)

    def _head(self, method: str, path: str, body: bytes) -> bytes:
        head = f"{method} {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {self.token}\r\n"
        head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        return head.encode() + body

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        """One request on the connection that stays open."""
        if self.writing is None:
            self.writing = await self._connect()
        reader, writer = self.writing
        writer.write(self._head(method, path, b"" if body is None else json.dumps(body).encode()))
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next((int(line[15:]) for line in head.lower().split("\r\n") if line.startswith("content-length:")), 0)
        data = await reader.readexactly(length)
        if head[9] != "2":
            raise SystemExit(f"{method} {path}: {head[:12]} {data.decode()[:200]}")
        return json.loads(data) if data else None

    async def listen(self, path: str) -> None:
        """Opens a stream and hears it from now on."""
        reader, writer = await self._connect()
        writer.write(self._head("GET", path, b""))
        await reader.readuntil(b"retry:")
        self.listening = asyncio.create_task(self._hear(reader))

    async def _hear(self, reader: asyncio.StreamReader) -> None:
        name = ""
        async for line in reader:
            if line.startswith(b"event: "):
                name = line[7:].decode().strip()
            elif line.startswith(b"data: "):
                await self.heard.put((time.perf_counter(), name, json.loads(line[6:])))

    async def until(self, text: str) -> float:
        """When the message with this text was read."""
        async with asyncio.timeout(WAIT):
            while True:
                at, name, data = await self.heard.get()
                message = data.get("message", data) if name == "message" else {}
                if message.get("text") == text:
                    return at


@contextmanager
def _started(home: Path) -> Iterator[None]:
    """A gateway over this home."""
    config = home.parent / "bench.toml"
    config.write_text(CONFIG.format(port=PORT))
    run = [sys.executable, "-m", "chatwarden"]
    where = ["--home", str(home), "--config", str(config)]
    process = subprocess.Popen([*run, "up", *where], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert process.stdout is not None
        while b"ready" not in process.stdout.readline():
            if process.poll() is not None:
                raise SystemExit("the gateway did not start")
        yield
    finally:
        process.terminate()
        process.wait(30)


def _token(home: Path, name: str) -> str:
    run = [sys.executable, "-m", "chatwarden"]
    where = ["--home", str(home), "--config", str(home.parent / "bench.toml")]
    for command in (["user", "add", name, "--role", "agent"], ["session", "issue", "--user", name, "--for", "1h"]):
        done = subprocess.run([*run, *command, *where], capture_output=True, text=True, check=True)
    return done.stdout.strip()


async def _measure(home: Path, count: int, others: int) -> dict[str, list[float]]:
    tls = untrusting()
    agent = Side(tls, await asyncio.to_thread(_token, home, "bea"))
    audience = [Side(tls, await asyncio.to_thread(_token, home, f"agent{number}")) for number in range(others)]
    for one in audience:
        await one.listen("/api/v1/desk/events")
    person = Side(tls)
    person.token = (await person.ask("POST", "/api/v1/session", {}))["token"]
    talk = (await person.ask("POST", "/api/v1/conversations", {"bot": "helpdesk"}))["id"]
    await person.listen(f"/api/v1/conversations/{talk}/events")
    await agent.listen("/api/v1/desk/events")
    await person.ask("POST", f"/api/v1/conversations/{talk}/handoff")
    await agent.ask("POST", f"/api/v1/desk/conversations/{talk}/take")
    took: dict[str, list[float]] = {"person to agent": [], "agent to person": []}
    ways = (
        ("person to agent", person, agent, f"/api/v1/conversations/{talk}/messages"),
        ("agent to person", agent, person, f"/api/v1/desk/conversations/{talk}/messages"),
    )
    for number in range(-10, count):  # ten to warm up
        for name, sends, hears, path in ways:
            text = f"{name}, message {number}: when will the parcel be here?"
            began = time.perf_counter()
            sending = asyncio.create_task(sends.ask("POST", path, {"text": text}))
            at = await hears.until(text)
            await sending
            if number >= 0:
                took[name].append(at - began)
    for side in (person, agent, *audience):
        if side.listening is not None:
            side.listening.cancel()
    return took


def _rank(spans: list[float], percent: int) -> float:
    ordered = sorted(spans)
    return 1_000 * ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def _run(count: int, others: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        with _started(home):
            took = asyncio.run(_measure(home, count, others))
    load = os.getloadavg()[0]
    print(f"{count} messages each way, {others} other agents at the desk, load {load:.1f}")
    print("an event reaches the other side's screen, in ms    median    99 %     most")
    for name, spans in took.items():
        print(f"{name:<48} {_rank(spans, 50):9.1f} {_rank(spans, 99):7.1f} {max(spans) * 1_000:8.1f}")


def main() -> None:
    """Runs it."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--messages", type=int, default=500, help="each way (default 500)")
    options.add_argument("--agents", type=int, default=5, help="other agents whose pages are open (default 5)")
    given = options.parse_args()
    _run(given.messages, given.agents)


if __name__ == "__main__":
    main()
