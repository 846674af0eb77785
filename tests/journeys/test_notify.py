"""People hear of what happens to their accounts, whatever happens to mail server and gateway meanwhile."""

from __future__ import annotations

import contextlib
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from tests.world.gateway import Gateway, running, start
from tests.world.hook import SECRET, Hook
from tests.world.mailbox import PASSWORD, USER, Authority, Mailbox, authority, serving_mail
from tests.world.threaded import bot_server, in_thread

from chatwarden.cli import control
from chatwarden.config.home import Home
from chatwarden.config.parse import parse

TO, ADA, BEA = "admin@example.org", "ada@example.org", "bea@example.org"
CHOSEN = "a long and quiet afternoon"


@pytest.fixture(scope="module")
def house_authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("authority"))


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def operate(gateway: Gateway, command: str, **args: object) -> Any:
    """An operation of an administrator, through the control socket."""
    return control.run(Home(gateway.home), parse(""), command, args)


@contextlib.contextmanager
def open_mailbox(box: Mailbox, house: Authority) -> Iterator[Mailbox]:
    """The mail server, until the block is left."""

    def make() -> AbstractAsyncContextManager[Mailbox]:
        return serving_mail(box, house.server(), login=True)

    with in_thread(make) as started:
        yield started


def written(folder: Path, house: Authority, mail: int, hook: int = 0) -> str:
    """``[notify]`` for these two, with its files."""
    for name, secret in (("mail", PASSWORD), ("hook", SECRET)):
        (folder / name).write_text(secret + "\n")
        (folder / name).chmod(0o600)
    toml = f"""
[notify]
smtp = "127.0.0.1:{mail}"
smtp_user = "{USER}"
smtp_password_file = "{folder / "mail"}"
from = "chat@example.org"
to = "{TO}"
ca_file = "{house.ca}"
"""
    if hook:
        toml += f'webhook = "http://127.0.0.1:{hook}/told"\nwebhook_secret_file = "{folder / "hook"}"\n'
    return toml


@pytest.mark.asvs("6.3.7")
def test_people_are_told_of_what_happens_to_their_accounts(tmp_path: Path, house_authority: Authority) -> None:
    told = Hook()
    with (
        open_mailbox(Mailbox(), house_authority) as box,
        bot_server(told) as hook,
        running(tmp_path / "home", written(tmp_path, house_authority, box.port, hook.port)) as gateway,
    ):
        # A new home made the first administrator before anybody could hear of it; the notice waited.
        until(lambda: len(box.to(TO)) == 1)
        assert "account  admin (admin)" in box.letters[0].text

        link = operate(gateway, "user.add", name="bea", role="agent", email=BEA)["enrolment_link"]
        operate(gateway, "user.add", name="ada", role="customer", password=CHOSEN)
        operate(gateway, "user.contact", name="ada", address=ADA)
        gateway.command("user", "enrol", "ada")
        until(lambda: (len(box.to(BEA)), len(box.to(ADA)), len(box.to(TO))) == (2, 2, 3))
        subjects = {one.message["Subject"] for one in box.to(BEA)}
        assert subjects == {"Chatwarden: address for notices changed", "Chatwarden: enrolment link issued"}
        assert all(one.encrypted and one.user == USER.encode() for one in box.letters)

        token = link.rpartition("#")[2]
        assert gateway.call("POST", "/api/v1/enrolments", {"token": token, "password": CHOSEN}).status == 201
        until(lambda: len(box.to(BEA)) == 3)
        assert "The password of the account was set or changed." in box.to(BEA)[-1].text
        until(lambda: len(told.told) == 6)
        assert sorted(said["type"] for _, said in told.told) == [
            "notice.contact-changed", "notice.contact-changed", *["notice.enrolment-issued"] * 3, "notice.password-changed",
        ]  # fmt: skip
        assert len({name for name, _ in told.told}) == 6
        assert {asked.path for asked in hook.asked} == {"/told"}

        everything = b"".join(one.raw for one in box.letters) + b"".join(asked.raw for asked in hook.asked)
        assert token.encode() not in everything
        assert CHOSEN.encode() not in everything
        assert gateway.stop() == 0
    for secret in (ADA, BEA, PASSWORD):
        assert secret not in gateway.log.read_text()
        for file in (gateway.home / "data").iterdir():
            assert secret.encode() not in file.read_bytes()


def test_a_notice_outlives_kill_9_and_a_mail_server_that_was_away(tmp_path: Path, house_authority: Authority) -> None:
    box, told = Mailbox(), Hook(status="503 Not now")
    with open_mailbox(box, house_authority):
        pass  # it has a port, and is away
    home = tmp_path / "home"
    with bot_server(told) as hook:
        toml = written(tmp_path, house_authority, box.port, hook.port)
        with running(home, toml) as gateway:
            operate(gateway, "user.add", name="ada", role="customer", password=CHOSEN, email=ADA)
            until(lambda: len(told.refused) > 2)
            assert gateway.log.read_text().count("notice-not-sent") > 2
            gateway.kill()
        assert box.letters == []

        gateway = start(home, toml)
        try:
            with open_mailbox(box, house_authority):
                told.status = "204 No Content"
                until(lambda: len(box.to(ADA)) == 1 and len(told.told) == 2)
                assert {name for name, _ in told.told} == set(told.refused)
                assert "address for notices changed" in box.to(ADA)[0].message["Subject"]
        finally:
            assert gateway.stop() == 0
            if gateway.process.stdout is not None:
                gateway.process.stdout.close()
        assert not [one for one in gateway.audit() if one["event"] == "notice:given-up"]


def test_what_can_never_be_delivered_is_given_up_in_the_log(tmp_path: Path, house_authority: Authority) -> None:
    with open_mailbox(Mailbox(refuses={ADA: "550 5.1.1 nobody"}), house_authority) as box:
        toml = written(tmp_path, house_authority, box.port) + 'give_up = "2s"\n'
        with running(tmp_path / "home", toml) as gateway:
            operate(gateway, "user.add", name="ada", role="customer", password=CHOSEN, email=ADA)
            until(lambda: "notice-given-up" in gateway.log.read_text())
            [entry] = [one for one in gateway.audit() if one["event"] == "notice:given-up"]
            assert entry["reason"] == "contact-changed person recipient"
            assert gateway.stop() == 0


def test_a_mail_server_that_says_nothing_holds_up_nobody(tmp_path: Path, house_authority: Authority) -> None:
    told = Hook()
    with socket.create_server(("127.0.0.1", 0)) as silent, bot_server(told) as hook:
        toml = written(tmp_path, house_authority, silent.getsockname()[1], hook.port)
        with running(tmp_path / "home", toml) as gateway:
            connection, _ = silent.accept()  # the gateway waits for a greeting from now on
            with connection:
                operate(gateway, "user.add", name="ada", role="customer", password=CHOSEN, email=ADA)
                login = gateway.call("POST", "/api/v1/session", {"username": "ada", "password": CHOSEN})
                assert login.status == 201
                token = login.json["token"]
                assert gateway.say(token, gateway.conversation(token), "hello").status == 201
                until(lambda: len(told.told) == 2)
                assert gateway.stop() == 0  # and does not keep the process
                assert connection.recv(1) == b""


def test_a_test_says_what_works_and_what_does_not(tmp_path: Path, house_authority: Authority) -> None:
    told = Hook()
    with open_mailbox(Mailbox(), house_authority) as box, bot_server(told) as hook:
        toml = written(tmp_path, house_authority, box.port, hook.port)
        with running(tmp_path / "home", toml) as gateway:
            done = gateway.command("notify", "test")
            assert done.stdout == (
                f"ok      mail: 127.0.0.1:{box.port} took it for {TO}\n"
                f"ok      webhook: http://127.0.0.1:{hook.port}/told took it\n"
            )
            box.password = "another"
            done = gateway.command("notify", "test", check=False)
            assert done.returncode == 1
            assert done.stdout.startswith("failed  mail: it refused the user name or the password (535 5.7.8)\nok ")
        # The same without a gateway, and where nobody is told.
        assert gateway.command("notify", "test", check=False).returncode == 1
        gateway.config.write_text("")
        done = gateway.command("notify", "test", check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert "error: nobody is told" in done.stderr


def test_a_reload_takes_another_server_and_a_bad_one_changes_nothing(
    tmp_path: Path, house_authority: Authority
) -> None:
    with (
        open_mailbox(Mailbox(), house_authority) as first,
        open_mailbox(Mailbox(), house_authority) as second,
        running(tmp_path / "home", written(tmp_path, house_authority, first.port)) as gateway,
    ):

        def reload(old: str, new: str, event: str) -> None:
            before = gateway.log.read_text().count(event)
            gateway.config.write_text(gateway.config.read_text().replace(old, new))
            gateway.process.send_signal(signal.SIGHUP)
            until(lambda: gateway.log.read_text().count(event) > before)

        reload(f"127.0.0.1:{first.port}", f"127.0.0.1:{second.port}", "gateway-reloaded")
        assert gateway.command("notify", "test").returncode == 0
        until(lambda: "Chatwarden: test" in [one.message["Subject"] for one in second.letters])
        (tmp_path / "mail").chmod(0o644)
        reload("smtp_tls", "smtp_tls", "reload-refused")
        assert gateway.command("notify", "test").returncode == 0
        checked = gateway.command("config", "check", check=False)
        assert checked.returncode == 2
        assert "line 11: " in checked.stderr
        assert "can be read by others" in checked.stderr
