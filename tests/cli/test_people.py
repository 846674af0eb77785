"""``chatwarden user`` over a home that nobody holds: lists of people in, links out, and a clear word on what is wrong."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from tests.world.gateway import command


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("people") / "home"
    command("init", "--home", str(made))
    return made


def user(home: Path, *args: str, check: bool = True) -> tuple[int, str, str]:
    done = command("user", *args, "--home", str(home), check=check)
    return done.returncode, done.stdout, done.stderr


def test_a_list_is_taken_over_and_who_cannot_be_is_named(home: Path, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("name,role,department\nanna,customer,a\nadmin,agent,b\nbert,agent,c\n")
    code, out, errors = user(home, "import", str(people), check=False)
    assert code == 1
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["name"] for row in rows] == ["anna", "bert"]
    assert all("/enrol#" in row["enrolment_link"] for row in rows)
    assert "refused admin: there is a user named admin already" in errors
    _, listed, _ = user(home, "list")
    assert "anna" in listed
    assert "SECOND FACTOR" in listed


def test_a_long_list_shows_how_far_it_is(home: Path, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("role,name\n" + "".join(f"customer,person{i}\n" for i in range(60)))
    code, out, errors = user(home, "import", str(people))
    assert code == 0
    assert len(out.splitlines()) == 61
    assert errors.splitlines() == ["imported 50 of 60", "imported 60 of 60"]
    gone = tmp_path / "gone.csv"
    gone.write_text("name\n" + "".join(f"person{i}\n" for i in range(60)))
    _, out, _ = user(home, "leavers", str(gone))
    assert out.count("disabled person") == 60


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name\nanna\n", "no column"),
        ("name,role\nanna,\n", "line 2"),
        ("name,role\n", "names nobody"),
        ("", "no column"),
    ],
)
def test_a_list_that_is_wrong_touches_nobody(home: Path, tmp_path: Path, text: str, says: str) -> None:
    people = tmp_path / "people.csv"
    people.write_text(text)
    code, out, errors = user(home, "import", str(people), check=False)
    assert (code, out) == (2, "")
    assert says in errors
    assert errors.startswith("error: ")


def test_leavers_are_named_by_a_file_or_by_silence_and_not_by_nothing(home: Path) -> None:
    for args in ((), ("--unused", "soon"), ("x.csv", "--unused", "90d")):
        assert user(home, "leavers", *args, check=False)[0] == 2
    assert user(home, "leavers", "/nowhere.csv", check=False)[0] == 3
    code, out, _ = user(home, "leavers", "--unused", "90d", "--dry-run")
    assert (code, out) == (0, "")


def test_role_and_reset_say_what_they_did(home: Path) -> None:
    user(home, "add", "dora", "--role", "customer")
    assert "role: agent" in user(home, "role", "dora", "agent")[1]
    assert "enrolment link: " in user(home, "reset", "dora")[1]
    assert user(home, "reset", "nobody", check=False)[0] == 1
