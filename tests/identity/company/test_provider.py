"""The gateway as a client of a provider: what it asks, how it shows who it is, which tokens it takes."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.identity.company.conftest import Speak
from tests.world.company import CLIENT, KEYS, SECRET, VERIFIER, Company, s256
from tests.world.forge import Signer, hostile, without

from chatwarden.clock import HOUR, MINUTE, ManualClock
from chatwarden.errors import ConfigurationError, NotAccepted
from chatwarden.identity import jose
from chatwarden.identity.company.kept import FRESH
from chatwarden.identity.company.model import Attempt
from chatwarden.identity.company.provider import ASSERTION_TYPE, CompanyProvider
from chatwarden.identity.jose import Expected
from chatwarden.identity.keys import from_pem
from chatwarden.outgoing import Unreachable

BACK = "https://gateway.example/login/acme/callback"
AWAY = Attempt("acme", "the-state", "the-nonce", "v" * 64, s256(VERIFIER), "/demo", 0)


async def code_of(provider: CompanyProvider, acme: Company, clock: ManualClock) -> str:
    return acme.sign_in(await provider.sign_in_address(AWAY, BACK, clock.now()))["code"]


async def exchanged(provider: CompanyProvider, acme: Company, clock: ManualClock) -> tuple[str, str]:
    return await provider.exchange(await code_of(provider, acme, clock), AWAY, BACK, clock.now())


@pytest.mark.asvs("10.2.1")
async def test_the_browser_is_sent_with_everything_that_binds_its_login(
    acme: Company, speak: Speak, clock: ManualClock
) -> None:
    acme.metadata["authorization_endpoint"] = f"{acme.issuer}/authorize?tenant=1"
    provider = speak(max_age=HOUR, acr_values=("gold", "silver"), scopes=("openid", "groups"))
    address = await provider.sign_in_address(AWAY, BACK, clock.now())
    assert address.startswith(f"{acme.issuer}/authorize?tenant=1&")
    assert parse_qs(urlsplit(address).query, strict_parsing=True) == {
        "tenant": ["1"], "response_type": ["code"], "client_id": [CLIENT], "redirect_uri": [BACK],
        "scope": ["openid groups"], "state": ["the-state"], "nonce": ["the-nonce"],
        "code_challenge": [s256("v" * 64)], "code_challenge_method": ["S256"], "max_age": ["3600"],
        "acr_values": ["gold silver"],
    }  # fmt: skip


async def test_a_code_becomes_tokens_and_the_secret_goes_in_the_head(
    acme: Company, speak: Speak, clock: ManualClock
) -> None:
    id_token, access_token = await exchanged(speak(), acme, clock)
    assert access_token == "the-access-token"
    assert (await speak().id_token(id_token, clock.now())).subject == acme.subject
    pair = base64.b64decode(acme.shown[0]["authorization"].removeprefix("Basic ")).decode()
    assert pair == f"{CLIENT}:s%2Bcret%3Aof~the%25gateway"
    assert set(acme.asked_for[0]) == {"grant_type", "code", "redirect_uri", "code_verifier"}
    assert acme.asked_for[0]["code_verifier"] == "v" * 64


async def test_a_provider_that_takes_no_secret_in_the_head_gets_it_in_the_form(
    acme: Company, speak: Speak, clock: ManualClock
) -> None:
    acme.metadata["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    await exchanged(speak(), acme, clock)
    assert (acme.asked_for[0]["client_id"], acme.asked_for[0]["client_secret"]) == (CLIENT, SECRET)
    assert "authorization" not in acme.shown[0]


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
async def test_a_client_with_a_key_signs_who_it_is(
    acme: Company, speak: Speak, clock: ManualClock, home: Path, algorithm: str
) -> None:
    key = KEYS[algorithm]
    (home / "key.pem").write_bytes(key.private_pem)
    (home / "key.pem").chmod(0o600)
    provider = speak(secret_file=None, key_file=Path("key.pem"))
    await exchanged(provider, acme, clock)
    await exchanged(provider, acme, clock)
    forms = acme.asked_for
    assert {one["client_assertion_type"] for one in forms} == {ASSERTION_TYPE}
    assert all("client_secret" not in one and "authorization" not in head for one, head in zip(forms, acme.shown))  # noqa: B905
    expected = Expected(issuer=CLIENT, audiences=(acme.issuer,), longest=MINUTE, required=("sub", "jti", "iat"))
    shown = [
        jose.verified(one["client_assertion"], from_pem(key.public_pem), expected, clock.now()) for one in forms
    ]  # fmt: skip
    assert {one.subject for one in shown} == {CLIENT}
    assert len({one.id for one in shown}) == 2


def test_a_key_or_a_secret_that_cannot_be_used_is_named(speak: Speak, home: Path) -> None:
    weak = home / "weak.pem"
    for data in (b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", KEYS["RS256"].public_pem):
        weak.write_bytes(data)
        weak.chmod(0o600)
        with pytest.raises(ConfigurationError, match="no private key that can be used") as refused:
            speak(secret_file=None, key_file=Path("weak.pem"))
        assert refused.value.setting == "key_file"
    for field in ("secret_file", "key_file", "ca_file"):
        with pytest.raises(ConfigurationError) as refused:
            speak(**{"secret_file": None, field: Path("nowhere")})
        assert refused.value.setting == field
    (home / "secrets" / "acme").chmod(0o644)
    with pytest.raises(ConfigurationError, match="can be read by others"):
        speak()


@pytest.mark.parametrize(
    "answer",
    [{"id_token": None}, {"id_token": 7}, {"token_type": "mac"}, {"token_type": None}, {"access_token": 7},
     {"access_token": None}],
)  # fmt: skip
async def test_an_answer_without_the_tokens_is_refused(
    acme: Company, speak: Speak, clock: ManualClock, answer: dict[str, Any]
) -> None:
    acme.answer = answer
    with pytest.raises(NotAccepted, match="token-answer"):
        await exchanged(speak(), acme, clock)


@pytest.mark.parametrize(
    ("status", "raw", "error"),
    [
        ("400 Bad Request", b'{"error": "invalid_client"}', "exchange"),
        ("401 Unauthorized", b"no", "exchange"),
        ("302 Found", b"{}", "exchange"),
        ("200 OK", b"[]", "malformed-answer"),
        ("200 OK", b"{", "malformed-answer"),
        ("200 OK", b'{"id_token": "a", "id_token": "b"}', "malformed-answer"),
    ],
)
async def test_an_answer_that_is_none_is_refused(
    acme: Company, speak: Speak, clock: ManualClock, status: str, raw: bytes, error: str
) -> None:
    provider = speak()
    acme.status["/token"], acme.raw["/token"] = status, raw
    with pytest.raises(NotAccepted, match=error):
        await exchanged(provider, acme, clock)


async def test_a_provider_that_fails_is_unreachable(acme: Company, speak: Speak, clock: ManualClock) -> None:
    acme.status["/token"] = "503 Service Unavailable"
    with pytest.raises(Unreachable):
        await exchanged(speak(), acme, clock)
    acme.status["/.well-known/openid-configuration"] = "404 Not Found"
    with pytest.raises(Unreachable):
        await speak().metadata(clock.now())
    with pytest.raises(Unreachable):
        await speak(issuer="http://127.0.0.1:1").metadata(clock.now())


async def test_userinfo_is_believed_about_the_same_person_only(acme: Company, speak: Speak, clock: ManualClock) -> None:
    provider, now = speak(), clock.now()
    acme.userinfo = {"groups": ["desk"]}
    assert await provider.userinfo("the-access-token", acme.subject, now) == {"sub": acme.subject, "groups": ["desk"]}
    with pytest.raises(NotAccepted, match="userinfo-subject"):
        await provider.userinfo("the-access-token", "another", now)
    acme.userinfo = {"sub": ["x"]}
    with pytest.raises(NotAccepted, match="userinfo-subject"):
        await provider.userinfo("the-access-token", acme.subject, now)
    with pytest.raises(NotAccepted, match="userinfo"):
        await provider.userinfo("another-token", acme.subject, now)
    with pytest.raises(NotAccepted, match="token-answer"):
        await provider.userinfo("two\r\nlines", acme.subject, now)
    assert await provider.userinfo("", acme.subject, now) == {}
    acme.metadata["userinfo_endpoint"] = None
    assert await speak().userinfo("the-access-token", acme.subject, now) == {}


def claims_of(acme: Company, **more: Any) -> dict[str, Any]:
    sound = {
        "iss": acme.issuer, "sub": acme.subject, "aud": CLIENT, "iat": acme.second, "exp": acme.second + 300,
        "nonce": "the-nonce", "jti": "1",
    }  # fmt: skip
    return {**sound, **more}


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
async def test_sound_id_tokens_are_taken(acme: Company, speak: Speak, clock: ManualClock, algorithm: str) -> None:
    shown = await speak().id_token(KEYS[algorithm].token(claims_of(acme)), clock.now())
    assert (shown.issuer, shown.subject) == (acme.issuer, acme.subject)


@pytest.mark.asvs("10.5.4")
async def test_hostile_id_tokens_are_refused_whatever_is_wrong(acme: Company, speak: Speak, clock: ManualClock) -> None:
    provider, sound = speak(), claims_of(acme)
    corpus = hostile(KEYS["RS256"], sound)
    del corpus["for too long"], corpus["no jti"]  # a day is not too long for an ID token, and it needs no id
    corpus["much too long"] = KEYS["RS256"].token({**sound, "exp": acme.second + 2 * 86_400}), "too-long"
    for name in ("sub", "iat", "nonce"):
        corpus[f"without {name}"] = KEYS["RS256"].token(without(sound, name)), f"no-{name}"
    corpus["another algorithm than listed"] = Signer(KEYS["RS256"].key, "RS512", "rs256").token(sound), "algorithm"
    corpus["an algorithm of another key"] = Signer(KEYS["RS256"].key, "ES256", "rs256").token(sound), "algorithm"
    corpus["an access token"] = KEYS["RS256"].token(sound, typ="at+jwt"), "type"
    corpus["a logout token"] = KEYS["RS256"].token(sound, typ="logout+jwt"), "type"
    wrong = {}
    for name, (token, reason) in corpus.items():
        try:
            await provider.id_token(token, clock.now())
        except NotAccepted as refused:
            if refused.reason in {reason, "unknown-key"}:
                continue
            wrong[name] = refused.reason
        else:
            wrong[name] = "accepted"
    assert wrong == {}


@pytest.mark.asvs("10.5.5")
async def test_hostile_logout_tokens_are_refused_whatever_is_wrong(
    acme: Company, speak: Speak, clock: ManualClock
) -> None:
    provider, signer, sound = speak(), acme.logout_signer(), acme.logout_claims()
    assert (await provider.logout_token(signer.token(sound), clock.now())).subject == acme.subject
    corpus = {name: token for name, (token, _) in hostile(signer, sound).items()}
    for name in ("iat", "jti", "events", "exp"):
        corpus[f"without {name}"] = signer.token(without(sound, name))
    corpus["an id token"] = KEYS["RS256"].token(claims_of(acme, events=sound["events"]))
    corpus["no type"] = signer.token(sound, typ="")
    corpus["too long"] = signer.token({**sound, "exp": acme.second + 331})
    corpus["old, for long"] = signer.token({**sound, "iat": acme.second - 400, "exp": acme.second + 10})
    taken = []
    for name, token in corpus.items():
        try:
            await provider.logout_token(token, clock.now())
        except NotAccepted:
            continue
        taken.append(name)
    assert taken == []


async def test_new_keys_are_fetched_when_they_are_needed_and_at_most_once_a_minute(
    acme: Company, speak: Speak, clock: ManualClock
) -> None:
    provider, new = speak(), Signer.fresh("ES256", "new")
    await provider.id_token(KEYS["RS256"].token(claims_of(acme)), clock.now())
    acme.published = [new]
    for _ in range(50):
        with pytest.raises(NotAccepted, match="unknown-key"):
            await provider.id_token(new.token(claims_of(acme)), clock.now())
    assert acme.fetched.count("/jwks") == 1
    clock.advance(MINUTE)
    await provider.id_token(new.token(claims_of(acme)), clock.now())
    with pytest.raises(NotAccepted, match="unknown-key"):
        await provider.id_token(KEYS["RS256"].token(claims_of(acme)), clock.now())
    assert acme.fetched.count("/jwks") == 2


async def test_a_key_that_was_taken_back_counts_no_longer(acme: Company, speak: Speak, clock: ManualClock) -> None:
    provider = speak()
    await provider.id_token(KEYS["RS256"].token(claims_of(acme)), clock.now())
    acme.published = [KEYS["ES256"]]
    clock.advance(FRESH)
    with pytest.raises(NotAccepted, match="unknown-key"):
        await provider.id_token(KEYS["RS256"].token(claims_of(acme)), clock.now())


@pytest.mark.parametrize("keys", [b"", b"[]", b'{"keys": []}', b'{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}'])
async def test_keys_that_are_none_are_refused(acme: Company, speak: Speak, clock: ManualClock, keys: bytes) -> None:
    acme.raw["/jwks"] = keys
    with pytest.raises(NotAccepted, match="keys"):
        await speak().id_token(KEYS["RS256"].token(claims_of(acme)), clock.now())


async def test_an_issuer_that_names_itself_otherwise_is_refused(
    acme: Company, speak: Speak, clock: ManualClock
) -> None:
    acme.metadata["issuer"] = acme.issuer + "/"
    with pytest.raises(NotAccepted, match="metadata-issuer"):
        await speak().sign_in_address(AWAY, BACK, clock.now())
