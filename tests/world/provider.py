"""An identity provider: gives tokens to a client it knows (RFC 6749 section 4.4) and publishes the key that signs them
(RFC 7517), as the Bot Framework's does. Serve it like any behaviour.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote_plus

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from chatwarden.clock import SECOND, SystemClock
from tests.world.upstream import Asked, Upstream, Writer, whole

ISSUER = "https://api.botframework.com"
CLIENT, SECRET, AUDIENCE = "gateway", "s+cret:of~the%gateway", "the-bot"


@dataclass
class Provider:
    """What it gives can be changed."""

    audience: str = AUDIENCE
    secret: str = SECRET
    life: object = 3600
    given: list[str] = field(default_factory=list)
    scopes: list[str] = field(default_factory=list)
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    async def __call__(self, upstream: Upstream, asked: Asked, writer: Writer) -> None:
        if asked.path == "/keys":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
            await self._say({"keys": [{**public, "kid": "1", "use": "sig", "alg": "RS256"}]}, upstream, asked, writer)
            return
        kind, _, pair = asked.headers["authorization"].partition(" ")
        client, _, secret = base64.b64decode(pair).decode().partition(":")
        form = parse_qs(asked.raw.decode(), strict_parsing=True)
        known = (kind, unquote_plus(client), unquote_plus(secret)) == ("Basic", CLIENT, self.secret)
        if asked.path != "/token" or not known or form.pop("grant_type") != ["client_credentials"]:
            await whole(b'{"error": "invalid_client"}', status="401 Unauthorized")(upstream, asked, writer)
            return
        self.scopes += form.pop("scope", [])
        now = SystemClock().now() // SECOND
        claims = {"iss": ISSUER, "aud": self.audience, "nbf": now, "exp": now + 3600, "jti": str(len(self.given))}
        self.given.append(jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "1"}))
        granted = {"access_token": self.given[-1], "token_type": "Bearer", "expires_in": self.life}
        await self._say(granted, upstream, asked, writer)

    async def _say(self, said: Any, upstream: Upstream, asked: Asked, writer: Writer) -> None:
        await whole(json.dumps(said).encode())(upstream, asked, writer)
