"""``chatwarden erase``, ``export`` and ``audit show``: beside a running gateway, and over a home that nobody holds."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from tests.world.gateway import Gateway, command, running

PASSWORD = "a long and quiet afternoon"
CARD = "4111 1111 1111 1111"
KEEP = """
[bots.helpdesk]
[bots.helpdesk.keep]
iban = "6d"
"""


def said(gateway: Gateway, name: str, *texts: str) -> tuple[str, list[str]]:
    """What a new person said: the conversation, and the ids of the messages."""
    gateway.command("user", "add", name, "--role", "customer", "--password-stdin", stdin=PASSWORD + "\n")
    token = gateway.call("POST", "/api/v1/session", {"username": name, "password": PASSWORD}).json["token"]
    talk = gateway.conversation(token)
    return talk, [gateway.say(token, talk, text).json["message"]["id"] for text in texts]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which people said things, asked while its gateway ran and now held by nobody."""
    made = tmp_path_factory.mktemp("subjects") / "home"
    with running(made, KEEP) as gateway:
        _, [first, _] = said(gateway, "anna", "hello", f"my card is {CARD}")
        said(gateway, "bert", "hello", "pay to DE89 3704 0044 0532 0130 00")
        said(gateway, "cleo", "hello", f"my card is {CARD}")

        shown = json.loads(gateway.command("export", "--user", "anna").stdout)
        assert shown["complete"] is True
        assert shown["conversations"][0]["messages"][2]["text"] == f"my card is {CARD}"

        one = gateway.command("erase", "--message", first).stdout.splitlines()
        assert one[0].split() == ["MESSAGE", "DESTROYED", "RECEIPT"]
        assert one[1].startswith(first)
        assert one[-1].startswith("destroyed 1 message(s) in 1 conversation(s); receipt of the request: aud_")
        receipt = one[1].split()[-1]
        entry = json.loads(gateway.command("audit", "show", receipt).stdout)["entry"]
        assert (entry["event"], entry["object"], entry["reason"]) == ("message:destroyed", first, "erasure")

        kept = gateway.command("erase", "--user", "bert", "--json", check=False)
        assert kept.returncode == 1
        answer = json.loads(kept.stdout)
        assert (answer["summary"]["destroyed"], answer["summary"]["kept"]) == (3, 1)
        again = gateway.command("erase", "--user", "bert", check=False).stdout
        assert f"kept {answer['kept'][0]['id']}: the law wants it until" in again
        assert "destroyed 0 message(s) in 1 conversation(s), kept 1; receipt" in again
    return made


def run(home: Path, *args: str) -> tuple[int, str, str]:
    done = command(*args, "--home", str(home), "--config", str(home.parent / "home.toml"), check=False)
    return done.returncode, done.stdout, done.stderr


def test_without_a_gateway_the_same_is_done_here(home: Path) -> None:
    _, out, _ = run(home, "export", "--user", "cleo")
    assert CARD in out
    code, out, _ = run(home, "erase", "--user", "cleo")
    assert code == 0
    assert "destroyed 4 message(s) in 1 conversation(s)" in out
    _, out, _ = run(home, "export", "--user", "cleo")
    messages = json.loads(out)["conversations"][0]["messages"]
    assert [message["destroyed"]["reason"] for message in messages] == ["erasure"] * 4
    assert CARD not in out


def test_what_is_not_there_is_said_in_one_line(home: Path) -> None:
    assert run(home, "export", "--user", "nobody") == (1, "", "error: there is no user named nobody\n")
    assert run(home, "audit", "show", "aud_none") == (1, "", "error: the log has nothing about aud_none\n")
    assert run(home, "export")[0] == 2


def test_the_log_is_written_the_same_by_a_gateway_and_without_one(tmp_path: Path) -> None:
    made = tmp_path / "home"
    with running(made, KEEP) as gateway:
        said(gateway, "dora", "hello")
        there = {name: gateway.command("audit", "export", "--format", name).stdout for name in ("json", "csv", "ocsf")}
        whole = json.loads(gateway.command("audit", "export", "--json").stdout)["entries"]
    for name, before in there.items():
        code, after, _ = run(made, "audit", "export", "--format", name)
        assert (code, after.startswith(before.rstrip("\r\n"))) == (0, True)
    assert [json.loads(line)["leaf_hash"] for line in there["json"].splitlines()] == [one["leaf_hash"] for one in whole]
    assert len(there["csv"].splitlines()) == len(whole) + 1
    code, out, _ = run(made, "audit", "export", "--lane", "bot", "--event", "message:answered", "--from", "2020-01-01")
    assert [json.loads(line)["entry"]["lane"] for line in out.splitlines()] == ["bot"]
    assert run(made, "audit", "export", "--json", "--to", "2020-01-01")[1] == '{"entries":[]}\n'


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("--lane", "none"), "lane is one of client, bot, staff, system"),
        (("--event", "sun:rose"), "event is one of those in docs/audit-events.md"),
        (("--from", "yesterday"), "from is written like 2026-11-28"),
        (("--json", "--format", "csv"), "give one of the two"),
    ],
)
def test_wrong_use_of_an_export_is_said_in_one_line(home: Path, args: tuple[str, ...], says: str) -> None:
    code, out, err = run(home, "audit", "export", *args)
    assert (code, out) == (2, "")
    assert says in err


def test_a_conversation_is_shown_in_lanes_by_the_beginning_of_its_id(tmp_path: Path) -> None:
    with running(tmp_path / "home", KEEP) as gateway:
        talk, [message] = said(gateway, "dora", "mail a@b.example")
        shown = gateway.command("audit", "show", talk[:12]).stdout.splitlines()
        assert shown[0].startswith(f"{talk} with helpdesk, opened ")
        assert [line.split()[2] for line in shown if "message:" in line and "←" not in line] == ["message:received"]
        assert any("▶" in line and "message:answered" in line for line in shown)
        assert "a@b.example" not in str(shown)
        about = json.loads(gateway.command("audit", "show", message, "--json").stdout)["entries"]
        assert [one["entry"]["object"] for one in about] == [message]
        assert gateway.command("audit", "show", "usr_", check=False).returncode == 1
        told = gateway.command("audit", "affected", "--event", "message:received").stdout
        assert "dora" in told
        assert told.splitlines()[-1] == "1 person(s); data classes: email"
        assert gateway.command("audit", "affected", check=False).returncode == 2


def test_an_exported_entry_is_the_one_that_its_proof_proves(tmp_path: Path) -> None:
    with running(tmp_path / "home", KEEP) as gateway:
        said(gateway, "dora", "hello")
        told = gateway.command("audit", "export", "--event", "message:answered").stdout.rstrip("\n")
        one = json.loads(told)
        proof = tmp_path / "proof"
        gateway.command("audit", "prove", str(one["index"]), "--year", str(one["log"]), "--out", str(proof))
        entry = proof.with_name("proof.entry").read_bytes()
    assert told.encode().endswith(b'"entry":' + entry + b"}")
    assert hashlib.sha256(b"\0" + entry).hexdigest() == one["leaf_hash"]
