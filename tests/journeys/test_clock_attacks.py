"""Somebody who has the machine's wall clock attacks what has an end: a day back while the gateway is stopped, ten years
forward while it runs, and a suspend. Nothing revives, and nothing is destroyed by a lying clock alone.
"""

from __future__ import annotations

import json
import shutil
import signal
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.world.faketime import Lie
from tests.world.gateway import Gateway, running
from tests.world.house import HEAD, Open
from tests.world.keepers import end_keeper

from chatwarden.app import opened
from chatwarden.clock import HOUR
from chatwarden.config.home import Home
from chatwarden.config.parse import parse
from chatwarden.metrics import Metrics

TOML = """
[ephemeral]
bucket = "1s"
[retention]
default = "1h"
[retention.class]
email = "{life}"
payment-card = "{life}"
"""
PLAIN, SHORT, CARD = "the parcel", "write to wilhelmina.quill@mail.example", "card 4111 1111 1111 1111"


def shown(gateway: Gateway, token: str, path: str) -> list[str]:
    page = gateway.call("GET", path, None, token)
    assert page.status == 200, page.body
    return [one.get("text", "") for one in page.json["messages"] if one["from"] == "client"]


def until(so: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not so():
        assert time.monotonic() < end
        time.sleep(0.1)


def say(gateway: Gateway, token: str, path: str, *texts: str) -> list[str]:
    ends = []
    for text in texts:
        said = gateway.call("POST", path, {"text": text}, token)
        assert said.status == 201, said.body
        ends.append(said.json["message"]["destroy_at"])
    return ends


def test_property_7_clock_ten_years_forward_while_running_destroys_nothing(tmp_path: Path) -> None:
    """It is held until somebody starts the gateway under it. Then it is believed: the lie did reach the process."""
    lie = Lie(tmp_path)
    home = tmp_path / "home"
    with running(home, TOML.format(life="30m"), env=lie.env) as gateway:
        token = gateway.visitor()
        path = f"/api/v1/conversations/{gateway.conversation(token)}/messages"
        [before, *_] = say(gateway, token, path, PLAIN, SHORT, CARD)
        texts = shown(gateway, token, path)
        assert all(texts)
        lie.by("+10y")
        gateway.process.send_signal(signal.SIGHUP)
        until(lambda: b"gateway-reloaded" in gateway.log.read_bytes())
        told = json.loads(gateway.log.read_bytes().splitlines()[-1])  # a log line has the machine's own time
        assert datetime.fromisoformat(told["at"]) - datetime.fromisoformat(before) > timedelta(days=3_000)
        for _ in range(5):  # sweeps come four times a second
            time.sleep(0.5)
            assert shown(gateway, token, path) == texts
        [after] = say(gateway, token, path, PLAIN)
        assert datetime.fromisoformat(after) - datetime.fromisoformat(before) < timedelta(hours=1)
        assert [one for one in gateway.audit() if one["event"] == "message:destroyed"] == []
        lie.by("-1d")
        assert shown(gateway, token, path) == [*texts, texts[0]]
        lie.by("+0")
        assert gateway.stop() == 0
    thief = tmp_path / "later"
    shutil.copytree(home, thief, ignore=lambda *_: ["run"])
    shutil.copy(tmp_path / "home.toml", tmp_path / "later.toml")
    lie.by("+10y")
    with running(thief, env=lie.env) as gateway:
        destroyed = [one["reason"] for one in gateway.audit() if one["event"] == "message:destroyed"]
        assert destroyed.count("expired") >= 4
    end_keeper(thief)
    end_keeper(home)


def test_property_7_clock_a_day_back_while_stopped_revives_nothing(tmp_path: Path) -> None:
    """Neither what ended before the stop nor what should have ended since: time goes on with the boot."""
    lie = Lie(tmp_path)
    home = tmp_path / "home"
    with running(home, TOML.format(life="4s"), env=lie.env) as gateway:
        token = gateway.visitor()
        path = f"/api/v1/conversations/{gateway.conversation(token)}/messages"
        say(gateway, token, path, PLAIN, SHORT, CARD)
        until(lambda: not any(shown(gateway, token, path)[1:]))
        say(gateway, token, path, SHORT, CARD)
        assert all(shown(gateway, token, path)[3:])
        begun = time.monotonic()
        assert gateway.stop() == 0
    time.sleep(max(0.0, 4 - (time.monotonic() - begun)))
    lie.by("-1d")
    with running(home, env=lie.env) as gateway:
        texts = shown(gateway, token, path)
        assert [bool(text) for text in texts] == [True, False, False, False, False]
        [end_of_new] = say(gateway, token, path, SHORT)
        assert end_of_new > max(one["at"] for one in gateway.call("GET", path, None, token).json["messages"])
    end_keeper(home)


async def test_property_7_clock_a_suspend_counts(
    open_house: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine sleeps for two hours: what ends in that time is gone when it wakes, before any sweep and after."""
    toml = HEAD + '[retention]\ndefault = "1h"\n'
    async with open_house(toml) as house:
        token = await house.visitor()
        path = f"/api/v1/conversations/{await house.conversation(token)}/messages"
        said = (await house.ask("POST", path, {"text": PLAIN}, token)).json["message"]
    real = time.clock_gettime_ns
    async with opened(Home(tmp_path / "home"), parse(toml), Metrics()) as node:
        services, clock = node.services, node.services.clock
        talk = await services.conversations.find_message(said["id"])
        assert [m.text for m in await services.conversations.since(talk, 0, 9, clock.now())][:1] == [PLAIN]
        monkeypatch.setattr(
            time, "clock_gettime_ns",
            lambda which: real(which) + (2 * HOUR * 1_000 if which == time.CLOCK_BOOTTIME else 0),
        )  # fmt: skip
        assert [m.text for m in await services.conversations.since(talk, 0, 9, clock.now())][:1] == [""]
        await node.sweep()
        assert node.ring.live == []
