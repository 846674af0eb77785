"""What a provider says of itself (OpenID Connect Discovery 1.0, RFC 8414): read strictly, believed only about the issuer
that was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from chatwarden.config.model import is_loopback
from chatwarden.errors import NotAccepted
from chatwarden.identity.jose import ALGORITHMS
from chatwarden.identity.keys import strict_json

DOCUMENT_MAX = 65_536
_URL_MAX = 2_048


@dataclass(frozen=True, slots=True)
class Metadata:
    """Where things are and what is spoken there. ``says_issuer``: every answer names its issuer (RFC 9207)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    algorithms: tuple[str, ...]
    basic: bool
    says_issuer: bool


def address(issuer: str) -> str:
    """Where the metadata of *issuer* is (Discovery, section 4)."""
    return issuer.removesuffix("/") + "/.well-known/openid-configuration"


def metadata(data: bytes, issuer: str) -> Metadata:
    """The metadata in *data*, which must be that of *issuer*, letter by letter (Discovery, section 4.3). Plain http only
    where the issuer itself is on loopback. Raises NotAccepted.
    """
    document = _object(data)
    if document.get("issuer") != issuer:
        raise NotAccepted("metadata-issuer")
    plain = issuer.startswith("http://")
    ends = {name: _endpoint(document, name, plain) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    has_userinfo = "userinfo_endpoint" in document
    algorithms = _words(document, "id_token_signing_alg_values_supported", ALGORITHMS)
    methods = _words(document, "token_endpoint_auth_methods_supported", ("client_secret_basic",))
    found = Metadata(
        issuer,
        userinfo_endpoint=_endpoint(document, "userinfo_endpoint", plain) if has_userinfo else "",
        algorithms=tuple(one for one in ALGORITHMS if one in algorithms),
        basic="client_secret_basic" in methods,
        says_issuer=document.get("authorization_response_iss_parameter_supported") is True,
        **ends,
    )
    if not found.algorithms:
        raise NotAccepted("metadata-algorithms")
    if "code" not in _words(document, "response_types_supported", ("code",)):
        raise NotAccepted("metadata-response-types")
    # A provider that lists none may know PKCE all the same; it is sent in any case.
    if "S256" not in _words(document, "code_challenge_methods_supported", ("S256",)):
        raise NotAccepted("metadata-pkce")
    return found


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = strict_json(data) if len(data) <= DOCUMENT_MAX else None
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise NotAccepted("metadata-malformed")
    return value


def _endpoint(document: dict[str, Any], name: str, plain: bool) -> str:
    value = document.get(name)
    if not isinstance(value, str) or len(value) > _URL_MAX or not value.isascii() or not value.isprintable():
        raise NotAccepted("metadata-endpoint")
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise NotAccepted("metadata-endpoint") from None
    sound = parts.scheme == "https" or (plain and parts.scheme == "http" and is_loopback(host))
    if not sound or not host or port == 0 or parts.username is not None or "#" in value or " " in value:
        raise NotAccepted("metadata-endpoint")
    return value


def _words(document: dict[str, Any], name: str, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    value = document.get(name)
    if value is None:
        return otherwise
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()
