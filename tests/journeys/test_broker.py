"""A person asks a bot for an order; the bot asks the application through the broker, with an account of its own. Real
processes: gateway, broker, application, bot.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.world.brokered import Scene, scene
from tests.world.gateway import command, running
from tests.world.golang import check_log, check_proof


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene(tmp_path_factory.mktemp("broker")) as made:
        made.add_orders()
        made.grant("--path", "/orders", "--path", "/slow", "--person-right", "orders:own")
        yield made


def until(so: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not so():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


def test_the_application_sees_the_bots_account_acting_for_the_person(shop: Scene) -> None:
    token = shop.person("ada")
    person = shop.gateway.call("GET", "/api/v1/session", token=token).json["principal"]["id"]
    told = shop.fetched(token, shop.talk(token), "Where is my order?")
    assert [(one["what"], one["owner"]) for one in told] == [("two lamps", person), ("a chair", person)]
    seen = shop.app.seen("/orders")[-1]
    assert (seen["account"], seen["person"], seen["status"]) == ("shop-bot", person, 200)

    # The log leads from what the person said to what the bot did and what came back.
    entries = shop.gateway.audit()
    said = next(one for one in entries if one["event"] == "message:received" and one["actor"] == person)
    called = next(one for one in entries if one["event"] == "broker:called")
    answered = next(one for one in entries if one["event"] == "broker:answered")
    opened = next(one for one in entries if one["event"] == "lease:opened")
    account = next(one["object"] for one in entries if one["event"] == "bot:added")
    assert (called["cause"], called["actor"], called["act"]) == (said["id"], account, [person])
    assert (called["lane"], called["resource"], answered["cause"]) == ("bot", "app:orders", called["id"])
    assert opened["actor"] == account
    assert {called["session"], answered["session"], opened["session"]} == {called["session"]}
    assert "/orders" not in json.dumps([called, answered])  # only the sealed detail has it


def test_a_person_without_the_right_is_refused_and_the_application_never_asked(shop: Scene) -> None:
    visitor = shop.gateway.visitor()
    before = len(shop.app.seen())
    shop.said(visitor, shop.talk(visitor), "Where is my order?")
    status, body = shop.last_call()
    assert (status, json.loads(body)["type"]) == (403, "urn:chatwarden:problem:forbidden")
    assert "person-right" not in body
    assert len(shop.app.seen()) == before
    assert shop.entries("broker:refused")[-1]["reason"] == "person-right"
    explained = shop.gateway.command(
        "app", "explain", "shop", "orders", "GET", "/orders", "--user", "admin", check=False
    )
    assert explained.returncode == 1
    assert "no   person-right: the person needs orders:own" in explained.stdout


def test_a_session_that_is_revoked_in_the_middle_takes_question_and_lease_with_it(shop: Scene) -> None:
    token = shop.person("bob")
    talk = shop.talk(token)
    shop.fetched(token, talk, "Where is my order?")
    session = shop.gateway.call("GET", "/api/v1/session", token=token).json["id"]
    revoked, answers, called = (
        len(shop.app.seen("/oauth/revoke")),
        len(shop.bot_saw()),
        len(shop.entries("broker:called")),
    )
    asking = threading.Thread(target=lambda: shop.gateway.say(token, talk, "ask GET orders /slow"))
    asking.start()
    until(lambda: len(shop.entries("broker:called")) > called)
    shop.gateway.command("session", "revoke", session)
    until(lambda: len(shop.bot_saw()) > answers + 1)
    assert not shop.app.seen("/slow")  # it is still busy: nobody waited for it
    assert shop.last_call()[0] == 403
    asking.join(30)
    lease = shop.entries("lease:opened")[-1]
    until(lambda: any(one["object"] == lease["object"] for one in shop.entries("lease:revoked")))
    ended = [one for one in shop.entries("lease:ended") if one["object"] == lease["object"]]
    assert [(one["reason"], one["late"]) for one in ended] == [("revoked", True)]
    assert len(shop.app.seen("/oauth/revoke")) == revoked + 1
    assert shop.app.seen("/oauth/revoke")[-1]["status"] == 200
    assert shop.entries("broker:answered")[-1]["reason"] == "session-ended"
    # The same bot with the same tokens gets nothing any more.
    assert shop.call(shop.bot_token(), shop.turn()).status == 403


def test_the_bot_is_told_one_thing_whatever_is_missing(shop: Scene) -> None:
    token = shop.person("carol")
    talk = shop.talk(token)
    shop.fetched(token, talk, "Where is my order?")
    bot, turn = shop.bot_token(), shop.turn()
    refused = [
        shop.call(bot, "cwt_" + "0" * 64),
        shop.call(bot, turn, "/broker/orders/me"),
        shop.call(bot, turn, "/broker/nothing/orders"),
        shop.call(bot, turn, "/broker/orders/orders/../me"),
        shop.call(bot, turn, "/broker/orders/orders%2f..%2fme"),
        shop.call(bot, turn, "/broker/orders//orders"),
        shop.call(bot, turn, "/broker/orders/orders;x=1"),
        shop.call(bot, turn, "/broker/orders/%6frders"),
        shop.call(bot, turn, "/broker/orders/orders?_method=DELETE"),
        shop.gateway.call("DELETE", "/broker/orders/orders", token=bot, headers={"Chatwarden-Turn": turn}),
    ]
    assert {(one.status, one.body) for one in refused} == {(403, refused[0].body)}
    assert "WWW-Authenticate" not in str(refused[0].headers)
    unknown = shop.call("cwb_" + "0" * 64, turn)
    assert (unknown.status, unknown.problem) == (401, "invalid-token")
    assert shop.call(token, turn).status == 401  # a person's token opens no bot's door
    reasons = [one["reason"] for one in shop.entries("broker:refused")[-11:]]
    assert reasons == ["turn", "path", "no-grant", *["unclear-path"] * 6, "method", "bot-token unknown-token"]
    assert shop.call(bot, turn).status == 200


def test_no_redirect_is_followed_and_no_address_of_it_shown(shop: Scene) -> None:
    shop.grant("--path", "/moved")
    token = shop.person("dora")
    shop.said(token, shop.talk(token), "ask GET orders /moved")
    line = [one for one in shop.bot_saw() if one.get("asked") == "/broker/orders/moved"][-1]
    assert line["status"] == 302
    assert not [name for name, _ in line["headers"] if name.lower() == "location"]
    assert "elsewhere" not in shop.bot_journal.read_text()


def test_a_broker_that_is_killed_is_started_again_and_the_lease_goes_on(shop: Scene) -> None:
    token = shop.person("erin")
    talk = shop.talk(token)
    shop.fetched(token, talk, "Where is my order?")
    signed_in = len(shop.app.seen("/oauth/token"))
    (broker,) = processes(shop.gateway.home)
    os.kill(broker, signal.SIGKILL)
    until(lambda: processes(shop.gateway.home) not in ([], [broker]))
    shop.fetched(token, talk, "Where is my order?")
    assert len(shop.app.seen("/oauth/token")) == signed_in  # the token was written down, sealed
    assert_nothing_readable(shop)


def test_the_brokers_process_can_be_neither_dumped_nor_traced(shop: Scene) -> None:
    (broker,) = processes(shop.gateway.home)
    limits = Path(f"/proc/{broker}/limits").read_text()
    assert [line.split()[4:6] for line in limits.splitlines() if line.startswith("Max core file size")] == [["0", "0"]]
    # Of a process that cannot be dumped root owns what is in /proc, whoever runs it (proc(5)).
    assert Path(f"/proc/{broker}/environ").stat().st_uid == 0
    assert Path(f"/proc/{broker}/environ").read_bytes() == b""  # nothing was handed to it


def test_without_a_broker_nothing_is_asked(tmp_path: Path) -> None:
    with scene(tmp_path) as shop:
        shop.add_orders()
        shop.grant("--path", "/orders")
        token = shop.person()
        talk = shop.talk(token)
        shop.fetched(token, talk, "Where is my order?")
        before = len(shop.app.seen("/orders"))
        # Its folder cannot be used any more, and it is gone: the next one cannot start.
        (broker,) = processes(shop.gateway.home)
        (shop.gateway.home / "broker" / "key").write_bytes(b"short")
        os.kill(broker, signal.SIGKILL)
        shop.said(token, talk, "Where is my order?")
        status, body = shop.last_call()
        assert (status, json.loads(body)["type"]) == (503, "urn:chatwarden:problem:unavailable")
        assert len(shop.app.seen("/orders")) == before
        assert shop.entries("broker:answered")[-1]["reason"] == "broker-gone"


def test_the_log_proves_all_of_it_to_a_verifier_of_somebody_else(shop: Scene, tmp_path: Path) -> None:
    token = shop.person("fay")
    shop.fetched(token, shop.talk(token), "Where is my order?")
    visitor = shop.gateway.visitor()
    shop.said(visitor, shop.talk(visitor), "Where is my order?")
    session = shop.gateway.call("GET", "/api/v1/session", token=token).json["id"]
    shop.gateway.command("session", "revoke", session)
    lease = shop.entries("lease:opened")[-1]
    until(lambda: any(one["object"] == lease["object"] for one in shop.entries("lease:ended")))
    shop.gateway.command("audit", "verify")
    (year,) = (path for path in (shop.gateway.home / "audit").iterdir() if path.is_dir())
    assert check_log(year).ok
    vkey = (year / "log.vkey").read_text().strip()
    for event in (
        "message:received",
        "broker:called",
        "broker:answered",
        "broker:refused",
        "session:ended",
        "lease:ended",
    ):
        told = shop.gateway.command("audit", "export", "--format", "json", "--event", event).stdout
        index = json.loads(told.splitlines()[-1])["index"]
        proof = tmp_path / f"{index}.tlog-proof"
        shop.gateway.command("audit", "prove", str(index), "--out", str(proof))
        entry = proof.with_name(f"{proof.name}.entry")
        assert json.loads(entry.read_bytes())["event"] == event
        assert check_proof(proof, entry, vkey).ok
        entry.write_bytes(entry.read_bytes().replace(b'"lane":"', b'"lane":" '))
        assert not check_proof(proof, entry, vkey).ok  # the verifier can see


def test_what_cannot_be_taken_back_is_tried_again_and_then_shown(tmp_path: Path) -> None:
    with scene(tmp_path, "--keep-tokens-after", "1") as shop:
        shop.add_orders()
        shop.grant("--path", "/orders")
        token = shop.person()
        shop.fetched(token, shop.talk(token), "Where is my order?")
        assert shop.gateway.call("DELETE", "/api/v1/session", token=token).status == 204
        until(lambda: shop.entries("lease:not-revoked"))
        tries = [one["status"] for one in shop.app.seen("/oauth/revoke")]
        assert tries == [200, *[503] * 6]  # the first was the trial when the application was added
        done = shop.gateway.command("app", "leases", check=False)
        assert done.returncode == 1
        assert "not-revoked" in done.stdout
        (broker,) = processes(shop.gateway.home)
        os.kill(broker, signal.SIGKILL)  # it is still known to the next one, and told once only
        until(lambda: processes(shop.gateway.home) not in ([], [broker]))
        assert "not-revoked" in shop.gateway.command("app", "leases", check=False).stdout
        assert len(shop.entries("lease:not-revoked")) == 1


def test_a_restore_beside_open_leases_ends_them_and_gives_back_no_grant_that_was_taken_away(tmp_path: Path) -> None:
    file, home = tmp_path / "backup", tmp_path / "home"
    with scene(tmp_path) as shop:
        shop.add_orders()
        tried = len(shop.app.seen("/oauth/revoke"))
        grant = shop.grant("--path", "/orders")
        token = shop.person()
        shop.fetched(token, shop.talk(token), "Where is my order?")
        shop.gateway.command("backup", str(file))
        other = shop.person("bea")  # neither she nor her lease is in the backup
        shop.fetched(other, shop.talk(other), "Where is my order?")
        shop.gateway.command("app", "ungrant", grant)
        leases = {one["object"] for one in shop.entries("lease:opened")}
        assert len(leases) == 2
        assert shop.gateway.stop() == 0
        command("restore", str(file), "--replace", "--home", str(home), "--config", str(tmp_path / "home.toml"))
        with running(home) as gateway:
            until(lambda: leases == {one["object"] for one in gateway.audit() if one["event"] == "lease:revoked"})
            assert len(shop.app.seen("/oauth/revoke")) == tried + 2
            assert json.loads(gateway.command("app", "leases", "--json").stdout)["leases"] == []
            assert json.loads(gateway.command("app", "list", "--json").stdout)["grants"] == []
            assert gateway.call("GET", "/api/v1/session", token=other).status == 401
            assert gateway.command("audit", "verify").stdout.startswith("ok ")


def processes(home: Path) -> list[int]:
    """The brokers of a home."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"chatwarden.broker.process" in words and str(home / "broker").encode() in words:
            found.append(int(folder.name))
    return found


def assert_nothing_readable(shop: Scene) -> None:
    secret = shop.app.accounts["shop-bot"]["secret"].encode()
    for path in (shop.gateway.home / "broker").iterdir():
        assert secret not in path.read_bytes(), path
