"""A bot with an account of its own, against a real gateway: programs of others sign in, a stolen credential is noticed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from oauthlib.oauth2 import BackendApplicationClient
from requests_oauthlib import OAuth2Session
from tests.world.forge import Signer
from tests.world.gateway import Gateway, NotReady, running, start
from tests.world.openid_client import node_client
from tests.world.outside import FORM, as_form, basic

TOML = """
[levels.reader]
rights = ["orders:read"]
[bots]
unused_after = "30d"
"""


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running(tmp_path_factory.mktemp("bots") / "home", TOML) as started:
        yield started


def bot(gateway: Gateway, *args: str) -> Any:
    return json.loads(gateway.command("bot", *args, "--json").stdout)


def added(gateway: Gateway, label: str, *args: str) -> Any:
    return bot(gateway, "add", "helpdesk", "--level", "reader", "--instance", label, *args)


def state(gateway: Gateway, label: str) -> tuple[str, str]:
    (account,) = bot(gateway, "list")["accounts"]
    (one,) = [one for one in account["instances"] if one["label"] == label]
    return one["state"], one["reason"]


@dataclass
class Program:
    """A bot's own program, which keeps secret and generation on its disk."""

    gateway: Gateway
    id: str
    secret: str
    generation: int = 0

    def post(self, path: str, **fields: str) -> Any:
        head = {"Content-Type": FORM, **basic(self.id, self.secret)}
        answer = self.gateway.call("POST", path, as_form(**fields), headers=head)
        return {"status": answer.status, **(answer.json if answer.body else {})}

    def sign_in(self) -> Any:
        told = self.post("/oauth/token", grant_type="client_credentials", generation=str(self.generation))
        self.generation = told.get("generation", self.generation)
        return told

    def is_active(self, token: str) -> bool:
        told = self.post("/oauth/introspect", token=token)
        return told["status"] == 200 and bool(told["active"])


# -- programs of others, unmodified


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_openid_client_signs_a_plain_bot_in_with_a_secret(chat: Gateway, method: str) -> None:
    made = added(chat, method.replace("_", "-"), "--plain-client")
    with node_client(chat, made["client_id"], method=method, secret=made["client_secret"]) as client:
        granted = client.right("clientCredentials", scope="orders:read")
        assert (granted["token_type"], granted["scope"], granted["expires_in"]) == ("bearer", "orders:read", 300)
        token = granted["access_token"]
        assert client.right("introspect", token=token)["client_id"] == made["client_id"]
        client.right("revoke", token=token)
        assert client.right("introspect", token=token) == {"active": False}


@pytest.mark.parametrize("algorithm", ["RS256", "EdDSA", "ES256"])
def test_openid_client_signs_a_plain_bot_in_with_a_key(chat: Gateway, tmp_path: Path, algorithm: str) -> None:
    key = Signer.fresh(algorithm)
    (tmp_path / "pub.pem").write_bytes(key.public_pem)
    label = algorithm.lower()
    made = added(chat, label, "--plain-client", "--key-file", str(tmp_path / "pub.pem"))
    assert "client_secret" not in made
    private = key.private_pem.decode()
    with node_client(chat, made["client_id"], method="private_key_jwt", key=private) as client:
        token = client.right("clientCredentials")["access_token"]
        assert client.right("introspect", token=token)["active"] is True
    stranger = Signer.fresh(algorithm).private_pem.decode()
    with node_client(chat, made["client_id"], method="private_key_jwt", key=stranger) as client:
        told = client("clientCredentials")
        assert (told["error"], told["status"]) == ("invalid_client", 401)


def test_openid_client_can_count_too(chat: Gateway) -> None:
    made = added(chat, "counted")
    with node_client(chat, made["client_id"], method="client_secret_post", secret=made["client_secret"]) as client:
        for generation in range(3):
            assert client.right("clientCredentials", generation=str(generation))["generation"] == generation + 1


def test_requests_oauthlib_signs_a_plain_bot_in(chat: Gateway) -> None:
    made = added(chat, "requests", "--plain-client")
    with OAuth2Session(client=BackendApplicationClient(client_id=made["client_id"])) as session:
        session.trust_env = False  # this machine may have authorities of its own
        session.verify = str(chat.home / "tls" / "ca.pem")
        for in_form in (False, True):
            token = session.fetch_token(
                f"{chat.url}/oauth/token", client_secret=made["client_secret"], include_client_id=in_form
            )
            assert (token["scope"], token["expires_in"]) == (["orders:read"], 300)


# -- a stolen credential


def test_a_cloned_credential_is_noticed_and_stops_one_instance(tmp_path: Path) -> None:
    with running(tmp_path / "home", TOML) as gateway:
        made, other = added(gateway, "rack-1"), added(gateway, "rack-2")
        mine = Program(gateway, made["client_id"], made["client_secret"])
        second = Program(gateway, other["client_id"], other["client_secret"])
        kept = second.sign_in()["access_token"]
        token = mine.sign_in()["access_token"]
        assert mine.is_active(token)
        thief = replace(mine)  # all that lies on its disk
        stolen = thief.sign_in()["access_token"]
        assert thief.is_active(stolen)
        assert not mine.is_active(token)  # the bot is out at once, and so tries to sign in
        assert mine.sign_in()["status"] == 401
        assert not thief.is_active(stolen)
        assert (thief.sign_in()["status"], mine.sign_in()["status"]) == (401, 401)
        assert state(gateway, "rack-1") == ("locked", "generation-behind")
        assert state(gateway, "rack-2") == ("enabled", "")
        assert second.is_active(kept)
        gateway.kill()
    with running(tmp_path / "home") as gateway:  # and it stays so
        mine, second = replace(mine, gateway=gateway), replace(second, gateway=gateway)
        assert mine.sign_in()["status"] == 401
        assert second.is_active(kept)
        new = bot(gateway, "rotate", "helpdesk", "--instance", "rack-1")
        fresh = Program(gateway, new["client_id"], new["client_secret"])
        assert fresh.sign_in()["status"] == 200
        assert mine.sign_in()["status"] == 401  # the stolen secret is worth nothing any more
        assert state(gateway, "rack-1") == ("enabled", "")
        events = [(one["event"], one.get("reason", "")) for one in gateway.audit()]
        assert ("bot:locked", "generation-behind") in events
        assert not any(
            secret in str(gateway.audit()) for secret in (made["client_secret"], new["client_secret"], stolen)
        )
        log = gateway.log.read_text()
        assert not any(secret in log for secret in (made["client_secret"], new["client_secret"], stolen))


# -- what is refused before anybody signs in


def test_a_configuration_without_the_level_of_a_bot_is_found_out(tmp_path: Path) -> None:
    with running(tmp_path / "home", TOML) as gateway:
        added(gateway, "main")
        gateway.config.write_text(gateway.config.read_text().replace("levels.reader", "levels.writer"))
        told = gateway.command("config", "check", check=False)
        assert told.returncode == 2
        assert told.stderr.startswith(
            "error: the bot helpdesk has the access level reader, which is not in [levels]\nhint: "
        )


def test_a_gateway_does_not_start_with_a_persons_credential_in_a_connector(tmp_path: Path) -> None:
    home, secret = tmp_path / "home", tmp_path / "home" / "secrets" / "shop"
    shop = '[bots.shop]\nconnector = "openai"\nurl = "http://127.0.0.1:9/v1"\nmodel = "m"\ncredential_file = "secrets/shop"\n'
    with running(home, TOML) as gateway:
        gateway.command("user", "add", "ada", "--role", "customer", "--password-stdin", stdin="a-long-password\n")
        token = gateway.command("session", "issue", "--user", "ada", "--for", "1h").stdout.strip()
    for text, why in ((token, "session-token"), ("ada:a-long-password", "persons-password")):
        secret.write_text(text + "\n")
        secret.chmod(0o600)
        with pytest.raises(NotReady, match="exit 2"):
            start(home, TOML + shop)
        with running(home, TOML) as gateway:
            told = [one for one in gateway.audit() if one["event"] == "credential:misplaced"]
            assert (told[-1]["object"], told[-1]["reason"]) == ("bots.shop.credential_file", why)
            assert text not in gateway.log.read_text()
    secret.write_text(token + "\n")
    with running(home, TOML) as gateway:
        gateway.config.write_text(gateway.config.read_text() + shop)
        done = gateway.command("config", "check", check=False)
        assert (done.returncode, "session-token" in done.stderr) == (2, True)
        assert token not in done.stderr
