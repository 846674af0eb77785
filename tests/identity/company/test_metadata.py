"""What a provider says of itself is believed about its own issuer only, and only where it is sound."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatwarden.errors import NotAccepted
from chatwarden.identity.company.metadata import DOCUMENT_MAX, Metadata, address, metadata

ISSUER = "https://login.example.org/realms/staff"
SOUND: dict[str, Any] = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize?tenant=1",
    "token_endpoint": "https://tokens.example.org/token",
    "jwks_uri": f"{ISSUER}/jwks",
    "userinfo_endpoint": f"{ISSUER}/me",
    "response_types_supported": ["code", "id_token"],
    "id_token_signing_alg_values_supported": ["none", "HS256", "RS256", "ES256", "RS512"],
    "token_endpoint_auth_methods_supported": ["client_secret_post"],
    "code_challenge_methods_supported": ["plain", "S256"],
    "authorization_response_iss_parameter_supported": True,
}


def said(**more: Any) -> bytes:
    return json.dumps({name: value for name, value in {**SOUND, **more}.items() if value is not None}).encode()


def test_the_address_is_made_from_the_issuer() -> None:
    assert address(ISSUER) == f"{ISSUER}/.well-known/openid-configuration"
    assert address("https://a.example/") == "https://a.example/.well-known/openid-configuration"


def test_what_is_sound_is_taken_with_algorithms_that_we_take() -> None:
    assert metadata(said(), ISSUER) == Metadata(
        ISSUER, SOUND["authorization_endpoint"], SOUND["token_endpoint"], SOUND["jwks_uri"], SOUND["userinfo_endpoint"],
        ("ES256", "RS256"), basic=False, says_issuer=True,
    )  # fmt: skip


def test_what_is_left_out_is_what_the_standards_say() -> None:
    found = metadata(
        said(userinfo_endpoint=None, id_token_signing_alg_values_supported=None, response_types_supported=None,
             token_endpoint_auth_methods_supported=None, code_challenge_methods_supported=None,
             authorization_response_iss_parameter_supported=None), ISSUER,
    )  # fmt: skip
    assert (found.userinfo_endpoint, found.basic, found.says_issuer) == ("", True, False)
    assert found.algorithms == ("EdDSA", "Ed25519", "ES256", "RS256", "PS256")


@pytest.mark.asvs("10.5.3")
@pytest.mark.parametrize(
    "issuer",
    [f"{ISSUER}/", ISSUER.upper(), ISSUER.replace("https", "http"), "https://login.example.org", f"{ISSUER} ", None, 7,
     [ISSUER], ISSUER.replace("login", "login%2e"), "https://login.example.org:443/realms/staff"],
)  # fmt: skip
def test_another_issuer_is_refused_letter_by_letter(issuer: Any) -> None:
    with pytest.raises(NotAccepted, match="metadata-issuer"):
        metadata(said(issuer=issuer), ISSUER)


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"])
@pytest.mark.parametrize(
    "value",
    ["http://login.example.org/x", "http://127.0.0.1/x", "file:///etc/passwd", "javascript:alert(1)", "/token", "",
     "https://", "https://user@login.example.org/x", "https://a.example/x#y", "https://a.example/x y",
     "https://a.example/x\r\nSet-Cookie: a=b", "https://a.example:0/x", "https://a.example:x/", "https://ä.example/",
     "https://[::1/x", 7, ["https://a.example/"], "https://a.example/" + "x" * 2_048],
)  # fmt: skip
def test_an_endpoint_that_is_not_sound_is_refused(name: str, value: Any) -> None:
    with pytest.raises(NotAccepted, match="metadata-endpoint"):
        metadata(said(**{name: value}), ISSUER)


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_an_endpoint_that_is_missing_is_refused(name: str) -> None:
    with pytest.raises(NotAccepted, match="metadata-endpoint"):
        metadata(said(**{name: None}), ISSUER)


def test_plain_http_is_taken_on_loopback_where_the_issuer_is_there_too() -> None:
    near = "http://127.0.0.1:8000"
    here = {f"{name}": f"{near}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    found = metadata(said(issuer=near, userinfo_endpoint=None, **here), near)
    assert found.token_endpoint == "http://127.0.0.1:8000/token_endpoint"
    with pytest.raises(NotAccepted, match="metadata-endpoint"):
        metadata(said(issuer=near, **{**here, "token_endpoint": "http://login.example.org/token"}), near)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"id_token_signing_alg_values_supported": ["none", "HS256"]}, "metadata-algorithms"),
        ({"id_token_signing_alg_values_supported": "RS256"}, "metadata-algorithms"),
        ({"id_token_signing_alg_values_supported": []}, "metadata-algorithms"),
        ({"response_types_supported": ["id_token"]}, "metadata-response-types"),
        ({"code_challenge_methods_supported": ["plain"]}, "metadata-pkce"),
    ],
)
def test_who_cannot_do_what_we_need_is_refused(more: dict[str, Any], reason: str) -> None:
    with pytest.raises(NotAccepted) as refused:
        metadata(said(**more), ISSUER)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b'"x"', b"\xff", said()[:-1] + b', "issuer": "https://evil.example"}', b"[" * 50_000,
     said(x="x" * DOCUMENT_MAX), b'{"issuer": NaN}'],
)  # fmt: skip
def test_what_is_no_sound_document_is_refused(data: bytes) -> None:
    with pytest.raises(NotAccepted, match="metadata-malformed"):
        metadata(data, ISSUER)
