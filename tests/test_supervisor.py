"""What systemd hears."""

import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatwarden import supervisor
from tests.world.gateway import start


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(20)
        yield listener


def until(listener: socket.socket, word: str) -> list[str]:
    """What is heard until *word*; signs of life may come at any time."""
    states: list[str] = []
    while not states or not states[-1].startswith(word):
        state = listener.recv(4096).decode()
        if state != supervisor.ALIVE:
            states.append(state)
    return states


def test_a_gateway_says_ready_reloading_and_stopping(tmp_path: Path, heard: socket.socket) -> None:
    gateway = start(tmp_path / "home", env={"NOTIFY_SOCKET": str(tmp_path / "notify")})
    assert until(heard, "READY") == ["READY=1"]
    gateway.process.send_signal(signal.SIGHUP)
    reloading, ready = until(heard, "READY")
    assert re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=[0-9]+", reloading)
    assert ready == "READY=1"
    gateway.config.write_text("[server]\nport = 'nonsense'\n")
    gateway.process.send_signal(signal.SIGHUP)
    assert len(until(heard, "READY")) == 2, "a reload that is refused ends too"
    assert gateway.stop() == 0
    assert until(heard, "STOPPING") == ["STOPPING=1"]
    assert gateway.process.stdout is not None
    gateway.process.stdout.close()


def test_a_sign_of_life_is_sent_from_the_start(tmp_path: Path, heard: socket.socket) -> None:
    gateway = start(tmp_path / "home", env={"NOTIFY_SOCKET": str(tmp_path / "notify")})
    assert "WATCHDOG=1" in {heard.recv(4096).decode() for _ in range(2)}
    gateway.stop()
    assert gateway.process.stdout is not None
    gateway.process.stdout.close()


def test_an_abstract_address_is_meant_by_an_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(f"\0chatwarden{tmp_path}")
        monkeypatch.setenv("NOTIFY_SOCKET", f"@chatwarden{tmp_path}")
        supervisor.tell(supervisor.READY)
        assert listener.recv(64) == b"READY=1"


@pytest.mark.parametrize("address", ["", "/nowhere/at/all", "relative", "@nobody-listens", "vsock:2:1"])
def test_without_a_supervisor_nothing_happens(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    supervisor.tell(supervisor.READY)


def test_a_supervisor_that_does_not_read_holds_nobody_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, heard: socket.socket
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    for _ in range(2_000):
        supervisor.tell(supervisor.ALIVE)
    assert heard.recv(64) == b"WATCHDOG=1"
