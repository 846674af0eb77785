"""The broker as a process: one for a folder, for its own user only, hidden, and gone with its home."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatwarden.broker import wire
from chatwarden.broker.wire import Answered, Hello


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def start(folder: Path, *more: str) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-I",
        "-m",
        "chatwarden.broker.process",
        str(folder / "broker"),
        str(folder / "b.sock"),
        *more,
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.fixture
def broker(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = start(folder, "--idle", "0")
    wait(lambda: listens(folder))
    yield process
    process.kill()
    process.communicate()


def wait(so: object) -> None:
    until = time.monotonic() + 20
    while not so():  # type: ignore[operator]
        assert time.monotonic() < until
        time.sleep(0.02)


def listens(folder: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        return connection.connect_ex(str(folder / "b.sock")) == 0


def ask(folder: Path, data: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        connection.connect(str(folder / "b.sock"))
        connection.sendall(data)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_it_answers_its_own_user_and_keeps_its_folder_private(folder: Path, broker: subprocess.Popen[bytes]) -> None:
    assert ask(folder, wire.framed(Hello())) == wire.framed(Answered())
    assert (folder / "broker").stat().st_mode & 0o777 == 0o700
    assert (folder / "b.sock").stat().st_mode & 0o777 == 0o700
    assert Path(f"/proc/{broker.pid}/environ").stat().st_uid == 0


@pytest.mark.parametrize("data", [b"", b"\xff" * 8, wire.LENGTHS.pack(2, 0) + b"{}", b"GET / HTTP/1.1\r\n\r\n"])
def test_what_is_no_question_gets_no_answer_and_does_no_harm(
    folder: Path, broker: subprocess.Popen[bytes], data: bytes
) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(folder / "b.sock"))
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(10) == b""
    assert ask(folder, wire.framed(Hello())) == wire.framed(Answered())
    assert broker.poll() is None


def test_another_user_is_not_answered(folder: Path, broker: subprocess.Popen[bytes]) -> None:
    """The file would let them in here; the peer check does not."""
    folder.chmod(0o755)
    for parent in folder.parents:
        if parent.stat().st_mode & 0o005 != 0o005 and parent.stat().st_uid == os.geteuid():
            parent.chmod(parent.stat().st_mode | 0o055)
    (folder / "b.sock").chmod(0o777)
    script = (
        "import os, socket, sys\nos.setgid(65534)\nos.setuid(65534)\n"
        "s = socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\ns.sendall(bytes.fromhex(sys.argv[2]))\n"
        "sys.stdout.write(str(len(s.recv(100))))\n"
    )
    command = [sys.executable, "-I", "-c", script, str(folder / "b.sock"), wire.framed(Hello()).hex()]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == "0" or "ConnectionReset" in done.stderr or "BrokenPipe" in done.stderr, done.stderr


def test_there_is_one_for_a_folder(folder: Path, broker: subprocess.Popen[bytes]) -> None:
    other = start(folder)
    assert other.wait(20) == 0
    other.communicate()
    assert ask(folder, wire.framed(Hello())) == wire.framed(Answered())
    assert broker.poll() is None


def test_it_ends_with_its_home_and_when_told(folder: Path, broker: subprocess.Popen[bytes]) -> None:
    (folder / "b.sock").unlink()
    assert broker.wait(20) == 0
    another = start(folder, "--idle", "0")
    wait(lambda: listens(folder))
    another.send_signal(signal.SIGHUP)
    another.send_signal(signal.SIGINT)
    assert ask(folder, wire.framed(Hello())) == wire.framed(Answered())
    another.terminate()
    assert another.wait(20) == 0
    assert another.communicate() == (b"", b"")
    assert not (folder / "b.sock").exists()


def test_it_ends_when_nobody_needs_it(folder: Path) -> None:
    process = start(folder, "--idle", "0.3")
    assert process.wait(20) == 0
    process.communicate()


def test_what_keeps_it_from_starting_is_one_line_without_a_trace(folder: Path) -> None:
    (folder / "broker").mkdir()
    (folder / "broker" / "key").write_bytes(b"short")
    process = start(folder)
    _, said = process.communicate(timeout=20)
    assert (process.returncode, said) == (3, b"broker: the broker's key is damaged\n")
    process = start(folder, "--gateway", "nobody-of-that-name")
    _, said = process.communicate(timeout=20)
    assert (process.returncode, said) == (3, b"broker: KeyError\n")
