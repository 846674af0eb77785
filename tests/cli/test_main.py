"""The command line as transcripts, against homes that nobody else holds."""

import json
from pathlib import Path

import pytest
from tests.world.gateway import command

from chatwarden import __version__
from chatwarden.config.home import Home


def run(home: Path, *args: str, stdin: str = "") -> tuple[int, str, str]:
    done = command(*args, "--home", str(home), check=False, stdin=stdin)
    return done.returncode, done.stdout, done.stderr


def test_the_version_is_told() -> None:
    assert command("--version").stdout == f"chatwarden {__version__}\n"


@pytest.mark.parametrize("args", [(), ("fly",), ("user",), ("user", "add", "x"), ("erase",), ("up", "--port", "x")])
def test_wrong_use_exits_2_with_a_hint(args: tuple[str, ...]) -> None:
    done = command(*args, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    first, second = done.stderr.splitlines()
    assert first.startswith("error: ")
    assert second.startswith("hint: chatwarden")


def test_a_faulty_line_is_named_and_exits_2(tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text("[session]\nidel = '5m'\n")
    code, out, err = run(tmp_path / "home", "config", "check", "--config", str(config))
    assert (code, out) == (2, "")
    assert err == "error: line 2: there is no setting session.idel\nhint: did you mean session.idle?\n"


def test_a_sound_configuration_exits_0_and_touches_nothing(tmp_path: Path) -> None:
    code, out, err = run(tmp_path / "home", "config", "check")
    assert (code, err) == (0, "")
    assert "every setting has its default" in out
    assert not (tmp_path / "home").exists()


def test_a_lab_is_refused_off_loopback_even_from_the_command_line(tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text("[server]\nlab = true\nport = 0\n[metrics]\nlisten = 'off'\n")
    code, out, err = run(tmp_path / "home", "up", "--config", str(config), "--host", "0.0.0.0")
    assert (code, out) == (2, "")
    assert "loopback only" in err


def test_a_locked_home_exits_3_with_a_hint(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    home.lock()
    try:
        code, out, err = run(home.path, "user", "list")
    finally:
        home.unlock()
    assert (code, out) == (3, "")
    assert err.startswith("error: another chatwarden is using the home")
    assert "hint: " in err


def test_a_person_is_added_listed_and_given_a_token_without_a_gateway(tmp_path: Path) -> None:
    home = tmp_path / "home"
    code, out, err = run(
        home, "user", "add", "ada", "--role", "customer", "--password-stdin", "--json", stdin="correct horse battery\n"
    )
    assert (code, err) == (0, ""), err
    assert json.loads(out)["user"]["name"] == "ada"
    assert "correct horse" not in out
    assert "ada" in run(home, "user", "list")[1]
    code, out, _ = run(home, "session", "issue", "--user", "ada", "--for", "8h", "--json")
    assert code == 0
    assert len(json.loads(out)["token"]) >= 43
    assert run(home, "session", "issue", "--user", "ada", "--for", "soon")[0] == 2
    assert run(home, "user", "disable", "nobody")[0] == 1


def test_an_empty_password_is_refused(tmp_path: Path) -> None:
    code, _, err = run(tmp_path / "home", "user", "add", "ada", "--role", "customer", "--password-stdin")
    assert code == 2
    assert "no password on standard input" in err
