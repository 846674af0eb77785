"""A gateway is backed up while people write. Then one message is destroyed, one expires, and the backup is put back: beside
the living key ring, beside an older copy of the home, and on a new machine.
"""

from __future__ import annotations

import shutil
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from tests.world.backups import FOR_OPERATOR, OPERATOR
from tests.world.gateway import Gateway, command, running
from tests.world.keepers import end_keeper
from tests.world.search import forms, where

from chatwarden.cli import control
from chatwarden.config.home import Home, socket_address
from chatwarden.config.model import Config
from chatwarden.errors import CannotRun

TOML = (
    FOR_OPERATOR
    + """
[limits]
messages = "off"
[ephemeral]
bucket = "1s"
[retention]
default = "30d"
[retention.class]
payment-card = "30d"
iban = "30d"
email = "20s"
"""
)
SAID = {
    "stays": "Where is my parcel, asked Wilhelmina Quill",
    "destroyed": "Please forget that I like blue",
    "expires": "write to wilhelmina.quill@mail.example",
    "strict": "my card is 4111 1111 1111 1111",
    "strict, destroyed": "please pay to DE89 3704 0044 0532 0130 00",
}
MARKERS = (
    "Wilhelmina Quill",
    "wilhelmina.quill@mail.example",
    "4111 1111 1111 1111",
    "DE89 3704 0044 0532 0130 00",
    "I like blue",
)
PASSWORD = "a very long password of anna"


def token_of(gateway: Gateway) -> str:
    return gateway.command("session", "issue", "--user", "anna", "--for", "8h").stdout.strip()


def told(gateway: Gateway, conversation: str) -> dict[str, dict[str, Any]]:
    shown = gateway.call("GET", f"/api/v1/conversations/{conversation}/messages", None, token_of(gateway)).json[
        "messages"
    ]
    return dict(zip(SAID, [one for one in shown if one["from"] == "client"], strict=True))


def readable(gateway: Gateway, conversation: str) -> set[str]:
    return {name for name, message in told(gateway, conversation).items() if message.get("text")}


def reasons(gateway: Gateway, conversation: str, what: str) -> list[str]:
    message = told(gateway, conversation)[what]["id"]
    return [e["reason"] for e in gateway.audit() if e["event"] == "message:destroyed" and e["object"] == message]


def copied(home: Path, to: Path) -> None:
    shutil.copytree(home, to, ignore=lambda folder, names: [n for n in names if (Path(folder) / n).is_socket()])
    shutil.copy(home.parent / f"{home.name}.toml", to.parent / f"{to.name}.toml")


def test_what_a_backup_brings_back_and_what_it_does_not(tmp_path: Path) -> None:
    home, file, identity = tmp_path / "home", tmp_path / "backup", tmp_path / "identity"
    identity.write_text(OPERATOR.written())
    identity.chmod(0o600)
    with running(home, TOML) as gateway:
        gateway.command("user", "add", "anna", "--role", "customer", "--password-stdin", stdin=PASSWORD + "\n")
        old = token_of(gateway)
        talk = gateway.conversation(old)
        for text in SAID.values():
            assert gateway.say(old, talk, text).status == 201
        begun = time.monotonic()
        gateway.command("backup", str(file))
        assert gateway.say(old, talk, "and on while it was made").status == 201
        copied(home, tmp_path / "copy")
        assert where(file, [form for marker in MARKERS for form in forms(marker)]) == []
        shown = gateway.call("GET", f"/api/v1/conversations/{talk}/messages", None, old).json["messages"]
        shown = [one for one in shown if one["from"] == "client"]
        assert all(one["text"] for one in shown)
        for number in (1, 4):
            gone = gateway.call("DELETE", f"/api/v1/conversations/{talk}/messages/{shown[number]['id']}", None, old)
            assert gone.status == 200
        time.sleep(max(0.0, 21.5 - (time.monotonic() - begun)))
        assert gateway.stop() == 0

    # Beside the living ring and its keeper: what lives opens, strict or not; nothing that was destroyed or expired does.
    command("restore", str(file), "--replace", "--home", str(home), "--config", str(tmp_path / "home.toml"))
    with running(home) as gateway:
        ended = gateway.call("GET", "/api/v1/session", None, old)
        assert (ended.problem, ended.json["reason"]) == ("session-ended", "revoked")
        assert readable(gateway, talk) == {"stays", "strict"}
        # The log goes on where it stood: that the person destroyed them is still in it.
        assert reasons(gateway, talk, "destroyed") == ["person", "destroyed-before"]
        assert reasons(gateway, talk, "strict, destroyed") == ["person", "destroyed-before"]
        assert set(reasons(gateway, talk, "expires")) == {"expired"}  # there, and again in the record that was put back
        assert [e["event"] for e in gateway.audit() if e["event"].startswith("backup:")] == [
            "backup:made",
            "backup:restored",
        ]
        assert gateway.say(token_of(gateway), talk, "and on").status == 201
        assert gateway.command("audit", "verify").stdout.startswith("ok ")

    # Beside a copy of the home that somebody kept: no keeper, so nothing strict; and here the test can see that what was
    # destroyed would open wherever its key were left.
    command(
        "restore", str(file), "--replace", "--home", str(tmp_path / "copy"), "--config", str(tmp_path / "copy.toml")
    )
    with running(tmp_path / "copy") as gateway:
        assert readable(gateway, talk) == {"stays", "destroyed"}
        assert gateway.command("audit", "verify").stdout.startswith("ok ")

    # On a new machine, with the identity: the keys of ordinary messages come along, as docs/backup.md says.
    shutil.copy(tmp_path / "home.toml", tmp_path / "new.toml")
    new = ("--home", str(tmp_path / "new"), "--config", str(tmp_path / "new.toml"))
    assert command("restore", str(file), *new, check=False).returncode == 3
    command("restore", str(file), *new, "--identity", str(identity))
    with running(tmp_path / "new") as gateway:
        assert readable(gateway, talk) == {"stays", "destroyed"}
        assert reasons(gateway, talk, "strict") == ["holder-lost"]
        assert reasons(gateway, talk, "expires") == ["expired"]
        login = gateway.call("POST", "/api/v1/session", {"username": "anna", "password": PASSWORD})
        assert login.status == 201
        assert gateway.say(login.json["token"], talk, "hello again").status == 201
        assert gateway.command("audit", "verify").stdout.startswith("ok ")
    for folder in ("home", "copy", "new"):
        end_keeper(tmp_path / folder)


def test_a_gateway_that_is_killed_in_the_middle_of_a_backup_goes_on_and_the_backup_is_none(tmp_path: Path) -> None:
    with running(tmp_path / "home", TOML) as gateway:
        token = gateway.visitor()
        talk = gateway.conversation(token)
        for number in range(60):
            assert gateway.say(token, talk, f"{number} " + "long " * 1_600).status == 201
        home = Home(gateway.home)
        taken: list[bytes] = []

        def then_killed(piece: bytes) -> None:
            if not taken:
                gateway.kill()
            taken.append(piece)

        with pytest.raises(CannotRun, match="stopped in the middle"):
            control.run(home, Config(), "backup", {}, then_killed)
        assert taken
        assert sorted(path.name for path in (gateway.home / "data").iterdir() if "copy" in path.name) == []
    with running(tmp_path / "home") as gateway:
        assert gateway.say(token, talk, "and on").status == 201
        gateway.command("backup", str(tmp_path / "backup"))
        stranger = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)  # who asks and reads nothing holds up nobody
        with stranger, socket_address(home.socket) as address:
            stranger.connect(address)
            stranger.sendall(b'{"command": "backup"}\n')
            assert gateway.say(token, talk, "and on").status == 201
    end_keeper(tmp_path / "home")
