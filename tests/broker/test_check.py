"""What cannot be kept is refused, with a reason that names no secret."""

from __future__ import annotations

import msgspec
import pytest
from tests.world.forge import Signer

from chatwarden.broker.check import Faulty, check, credential
from chatwarden.broker.wire import Application

SECRET = "a-secret-of-a-bot"
BEARER = Application(name="crm", url="https://crm.example.org/api", sign_in="bearer")
OAUTH = Application(
    name="crm", url="https://crm.example.org", sign_in="client-credentials", account="bot",
    token_url="https://id.example.org/token", revoke_url="https://id.example.org/revoke",
)  # fmt: skip


@pytest.mark.parametrize(
    "application",
    [
        BEARER, OAUTH,
        msgspec.structs.replace(BEARER, sign_in="basic", account="bot"),
        msgspec.structs.replace(BEARER, sign_in="api-key", header="x-api-key"),
        msgspec.structs.replace(OAUTH, sign_in="token-exchange", audience="crm", scope="a b"),
        msgspec.structs.replace(BEARER, url="http://127.0.0.1:9000", private=True),
        msgspec.structs.replace(BEARER, url="http://[::1]:9000", private=True),
        msgspec.structs.replace(BEARER, url="http://localhost:9000", private=True),
    ],
)  # fmt: skip
def test_what_is_sound_is_kept(application: Application) -> None:
    check(application, SECRET)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "Crm"}, "small letters"),
        ({"name": "../crm"}, "small letters"),
        ({"sign_in": "saml"}, "one of basic"),
        ({"url": "ftp://crm.example.org"}, "written like"),
        ({"url": "https://user:pass@crm.example.org"}, "written like"),
        ({"url": "https://crm.example.org/?a=1"}, "written like"),
        ({"url": "https://crm.example.org:port"}, "no address"),
        ({"url": "https://"}, "written like"),
        ({"url": "http://crm.example.org"}, "plain http"),
        ({"url": "http://127.0.0.1"}, "plain http"),  # without --private
        ({"url": "http://10.0.0.1", "private": True}, "plain http"),
        ({"check": "me"}, "path to check"),
        ({"check": "/me with spaces"}, "path to check"),
        ({"account": "bot"}, "knows no account"),
        ({"account": "b\n"}, "printable"),
        ({"sign_in": "basic"}, "needs the account"),
        ({"sign_in": "basic", "account": "a:b"}, "no colon"),
        ({"token_url": "https://id.example.org"}, "knows no token address"),
        ({"scope": "all"}, "knows no scope"),
        ({"header": "x-key"}, "only that, needs"),
        ({"sign_in": "api-key", "header": "Cookie"}, "none of HTTP's own"),
        ({"sign_in": "api-key", "header": "content-length"}, "none of HTTP's own"),
        ({"sign_in": "api-key", "header": "chatwarden-turn"}, "none of HTTP's own"),
        ({"sign_in": "client-credentials", "account": "bot"}, "needs token address"),
        ({"ca": "no certificate"}, "no certificate"),
    ],
)
def test_what_is_not_sound_is_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(Faulty, match=said) as refused:
        check(msgspec.structs.replace(BEARER, **changes), SECRET)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("hunter2", "at least 8"),
        ("two\nlines of it", "one line"),
        ("umlauts-ä-ö-ü", "one line"),
        (" spaces around ", "one line"),
        ("x" * 16_385, "at most"),
        ("a b c d", "at least 8"),
    ],
)
def test_a_credential_that_cannot_be_found_again_or_sent_is_refused(secret: str, said: str) -> None:
    with pytest.raises(Faulty, match=said) as refused:
        credential(BEARER, secret)
    assert secret not in str(refused.value)


def test_where_a_key_is_expected_it_must_be_one() -> None:
    by_key = msgspec.structs.replace(OAUTH, sign_in="private-key-jwt")
    credential(by_key, Signer.fresh("ES256").private_pem.decode())
    credential(msgspec.structs.replace(OAUTH, sign_in="token-exchange"), Signer.fresh("EdDSA").private_pem.decode())
    with pytest.raises(Faulty, match="no private key"):
        credential(by_key, SECRET)
    with pytest.raises(Faulty, match="no private key"):
        credential(by_key, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")
