"""Clients and websites: who has which secret or key, files that are wrong, files that change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.world.forge import Signer
from tests.world.outside import SITE, TOML, Outside

from chatwarden.config.model import ClientConfig, Config
from chatwarden.config.parse import parse
from chatwarden.errors import ConfigurationError, NotAccepted
from chatwarden.identity.parties import Parties


@pytest.fixture
def outside(tmp_path: Path) -> Outside:
    made = Outside()
    made.settle(tmp_path)
    return made


def write(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / "secrets" / name
    path.write_bytes(data)
    path.chmod(0o600)


def refused(parties: Parties, name: str, secret: str) -> str:
    with pytest.raises(NotAccepted) as error:
        parties.with_secret(name, secret)
    return error.value.reason


def test_who_knows_the_secret_is_that_client(outside: Outside, tmp_path: Path) -> None:
    parties = Parties(parse(TOML), tmp_path)
    party = parties.with_secret("orders", outside.secrets["orders"])
    assert (party.id, party.actor) == ("orders", "client:orders")
    assert refused(parties, "orders", outside.secrets["proxy"]) == "wrong-secret"
    assert refused(parties, "orders", "") == "wrong-secret"
    assert refused(parties, "nobody", outside.secrets["orders"]) == "unknown-client"
    assert refused(parties, "robot", "x" * 40) == "wrong-method"
    assert refused(parties, SITE, "\ud800") == "wrong-method"


def test_secrets_are_kept_as_hashes_and_never_shown(outside: Outside, tmp_path: Path) -> None:
    party = Parties(parse(TOML), tmp_path).get("orders")
    assert party is not None
    assert outside.secrets["orders"].encode() not in party.secrets
    assert "secrets" not in repr(party).replace("secrets/", "")


def test_a_website_is_known_by_its_issuer_and_is_no_client(outside: Outside, tmp_path: Path) -> None:
    parties = Parties(parse(TOML), tmp_path)
    site = parties.get(SITE)
    assert site is not None
    assert (site.actor, [key.kid for key in site.keys]) == ("site:shop", [outside.shop.kid])
    assert parties.client(SITE) is None
    assert parties.get("shop") is None
    client = parties.client("orders")
    assert client is not None
    assert client.name == "orders"


def test_two_secrets_count_while_one_is_replaced(outside: Outside, tmp_path: Path) -> None:
    write(tmp_path, "orders", b"o" * 40 + b"\n\n" + b"n" * 40 + b"\n")
    parties = Parties(parse(TOML), tmp_path)
    assert parties.with_secret("orders", "o" * 40) == parties.with_secret("orders", "n" * 40)
    write(tmp_path, "orders", b"n" * 40)
    assert parties.reconfigure(parse(TOML)) == []
    assert refused(parties, "orders", "o" * 40) == "wrong-secret"


@pytest.mark.parametrize(
    ("name", "data", "setting", "says"),
    [
        ("orders", b"short\n", "secret_file", "does not hold a secret"),
        ("orders", b"", "secret_file", "does not hold a secret"),
        ("orders", b"o" * 40 + b"%", "secret_file", "does not hold a secret"),
        ("orders", b"\n".join([b"o" * 40] * 3), "secret_file", "does not hold a secret"),
        ("robot.pem", b"nothing", "key_file", "no public key"),
        ("shop.json", b"{}", "jwks_file", "no JWK Set"),
        ("forum.pem", Signer.fresh().private_pem, "key_file", "private key"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_told_with_its_setting(
    outside: Outside, tmp_path: Path, name: str, data: bytes, setting: str, says: str
) -> None:
    write(tmp_path, name, data)
    with pytest.raises(ConfigurationError, match=says) as error:
        Parties(parse(TOML), tmp_path)
    assert error.value.setting == setting
    assert data.decode()[:20] not in str(error.value) or not data


def test_a_secret_that_others_may_read_is_refused(outside: Outside, tmp_path: Path) -> None:
    (tmp_path / "secrets" / "orders").chmod(0o644)
    with pytest.raises(ConfigurationError, match="read by others"):
        Parties(parse(TOML), tmp_path)
    (tmp_path / "secrets" / "orders").chmod(0o600)
    (tmp_path / "secrets" / "robot.pem").chmod(0o644)  # a public key is nobody's secret
    assert Parties(parse(TOML), tmp_path).get("robot") is not None


def test_after_a_reload_with_a_broken_file_its_client_goes_on_and_the_rest_is_new(
    outside: Outside, tmp_path: Path
) -> None:
    parties = Parties(parse(TOML), tmp_path)
    write(tmp_path, "orders", b"broken")
    write(tmp_path, "proxy", b"q" * 40)
    config = parse(TOML)
    less = replace(config.clients["orders"], scopes=())
    new = ClientConfig("new", secret_file=Path("secrets/absent"))
    changed = replace(config, clients={**config.clients, "orders": less, "new": new}, sites={})
    assert parties.reconfigure(changed) == ["orders", "new"]
    assert parties.with_secret("orders", outside.secrets["orders"]).config == less  # what it may do is as written
    assert parties.with_secret("proxy", "q" * 40).id == "proxy"
    assert parties.get("new") is None
    assert parties.get(SITE) is None  # taken out: at once


def test_nobody_is_known_without_being_written(tmp_path: Path) -> None:
    assert refused(Parties(Config(), tmp_path), "orders", "o" * 40) == "unknown-client"
