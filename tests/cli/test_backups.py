"""``chatwarden backup`` and ``restore``, as a person types them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.world.backups import FOR_OPERATOR, OPERATOR
from tests.world.disk import no_file_longer_than
from tests.world.gateway import Gateway, command

from chatwarden.backup import keys
from chatwarden.cli.main import main


@pytest.fixture
def home(tmp_path: Path) -> list[str]:
    """The options that name a prepared home, in use."""
    options = ["--home", str(tmp_path / "home"), "--config", str(tmp_path / "gateway.toml")]
    (tmp_path / "gateway.toml").write_text("[server]\nlab = true\n" + FOR_OPERATOR)
    assert main(["init", *options]) == 0
    return options


@pytest.fixture
def identity(tmp_path: Path) -> str:
    path = tmp_path / "identity"
    path.write_text(OPERATOR.written())
    path.chmod(0o600)
    return str(path)


Shown = pytest.CaptureFixture[str]


def test_an_identity_is_made_private_and_its_recipient_is_what_the_configuration_takes(
    tmp_path: Path, capsys: Shown
) -> None:
    path = tmp_path / "identity"
    assert main(["backup", "--new-identity", str(path)]) == 0
    assert path.stat().st_mode & 0o777 == 0o600
    made = keys.identity(path.read_text())
    shown = capsys.readouterr().out
    assert f'[backup]\nrecipient = "{made.recipient}"' in shown
    assert made.written() not in shown
    assert main(["backup", "--new-identity", str(path)]) == 3  # never overwritten
    assert keys.identity(path.read_text()) == made


def test_a_backup_is_private_whole_and_never_overwritten(
    home: list[str], identity: str, tmp_path: Path, capsys: Shown
) -> None:
    file = tmp_path / "backup"
    assert main(["backup", str(file), *home, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.stat().st_size == told["size"]
    assert told["keys"] is None
    before = file.read_bytes()
    assert main(["backup", str(file), *home]) == 3
    assert "exists already" in capsys.readouterr().err
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if ".new" in path.name] == []
    assert main(["backup", "--verify", str(file), *home, "--identity", identity, "--json"]) == 0
    more = json.loads(capsys.readouterr().out)
    assert more["sha256"] == told["sha256"]
    assert more["files"] > 5


def test_what_is_wrong_with_a_file_is_told_and_has_its_exit_code(
    home: list[str], tmp_path: Path, capsys: Shown
) -> None:
    file, bad = tmp_path / "backup", tmp_path / "bad"
    assert main(["backup", str(file), *home]) == 0
    data = file.read_bytes()
    capsys.readouterr()
    for content, code, message in [
        (data[:-1], 1, "error: the backup was changed or cut"),
        (data[:50_000] + bytes([data[50_000] ^ 1]) + data[50_001:], 1, "error: the backup was changed at byte 0"),
        (b"", 3, "error: this is no backup"),
        (data.replace(b"backup 1", b"backup 7", 1), 3, "form that this program does not know"),
    ]:
        bad.write_bytes(content)
        for words in (["backup", "--verify", str(bad)], ["restore", str(bad), "--replace"]):
            assert main([*words, *home]) == code
            told = capsys.readouterr().err
            assert message in told
            assert "\nhint: " in told
    assert main(["backup", "--verify", str(tmp_path / "absent"), *home]) == 3
    assert main(["restore", str(tmp_path / "absent"), *home, "--replace"]) == 3
    assert main(["backup", "--verify", str(file), "--home", str(tmp_path / "nowhere")]) == 3
    assert not (tmp_path / "nowhere").exists()
    assert main(["restore", str(file), "--home", str(tmp_path / "nowhere")]) == 3
    assert not (tmp_path / "nowhere").exists()


def test_wrong_use_is_told(home: list[str], identity: str, tmp_path: Path, capsys: Shown) -> None:
    assert main(["backup", str(tmp_path / "b"), *home, "--identity", identity]) == 2
    assert main(["backup", str(tmp_path / "absent" / "b"), *home]) == 3
    (tmp_path / "open").write_text(OPERATOR.written())
    (tmp_path / "open").chmod(0o644)
    assert main(["backup", "--verify", str(tmp_path / "b"), *home, "--identity", str(tmp_path / "open")]) == 2
    assert "can be read by others" in capsys.readouterr().err
    (tmp_path / "none").write_text("not one")
    (tmp_path / "none").chmod(0o600)
    assert main(["restore", str(tmp_path / "b"), *home, "--identity", str(tmp_path / "none")]) == 2
    assert "identity cannot be used" in capsys.readouterr().err


def test_a_restore_says_what_it_put_back_and_into_which_home(
    home: list[str], identity: str, tmp_path: Path, capsys: Shown
) -> None:
    file = tmp_path / "backup"
    assert main(["backup", str(file), *home]) == 0
    assert main(["restore", str(file), *home]) == 3
    assert "hint: --replace" in capsys.readouterr().err
    assert main(["restore", str(file), *home, "--replace"]) == 0
    assert f"into {tmp_path / 'home'}; every session is ended" in capsys.readouterr().out
    # A new machine: no configuration is named, the backup brings its own.
    assert main(["restore", str(file), "--home", str(tmp_path / "new"), "--identity", identity]) == 0
    assert (tmp_path / "new" / "chatwarden.toml").read_text() == (tmp_path / "gateway.toml").read_text()
    assert main(["user", "list", "--home", str(tmp_path / "new")]) == 0
    assert "admin" in capsys.readouterr().out


def test_a_full_disk_leaves_no_half_backup(home: list[str], tmp_path: Path, capsys: Shown) -> None:
    main(["user", "list", *home])
    with no_file_longer_than(150_000):
        assert main(["backup", str(tmp_path / "backup"), *home]) == 3
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == []
    assert "error:" in capsys.readouterr().err


KILLED = """
import os, signal, sys
from chatwarden.cli import control, main
whole = control.run
def halfway(home, config, command, args, write=None):
    def then_killed(piece):
        write(piece)
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(home, config, command, args, then_killed)
control.run = halfway
main.main(sys.argv[1:])
"""


def test_killed_in_the_middle_there_is_no_file_of_that_name_and_the_home_goes_on(
    home: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "backup"
    killed = subprocess.run([sys.executable, "-c", KILLED, "backup", str(file), *home], check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert not file.exists()
    assert main(["user", "list", *home]) == 0
    assert main(["backup", str(file), *home]) == 0


def test_beside_a_running_gateway_it_goes_through_the_control_socket(gateway: Gateway, tmp_path: Path) -> None:
    options = ["--home", str(gateway.home), "--config", str(gateway.config)]
    told = command("backup", str(tmp_path / "backup"), *options)
    assert told.stdout.startswith(f"wrote {tmp_path / 'backup'}\n")
    assert told.stderr == ""  # no terminal, no progress
    refused = command("restore", str(tmp_path / "backup"), *options, "--replace", check=False)
    assert refused.returncode == 3
    assert "another chatwarden is using the home" in refused.stderr


def test_progress_is_told_on_a_terminal(home: list[str], tmp_path: Path) -> None:
    master, slave = os.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "chatwarden", "backup", str(tmp_path / "backup"), *home], stderr=slave, check=True, timeout=60,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(slave)
    assert done.returncode == 0
    assert b"written: 0 MB" in os.read(master, 65_536)
    os.close(master)
