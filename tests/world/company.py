"""A company's OpenID provider that can lie: in its metadata, its keys, its tokens, its answers. And a browser.

What it signs comes from forge.py, which makes what no library would make. Serve it with ``company``.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from chatwarden.clock import SECOND, Instant
from chatwarden.identity.company.rules import LOGOUT_EVENT
from tests.world.forge import Signer
from tests.world.upstream import Asked, Upstream, Writer, serving, whole

CLIENT, SECRET = "chatwarden", "s+cret:of~the%gateway"
VERIFIER = "the-page-keeps-this-to-itself-while-it-is-away"
KEYS = {name: Signer.fresh(name, name.lower()) for name in ("RS256", "ES256", "EdDSA")}

Claims = dict[str, Any]


def s256(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass
class LogoutSigner(Signer):
    """Signs logout tokens."""

    def header(self, **more: Any) -> dict[str, Any]:
        return {**super().header(), "typ": "logout+jwt", **more}


@dataclass
class Company:
    """What it says can be changed, field by field. ``sign`` makes an ID token of its claims; ``asked_for`` is what came to
    the token endpoint.
    """

    now: Callable[[], Instant]
    issuer: str = ""
    signer: Signer = field(default_factory=lambda: KEYS["RS256"])
    published: list[Signer] = field(default_factory=lambda: list(KEYS.values()))
    metadata: Claims = field(default_factory=dict)
    claims: Claims = field(default_factory=dict)
    userinfo: Claims = field(default_factory=dict)
    answer: Claims = field(default_factory=dict)
    status: dict[str, str] = field(default_factory=dict)
    raw: dict[str, bytes] = field(default_factory=dict)
    subject: str = "248289761001"
    sid: str = "there-1"
    sign: Callable[[Claims], str] | None = None
    fetched: list[str] = field(default_factory=list)
    asked_for: list[Claims] = field(default_factory=list)
    shown: list[dict[str, str]] = field(default_factory=list)
    _codes: dict[str, Claims] = field(default_factory=dict)

    @property
    def second(self) -> int:
        return self.now() // SECOND

    # -- in the browser

    def sign_in(self, location: str, **more: str) -> dict[str, str]:
        """The person signs in; what the browser brings back."""
        parts = urlsplit(location)
        asked = {name: values[0] for name, values in parse_qs(parts.query, strict_parsing=True).items()}
        assert location.startswith(self.issuer + "/authorize"), location
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": self.issuer, **more}

    def redirect_of(self, location: str) -> str:
        """Where the provider would send the browser."""
        return parse_qs(urlsplit(location).query)["redirect_uri"][0]

    # -- at its own address

    async def __call__(self, upstream: Upstream, asked: Asked, writer: Writer) -> None:
        path = urlsplit(asked.path).path.removeprefix(urlsplit(self.issuer).path.rstrip("/"))
        self.fetched.append(path)
        said = {
            "/.well-known/openid-configuration": self._metadata,
            "/jwks": lambda _: {"keys": [{**one.jwk, "use": "sig"} for one in self.published]},
            "/token": self._token,
            "/userinfo": self._userinfo,
        }[path](asked)
        body = self.raw.get(path, json.dumps(said).encode())
        status = self.status.get(path, "200 OK" if "error" not in said else "400 Bad Request")
        await whole(body, status=status)(upstream, asked, writer)

    def _metadata(self, _asked: Asked) -> Claims:
        at = self.issuer
        told = {
            "issuer": at, "authorization_endpoint": f"{at}/authorize", "token_endpoint": f"{at}/token",
            "jwks_uri": f"{at}/jwks", "userinfo_endpoint": f"{at}/userinfo", "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"],
            "code_challenge_methods_supported": ["S256"], "authorization_response_iss_parameter_supported": True,
            **self.metadata,
        }  # fmt: skip
        return {name: value for name, value in told.items() if value is not None}

    def _token(self, asked: Asked) -> Claims:
        form = {name: values[0] for name, values in parse_qs(asked.raw.decode(), strict_parsing=True).items()}
        self.asked_for.append(form)
        self.shown.append(asked.headers)
        begun = self._codes.pop(form["code"], None)  # once
        if begun is None or s256(form["code_verifier"]) != begun["code_challenge"]:
            return {"error": "invalid_grant"}
        if form["redirect_uri"] != begun["redirect_uri"] or form["grant_type"] != "authorization_code":
            return {"error": "invalid_grant"}
        claims = {
            "iss": self.issuer, "sub": self.subject, "aud": CLIENT, "exp": self.second + 300, "iat": self.second,
            "nonce": begun["nonce"], "sid": self.sid, "jti": f"id-{len(self.asked_for)}", **self.claims,
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        token = self.signer.token(claims) if self.sign is None else self.sign(claims)
        return {"access_token": "the-access-token", "token_type": "Bearer", "id_token": token, **self.answer}

    def _userinfo(self, asked: Asked) -> Claims:
        if asked.headers.get("authorization") != "Bearer the-access-token":
            return {"error": "invalid_token"}
        return {"sub": self.subject, **self.userinfo}

    # -- its logouts

    def logout_claims(self, **more: Any) -> Claims:
        """Sound claims of a logout token; None leaves one out."""
        claims = {
            "iss": self.issuer, "aud": CLIENT, "iat": self.second, "exp": self.second + 120,
            "jti": f"out-{self.second}-{len(self.fetched)}-{id(more)}", "sub": self.subject, "sid": self.sid,
            "events": {LOGOUT_EVENT: {}}, **more,
        }  # fmt: skip
        return {name: value for name, value in claims.items() if value is not None}

    def logout_signer(self) -> LogoutSigner:
        return LogoutSigner(self.signer.key, self.signer.algorithm, self.signer.kid)

    def logout_token(self, **more: Any) -> str:
        return self.logout_signer().token(self.logout_claims(**more))


@asynccontextmanager
async def company(now: Callable[[], Instant], path: str = "") -> AsyncIterator[Company]:
    """A started provider."""
    made = Company(now)
    async with serving(made) as upstream:
        made.issuer = f"http://127.0.0.1:{upstream.port}{path}"
        yield made


def toml(issuer: str, name: str = "acme", more: str = 'default_role = "customer"\n') -> str:
    """Its table in the configuration of a gateway in lab mode; the secret lies in ``secrets/NAME``."""
    return f'[company.{name}]\nissuer = "{issuer}"\nclient = "{CLIENT}"\nsecret_file = "secrets/{name}"\n{more}'
