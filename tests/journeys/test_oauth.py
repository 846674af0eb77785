"""Programs of others, unmodified, against a running gateway: openid-client (Node.js) and requests-oauthlib."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from oauthlib.oauth2 import BackendApplicationClient
from requests_oauthlib import OAuth2Session
from tests.world.forge import Signer
from tests.world.gateway import Gateway, command, running
from tests.world.openid_client import NodeClient, node_client
from tests.world.outside import (
    ACCESS_TOKEN,
    EXCHANGE,
    FORM,
    JWT_BEARER,
    ORDERS,
    SITE,
    STOCK,
    TOML,
    Outside,
    as_form,
    basic,
)  # fmt: skip

FAST = """
[session]
idle = "6s"
answer_within = "3s"
[limits]
logins = "off"
visitors = "off"
"""


@pytest.fixture(scope="module")
def outside() -> Outside:
    return Outside()


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory, outside: Outside) -> Iterator[Gateway]:
    home: Path = tmp_path_factory.mktemp("oauth") / "home"
    outside.settle(home)
    with running(home, TOML) as started:
        yield started


@pytest.fixture
def client(chat: Gateway, outside: Outside) -> Iterator[NodeClient]:
    made = NodeClient(chat, "orders", method="client_secret_basic", secret=outside.secrets["orders"])
    yield made
    made.close()


def seconds() -> int:
    return int(time.time())


def post(gateway: Gateway, path: str, headers: dict[str, str] | None = None, /, **fields: str) -> Any:
    answer = gateway.call("POST", path, as_form(**fields), headers={"Content-Type": FORM, **(headers or {})})
    return {"status": answer.status, **(answer.json if answer.body else {})}


def arrive(gateway: Gateway, outside: Outside, issuer: str = "") -> str:
    """A visitor of the website."""
    assertion = outside.assertion(issuer or gateway.url, seconds())
    told = post(gateway, "/oauth/token", grant_type=JWT_BEARER, assertion=assertion)
    assert told["status"] == 200, told
    token: str = told["access_token"]
    return token


def is_active(gateway: Gateway, outside: Outside, token: str) -> bool:
    told = post(gateway, "/oauth/introspect", basic("proxy", outside.secrets["proxy"]), token=token)
    assert told["status"] == 200, told
    return bool(told["active"])


def exchange(gateway: Gateway, outside: Outside, token: str) -> str:
    told = post(
        gateway, "/oauth/token", basic("orders", outside.secrets["orders"]), grant_type=EXCHANGE, subject_token=token,
        subject_token_type=ACCESS_TOKEN, audience=ORDERS,
    )  # fmt: skip
    assert told["status"] == 200, told
    exchanged: str = told["access_token"]
    return exchanged


# -- openid-client


def test_openid_client_finds_everything_by_itself(chat: Gateway, client: NodeClient) -> None:
    assert client.metadata["issuer"] == chat.url
    assert client.metadata["jwks_uri"] == f"{chat.url}/oauth/jwks"


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_openid_client_gets_and_asks_about_and_takes_back_a_token_with_a_secret(
    chat: Gateway, outside: Outside, method: str
) -> None:
    with node_client(chat, "orders", method=method, secret=outside.secrets["orders"]) as client:
        granted = client.right("clientCredentials", resource=STOCK, scope="stock:read")
        assert (granted["token_type"], granted["scope"], granted["expires_in"]) == ("bearer", "stock:read", 300)
        token = granted["access_token"]
        told = client.right("introspect", token=token)
        assert (told["active"], told["sub"], told["aud"]) == (True, "orders", STOCK)
        client.right("revoke", token=token)
        assert client.right("introspect", token=token) == {"active": False}


@pytest.mark.parametrize("algorithm", ["RS256", "EdDSA", "ES256"])
def test_openid_client_shows_itself_by_a_key(tmp_path: Path, algorithm: str) -> None:
    outside = Outside(robot=Signer.fresh(algorithm))
    outside.settle(tmp_path / "home")
    with (
        running(tmp_path / "home", TOML) as gateway,
        node_client(gateway, "robot", method="private_key_jwt", key=outside.robot.private_pem.decode()) as client,
    ):
        granted = client.right("clientCredentials")
        assert granted["scope"] == "orders:read"
        assert client.right("introspect", token=granted["access_token"])["aud"] == ORDERS
        client.right("revoke", token=granted["access_token"])
        stranger = Signer.fresh(algorithm).private_pem.decode()
        with node_client(gateway, "robot", method="private_key_jwt", key=stranger) as other:
            told = other("clientCredentials")
            assert (told["error"], told["status"]) == ("invalid_client", 401)


def test_openid_client_brings_a_websites_visitor_in_and_acts_for_them(chat: Gateway, outside: Outside) -> None:
    with node_client(chat, SITE) as website:
        assertion = outside.assertion(chat.url, seconds(), "c-77")
        session = website.right("grant", grant_type=JWT_BEARER, assertion=assertion)
        assert session["expires_in"] > 3_600
        again = website("grant", grant_type=JWT_BEARER, assertion=assertion)
        assert (again["error"], again["status"]) == ("invalid_grant", 400)
    token = session["access_token"]
    conversation = chat.conversation(token)
    assert chat.say(token, conversation, "Where is my order?").status == 201
    with node_client(chat, "orders", method="client_secret_post", secret=outside.secrets["orders"]) as client:
        exchanged = client.right(
            "grant", grant_type=EXCHANGE, subject_token=token, subject_token_type=ACCESS_TOKEN, audience=ORDERS
        )
        assert exchanged["issued_token_type"] == ACCESS_TOKEN
        told = client.right("introspect", token=exchanged["access_token"])
        assert (told["active"], told["act"]) == (True, {"sub": "orders"})
        assert told["sub"] == chat.call("GET", "/api/v1/session", token=token).json["principal"]["id"]
        with node_client(chat, SITE, method="private_key_jwt", key=outside.shop.private_pem.decode()) as website:
            website.right("revoke", token=token)  # the visitor logged out over there
        assert client.right("introspect", token=exchanged["access_token"]) == {"active": False}
        refused = client(
            "grant", grant_type=EXCHANGE, subject_token=token, subject_token_type=ACCESS_TOKEN, audience=ORDERS
        )
        assert refused["error"] == "invalid_grant"
    assert chat.call("GET", "/api/v1/session", token=token).json["reason"] == "revoked"


# -- requests-oauthlib


def test_requests_oauthlib_gets_a_token_and_asks_about_it(chat: Gateway, outside: Outside) -> None:
    with OAuth2Session(client=BackendApplicationClient(client_id="orders")) as session:
        session.trust_env = False  # this machine may have authorities of its own
        session.verify = str(chat.home / "tls" / "ca.pem")
        for in_form in (False, True):
            token = session.fetch_token(
                f"{chat.url}/oauth/token", client_secret=outside.secrets["orders"], include_client_id=in_form,
                audience=STOCK, scope=["stock:read"],
            )  # fmt: skip
            assert token["scope"] == ["stock:read"]
            told = session.request(
                "POST", f"{chat.url}/oauth/introspect", data={"token": token["access_token"]}, withhold_token=True,
                auth=("proxy", outside.secrets["proxy"]),
            )  # fmt: skip
            assert told.json()["active"] is True


# -- what a resource server sees


# Of the name EdDSA, in the library of others.
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_a_service_verifies_what_it_is_shown_by_what_is_published(chat: Gateway, outside: Outside) -> None:
    before = exchange(chat, outside, arrive(chat, outside))
    rotated = json.loads(chat.command("keys", "rotate", "--json").stdout)
    after = exchange(chat, outside, arrive(chat, outside))
    published = chat.call("GET", "/oauth/jwks").json
    assert published["keys"][0]["kid"] == rotated["kid"]
    keys = KeySet.import_key_set(published)
    for token in (before, after):
        found = jwt.decode(token, keys, algorithms=["EdDSA"])
        assert (found.header["typ"], found.claims["aud"]) == ("at+jwt", ORDERS)
    chat.command("keys", "rotate", "--forget")
    assert not is_active(chat, outside, after)
    assert len(chat.call("GET", "/oauth/jwks").json["keys"]) == 1


# -- time and misfortune


def test_a_session_that_is_asked_or_over_is_dead_everywhere(tmp_path: Path) -> None:
    outside = Outside()
    outside.settle(tmp_path / "home")
    with running(tmp_path / "home", FAST + TOML) as gateway:
        token = arrive(gateway, outside)
        exchanged = exchange(gateway, outside, token)
        assert is_active(gateway, outside, token)
        until = time.monotonic() + 20
        while is_active(gateway, outside, token) and time.monotonic() < until:
            time.sleep(0.1)
        assert gateway.call("GET", "/api/v1/session", token=token).json["state"] == "prompted"
        assert not is_active(gateway, outside, exchanged)
        while gateway.call("GET", "/api/v1/session", token=token).status == 200 and time.monotonic() < until:
            time.sleep(0.1)
        assert gateway.call("GET", "/api/v1/session", token=token).json["reason"] == "idle"
        assert not is_active(gateway, outside, exchanged)


def test_what_was_taken_back_or_used_stays_so_after_kill_9(tmp_path: Path) -> None:
    outside = Outside()
    outside.settle(tmp_path / "home")
    port = '[server]\nport = 0\nlab = true\npublic_url = "https://chat.example.org"\n[metrics]\nlisten = "off"\n'
    with running(tmp_path / "home", port + TOML, lab=False) as gateway:
        us = "https://chat.example.org"
        assertion = outside.assertion(us, seconds())
        token = post(gateway, "/oauth/token", grant_type=JWT_BEARER, assertion=assertion)["access_token"]
        revoked, living = exchange(gateway, outside, token), exchange(gateway, outside, token)
        assert post(gateway, "/oauth/revoke", basic("orders", outside.secrets["orders"]), token=revoked) == {
            "status": 200
        }
        ended = arrive(gateway, outside, us)
        of_ended = exchange(gateway, outside, ended)
        shown = outside.site_assertion(us, seconds())
        assert post(gateway, "/oauth/revoke", **shown, token=ended) == {"status": 200}
        gateway.kill()
    with running(tmp_path / "home", lab=False) as gateway:
        assert not is_active(gateway, outside, revoked)
        assert not is_active(gateway, outside, ended)
        assert not is_active(gateway, outside, of_ended)
        assert is_active(gateway, outside, token)
        assert is_active(gateway, outside, living)  # the key outlived it too
        told = post(gateway, "/oauth/token", grant_type=JWT_BEARER, assertion=assertion)
        assert (told["status"], told["error"]) == (400, "invalid_grant")
        told = post(gateway, "/oauth/revoke", **shown, token=token)
        assert (told["status"], told["error"]) == (401, "invalid_client")
        assert [e["reason"] for e in gateway.audit() if e["event"] == "token:refused"] == ["replayed", "replayed"]


def test_a_reload_brings_clients_and_takes_them_away(tmp_path: Path) -> None:
    outside = Outside()
    home = tmp_path / "home"
    outside.settle(home)
    head = '[server]\nport = 0\nlab = true\n[metrics]\nlisten = "off"\n'
    with running(home, TOML) as gateway:
        token = arrive(gateway, outside)
        (home / "secrets" / "proxy").write_text("n" * 40)
        (home / "secrets" / "orders").write_text("broken")
        late = "[clients.late]\nsecret_file = 'secrets/late'\n"
        gateway.config.write_text(head + TOML + late)
        _reloaded(gateway)
        assert (
            post(gateway, "/oauth/introspect", basic("proxy", outside.secrets["proxy"]), token=token)["status"] == 401
        )
        assert post(gateway, "/oauth/introspect", basic("proxy", "n" * 40), token=token)["active"] is True
        exchange(gateway, outside, token)  # its file is broken: it goes on as before
        assert '"client":"orders"' in gateway.log.read_text().replace(": ", ":")
        assert '"client":"late"' in gateway.log.read_text().replace(": ", ":")
        gateway.config.write_text(head)
        _reloaded(gateway)
        assert post(gateway, "/oauth/introspect", basic("proxy", "n" * 40), token=token)["status"] == 401
        told = post(gateway, "/oauth/token", grant_type=JWT_BEARER, assertion=outside.assertion(gateway.url, seconds()))
        assert told["error"] == "invalid_grant"


def _reloaded(gateway: Gateway) -> None:
    before = gateway.log.read_text().count("gateway-reloaded")
    gateway.process.send_signal(signal.SIGHUP)
    until = time.monotonic() + 20
    while gateway.log.read_text().count("gateway-reloaded") == before:
        assert time.monotonic() < until, "it never reloaded"
        time.sleep(0.05)


def test_a_file_that_cannot_be_used_is_told_with_its_line(tmp_path: Path) -> None:
    outside = Outside()
    home = tmp_path / "home"
    outside.settle(home)
    (home / "secrets" / "shop.json").write_text("{}")
    config = tmp_path / "wrong.toml"
    config.write_text(TOML)
    line = TOML.splitlines().index('jwks_file = "secrets/shop.json"') + 1
    for words in (("config", "check"), ("up",)):
        done = command(*words, "--home", str(home), "--config", str(config), check=False)
        assert done.returncode == 2
        assert done.stderr.startswith(f"error: line {line}: ")
        assert "JWK Set" in done.stderr
