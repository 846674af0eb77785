import os
import socket
import stat
import tempfile
from pathlib import Path

import pytest

from chatwarden.config.home import SOCKET_ADDRESS_MAX, Home, socket_address, write_private
from chatwarden.config.parse import read
from chatwarden.errors import CannotRun


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    before = os.umask(0o022)
    made = Home(tmp_path / "a" / "home")
    made.prepare()
    os.umask(before)
    return made


def test_a_home_is_private_and_preparing_it_again_changes_nothing(home: Home) -> None:
    home.config.write_text("[server]\nport = 1\n")
    home.prepare()
    assert home.config.read_text() == "[server]\nport = 1\n"
    assert {mode(path) for path in home.path.rglob("*") if path.is_dir()} == {0o700}
    assert mode(home.path) == 0o700


def test_the_file_that_a_new_home_gets_is_sound(home: Home) -> None:
    assert list(read(home.config).bots) == ["helpdesk"]
    assert mode(home.config) == 0o600


def test_a_home_that_others_can_read_is_closed_to_them(home: Home) -> None:
    home.path.chmod(0o755)
    home.prepare()
    assert mode(home.path) == 0o700


def test_a_second_process_cannot_take_a_home_until_it_is_given_back(home: Home) -> None:
    home.lock()
    with pytest.raises(CannotRun, match="another chatwarden"):
        Home(home.path).lock()
    home.unlock()
    second = Home(home.path)
    second.lock()
    second.unlock()


def test_a_home_where_nothing_can_be_written_says_so() -> None:
    with pytest.raises(CannotRun, match="cannot prepare the home"):
        Home(Path("/proc/chatwarden-home")).prepare()
    with pytest.raises(CannotRun, match="cannot write in the home"):
        Home(Path("/proc/chatwarden-home")).lock()


def test_a_key_is_made_once_and_is_private(home: Home) -> None:
    key = home.key("record", 32, lambda size: b"k" * size)
    assert key == b"k" * 32
    assert home.key("record", 32, lambda size: b"other") == key
    assert mode(home.path / "keys" / "record") == 0o600


def test_a_damaged_key_is_not_used(home: Home) -> None:
    home.key("record", 32)
    (home.path / "keys" / "record").write_bytes(b"short")
    with pytest.raises(CannotRun, match="damaged"):
        home.key("record", 32)


def test_a_private_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_private(path, b"one")
    write_private(path, b"two")
    assert path.read_bytes() == b"two"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("length", [SOCKET_ADDRESS_MAX - 1, SOCKET_ADDRESS_MAX, SOCKET_ADDRESS_MAX + 1, 240])
def test_a_socket_is_reached_at_a_path_of_any_length(length: int) -> None:
    with tempfile.TemporaryDirectory() as base:
        path = Path(base) / ("f" * (length - len(base) - len("//sock"))) / "sock"
        assert len(str(path)) == length
        path.parent.mkdir()
        open_before = sum(1 for _ in Path("/proc/self/fd").iterdir())
        with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
            with socket_address(path) as address:
                assert (address == str(path)) == (length <= SOCKET_ADDRESS_MAX)
                server.bind(address)
            server.listen(1)
            assert path.is_socket()
            with socket_address(path) as address:
                client.connect(address)
        assert sum(1 for _ in Path("/proc/self/fd").iterdir()) == open_before


def test_a_socket_in_a_folder_that_is_not_there_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), socket_address(tmp_path / ("x" * 200) / "s"):
        pass
