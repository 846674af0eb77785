"""A real gateway as a process of its own, over a home of its own, and a client for it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import select
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.world.forked import Forked, nursery

LAB = """
[server]
port = 0
lab = true
[metrics]
listen = "off"
"""


_PRELOAD = "LD_PRELOAD"


class NotReady(RuntimeError):
    """The gateway ended before it was ready."""


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def problem(self) -> str:
        """The name of the problem type."""
        name: str = self.json["type"].removeprefix("urn:chatwarden:problem:")
        return name


@dataclass
class Gateway:
    """A started gateway."""

    home: Path
    config: Path
    process: subprocess.Popen[bytes] | Forked
    host: str
    port: int
    context: ssl.SSLContext
    log: Path
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"https://{self.host}:{self.port}"

    def connection(self, timeout: float = 30) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(self.host, self.port, context=self.context, timeout=timeout)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """One request on a connection of its own."""
        sent = dict(headers or {})
        data: bytes | None = None
        if isinstance(body, bytes):
            data = body
        elif body is not None:
            data = json.dumps(body).encode()
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        if token:
            sent["Authorization"] = f"Bearer {token}"
        connection = self.connection()
        try:
            connection.request(method, path, data, sent)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def visitor(self) -> str:
        """A new visitor's token."""
        answer = self.call("POST", "/api/v1/session", {})
        assert answer.status == 201, answer
        token: str = answer.json["token"]
        return token

    def conversation(self, token: str, bot: str = "helpdesk") -> str:
        """A new conversation's id."""
        answer = self.call("POST", "/api/v1/conversations", {"bot": bot}, token)
        assert answer.status == 201, answer
        conversation: str = answer.json["id"]
        return conversation

    def say(self, token: str, conversation: str, text: str, **more: Any) -> Answer:
        """Sends a message."""
        return self.call("POST", f"/api/v1/conversations/{conversation}/messages", {"text": text, **more}, token)

    def command(self, *args: str, check: bool = True, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Runs a chatwarden command against this home."""
        return command(*args, "--home", str(self.home), "--config", str(self.config), check=check, stdin=stdin)

    def audit(self) -> list[dict[str, Any]]:
        """Every entry of the log."""
        shown = json.loads(self.command("audit", "export", "--json").stdout)
        return [one["entry"] for one in shown["entries"]]

    def stop(self) -> int:
        """Asks it to stop and waits."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait(30)


def command(*args: str, check: bool = True, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Runs a chatwarden command."""
    done = nursery(os.environ.get(_PRELOAD, "")).run(args, os.environ, stdin, 60)
    if check:
        assert done.returncode == 0, done.stderr
    return done


def start(
    home: Path, toml: str = "", *, lab: bool = True, env: dict[str, str] | None = None, under: Sequence[str] = ()
) -> Gateway:
    """Starts a gateway over *home*, run by the command *under*, and waits until it accepts connections."""
    home.parent.mkdir(parents=True, exist_ok=True)
    config = home.parent / f"{home.name}.toml"
    if toml or not config.exists():
        config.write_text((LAB if lab else "") + toml)
    log = home.parent / f"{home.name}.log"
    words = ["up", "--home", str(home), "--config", str(config)]
    environment = {**os.environ, **(env or {})}
    process: subprocess.Popen[bytes] | Forked
    with log.open("ab") as errors:
        if under or env:
            process = subprocess.Popen(
                [*under, sys.executable, "-m", "chatwarden", *words],
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment,
            )
        else:
            process = nursery(os.environ.get(_PRELOAD, "")).start_piped(words, environment, errors)
    assert process.stdout is not None
    line = b""
    until = time.monotonic() + 30
    while not line.endswith(b"\n") and time.monotonic() < until:
        if select.select([process.stdout], [], [], 0.2)[0]:
            piece = os.read(process.stdout.fileno(), 4096)
            if not piece:
                break
            line += piece
    if not line.startswith(b"ready https://"):
        process.kill()
        process.wait()
        process.stdout.close()
        raise NotReady(f"exit {process.returncode}: {log.read_text()[-2000:]}")
    host, _, port = line.decode().strip().removeprefix("ready https://").rpartition(":")
    authority = home / "tls" / "ca.pem"  # not there when the configuration brings a certificate of its own
    context = ssl.create_default_context(cafile=str(authority) if authority.exists() else None)
    return Gateway(home, config, process, host, int(port), context, log)


@contextlib.contextmanager
def running(
    home: Path, toml: str = "", *, lab: bool = True, env: dict[str, str] | None = None, under: Sequence[str] = ()
) -> Iterator[Gateway]:
    """A gateway that is stopped afterwards, whatever happened."""
    gateway = start(home, toml, lab=lab, env=env, under=under)
    try:
        yield gateway
    finally:
        if gateway.process.poll() is None:
            gateway.process.terminate()
            try:
                gateway.process.wait(15)
            except subprocess.TimeoutExpired:
                gateway.kill()
        if gateway.process.stdout is not None:
            gateway.process.stdout.close()
