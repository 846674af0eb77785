"""``chatwarden bot`` over a home that nobody holds: a credential is printed once, and what is wrong is said in a line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.world.forge import Signer
from tests.world.gateway import command


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("bots") / "home"
    command("init", "--home", str(made))
    (made / "chatwarden.toml").write_text('[levels.reader]\nrights = ["orders:read"]\n')
    return made


def bot(home: Path, *args: str) -> tuple[int, str, str]:
    done = command("bot", *args, "--home", str(home), check=False)
    return done.returncode, done.stdout, done.stderr


def test_from_the_first_credential_to_the_last_word(home: Path, tmp_path: Path) -> None:
    code, out, errors = bot(home, "add", "helpdesk", "--level", "reader")
    assert (code, errors) == (0, "")
    assert [line.split("  ")[1] for line in out.splitlines()[1:-1]] == [
        "client id", "client secret", "generation", "expires at", "token endpoint",
    ]  # fmt: skip
    assert out.splitlines()[-1] == "the secret is shown this once"
    key = tmp_path / "pub.pem"
    key.write_bytes(Signer.fresh().public_pem)
    code, out, errors = bot(
        home, "add", "helpdesk", "--level", "reader", "--instance", "rack-2", "--key-file", str(key), "--plain-client"
    )
    assert code == 0
    assert "client secret" not in out
    assert errors == "note: its sign-ins are not counted, so a copy of its credential is not noticed\n"
    code, out, _ = bot(home, "list")
    assert [line.split()[0] for line in out.splitlines() if line] == ["NAME", "helpdesk", "BOT", "helpdesk", "helpdesk"]
    assert "key, not counted (weaker)" in out
    code, out, _ = bot(home, "rotate", "helpdesk", "--instance", "main", "--overlap", "0", "--json")
    assert json.loads(out)["client_secret"].startswith("cwk_")
    assert bot(home, "disable", "helpdesk", "--instance", "rack-2")[:2] == (0, "disabled helpdesk\ninstance rack-2\n")
    assert bot(home, "enable", "helpdesk") == (0, "enabled helpdesk\n", "")
    assert bot(home, "level", "helpdesk", "reader")[1] == "name helpdesk\nlevel reader\nrights orders:read\n"


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (("add", "nobody", "--level", "reader"), 1, "there is no bot named nobody"),
        (("add", "helpdesk", "--level", "root"), 2, "there is no access level root in [levels]: reader"),
        (("add", "helpdesk", "--level", "reader", "--for", "soon"), 2, "a duration is written like"),
        (("add", "helpdesk", "--level", "reader", "--key-file", "/nowhere"), 2, "cannot read /nowhere"),
        (("add", "helpdesk", "--level", "reader", "--key-file", "/dev/zero"), 2, "too long"),
        (("rotate", "nobody"), 1, "nobody has no account"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(home: Path, args: tuple[str, ...], code: int, says: str) -> None:
    done, out, errors = bot(home, *args)
    assert (done, out) == (code, "")
    assert errors.startswith("error: ")
    assert says in errors
