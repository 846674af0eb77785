"""The operator's own certificate, exchanged under a running gateway."""

from __future__ import annotations

import shutil
import signal
import ssl
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.edge.conftest import make_pair
from tests.world.gateway import Gateway, running

TOML = """
[server]
port = 0
[metrics]
listen = "off"
[tls]
certificate_file = "own/cert.pem"
key_file = "own/key.pem"
[limits]
keep_alive = "5m"
new_connections_per_peer = "off"
"""


def shown(gateway: Gateway) -> str:
    """The certificate that a new connection is shown."""
    return ssl.get_server_certificate((gateway.host, gateway.port))


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def reload(gateway: Gateway, event: str) -> None:
    """SIGHUP, until its end is in the log once more."""
    before = gateway.log.read_text().count(event)
    gateway.process.send_signal(signal.SIGHUP)
    until(lambda: gateway.log.read_text().count(event) > before)


@pytest.fixture
def pairs(tmp_path: Path) -> list[Path]:
    """Three folders with a certificate and its key each."""
    folders = [tmp_path / name for name in ("one", "two", "three")]
    for folder in folders:
        folder.mkdir()
        make_pair(folder)
    return folders


def test_sighup_shows_the_new_certificate_and_drops_nobody(tmp_path: Path, pairs: list[Path]) -> None:
    home = tmp_path / "home"
    own = shutil.copytree(pairs[0], home / "own")
    with running(home, TOML, lab=False) as gateway:
        gateway.context = ssl.create_default_context(cafile=str(pairs[0] / "cert.pem"))
        open_one = gateway.connection()
        open_one.request("GET", "/healthz")
        open_one.getresponse().read()
        socket = open_one.sock
        assert shown(gateway) == (pairs[0] / "cert.pem").read_text()

        shutil.copytree(pairs[1], own, dirs_exist_ok=True)
        reload(gateway, "gateway-reloaded")
        assert shown(gateway) == (pairs[1] / "cert.pem").read_text()
        open_one.request("GET", "/healthz")
        answer = open_one.getresponse()
        answer.read()
        assert (answer.status, open_one.sock) == (200, socket)
        assert "certificate-refused" not in gateway.log.read_text()

        # half of a renewal: the key is not there yet
        shutil.copy(pairs[2] / "cert.pem", own)
        reload(gateway, "gateway-reloaded")
        assert "certificate-refused" in gateway.log.read_text()
        assert shown(gateway) == (pairs[1] / "cert.pem").read_text()
        checked = gateway.command("config", "check", check=False)
        assert (checked.returncode, "line 7: " in checked.stderr) == (2, True), checked.stderr

        # another place, without a restart
        gateway.config.write_text(TOML.replace("own/", f"{pairs[2]}/"))
        reload(gateway, "gateway-reloaded")
        assert shown(gateway) == (pairs[2] / "cert.pem").read_text()
        assert "reload-needs-restart" not in gateway.log.read_text()
        open_one.request("GET", "/healthz")
        answer = open_one.getresponse()
        assert (answer.status, open_one.sock) == (200, socket)
        answer.read()
        open_one.close()
