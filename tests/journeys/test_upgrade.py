"""A home that an earlier gateway left is taken over; one from a later gateway is left alone; and there is a way back."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from tests.world.gateway import Gateway, NotReady, command, running, start
from tests.world.golang import check_log
from tests.world.homes import CENTURY, PERSON, thaw, versions

from chatwarden.storage.migrations import MIGRATIONS, migrate


def schema(home: Path) -> tuple[int, list[tuple[str, str]]]:
    """The version and what was created."""
    with contextlib.closing(sqlite3.connect(home / "data" / "chatwarden.db")) as base:
        version = int(base.execute("PRAGMA user_version").fetchone()[0])
        return version, base.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY 1").fetchall()


def token_of(gateway: Gateway) -> str:
    return gateway.command("session", "issue", "--user", PERSON, "--for", "8h").stdout.strip()


def messages(gateway: Gateway, token: str, conversation: str) -> list[dict[str, Any]]:
    answer = gateway.call("GET", f"/api/v1/conversations/{conversation}/messages", token=token)
    assert answer.status == 200
    return [{name: one.get(name) for name in ("id", "from", "text", "destroy_at")} for one in answer.json["messages"]]


# Migrations 6 and 7 came into the program in one merge: no gateway ever left a home of schema 6.
NOBODYS = {6}


def test_a_home_of_every_earlier_schema_is_kept() -> None:
    kept = set(versions()) | NOBODYS
    assert set(range(1, len(MIGRATIONS))) <= kept, "freeze one with the commit before: tests/world/homes.py"


@pytest.mark.parametrize("version", versions())
def test_migrations_still_make_what_they_made_then(version: int, tmp_path: Path) -> None:
    thaw(version, tmp_path / "home")
    (tmp_path / "new" / "data").mkdir(parents=True)
    with contextlib.closing(sqlite3.connect(tmp_path / "new" / "data" / "chatwarden.db", isolation_level=None)) as base:
        migrate(base, MIGRATIONS[:version])
    assert schema(tmp_path / "home") == schema(tmp_path / "new"), "a migration that was published is never changed"


@pytest.mark.parametrize("version", versions())
def test_a_home_of_an_earlier_gateway_goes_on(version: int, tmp_path: Path) -> None:
    home = tmp_path / "home"
    noted = thaw(version, home)
    with running(home, CENTURY, lab=False) as gateway:
        assert schema(home)[0] == len(MIGRATIONS)
        token = token_of(gateway)
        assert messages(gateway, token, noted["conversation"]) == noted["messages"]
        assert gateway.say(token, noted["conversation"], "And one more.").status == 201
        assert len(messages(gateway, token, noted["conversation"])) == len(noted["messages"]) + 2
        assert len(gateway.audit()) > noted["entries"]
        erased = gateway.command("erase", "--message", noted["messages"][0]["id"])
        assert noted["messages"][0]["id"] in erased.stdout
        assert gateway.command("audit", "verify").stdout.startswith("ok ")
    if noted.get("log"):
        published = tmp_path / "published"
        published.write_bytes(bytes.fromhex(noted["log"]["audit/2026/checkpoint"]))
        assert check_log(home / "audit" / "2026", published).ok


def test_a_copy_without_the_ring_keeps_people_and_the_log_and_no_message(tmp_path: Path) -> None:
    """As docs/upgrade.md tells it of a disk that was lost."""
    home = tmp_path / "home"
    noted = thaw(versions()[-1], home)
    (home / "keys" / "ring").unlink()
    with pytest.raises(NotReady, match="not the one of this record"):
        running(home, CENTURY, lab=False).__enter__()
    command("init", "--accept-ring", "--home", str(home))
    with running(home, CENTURY, lab=False) as gateway:
        token = token_of(gateway)
        kept = messages(gateway, token, noted["conversation"])
        assert [one["id"] for one in kept] == [one["id"] for one in noted["messages"]]
        assert {one["text"] for one in kept} == {None}
        assert len(gateway.audit()) > noted["entries"]
        assert gateway.say(token, noted["conversation"], "A new day.").status == 201


def digests(home: Path) -> dict[str, str]:
    return {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in ("data", "keys")
        for path in sorted((home / folder).rglob("*"))
        if path.is_file() and not path.name.endswith("-shm")
    }


def test_a_home_of_a_later_gateway_is_refused_and_left_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    thaw(versions()[-1], home)
    (home / "data" / "prepared").touch()
    with contextlib.closing(sqlite3.connect(home / "data" / "chatwarden.db")) as base:
        base.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    before = digests(home)
    with pytest.raises(NotReady, match=f"exit 3: .*error: the database has schema {len(MIGRATIONS) + 1}.*\nhint: "):
        start(home, CENTURY, lab=False)
    refused = command("user", "list", "--home", str(home), check=False)
    assert refused.returncode == 3
    assert f"knows only up to {len(MIGRATIONS)}" in refused.stderr
    assert digests(home) == before


def test_the_way_back_is_the_data_of_before_beside_the_ring_of_now(tmp_path: Path) -> None:
    """As docs/upgrade.md tells it: a backup of before, put back by a gateway that cannot read what the newer one left."""
    home, file = tmp_path / "home", tmp_path / "before-upgrade"
    noted = thaw(versions()[-1], home)
    command("backup", str(file), "--home", str(home))
    with running(home, CENTURY, lab=False) as gateway:
        assert gateway.say(token_of(gateway), noted["conversation"], "Said after the upgrade.").status == 201
        logged = [entry["id"] for entry in gateway.audit()]
        assert gateway.stop() == 0
    with contextlib.closing(sqlite3.connect(home / "data" / "chatwarden.db")) as base:
        base.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    command("restore", str(file), "--replace", "--home", str(home), "--config", str(tmp_path / "home.toml"))
    with running(home, CENTURY, lab=False) as gateway:
        token = token_of(gateway)
        assert messages(gateway, token, noted["conversation"]) == noted["messages"]
        assert gateway.say(token, noted["conversation"], "And on.").status == 201
        assert [entry["id"] for entry in gateway.audit()][: len(logged)] == logged
        assert gateway.command("audit", "verify").stdout.startswith("ok ")
