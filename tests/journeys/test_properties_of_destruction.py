"""The properties of keys that die, over whole homes and real processes, where no other journey shows them: what a restored
record, a shortened message and a fingerprint give away. The list of all of them is in docs/self-destruct.md.
"""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.world.gateway import Gateway, running
from tests.world.keepers import end_keeper

TOML = """
[ephemeral]
bucket = "1s"
[retention]
default = "1h"
[retention.class]
email = "5s"
payment-card = "1h"
national-id = "4s"
"""
SAID = {
    "kept": "the kept parcel",
    "early": "the early parcel",
    "expiring": "write to wilhelmina.quill@mail.example",
    "shortened": "the shortened parcel",
    "strict": "card 4111 1111 1111 1111",
    "strict-early": "card 5500 0055 5555 5559",
}
LIVING = {"kept", "strict"}


class Talk:
    """What a visitor said to a gateway, by name."""

    def __init__(self, gateway: Gateway) -> None:
        self.token = gateway.visitor()
        self.path = f"/api/v1/conversations/{gateway.conversation(self.token)}/messages"
        self.ids: dict[str, str] = {}

    def say(self, gateway: Gateway) -> None:
        for name, text in SAID.items():
            answer = gateway.call("POST", self.path, {"text": text}, self.token)
            assert answer.status == 201
            self.ids[name] = answer.json["message"]["id"]

    def shown(self, gateway: Gateway) -> set[str]:
        """Which can be read."""
        page = gateway.call("GET", self.path + "?limit=200", None, self.token).json["messages"]
        texts = {one["id"]: one.get("text") for one in page}
        return {name for name, message in self.ids.items() if texts.get(message)}


def the_record(home: Path, to: Path) -> None:
    """A raw copy of the database, as a backup of another program takes it."""
    to.mkdir()
    with (
        closing(sqlite3.connect(home / "data" / "chatwarden.db")) as source,
        closing(sqlite3.connect(to / "chatwarden.db")) as copy,
    ):
        source.backup(copy)


def put_back(record: Path, home: Path) -> None:
    shutil.rmtree(home / "data")
    shutil.copytree(record, home / "data")


def until(so: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not so():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Talk]]:
    """A home after destructions of every kind, with a copy of its record, and of its ring, from before them."""
    folder = tmp_path_factory.mktemp("restore")
    home = folder / "home"
    with running(home, TOML) as gateway:
        talk = Talk(gateway)
        talk.say(gateway)
        assert talk.shown(gateway) == set(SAID)
        the_record(home, folder / "record")
        shutil.copy(home / "keys" / "ring", folder / "ring")
        for name in ("early", "strict-early"):
            assert gateway.call("DELETE", f"{talk.path}/{talk.ids[name]}", None, talk.token).status == 200
        timer = gateway.call("PATCH", f"{talk.path}/{talk.ids['shortened']}", {"destroy_after": 1800}, talk.token)
        assert timer.status == 200
        until(lambda: talk.shown(gateway) == LIVING | {"shortened"})
        assert gateway.stop() == 0
    yield folder, talk
    end_keeper(home)


def test_property_5_restore_of_the_record_brings_back_nothing_that_ended(lived: tuple[Path, Talk]) -> None:
    """From before an early destruction, a deadline and a timer, beside the living ring and the living keeper: what lives is
    read, the rest is not. Beside the ring of that time the ordinary ones would open: the test can see.
    """
    folder, talk = lived
    home = folder / "home"
    put_back(folder / "record", home)
    with running(home) as gateway:
        assert talk.shown(gateway) == LIVING
        assert gateway.stop() == 0
    thief = folder / "thief"
    shutil.copytree(home, thief, ignore=lambda *_: ["run"])
    shutil.copy(folder / "home.toml", folder / "thief.toml")
    put_back(folder / "record", thief)
    shutil.copy(folder / "ring", thief / "keys" / "ring")
    with running(thief) as gateway:
        assert talk.shown(gateway) == {"kept", "early", "shortened"}  # what level E1 does not promise, and no more
    end_keeper(thief)


def test_property_14_extension_is_none_and_what_was_shortened_is_dead_at_once(lived: tuple[Path, Talk]) -> None:
    """The form that a message had before its timer does not open, not even before the new end; a timer that would
    lengthen changes nothing.
    """
    folder, talk = lived
    home = folder / "home"
    put_back(folder / "record", home)
    with running(home) as gateway:
        assert "shortened" not in talk.shown(gateway)
        one = f"{talk.path}/{talk.ids['kept']}"
        before = gateway.call("GET", one, None, talk.token).json["destroy_at"]
        longer = gateway.call("PATCH", one, {"destroy_after": 30 * 86_400}, talk.token)
        assert (longer.status, longer.json["destroy_at"]) == (200, before)


# -- fingerprints

NUMBER = "512-38-{:04}"


def _digest(name: str, data: bytes) -> bytes:
    return hashlib.new(name, data).digest()


def _blake2b(size: int, data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=size).digest()


NAMES = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "sha3_512", "blake2s", "blake2b")
HASHES: list[Callable[[bytes], bytes]] = [
    *(partial(_digest, name) for name in NAMES),
    *(partial(_blake2b, size) for size in (8, 16, 20, 32)),
]
PREFIX = 8


def fingerprints() -> set[bytes]:
    """The beginnings of every hash without a key of every number that it may have been, in every form."""
    found = set()
    for n in range(10_000):
        number = NUMBER.format(n)
        for form in (
            number,
            number.replace("-", ""),
            f"my social security number is {number}",
            f"national-id\0{number.replace('-', '')}",
        ):
            found |= {digest(form.encode())[:PREFIX] for digest in HASHES}
    return found


def windows(data: bytes) -> set[bytes]:
    """Every run of so many bytes in *data*, as it lies there, and as hex and base64 that stand in it."""
    found = {data[at : at + PREFIX] for at in range(len(data) - PREFIX + 1)}
    for text in re.findall(rb"[0-9a-fA-F]{16,}", data):
        for shift in (0, 1):
            plain = bytes.fromhex(text[shift : len(text) - (len(text) - shift) % 2].decode())
            found |= {plain[at : at + PREFIX] for at in range(len(plain) - PREFIX + 1)}
    for text in re.findall(rb"[A-Za-z0-9+/_-]{11,}", data):
        plain = base64.b64decode(text[: len(text) // 4 * 4].translate(bytes.maketrans(b"-_", b"+/")))
        found.add(plain[:PREFIX])
    return found


def test_property_18_fingerprints_no_brute_force_over_all_numbers_matches_anything_stored(tmp_path: Path) -> None:
    known = fingerprints()
    for planted in (hashlib.sha256(b"512-38-4471").digest(), hashlib.sha1(b"512384471").hexdigest().encode()):
        assert known & windows(b"before " + planted + b" after")  # the test can see
    assert known & windows(base64.b64encode(hashlib.md5(b"my social security number is 512-38-4471").digest()))
    with running(tmp_path / "home", TOML) as gateway:
        talk = Talk(gateway)
        number = NUMBER.format(4471)
        body: dict[str, Any] = {"text": f"my social security number is {number}", "client_id": number}
        said = gateway.call("POST", talk.path, body, talk.token).json["message"]
        assert [one["class"] for one in said["findings"]] == ["national-id"]
        path = f"{talk.path}/{said['id']}"
        until(lambda: gateway.call("GET", path, None, talk.token).json["state"] == "destroyed")
        until(
            lambda: any(one["event"] == "message:destroyed" and one["object"] == said["id"] for one in gateway.audit())
        )
        files = [path for path in gateway.home.rglob("*") if path.is_file()] + [gateway.log]
        assert gateway.home / "data" / "chatwarden.db" in files
        assert [str(path) for path in files if known & windows(path.read_bytes())] == []
    end_keeper(tmp_path / "home")
