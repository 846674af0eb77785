"""A destruction is cut short at each of its system calls, by SIGKILL and by a power cut, and the gateway starts again: what
was acknowledged as destroyed stays destroyed, what was not is whole or destroyed, and nothing else is lost.
"""

from __future__ import annotations

import contextlib
import http.client
import shutil
import sqlite3
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.world.crashes import Traced, traced
from tests.world.gateway import running

from chatwarden.app import opened
from chatwarden.config.home import Home
from chatwarden.config.parse import read
from chatwarden.conversations.model import MessageState, Source
from chatwarden.crypto import subkey
from chatwarden.ephemeral.model import Place
from chatwarden.ephemeral.slots import Name, SlotFile
from chatwarden.metrics import Metrics

TOML = """
[session]
idle = "12h"
answer_within = "60s"
absolute = "24h"
[retention]
default = "1h"
"""
DUE = (
    TOML
    + """
[retention.class]
email = "6s"
[ephemeral]
bucket = "1s"
"""
)
EARLIER, LATER = ("one", "two"), ("three", "four", "five")
VICTIMS = ("two", "four")  # of a page of an earlier process, and of this one's own
EXPIRING = tuple(f"write to {name}@mail.example" for name in ("ada", "ben"))


def ring_of(home: Path) -> bytes:
    return (home / "keys" / "ring").read_bytes()


@dataclass
class Talk:
    """A conversation in a home. By text: ``keys``, every key that opens the message, its id and its number."""

    home: Path
    token: str
    id: str
    keys: dict[str, set[bytes]]
    ids: dict[str, str]
    numbers: dict[str, int] = field(default_factory=dict)

    def learn(self) -> None:
        """The keys of all that lie there now, from a copy of the ring."""
        copy = self.home.parent / "ring-copy"
        shutil.copy(self.home / "keys" / "ring", copy)
        slots = SlotFile(copy)
        whole = {key.name: key.key for key in slots.read()}
        slots.close()
        with contextlib.closing(sqlite3.connect(self.home / "data" / "chatwarden.db")) as base:
            rows = base.execute(
                "SELECT seq, bucket, page, idx FROM messages WHERE source = 'client' ORDER BY seq"
            ).fetchall()
        for text, (number, *row) in zip(self.ids, rows, strict=True):
            self.numbers[text] = number
            place = Place(*row)
            page = whole[Name(place.bucket, place.page)]
            self.keys[text] = {page, subkey(page, place.name)}


def begun(folder: Path) -> Talk:
    """A home in which something was said, its gateway stopped."""
    home = folder / "home"
    with running(home, TOML) as gateway:
        token = gateway.visitor()
        talk = Talk(home, token, gateway.conversation(token), {}, {})
        for text in EARLIER:
            talk.ids[text] = gateway.say(token, talk.id, text).json["message"]["id"]
        assert gateway.stop() == 0
    return talk


def copied(talk: Talk, name: str) -> Talk:
    """The same home once more."""
    home = talk.home.parent / name
    shutil.copytree(talk.home, home, ignore=lambda *_: ["run"])
    shutil.copy(talk.home.parent / f"{talk.home.name}.toml", home.parent / f"{name}.toml")
    return Talk(home, talk.token, talk.id, {}, dict(talk.ids))


def destroyed_now(talk: Talk, traced_: Traced) -> list[int]:
    """Says more, and destroys the victims while it is stopped at each call; returns how that was answered."""
    gateway = traced_.gateway
    for text in LATER:
        talk.ids[text] = gateway.say(talk.token, talk.id, text).json["message"]["id"]
    talk.learn()
    headers = {"Authorization": f"Bearer {talk.token}"}
    connection = gateway.connection()
    answers: list[int] = []
    try:
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        traced_.arm()
        for victim in VICTIMS:
            connection.request("DELETE", f"/api/v1/conversations/{talk.id}/messages/{talk.ids[victim]}", None, headers)
            response = connection.getresponse()
            response.read()
            answers.append(response.status)
        traced_.disarm()
    except (OSError, http.client.HTTPException):  # killed
        gateway.process.wait(30)
    finally:
        connection.close()
    return answers


async def after_a_start(talk: Talk, home: Path, config: Path) -> tuple[dict[str, str], list[str]]:
    """What a gateway that starts over *home* shows of each text, and which were receipted."""
    async with opened(Home(home), read(config), Metrics()) as node:
        services = node.services
        found = await services.conversations.since(
            await services.conversations.find(talk.id), 0, 100, services.clock.now()
        )
        shown = {
            one.id: one.text if one.state is MessageState.LIVE else "" for one in found if one.source is Source.CLIENT
        }
        receipts = [entry.object async for _, entry in services.audit.read() if entry.event == "message:destroyed"]
    names = {name: text for text, name in talk.ids.items()}
    return {text: shown[name] for text, name in talk.ids.items()}, [names[one] for one in receipts if one in names]


async def holds_after_early_destruction(talk: Talk, home: Path, config: Path, acknowledged: tuple[str, ...]) -> None:
    raw = ring_of(home)
    shown, receipts = await after_a_start(talk, home, config)
    settled = ring_of(home)
    for text in VICTIMS:
        if shown[text]:
            assert shown[text] == text
            assert text not in receipts
            assert text not in acknowledged
        else:
            assert receipts.count(text) == 1
            assert not any(key in settled for key in talk.keys[text])
        if text in acknowledged:  # on the disk that lies there, before anybody starts
            assert not any(key in raw for key in talk.keys[text])
    others = set(talk.ids) - set(VICTIMS)
    assert {text for text in others if shown[text] != text} == set()


@pytest.fixture(scope="module")
def early(tmp_path_factory: pytest.TempPathFactory) -> Talk:
    return begun(tmp_path_factory.mktemp("crash"))


@pytest.fixture(scope="module")
def cut(early: Talk) -> tuple[Talk, Traced]:
    """A traced gateway in which the victims were destroyed."""
    talk = copied(early, "cut")
    with traced(talk.home) as run:
        assert destroyed_now(talk, run) == [200, 200]
        assert run.gateway.stop() == 0
    return talk, run


def test_the_tracer_sees_the_calls_that_destroy(cut: tuple[Talk, Traced]) -> None:
    """Without this the others could not fail."""
    _, run = cut
    stops = [(stop["call"], str(stop["path"]).rpartition("/")[2]) for stop in run.stops()]
    assert stops.count(("answer", "answer")) == len(VICTIMS)
    before = stops[: stops.index(("answer", "answer"))]
    ring = [call for call, file in before if file == "ring"]
    assert ring.count("fdatasync") >= 2  # what remains, then the page
    assert ring.index("pwrite64") < ring.index("fdatasync")
    assert ("fdatasync", "chatwarden.db-wal") in before


@pytest.mark.parametrize("stride", [8, pytest.param(1, marks=pytest.mark.slow)])
async def test_property_8_crash_points_of_an_early_destruction_by_power_cut(
    cut: tuple[Talk, Traced], tmp_path: Path, stride: int
) -> None:
    talk, run = cut
    config, images = run.gateway.config, run.images(stride)
    states: set[tuple[bool, ...]] = set()
    for image in images:
        home = run.laid_out(image, tmp_path / "home")
        acknowledged = VICTIMS[: image.answers]
        try:
            await holds_after_early_destruction(talk, home, config, acknowledged)
        except AssertionError as failed:
            raise AssertionError(f"after a power cut at {image}") from failed
        states.add(tuple(any(key in ring_of(home) for key in talk.keys[text]) for text in VICTIMS))
    assert states == {(True, True), (False, True), (False, False)}  # old, half-way between the two, new


def killed(early: Talk, at: int, name: str = "") -> tuple[Talk, Path, tuple[str, ...]]:
    talk = copied(early, f"killed-{name}{at}")
    with traced(talk.home, kill_at=at) as run:
        answers = destroyed_now(talk, run)
        # Who was not answered was so because of the kill. Behind the answers something may still be written.
        assert len(answers) == len(VICTIMS) or len(run.stops()) == at
    return talk, run.gateway.config, VICTIMS[: len(answers)]


async def test_property_8_crash_points_of_an_early_destruction_by_sigkill(early: Talk) -> None:
    talk, config, acknowledged = killed(early, 24)  # between the row and the key
    await holds_after_early_destruction(talk, talk.home, config, acknowledged)


@pytest.mark.slow
async def test_property_8_crash_points_of_an_early_destruction_by_sigkill_each(early: Talk) -> None:
    at = 0
    while True:
        at += 1
        talk, config, acknowledged = killed(early, at, "each-")
        await holds_after_early_destruction(talk, talk.home, config, acknowledged)
        if len(acknowledged) == len(VICTIMS):
            break
        shutil.rmtree(talk.home)
    assert at > 20


# -- at the deadline


def came_due(talk: Talk, run: Traced) -> None:
    """Says what soon ends, and waits until it has, or the gateway was killed."""
    gateway = run.gateway
    for text in EXPIRING:
        said = gateway.say(talk.token, talk.id, text)
        assert said.status == 201, said
        talk.ids[text] = said.json["message"]["id"]
    talk.learn()
    run.arm()
    begun_at = time.monotonic()
    ending = {talk.ids[text] for text in EXPIRING}
    until = time.monotonic() + 30
    states = {""}
    while states != {"destroyed"}:
        assert time.monotonic() < until
        time.sleep(0.2)
        try:
            page = gateway.call("GET", f"/api/v1/conversations/{talk.id}/messages", None, talk.token)
        except (OSError, http.client.HTTPException):
            gateway.process.wait(30)
            time.sleep(max(0.0, begun_at + 7 - time.monotonic()))  # it may have died before they were due
            return
        states = {one["state"] for one in page.json["messages"] if one["id"] in ending}
    time.sleep(1)  # the sweep after it
    if gateway.process.poll() is None:
        run.disarm()


@pytest.fixture(scope="module")
def due(early: Talk) -> tuple[Talk, Traced]:
    """A traced gateway whose messages came due."""
    talk = copied(early, "due")
    with traced(talk.home, DUE) as run:
        came_due(talk, run)
        assert run.gateway.stop() == 0
    return talk, run


async def holds_after_the_deadline(talk: Talk, home: Path, config: Path) -> None:
    shown, receipts = await after_a_start(talk, home, config)
    assert {text: shown[text] for text in EARLIER} == {text: text for text in EARLIER}
    assert [shown[text] for text in EXPIRING] == ["", ""]
    assert sorted(receipts) == sorted(EXPIRING)
    assert not any(key in ring_of(home) for text in EXPIRING for key in talk.keys[text])


def tombstones_in(home: Path) -> set[int]:
    """The numbers of messages that have one, as the database lies there: nobody has started over it."""
    with contextlib.closing(sqlite3.connect(f"file:{home}/data/chatwarden.db?mode=ro", uri=True)) as base:
        return {seq for (seq,) in base.execute("SELECT seq FROM tombstones")}


@pytest.mark.parametrize("stride", [8, pytest.param(1, marks=pytest.mark.slow)])
async def test_property_8_crash_points_of_a_deadline_by_power_cut(
    due: tuple[Talk, Traced], tmp_path: Path, stride: int
) -> None:
    talk, run = due
    images = list({image.files: image for image in run.images(stride)}.values())
    first = ring_of(run.laid_out(images[0], tmp_path / "home"))
    assert all(any(key in first for key in talk.keys[text]) for text in EXPIRING)  # the test can see
    buried = set()
    for image in images:
        home = run.laid_out(image, tmp_path / "home")
        raw, dead = ring_of(home), tombstones_in(home)
        try:
            for text in EXPIRING:  # keys go before rows
                assert talk.numbers[text] not in dead or not any(key in raw for key in talk.keys[text])
            await holds_after_the_deadline(talk, home, run.gateway.config)
        except AssertionError as failed:
            raise AssertionError(f"after a power cut at {image}") from failed
        buried.add(bool(dead))
    assert buried == {False, True}


async def killed_at_the_deadline(early: Talk, at: int) -> bool:
    """Whether it was killed at that call."""
    talk = copied(early, f"due-killed-{at}")
    with traced(talk.home, DUE, kill_at=at) as run:
        came_due(talk, run)
        killed_ = run.gateway.process.poll() is not None
    await holds_after_the_deadline(talk, talk.home, run.gateway.config)
    shutil.rmtree(talk.home)
    return killed_


async def test_property_8_crash_points_of_a_deadline_by_sigkill(early: Talk) -> None:
    assert await killed_at_the_deadline(early, 9)


@pytest.mark.slow
async def test_property_8_crash_points_of_a_deadline_by_sigkill_each(early: Talk) -> None:
    at = 1
    while at == 9 or await killed_at_the_deadline(early, at):
        at += 1
    assert at > 20
