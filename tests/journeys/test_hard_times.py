"""kill -9, a second gateway, a taken port, a read-only or full disk, a restart: nothing acknowledged is lost."""

from __future__ import annotations

import http.client
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from pathlib import Path

import pytest
from tests.world.gateway import Gateway, NotReady, command, running, start
from tests.world.postgres import Record

UNLIMITED = '[limits]\nmessages = "off"\nvisitors = "off"\nnew_connections_per_peer = "off"\n'


def _listed(gateway: Gateway, token: str, conversation: str) -> dict[str, str]:
    """Every message of a conversation: id and state."""
    found: dict[str, str] = {}
    after = ""
    while True:
        answer = gateway.call("GET", f"/api/v1/conversations/{conversation}/messages?limit=200{after}", token=token)
        assert answer.status == 200, (answer, gateway.log.read_text()[-3000:])
        page = answer.json
        found.update({m["id"]: m["state"] for m in page["messages"]})
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"


@pytest.mark.parametrize("after", [0.2, 0.5, 0.9])
def test_after_kill_9_under_load_everything_acknowledged_is_there(record: Record, tmp_path: Path, after: float) -> None:
    home = tmp_path / "home"
    acknowledged: dict[str, list[str]] = {}
    with running(home, UNLIMITED + record.toml) as gateway:
        people = []
        for _ in range(8):
            token = gateway.visitor()
            people.append((token, gateway.conversation(token)))

        def talk(token: str, conversation: str) -> None:
            seen = acknowledged.setdefault(conversation, [])
            try:
                for number in range(10_000):
                    answer = gateway.say(token, conversation, f"message {number}")
                    if answer.status == 201:
                        turn = answer.json
                        seen += [turn["message"]["id"], turn["replies"][0]["id"]]
            except (OSError, ValueError, http.client.HTTPException):
                return  # the gateway is gone

        threads = [threading.Thread(target=talk, args=person) for person in people]
        for thread in threads:
            thread.start()
        give_up = time.monotonic() + 30
        while not any(acknowledged.values()) and time.monotonic() < give_up:
            time.sleep(0.01)  # on a busy machine the first answer takes its time
        time.sleep(after)
        gateway.kill()
        for thread in threads:
            thread.join(30)
    assert sum(len(seen) for seen in acknowledged.values()) > 0
    with running(home) as gateway:
        for token, conversation in people:
            there = _listed(gateway, token, conversation)
            assert set(acknowledged.get(conversation, [])) <= set(there)
            assert set(there.values()) <= {"live"}
            assert gateway.say(token, conversation, "and on").status == 201


def test_what_expired_while_it_was_down_is_not_there(record: Record, tmp_path: Path) -> None:
    home = tmp_path / "home"
    toml = '[retention]\ndefault = "2s"\n[ephemeral]\nbucket = "1s"\n' + UNLIMITED + record.toml
    with running(home, toml) as gateway:
        token = gateway.visitor()
        conversation = gateway.conversation(token)
        gateway.say(token, conversation, "soon gone")
        gateway.kill()
    time.sleep(2.2)
    with running(home) as gateway:
        assert record.rows("SELECT count(*) FROM messages") == [(0,)]
        assert set(_listed(gateway, token, conversation).values()) == {"destroyed"}


def test_a_retry_after_a_crash_gets_the_answer_that_was_missing(record: Record, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running(home, UNLIMITED + record.toml) as gateway:
        token = gateway.visitor()
        conversation = gateway.conversation(token)
        first = gateway.say(token, conversation, "What are your opening hours?", client_id="one").json
        gateway.kill()
    record.rows("DELETE FROM messages WHERE source = 'bot'")  # as if it had died between the two halves
    with running(home) as gateway:
        again = gateway.say(token, conversation, "What are your opening hours?", client_id="one").json
        assert again["message"]["id"] == first["message"]["id"]
        assert again["replies"][0]["text"] == first["replies"][0]["text"]


def test_a_second_gateway_on_the_same_home_is_refused(tmp_path: Path) -> None:
    with running(tmp_path / "home", UNLIMITED) as gateway:
        second = command("up", "--home", str(gateway.home), "--config", str(gateway.config), check=False)
        assert second.returncode == 3
        assert "another chatwarden is using the home" in second.stderr
        assert "hint:" in second.stderr
        assert gateway.call("GET", "/healthz").status == 200


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = command("up", "--home", str(tmp_path / "home"), "--port", str(port), check=False)
    assert refused.returncode == 3
    assert str(port) in refused.stderr
    assert "hint:" in refused.stderr


def test_a_home_that_cannot_be_written_is_refused() -> None:
    for command_line in (["init"], ["up"], ["user", "list"]):
        refused = command(
            *command_line, "--home", "/sys/chatwarden", check=False
        )  # nobody may write there, root included
        assert refused.returncode == 3, refused.stderr
        assert "cannot prepare the home" in refused.stderr
        assert "hint:" in refused.stderr


def test_a_full_disk_acknowledges_nothing_and_recovers(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running(home, UNLIMITED) as gateway:
        token = gateway.visitor()
        conversation = gateway.conversation(token)
        kept = gateway.say(token, conversation, "before").json["message"]["id"]
        subprocess.run(["prlimit", f"--pid={gateway.process.pid}", "--fsize=4096:unlimited"], check=True)
        refused = gateway.say(token, conversation, "while full")
        assert (refused.status, refused.problem) == (503, "unavailable")
        assert refused.headers["retry-after"]
        assert gateway.call("GET", "/readyz").status == 503
        assert gateway.call("GET", "/healthz").status == 200
        subprocess.run(["prlimit", f"--pid={gateway.process.pid}", "--fsize=unlimited:unlimited"], check=True)
        assert gateway.say(token, conversation, "after").status == 201
        there = _listed(gateway, token, conversation)
        assert kept in there
        assert len(there) == 4


def test_a_record_opens_with_its_own_home_only(record: Record, tmp_path: Path) -> None:
    with running(tmp_path / "home", UNLIMITED + record.toml) as gateway:
        token = gateway.visitor()
        assert gateway.say(token, gateway.conversation(token), "hello").status == 201
    other = tmp_path / "other"
    command("init", "--home", str(other))
    if not record.toml:
        for name in ("chatwarden.db", "chatwarden.db-wal", "chatwarden.db-shm"):
            (other / "data" / name).unlink(missing_ok=True)
        shutil.copy(tmp_path / "home" / "data" / "chatwarden.db", other / "data" / "chatwarden.db")
    with pytest.raises(NotReady, match="the database holds the record of another home"):
        start(other, UNLIMITED + record.toml)


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running(home, UNLIMITED):
        pass
    with sqlite3.connect(home / "data" / "chatwarden.db") as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(NotReady, match="schema 99"):
        start(home)


def test_sigterm_lets_a_running_answer_finish(tmp_path: Path) -> None:
    gateway = start(tmp_path / "home", UNLIMITED)
    token = gateway.visitor()
    conversation = gateway.conversation(token)
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(gateway.say(token, conversation, "hello").status))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.05)
    assert gateway.stop() == 0
    for thread in threads:
        thread.join(20)
    assert gateway.process.stdout is not None
    gateway.process.stdout.close()
    assert answers.count(201) >= 1


def test_sighup_takes_over_limits_and_keeps_sessions(record: Record, tmp_path: Path) -> None:
    with running(tmp_path / "home", UNLIMITED + record.toml) as gateway:
        token = gateway.visitor()
        conversation = gateway.conversation(token)
        text = gateway.config.read_text().replace('messages = "off"', 'messages = "1/h burst 1"')
        gateway.config.write_text(text)
        gateway.process.send_signal(signal.SIGHUP)
        until = time.monotonic() + 10
        while gateway.say(token, conversation, "hello").status != 429:
            assert time.monotonic() < until
        gateway.config.write_text("[nonsense]\n")
        gateway.process.send_signal(signal.SIGHUP)
        assert gateway.call("GET", "/api/v1/session", token=token).status == 200


def test_modes_are_private(tmp_path: Path) -> None:
    with running(tmp_path / "home", UNLIMITED) as gateway:
        for path in [gateway.home, *gateway.home.rglob("*")]:
            assert path.stat().st_mode & 0o077 == 0, path


def test_what_is_held_waits_for_the_person(record: Record, tmp_path: Path) -> None:
    with running(tmp_path / "home", UNLIMITED + record.toml + '[policy.class]\nemail = "hold"\n') as gateway:
        token = gateway.visitor()
        conversation = gateway.conversation(token)
        held = gateway.say(token, conversation, "write to anna@example.com please")
        assert (held.status, held.json["message"]["state"], held.json["replies"]) == (202, "held", [])
        path = f"/api/v1/conversations/{conversation}/messages/{held.json['message']['id']}"
        released = gateway.call("POST", path + "/release", token=token)
        assert (released.status, released.json["message"]["state"]) == (201, "live")
        assert len(released.json["replies"]) == 1
        assert gateway.call("POST", path + "/release", token=token).problem == "not-found"
        other = gateway.say(token, conversation, "or bert@example.com").json["message"]["id"]
        gone = gateway.call("POST", f"/api/v1/conversations/{conversation}/messages/{other}/withdraw", token=token)
        assert gone.status == 204
        assert _listed(gateway, token, conversation)[other] == "destroyed"


def test_a_second_gateway_on_the_machine_runs_without_the_metrics_port(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 9464))
            taken.listen()
        except OSError:
            pass  # another gateway has it: just as good
        toml = "[server]\nport = 0\nlab = true\n"
        with running(tmp_path / "home", toml, lab=False) as gateway:
            assert gateway.call("GET", "/healthz").status == 200
            assert "metrics-not-served" in gateway.log.read_text()
    chosen = toml + f'[metrics]\nlisten = "127.0.0.1:{gateway.port}"\n'
    with running(tmp_path / "one", chosen, lab=False), pytest.raises(NotReady, match="cannot listen for metrics"):
        start(tmp_path / "two", chosen, lab=False)
