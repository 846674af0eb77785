"""``audit verify`` and ``audit prove`` over a real home, beside a gateway and without one, against what was changed there."""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from tests.world import gateway as gateways
from tests.world.gateway import Gateway, running
from tests.world.golang import check_log, check_proof
from tests.world.witness import witnessing

from chatwarden.config.home import Home


def command(*args: str, code: int = 0) -> str:
    done = gateways.command(*args, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def verified(home: Path, config: Path, code: int = 0) -> dict[str, Any]:
    said = command("audit", "verify", "--json", "--home", str(home), "--config", str(config), code=code)
    found: dict[str, Any] = json.loads(said)
    return found


def talk(gateway: Gateway, count: int = 3) -> None:
    token = gateway.visitor()
    conversation = gateway.conversation(token)
    for n in range(count):
        gateway.say(token, conversation, f"message {n}")


def test_the_log_of_a_gateway_is_verified_and_proved_while_it_runs_and_afterwards(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running(home) as gateway:
        talk(gateway)
        found = verified(home, gateway.config)
        assert found["ok"]
        (log,) = found["years"]
        assert log["waiting"] == 0
        folder = home / "audit" / str(log["year"])
        assert check_log(folder).said == f"verified {log['size']} entries, root {log['root']}"
        out = tmp_path / "entry.tlog-proof"
        command("audit", "prove", "1", "--out", str(out), "--home", str(home), "--config", str(gateway.config))
        vkey = (folder / "log.vkey").read_text().strip()
        assert check_proof(out, out.with_name("entry.tlog-proof.entry"), vkey).ok
        command("audit", "prove", "100000", "--home", str(home), "--config", str(gateway.config), code=1)
        gateway.stop()
    after = verified(home, gateway.config)
    assert after["ok"]
    assert after["years"][0]["size"] > log["size"]  # it stopped, which is an entry
    assert check_log(folder).ok
    assert check_proof(out, out.with_name("entry.tlog-proof.entry"), vkey).ok  # the older proof holds
    human = command("audit", "verify", "--home", str(home), "--config", str(gateway.config))
    assert human.startswith("ok ")


def test_a_changed_row_and_an_earlier_folder_are_named_with_exit_code_1(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running(home) as gateway:
        talk(gateway, 1)
        gateway.stop()
    shutil.copytree(home / "audit", tmp_path / "earlier")
    shutil.copytree(home, tmp_path / "second", ignore=shutil.ignore_patterns("run"))
    database = sqlite3.connect(tmp_path / "second" / "data" / "chatwarden.db")
    database.executescript(
        "DROP TRIGGER audit_is_never_changed; UPDATE audit SET entry = CAST(entry || ' ' AS BLOB) WHERE seq = 3"
    )
    database.close()
    found = verified(tmp_path / "second", gateway.config, code=1)
    assert (found["ok"], found["first_bad_index"], found["reason"]) == (
        False,
        2,
        "the entry in the database was changed",
    )
    with running(home) as gateway:
        talk(gateway, 1)
        gateway.stop()
    shutil.rmtree(home / "audit")
    shutil.copytree(tmp_path / "earlier", home / "audit")
    said = command("audit", "verify", "--home", str(home), "--config", str(gateway.config), code=1)
    assert "WRONG" in said
    assert "an earlier folder was put back" in said


def test_a_gateway_whose_log_was_put_back_says_so_and_signs_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running(home) as gateway:
        talk(gateway, 1)
        gateway.stop()
    shutil.copytree(home / "audit", tmp_path / "earlier")
    with running(home) as gateway:
        talk(gateway, 1)
        gateway.stop()
    shutil.rmtree(home / "audit")
    shutil.copytree(tmp_path / "earlier", home / "audit")
    with running(home) as gateway:
        note = "the log is damaged: see chatwarden audit verify"
        until = time.monotonic() + 30
        while note not in gateway.call("GET", "/readyz").json.get("note", "") and time.monotonic() < until:
            time.sleep(0.1)
        assert note in gateway.call("GET", "/readyz").json["note"]
        said = command("audit", "export", "--home", str(home), "--config", str(gateway.config))
        assert said.count("audit:damaged") == 1
    checkpoint = next((tmp_path / "earlier").glob("*/checkpoint"))
    assert (home / "audit" / checkpoint.parent.name / "checkpoint").read_bytes() == checkpoint.read_bytes()


def test_a_gateway_has_its_log_cosigned(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running(home) as gateway:
        gateway.stop()
    vkey = next((home / "audit").glob("*/log.vkey")).read_text().strip()
    with witnessing(tmp_path / "witness", vkey) as witness:
        setting = f'[audit]\nwitnesses = [{{ url = "{witness.url}", vkey = "{witness.vkey}" }}]\n'
        with running(home, setting) as gateway:
            until = time.monotonic() + 30
            while not witness.seen and time.monotonic() < until:
                time.sleep(0.1)
            witnessed = next((home / "audit").glob("*")) / "checkpoint.witnessed"
            while not witnessed.exists() and time.monotonic() < until:
                time.sleep(0.1)
            said = command("audit", "prove", "0", "--json", "--home", str(home), "--config", str(gateway.config))
            assert "witness.example" in json.loads(said)["proof"]
            assert f"witness witness-1 {witness.vkey}" in json.loads(said)["policy"]


def test_a_witness_with_a_key_that_is_none_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[audit]\nwitnesses = [{ url = "https://w.example", vkey = "a+b+c" }]\n')
    said = command("config", "check", "--home", str(tmp_path / "home"), "--config", str(file), code=2)
    assert "line 2" in said


def test_a_home_that_somebody_holds_can_be_verified_though_nothing_can_be_added(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running(home) as gateway:
        gateway.stop()
    holder = Home(home)
    holder.lock()
    try:
        said = command("audit", "verify", "--home", str(home), "--config", str(gateway.config))
    finally:
        holder.unlock()
    assert "could not be brought up to date: another chatwarden is using the home" in said
    assert "ok " in said


@pytest.mark.parametrize("index", ["x", "-1"])
def test_what_is_no_index_is_refused(tmp_path: Path, index: str) -> None:
    command("audit", "prove", index, "--home", str(tmp_path / "home"), code=2)
