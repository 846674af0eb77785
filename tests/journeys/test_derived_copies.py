"""What a person types lies nowhere in clear: no log line, number, error answer, crash output, entry of the log, notice,
request to a bot, open file or file of the home. Every road is driven with the same marked values, refusals and failures
included; then everything that the gateway has left is searched.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import logging
import os
import re
import signal
import socket
import sys
import threading
import time
import urllib.request
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from tests.journeys.test_self_destruct import forms, where
from tests.world.gateway import Answer, Gateway, running
from tests.world.hook import SECRET, Hook
from tests.world.house import HEAD, House, Open
from tests.world.keepers import keeper_of
from tests.world.threaded import bot_server
from tests.world.upstream import Asked, Upstream, Writer, completion, delta, event, events, head, whole

from chatwarden.log import configure, get_logger

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


async def _echo(upstream: Upstream, asked: Asked, writer: Writer) -> None:
    """Says everything it was given, and a card number of somebody else."""
    said = json.dumps(asked.body["messages"]) + " and 5500 0055 5555 5559"
    if asked.streamed:
        parts = [event(delta(said)), event(delta(None, "stop")), b"data: [DONE]\n\n"]
        return await events(*parts)(upstream, asked, writer)
    return await whole(json.dumps(completion(said)).encode())(upstream, asked, writer)


class _Failing:
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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("copies")
    (folder / "hook").write_text(SECRET + "\n")
    (folder / "hook").chmod(0o600)
    hook, metrics = Hook(), _free_port()
    with bot_server(_echo) as echo, bot_server(_Failing()) as failing, bot_server(hook) as hooked:
        toml = f"""
[limits]
messages = "off"
visitors = "off"
logins = "off"
[bots.shop]
connector = "openai"
url = "{echo.url}"
model = "m"
[bots.broken]
connector = "openai"
url = "{failing.url}"
model = "m"
[notify]
webhook = "{hooked.url}/told"
webhook_secret_file = "{folder / "hook"}"
"""
        config = f'[server]\nport = 0\nlab = true\n[metrics]\nlisten = "127.0.0.1:{metrics}"\n' + toml
        with running(folder / "home", config, lab=False) as gateway:
            made = World(gateway, [echo, failing], hook, metrics)
            drive(made)
            yield made


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
    for value in MARKERS.values():
        plain = value.encode()
        for data in (
            plain + b"\r\n\r\n",
            b"GET /" + plain + b" HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: " + plain + b"\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\n" + plain + b"\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + plain + b"\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: " + plain + b"\r\n\r\n" + plain,
        ):
            world.raw(data)


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


def seen(data: bytes, names: tuple[str, ...] = tuple(MARKERS)) -> set[str]:
    """Which of the values stand in *data*, in any form."""
    return {name for name in names if any(form in data for form in forms(MARKERS[name]))}


def test_the_search_sees_what_lies_there(world: World, tmp_path: Path) -> None:
    """Without this the others could not fail."""
    assert (
        seen(ALL.encode())
        == seen(base64.b64encode(b"xy" + ALL.encode()))
        == seen(ALL.encode("utf-16-le"))
        == set(MARKERS)
    )
    (world.gateway.home / "data" / "planted").write_bytes(b"\0" * 4096 + ALL.encode().hex().encode())
    found = {name for name, value in MARKERS.items() if where(world.gateway.home, forms(value))}
    (world.gateway.home / "data" / "planted").unlink()
    assert found == set(MARKERS)


def test_no_file_of_the_home_holds_a_value(world: World) -> None:
    for name, value in MARKERS.items():
        assert where(world.gateway.home, forms(value)) == [], name


def test_no_log_line_holds_a_value(world: World) -> None:
    text = world.gateway.log.read_bytes()
    assert b"gateway-ready" in text
    assert seen(text) == set()


def test_no_number_holds_a_value(world: World) -> None:
    text = world.numbers()
    assert b"chatwarden_findings_total" in text
    assert b"chatwarden_bot_failures_total" in text
    assert seen(text) == set()


def test_no_refusal_repeats_a_value(world: World) -> None:
    assert len(world.refusals) > 150
    assert [told[:400] for told in world.refusals if seen(told)] == []


def test_no_entry_of_the_log_holds_a_value(world: World) -> None:
    told = world.gateway.command("audit", "export", "--json").stdout
    assert {"message:received", "bot:failed", "login:refused", "erasure:requested"} <= set(
        re.findall(r'"event":"([^"]+)"', told)
    )
    assert seen(told.encode()) == set()


def test_no_bot_is_given_a_value(world: World) -> None:
    assert all(len(upstream.asked) > 4 for upstream in world.upstreams)
    asked = [one for upstream in world.upstreams for one in upstream.asked]
    assert any("[payment-card-" in one.raw.decode() for one in asked)
    for one in asked:
        assert seen(one.raw + json.dumps(one.headers).encode() + one.path.encode()) == set()


def test_no_notice_holds_a_value(world: World) -> None:
    end = time.monotonic() + 20
    while not world.hook.told:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert seen(json.dumps(world.hook.told, default=str).encode()) == set()


def test_no_file_is_open_elsewhere(world: World) -> None:
    """Neither a temporary file nor one that was deleted and is still written."""
    gateway = world.gateway
    for pid in (gateway.process.pid, keeper_of(gateway.home)):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                file = link.readlink()
                if file.is_absolute() and not str(file).startswith("/dev/") and link.exists() and link.is_file():
                    assert file.is_relative_to(gateway.home) or file == gateway.log, file


def test_a_crash_leaves_nothing(tmp_path: Path) -> None:
    with running(tmp_path / "home") as gateway:
        limits = Path(f"/proc/{gateway.process.pid}/limits").read_text()
        assert re.search(r"Max core file size +0 +0 ", limits)
        token = gateway.visitor()
        gateway.say(token, gateway.conversation(token), ALL)
        gateway.process.send_signal(signal.SIGABRT)
        assert gateway.process.wait(20) == -signal.SIGABRT
        assert not list(Path.cwd().glob("core*"))
        assert seen(gateway.log.read_bytes()) == set()
        for value in MARKERS.values():
            assert where(tmp_path, forms(value)) == []


# -- what nobody expects


@pytest.fixture
def errors(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Standard error of a process whose log is set up as a gateway's."""
    root, mine = logging.getLogger(), logging.getLogger("chatwarden")
    before = (root.handlers[:], root.level, mine.handlers[:], mine.level, mine.propagate)
    hooks = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    configure("debug")
    yield written
    root.handlers, mine.handlers = before[0], before[2]
    root.setLevel(before[1])
    mine.setLevel(before[3])
    mine.propagate = before[4]
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    logging.captureWarnings(False)
    logging.raiseExceptions = True


class Unexpected(Exception):
    """With the text in its arguments, as the errors of many libraries have it."""


@pytest.mark.parametrize(
    "part",
    [
        "gateway.screening.scanner.scan",
        "conversations.rows.write",
        "audit.append",
        "metrics.findings",
        "gateway.bots.get",
        "sessions.authenticate",
        "gateway.throttle.take",
    ],
)
async def test_an_error_that_nobody_expects_tells_no_value(
    open_house: Open, part: str, errors: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_house(HEAD.replace('messages = "off"', 'messages = "900/s burst 900"')) as house:
        token = await house.visitor()
        talk = await house.conversation(token)
        owner: Any = house.node.services
        *path, name = part.split(".")
        for step in path:
            owner = getattr(owner, step)

        def fails(*_: Any, **__: Any) -> Any:
            raise Unexpected(ALL)

        with monkeypatch.context() as broken:
            broken.setattr(type(owner), name, fails)
            told = await house.ask("POST", f"/api/v1/conversations/{talk}/messages", {"text": ALL}, token)
            facade = {"model": "m", "messages": [{"role": "user", "content": ALL}]}
            await _facade_call(house, facade, token)
        said = errors.getvalue()
        assert seen(said.encode()) == set()
        if told.status >= 500:
            assert seen(told.body) == set()
            assert "unexpected-error" in said
            assert "Unexpected" in said
        else:
            assert part == "gateway.screening.scanner.scan"  # an engine that fails: the strictest class
            assert told.json["message"]["destroy_at"] < told.json["replies"][0]["destroy_at"]


async def _facade_call(house: House, body: object, token: str) -> None:
    told = await house.ask("POST", "/bots/helpdesk/openai/v1/chat/completions", body, token)
    assert told.status < 400 or seen(told.body) == set()


def test_what_nobody_catches_is_told_without_its_values(errors: io.StringIO) -> None:
    def dies() -> None:
        raise Unexpected(ALL)

    thread = threading.Thread(target=dies)
    thread.start()
    thread.join()
    logging.getLogger("some.library").error("it was %s", ALL)
    logging.getLogger("some.library").error("a form that does not fit: %d", ALL)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(ALL, stacklevel=1)
    get_logger("web").info("an-event", text=ALL, email=MARKERS["email"] + " ")
    told = errors.getvalue()
    assert '"event":"uncaught-error"' in told
    assert '"kind":"Unexpected"' in told
    assert told.count("library-message") == 3
    assert seen(told.encode()) == set()
