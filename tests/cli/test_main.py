"""The command line as transcripts, against homes that nobody else holds."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.world.gateway import command

from chatwarden import __version__
from chatwarden.clock import SECOND, SystemClock
from chatwarden.config.home import Home, write_private


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


def pair(folder: Path, name: str, days: int = 2) -> None:
    """A self-signed certificate and its key; with negative days one that has ended."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    end = datetime.fromtimestamp(SystemClock().now() / SECOND, UTC) + timedelta(days=days)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(end - timedelta(days=3))
        .not_valid_after(end)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    write_private(folder / f"{name}.pem", certificate.public_bytes(serialization.Encoding.PEM))
    write_private(folder / f"{name}.key", key.private_bytes(serialization.Encoding.PEM, *plain))


SHOP = '[bots.shop]\nconnector = "openai"\nmodel = "m"\nurl = "https://bot.example/v1"\n'
HOOK = '[bots.hook]\nconnector = "webhook"\nurl = "https://bot.example/hook"\n'
TOKEN = '[bots.shop.token]\nurl = "https://login.example/token"\nclient = "gateway"\n'
SHOWING = 'client_certificate_file = "{}.pem"\nclient_key_file = "{}.key"\n'
FILES = [
    (SHOP + 'credential_file = "secrets/none"', 5, "cannot read credential_file", "start at the home", True),
    (SHOP + 'credential_file = "open"', 5, "can be read by others", "chmod 600", True),
    (SHOP + '\nca_file = "open"', 6, "holds no certificate", "PEM", True),
    (SHOP + TOKEN + 'secret_file = "none"', 8, "cannot read token.secret_file", "start at the home", True),
    (SHOP + TOKEN + 'secret_file = "open"\nca_file = "open"', 9, "holds no certificate", "PEM", True),
    (HOOK + 'secret_file = "one.key"', 4, "does not hold secrets", "openssl rand", True),
    (HOOK + '\nsecret_file = "none"', 5, "cannot read secret_file", "start at the home", True),
    (SHOP + SHOWING.format("one", "two"), 5, "key values mismatch", "must belong", True),
    (SHOP + SHOWING.format("one", "none"), 6, "cannot read client_key_file", "start at the home", True),
    (SHOP + SHOWING.format("old", "old"), 5, "ended on", "renewed", False),
    ('[bots.helpdesk]\nknowledge = "none"', 2, "none holds 0 Markdown files", "*.md", True),
    ('[bots.desk]\nconnector = "builtin"\nknowledge = "secrets"', 3, "secrets holds 0 Markdown files", "*.md", True),
    ('[tls]\ncertificate_file = "one.pem"\nkey_file = "two.key"', 2, "key values mismatch", "must belong", True),
    ('[tls]\ncertificate_file = "none.pem"\nkey_file = "two.key"', 2, "cannot read certificate", "paths", True),
    ('[tls]\ncertificate_file = "old.pem"\nkey_file = "old.key"', 2, "ended on", "renewed", False),
    ('[tls]\ncertificate_file = "new.pem"\nkey_file = "new.key"', 2, "begins on", "clock", False),
]


@pytest.mark.parametrize(("toml", "line", "told", "hint", "at_start"), FILES, ids=lambda value: str(value)[:24])
def test_a_file_that_is_not_as_it_must_be_is_named_with_its_line(
    tmp_path: Path, toml: str, line: int, told: str, hint: str, *, at_start: bool
) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    for name, days in {"one": 2, "two": 2, "old": -1, "new": 5}.items():
        pair(home.path, name, days)
    (home.path / "open").write_text("sk-abc")
    (home.path / "open").chmod(0o644)
    home.config.write_text(toml + "\n")
    code, out, err = run(home.path, "config", "check")
    assert (code, out) == (2, "")
    assert err.startswith(f"error: line {line}: ")
    assert told in err
    assert hint in err.partition("hint: ")[2]
    if at_start:
        assert run(home.path, "up", "--port", "0") == (2, "", err)


def test_sound_files_pass(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    pair(home.path, "one")
    write_private(home.path / "secrets" / "shop", b"sk-abc")
    toml = SHOP + 'credential_file = "secrets/shop"\nca_file = "one.pem"\n' + SHOWING.format("one", "one")
    home.config.write_text(toml + '[tls]\ncertificate_file = "one.pem"\nkey_file = "one.key"\n')
    code, out, err = run(home.path, "config", "check")
    assert (code, err) == (0, "")
    assert "is sound: 2 bot(s)" in out


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


def test_a_new_home_says_once_whom_to_trust_and_where_its_people_go(tmp_path: Path) -> None:
    at = ("--home", str(tmp_path / "home"))
    first, trust, enrol, console, chat = command("init", *at).stderr.splitlines()
    assert first == f"prepared {tmp_path / 'home'}"
    assert trust.endswith(f"  {tmp_path / 'home' / 'tls' / 'ca.pem'}")
    assert "  https://127.0.0.1:8443/enrol#" in enrol
    assert console.endswith(":  https://127.0.0.1:8443/console")
    assert chat.endswith(":  https://127.0.0.1:8443/demo")
    assert "enrol" not in command("init", *at).stderr


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
