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
import re
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.world.copies import ALL, MARKERS, Failing, World, drive, echo_all, free_port
from tests.world.gateway import running
from tests.world.hook import SECRET, Hook
from tests.world.house import HEAD, House, Open
from tests.world.keepers import keeper_of
from tests.world.search import forms, where
from tests.world.threaded import bot_server

from chatwarden.log import configure, get_logger


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("copies")
    (folder / "hook").write_text(SECRET + "\n")
    (folder / "hook").chmod(0o600)
    hook, metrics = Hook(), free_port()
    with bot_server(echo_all) as echo, bot_server(Failing()) as failing, bot_server(hook) as hooked:
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
