"""A gateway with everything around it to which a copy of what people say could go, and marked values driven through every
road, refusals and failures included.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote, urlencode

from tests.world.gateway import Answer, Gateway
from tests.world.hook import Hook
from tests.world.upstream import Asked, Upstream, Writer, completion, delta, event, events, head, whole

MARKERS = {
    "card": "4111 1111 1111 1111",
    "iban": "DE89 3704 0044 0532 0130 00",
    "email": "wilhelmina.quill@mail.example",
    "name": "Wilhelmina Quill",
    "password": "Tr0ub4dor-3-stable",
}
SAID = {
    "card": f"my card is {MARKERS['card']}",
    "iban": f"please pay to {MARKERS['iban']}",
    "email": f"write to {MARKERS['email']}",
    "name": f"my name is {MARKERS['name']}",
    "password": f"my password is {MARKERS['password']}",
}
ALL = ", ".join(SAID.values())


async def echo_all(upstream: Upstream, asked: Asked, writer: Writer) -> None:
    """Says everything it was given, and a card number of somebody else."""
    said = json.dumps(asked.body["messages"]) + " and 5500 0055 5555 5559"
    if asked.streamed:
        parts = [event(delta(said)), event(delta(None, "stop")), b"data: [DONE]\n\n"]
        return await events(*parts)(upstream, asked, writer)
    return await whole(json.dumps(completion(said)).encode())(upstream, asked, writer)


class Failing:
    """A bot that fails in every way in turn, with the values in what it says."""

    def __init__(self) -> None:
        self.turn = 0

    async def __call__(self, upstream: Upstream, asked: Asked, writer: Writer) -> None:
        self.turn += 1
        ways = [
            whole(ALL.encode(), status="500 Internal Server Error"),
            whole(ALL.encode()),  # no JSON
            whole(json.dumps({"choices": ALL}).encode()),
            whole(json.dumps({"error": {"message": ALL}}).encode(), status="429 Too Many Requests"),
            whole(b"", status="302 Found", extra=f"location: http://127.0.0.1/{quote(ALL)}\r\n"),
            events(event({"error": ALL}), end=False),
        ]
        if self.turn % 7 == 0:
            writer.write(head("application/json", 10_000) + ALL.encode())
            await writer.drain()
            writer.close()
        else:
            await ways[self.turn % len(ways)](upstream, asked, writer)


class World:
    """A gateway with its bots and its hook, and what went out of it."""

    def __init__(self, gateway: Gateway, upstreams: list[Upstream], hook: Hook, metrics: int) -> None:
        self.gateway = gateway
        self.upstreams = upstreams
        self.hook = hook
        self.metrics = metrics
        self.refusals: list[bytes] = []

    def call(self, method: str, path: str, body: Any = None, token: str | None = None, **headers: str) -> Answer:
        """One request; what it is refused with is kept."""
        told = self.gateway.call(method, path, body, token, {k.replace("_", "-"): v for k, v in headers.items()})
        if told.status >= 400:
            self.refusals.append(told.body + json.dumps(told.headers).encode())
        return told

    def raw(self, data: bytes) -> None:
        """Bytes that no client sends."""
        with (
            socket.create_connection((self.gateway.host, self.gateway.port), 10) as plain,
            self.gateway.context.wrap_socket(plain, server_hostname=self.gateway.host) as wire,
        ):
            wire.sendall(data)
            wire.settimeout(1)
            with contextlib.suppress(OSError):
                self.refusals.append(b"".join(iter(lambda: wire.recv(65_536), b"")))

    def numbers(self) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics}/metrics", timeout=10) as told:
            return bytes(told.read())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def drive(world: World) -> None:
    """Every road, with the values wherever a client can put something."""
    gateway = world.gateway
    gateway.command(
        "user", "add", "anna", "--role", "customer", "--password-stdin", stdin=MARKERS["password"] + "-long\n"
    )
    token = gateway.visitor()
    talks = {bot: gateway.conversation(token, bot) for bot in ("helpdesk", "shop", "broken")}
    for talk in talks.values():
        for text in (*SAID.values(), ALL):
            assert world.call("POST", f"/api/v1/conversations/{talk}/messages", {"text": text}, token).status == 201
    _facade(world, token)
    _refused(world, token, talks["shop"])
    _raw(world)
    gateway.command("erase", "--user", "anna")
    gateway.command("export", "--user", "anna")
    _control(gateway)


def _facade(world: World, token: str) -> None:
    for bot in ("shop", "broken"):
        for streamed in (False, True):
            history = [
                {"role": "user", "content": ALL},
                {"role": "assistant", "content": ALL},
                {"role": "user", "content": ALL},
            ]
            body: dict[str, Any] = {
                "model": ALL,
                "stream": streamed,
                "messages": history,
                "user": ALL,
                "stop": [MARKERS["email"]],
            }
            path = f"/bots/{bot}/openai/v1/chat/completions"
            assert world.call("POST", path, body, token).status == 200
            world.call("POST", path, {**body, "n": 2}, token)
            world.call("POST", path, {**body, "messages": [{"role": ALL, "content": ALL}]}, token)
            world.call("POST", path, {**body, "messages": [{"role": "system", "content": ALL}]}, token)
            world.call("POST", path, body, token, Chatwarden_Conversation=quote(ALL))


def _refused(world: World, token: str, talk: str) -> None:
    for value in MARKERS.values():
        at = quote(value)
        path = f"/api/v1/conversations/{talk}"
        for method, where_, body in [
            ("POST", f"{path}/messages", {"text": value, value: value}),
            ("POST", f"{path}/messages", {"text": [value]}),
            ("POST", f"{path}/messages", {"text": value, "client_id": value + "!"}),
            ("POST", f"{path}/messages", {"text": value, "destroy_after": value}),
            ("POST", f"{path}/messages", {"text": value * 1_500}),
            ("POST", f"{path}/messages", b'{"text": "' + value.encode()),
            ("PATCH", f"{path}/messages/{at}", {"destroy_after": 60}),
            ("DELETE", f"{path}/messages/{at}", None),
            ("GET", f"{path}/messages?after={at}", None),
            ("GET", f"{path}/messages?{at}=1", None),
            ("GET", f"{path}/messages?limit={at}", None),
            ("GET", f"/api/v1/conversations/{at}/messages", None),
            ("POST", "/api/v1/conversations", {"bot": value}),
            ("POST", "/api/v1/session", {"username": value, "password": value}),
            ("POST", "/api/v1/session", {"username": "anna", "password": value}),
            ("POST", "/api/v1/session", {"code": value, "verifier": value}),
            ("POST", f"/api/v1/challenges/{at}/answer", {"answer": value, "kind": value}),
            ("POST", "/api/v1/step-up", {"operation": value}),
            ("POST", "/api/v1/enrolments", {"token": value, "password": value}),
            ("POST", "/api/v1/factors", {"kind": value}),
            ("GET", f"/login/{at}", None),
            ("GET", f"/login/{at}/callback?state={at}&code={at}", None),
            ("GET", f"/demo/{at}", None),
            ("GET", f"/{at}", None),
            ("PUT", f"/{at}", {value: value}),
        ]:  # fmt: skip
            assert world.call(method, where_, body, token).status >= 400, (method, where_)
        world.call("GET", "/api/v1/session", None, at)
        world.call("GET", f"{path}/events", None, token, Last_Event_ID=at)
        world.call("POST", f"{path}/messages", value.encode(), token, Content_Type=at)
        world.call(
            "GET",
            "/api/v1/session",
            None,
            None,
            User_Agent=value,
            Cookie=f"a={at}",
            Referer=at,
            Authorization=f"Basic {at}",
        )
        form = {"grant_type": value, "client_id": value, "client_secret": value, "assertion": value, "token": value}
        for end in ("token", "introspect", "revoke"):
            world.call(
                "POST",
                f"/oauth/{end}",
                urlencode(form).encode(),
                None,
                Content_Type="application/x-www-form-urlencoded",
            )


def _raw(world: World) -> None:
    """All at once: after such a word the gateway listens for a second more before it hangs up."""
    words = [
        data
        for plain in (value.encode() for value in MARKERS.values())
        for data in (
            plain + b"\r\n\r\n",
            b"GET /" + plain + b" HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: " + plain + b"\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\n" + plain + b"\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + plain + b"\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: " + plain + b"\r\n\r\n" + plain,
        )
    ]
    with ThreadPoolExecutor(len(words)) as clients:
        assert len(list(clients.map(world.raw, words))) == len(words)


def _control(gateway: Gateway) -> None:
    """Somebody speaks to the control socket in a way that no command does."""
    for line in (
        ALL.encode(),
        json.dumps({"command": ALL, "args": {ALL: ALL}}).encode(),
        b'{"command": "erase", "args": 7}',
    ):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire:
            here = os.open(gateway.home / "run", os.O_PATH | os.O_DIRECTORY)
            wire.connect(f"/proc/self/fd/{here}/control.sock")
            os.close(here)
            wire.sendall(line + b"\n")
            wire.recv(65_536)
