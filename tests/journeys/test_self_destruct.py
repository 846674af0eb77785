"""A person types what must not stay. At the deadline it is gone from everything that the gateway has; a copy of the home
from before opens what is ordinary and nothing that is strict; and no clock brings anything back.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import shutil
import signal
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from tests.world.gateway import Gateway, running
from tests.world.keepers import end_keeper, keeper_of
from tests.world.search import forms, where

from chatwarden.app import opened
from chatwarden.clock import DAY, SECOND
from chatwarden.config.home import Home
from chatwarden.config.parse import read
from chatwarden.conversations.model import MessageState, Source
from chatwarden.conversations.payload import associated_data
from chatwarden.crypto import Tampered
from chatwarden.ephemeral.holder import Holder
from chatwarden.ephemeral.model import STRICT as PAGES_OF_STRICT
from chatwarden.ephemeral.model import Place
from chatwarden.ephemeral.ring import KeyRing
from chatwarden.ephemeral.slots import SlotFile
from chatwarden.metrics import Metrics

TOML = """
[ephemeral]
bucket = "1s"
[retention]
default = "{life}"
[retention.class]
payment-card = "{life}"
iban = "{life}"
email = "{life}"
person-name = "{life}"
"""
MARKERS = {
    "card": "4111 1111 1111 1111",
    "iban": "DE89 3704 0044 0532 0130 00",
    "email": "wilhelmina.quill@mail.example",
    "name": "Wilhelmina Quill",
}
SAID = {
    "card": f"my card is {MARKERS['card']}",
    "iban": f"please pay to {MARKERS['iban']}",
    "email": f"write to {MARKERS['email']}",
    "name": f"my name is {MARKERS['name']}",
}
STRICT = {"card", "iban"}


def everything(gateway: Gateway, marker: str) -> list[Path]:
    """Where a marker lies in the home or the log of a gateway."""
    return where(gateway.home, forms(marker)) + where(gateway.log, forms(marker))


def copied(home: Path, to: Path) -> Path:
    """A home as a thief or a snapshot takes it: files, without sockets."""
    shutil.copytree(home, to, ignore=lambda folder, names: [n for n in names if (Path(folder) / n).is_socket()])
    shutil.copy(home.parent / f"{home.name}.toml", to.parent / f"{to.name}.toml")
    return to


def told(gateway: Gateway, token: str, conversation: str) -> dict[str, str]:
    """What can be read of each message of the person: by its name, its text or nothing."""
    shown = gateway.call("GET", f"/api/v1/conversations/{conversation}/messages", None, token).json["messages"]
    mine = [message for message in shown if message["from"] == "client"]
    return {name: message.get("text", "") for name, message in zip(SAID, mine, strict=True)}


def ring_keys(home: Path) -> list[bytes]:
    slots = SlotFile(home / "keys" / "ring")
    try:
        return [key.key for key in slots.read()]
    finally:
        slots.close()


def test_the_search_can_see(tmp_path: Path) -> None:
    for number, form in enumerate(forms(MARKERS["card"])):
        (tmp_path / str(number)).write_bytes(b"x" * number + form + b"y")
    assert len(where(tmp_path, forms(MARKERS["card"]))) == len(forms(MARKERS["card"]))
    encoded = base64.b64encode(f"before {MARKERS['email']} after".encode())
    (tmp_path / "longer").write_bytes(encoded)
    assert tmp_path / "longer" in where(tmp_path, forms(MARKERS["email"]))


def test_property_2_image_at_the_deadline_it_is_gone_from_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(tmp_path / "home", TOML.format(life="12s")) as gateway:
        token = gateway.visitor()
        talk = gateway.conversation(token)
        for text in SAID.values():
            assert gateway.say(token, talk, text).status == 201
        begun = time.monotonic()
        assert all(told(gateway, token, talk).values())
        assert {
            name for name, marker in MARKERS.items() if everything(gateway, marker)
        } == set()  # sealed while it lives
        pid = keeper_of(gateway.home)
        assert pid

        before = copied(gateway.home, tmp_path / "before")
        held = ring_keys(before)
        assert all(where(gateway.home, [key]) for key in held)  # the test can see
        with running(before) as thief:
            stolen = told(thief, token, talk)
            assert {name for name, text in stolen.items() if not text} == STRICT
            assert MARKERS["email"] in stolen["email"]
        end_keeper(before)

        time.sleep(max(0.0, 14.5 - (time.monotonic() - begun)))
        assert not any(told(gateway, token, talk).values())
        for marker in MARKERS.values():
            assert everything(gateway, marker) == []
        assert not any(where(gateway.home, [key]) for key in held)
        receipts = [entry for entry in gateway.audit() if entry["event"] == "message:destroyed"]
        assert [entry["reason"] for entry in receipts].count("expired") >= len(SAID)
        assert gateway.stop() == 0
        revived = asyncio.run(_opened_with_the_clock_set_back(gateway, talk, monkeypatch))
        assert revived == []
        # The record from before the deadline beside the living key ring: the copy a restore would bring back.
        shutil.rmtree(gateway.home / "data")
        shutil.copytree(before / "data", gateway.home / "data")
        assert asyncio.run(_opened_with_the_clock_set_back(gateway, talk, monkeypatch)) == []


async def _opened_with_the_clock_set_back(
    gateway: Gateway, conversation: str, monkeypatch: pytest.MonkeyPatch
) -> list[Any]:
    real = time.time_ns
    with monkeypatch.context() as back:
        back.setattr(time, "time_ns", lambda: real() - DAY // SECOND * 10**9)
        async with opened(Home(gateway.home), read(gateway.config), Metrics()) as node:
            services = node.services
            talk = await services.conversations.find(conversation)
            found = await services.conversations.since(talk, 0, 100, services.clock.now())
            return [message.text for message in found if message.state is not MessageState.DESTROYED]


def _strict_rows(home: Path) -> list[Any]:
    with contextlib.closing(sqlite3.connect(home / "data" / "chatwarden.db")) as base:
        return base.execute(
            "SELECT bucket, page, idx, payload, conversation, seq, source, at, destroy_at FROM messages WHERE page >= ?",
            (PAGES_OF_STRICT,),
        ).fetchall()


async def _shares(home: Path) -> dict[bytes, bytes]:
    """Everything that the keeper of a home has, as if it had ever been written down."""
    holder = Holder(home / "run")
    try:
        return await holder.fetch([Place(*row[:3]).name for row in _strict_rows(home)])
    finally:
        await holder.close()


async def _unsealed(home: Path, shares: dict[bytes, bytes]) -> int:
    """How many strict messages somebody opens who has the disks and these shares."""
    ring = await KeyRing.open(home / "keys" / "ring")
    opened_ = 0
    for bucket, page, index, blob, no, seq, source, at, destroy_at in _strict_rows(home):
        place = Place(bucket, page, index)
        with contextlib.suppress(Tampered):
            aad = associated_data(no, seq, Source(source), at, destroy_at)
            assert ring.unseal(place, blob, aad, shares.get(place.name, bytes(32)))
            opened_ += 1
    await ring.close()
    return opened_


def test_property_4_down_killed_before_the_deadline_nothing_strict_opens_after_it(tmp_path: Path) -> None:
    """Both processes die at once; whoever has the disks afterwards has no share. With the keeper alive, all opens; and so
    it does with shares that somebody had written to a disk: the test can see.
    """
    with running(tmp_path / "home", TOML.format(life="10m")) as gateway:
        token = gateway.visitor()
        talk = gateway.conversation(token)
        for text in SAID.values():
            assert gateway.say(token, talk, text).status == 201
        gateway.kill()
    with running(tmp_path / "home") as gateway:
        assert all(told(gateway, token, talk).values())  # only the gateway was killed
        written_down = asyncio.run(_shares(gateway.home))
        end_keeper(gateway.home, signal.SIGKILL)
        gateway.kill()
        seized = copied(gateway.home, tmp_path / "seized")
    assert asyncio.run(_unsealed(seized, {})) == 0
    assert asyncio.run(_unsealed(seized, written_down)) >= len(STRICT)
    with running(tmp_path / "home") as gateway:
        shown = told(gateway, token, talk)
        assert {name for name, text in shown.items() if not text} == STRICT
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            reasons = [e["reason"] for e in gateway.audit() if e["event"] == "message:destroyed"]
            if reasons.count("holder-lost") >= len(STRICT):
                break
            time.sleep(0.2)
        assert reasons.count("holder-lost") >= len(STRICT)
        assert gateway.call("GET", "/readyz").json == {"status": "ready"}
    end_keeper(tmp_path / "home")
