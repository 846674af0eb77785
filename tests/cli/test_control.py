"""One operation, wherever the home is held."""

import socket
import threading
from pathlib import Path

import pytest
from tests.world.gateway import Gateway, running

from chatwarden.cli.control import run
from chatwarden.config.home import Home
from chatwarden.config.model import Config
from chatwarden.errors import CannotRun, InvalidRequest, NotFound


def test_a_running_gateway_does_the_work(gateway: Gateway) -> None:
    result = run(Home(gateway.home), Config(), "bot.list", {})
    assert [bot["name"] for bot in result["bots"]] == ["helpdesk"]


def test_what_the_gateway_refuses_is_raised_here(gateway: Gateway) -> None:
    home = Home(gateway.home)
    with pytest.raises(NotFound):
        run(home, Config(), "user.disable", {"name": "nobody"})
    with pytest.raises(InvalidRequest):
        run(home, Config(), "fly", {})
    with pytest.raises(InvalidRequest):
        run(home, Config(), "user.disable", {})


def test_a_home_may_lie_deeper_than_the_address_of_a_socket_is_long(tmp_path: Path) -> None:
    home = tmp_path.joinpath(*["a" * 60] * 4, "home")
    with running(home) as gateway:
        assert (home / "run" / "control.sock").is_socket()
        assert (home / "run" / "control.sock").stat().st_mode & 0o777 == 0o600
        gateway.command("user", "add", "ada", "--role", "customer", "--password-stdin", stdin="a long password\n")
        assert "ada" in gateway.command("user", "list").stdout
        assert gateway.stop() == 0
        assert not (home / "run" / "control.sock").exists()
        # Now nobody listens, and the command does the work itself.
        assert "ada" in gateway.command("user", "list").stdout


def test_a_gateway_that_hangs_up_is_told(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(home.socket))
        server.listen(1)

        def hang_up() -> None:
            connection, _ = server.accept()
            connection.recv(65_536)
            connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(CannotRun, match="did not answer"):
            run(home, Config(), "user.list", {})
        thread.join()


def test_a_socket_that_a_killed_gateway_left_behind_is_no_gateway(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(home.socket))
    home.lock()
    try:
        with pytest.raises(CannotRun, match="another chatwarden"):
            run(Home(home.path), Config(), "user.list", {})
    finally:
        home.unlock()
