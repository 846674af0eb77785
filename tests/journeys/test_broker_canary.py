"""A credential never comes back: not to bot, model, page, log, error, metric or crash file, though the application returns
it in five spellings, cut into pieces of seven bytes, in headers too. The same search finds it where it must be.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.journeys.test_broker import processes, until
from tests.world.brokered import Scene, scene
from tests.world.search import forms

ROADS = {
    "bearer": ("fleet-bot", "token", ()),
    "api-key": ("stock-bot", "api_key", ("--header", "x-api-key")),
    "basic": ("report-bot", "password", ("--account", "report-bot")),
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene(tmp_path_factory.mktemp("canary"), "--careless") as made:
        for kind, (account, field, more) in ROADS.items():
            made.add(f"by-{kind}", kind, made.app.accounts[account][field], *more)
        made.add_orders("token-exchange", "by-exchange")
        made.add_orders("client-credentials", "by-client")
        for name in (*(f"by-{kind}" for kind in ROADS), "by-exchange", "by-client"):
            made.grant("--path", "/**", app=name)
        token = made.person()
        talk = made.talk(token)
        for name in (*(f"by-{kind}" for kind in ROADS), "by-exchange", "by-client"):
            made.said(token, talk, f"ask GET {name} /me")
            made.said(token, talk, f"ask GET {name} /no/such/thing")
        yield made


def secrets(shop: Scene) -> list[str]:
    """Every stored credential, and what Basic makes of one."""
    return [value for account in shop.app.accounts.values() for value in account.values()]


def spellings(secret: str) -> list[bytes]:
    percent = "".join(f"%{byte:02x}" for byte in secret.encode())
    escaped = "".join(f"\\u{ord(char):04x}" for char in secret)
    return [*forms(secret), percent.encode(), quote(secret, safe="").encode(), escaped.encode()]


def contains(data: bytes, secret: str) -> bool:
    lower = data.lower()
    return any(one.lower() in lower for one in spellings(secret))


def test_the_bot_and_the_model_see_an_alias_where_the_credential_was(shop: Scene) -> None:
    seen = shop.bot_journal.read_bytes()
    assert not [secret for secret in secrets(shop) if contains(seen, secret)]
    answers = [one for one in shop.bot_saw() if one.get("asked", "").startswith("/broker/")]
    assert len(answers) == 10
    for answer in answers:
        name = answer["asked"].split("/")[2]
        body = json.loads(answer["body"])  # still JSON
        assert body["plain"] == body["hex"] == body["json"] == f"app:{name}", body
        assert f"app:{name}" in body["base64"]
        assert body["url"].replace(f"app:{name}", "") in {"", "&"}
        assert dict(answer["headers"])["etag"] == f'"app:{name}"'
        assert "x-debug" not in dict(answer["headers"])
    assert [answer["status"] for answer in answers] == [200, 404] * 5


def test_no_token_that_the_application_gave_comes_back_either(shop: Scene) -> None:
    assert b"otk_" not in shop.bot_journal.read_bytes()
    assert b"otk_" not in b"".join(path.read_bytes() for path in files(shop))


def test_every_echo_is_on_record_and_alarmed(shop: Scene) -> None:
    found = shop.entries("broker:echo-found")
    assert len(found) == 10
    assert {one["resource"] for one in found} == {f"app:by-{kind}" for kind in (*ROADS, "exchange", "client")}
    assert all(int(one["reason"]) >= 6 for one in found)


def test_no_page_answer_command_or_number_has_it(shop: Scene) -> None:
    admin = [
        shop.gateway.command(*words, check=False)
        for words in (
            ("app", "list", "--json"), ("app", "leases", "--json"), ("app", "drift"), ("audit", "export", "--json"),
            ("bot", "list", "--json"), ("app", "explain", "shop", "by-basic", "GET", "/me", "--user", "ada"),
            ("app", "list", "--help"),
        )
    ]  # fmt: skip
    told = b"".join((done.stdout + done.stderr).encode() for done in admin)
    with urllib.request.urlopen(f"http://127.0.0.1:{shop.metrics}/metrics", timeout=10) as numbers:
        told += numbers.read()
    assert b"chatwarden_" in told
    assert not [secret for secret in secrets(shop) if contains(told, secret)]


def test_a_wrong_credential_is_in_no_error_message(shop: Scene) -> None:
    wrong = "canary-of-a-wrong-credential-4711"
    done = shop.gateway.command("app", "rotate", "by-basic", check=False, stdin=wrong)
    assert done.returncode == 2
    assert "does not accept it" in done.stderr
    again = shop.gateway.command(
        "app", "add", "again", "--url", shop.app.url, "--sign-in", "bearer", check=False, stdin=wrong
    )  # fmt: skip
    assert again.returncode == 2  # no --private
    broken = shop.gateway.command(
        "app", "add", "again", "--url", shop.app.url, "--sign-in", "private-key-jwt", "--account", "x", "--private",
        "--token-url", shop.app.token_url, check=False, stdin=wrong,
    )  # fmt: skip
    assert "private key" in broken.stderr
    told = (done.stderr + again.stderr + broken.stderr + done.stdout).encode() + shop.gateway.log.read_bytes()
    assert not contains(told, wrong)
    assert not [path for path in files(shop) if contains(path.read_bytes(), wrong)]


def test_no_file_of_the_gateway_or_the_broker_has_it_not_even_after_a_crash(shop: Scene) -> None:
    (broker,) = processes(shop.gateway.home)
    os.kill(broker, signal.SIGABRT)  # as a crash would end it: with a core file where one may be written
    until(lambda: processes(shop.gateway.home) not in ([], [broker]))
    found = {path: secret for path in files(shop) for secret in secrets(shop) if contains(path.read_bytes(), secret)}
    assert found == {}
    assert [*Path.cwd().glob("core*"), *shop.gateway.home.rglob("core*")] == []


def test_the_search_finds_it_where_the_application_returns_it(shop: Scene) -> None:
    """The positive control: without a broker in between, all five spellings are there."""
    secret = shop.app.accounts["fleet-bot"]["token"]
    connection = http.client.HTTPConnection(shop.app.url.removeprefix("http://"), timeout=10)
    connection.request("GET", "/me", headers={"Authorization": f"Bearer {secret}"})
    answer = connection.getresponse()
    told = json.loads(answer.read())
    connection.close()
    assert contains(str(answer.getheaders()).encode(), secret)
    for name in ("plain", "base64", "hex", "url"):
        assert contains(told[name].encode(), secret), name
    assert told["json"] == secret  # the escapes are gone once it is parsed
    assert contains(shop.app.accounts_file.read_bytes(), secret)


def files(shop: Scene) -> list[Path]:
    """All that gateway and broker wrote."""
    own = [path for path in shop.gateway.home.rglob("*") if path.is_file()]
    assert any(path.suffix == ".lease" for path in own)
    assert any(path.suffix == ".app" for path in own)
    return [*own, shop.gateway.log, shop.bot_journal]
