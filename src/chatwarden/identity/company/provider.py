"""One company's provider, as the gateway speaks with it: metadata, keys, the exchange of a code, userinfo.

OpenID Connect Core 1.0, with PKCE (RFC 7636) always and the code flow only. The client shows who it is by its secret or
by a signed assertion (private_key_jwt, RFC 7523), never by both.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlencode

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from chatwarden.clock import DAY, MINUTE, SECOND, Duration, Instant
from chatwarden.config.files import credential, private
from chatwarden.config.model import CompanyConfig
from chatwarden.errors import ConfigurationError, NotAccepted
from chatwarden.identity import jose
from chatwarden.identity.company.kept import Kept
from chatwarden.identity.company.metadata import Metadata, address, metadata
from chatwarden.identity.company.model import Attempt
from chatwarden.identity.jose import Expected, Verified
from chatwarden.identity.keys import Keys, from_jwks, strict_json
from chatwarden.ids import Randomness
from chatwarden.log import get_logger
from chatwarden.outgoing import Answer, Outgoing, Unreachable

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION: Duration = MINUTE
_LONGEST: Duration = DAY  # for an ID token; its nonce and its code bind it to this login in any case
_LOGOUT: Duration = 5 * MINUTE  # for a logout token; the standard recommends two (section 2.4)
# What a token endpoint may say (RFC 6749, section 5.2): the log shows these words and no others.
_SAID = ("invalid_client", "invalid_grant", "invalid_request", "invalid_scope", "unauthorized_client")
_CHANGED = ("unknown-key", "signature")
_log = get_logger("company")


class CompanyProvider:
    """The provider of one company. Raises ConfigurationError for a file that cannot be used."""

    def __init__(self, config: CompanyConfig, home: Path, random: Randomness = os.urandom) -> None:
        self.config = config
        self._random = random
        self._secret = "" if config.secret_file is None else credential(home / config.secret_file, "secret_file")
        self._key = None if config.key_file is None else _signer(home / config.key_file)
        self._outgoing = Outgoing(None if config.ca_file is None else home / config.ca_file)
        self._metadata = Kept(self._fetch_metadata)
        self._keys = Kept(self._fetch_keys)
        self._jwks_uri = ""

    async def metadata(self, now: Instant) -> Metadata:
        """Where things are. Raises NotAccepted or Unreachable."""
        return await self._metadata.get(now)

    async def sign_in_address(self, attempt: Attempt, redirect: str, now: Instant) -> str:
        """Where a browser goes to sign in (Core, section 3.1.2.1). Raises NotAccepted or Unreachable."""
        found = await self.metadata(now)
        asked = {
            "response_type": "code",
            "client_id": self.config.client,
            "redirect_uri": redirect,
            "scope": " ".join(self.config.scopes),
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": s256(attempt.verifier),
            "code_challenge_method": "S256",
        }
        if self.config.max_age:
            asked["max_age"] = str(self.config.max_age // SECOND)
        if self.config.acr_values:
            asked["acr_values"] = " ".join(self.config.acr_values)
        joint = "&" if "?" in found.authorization_endpoint else "?"
        return found.authorization_endpoint + joint + urlencode(asked)

    async def exchange(self, code: str, attempt: Attempt, redirect: str, now: Instant) -> tuple[str, str]:
        """The ID token and the access token for *code*. Raises NotAccepted or Unreachable."""
        found = await self.metadata(now)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "code_verifier": attempt.verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        self._show_client(form, headers, found, now)
        answer = await self._outgoing.fetch("POST", found.token_endpoint, headers, urlencode(form).encode("ascii"))
        if answer.status != 200:
            raise self._refused(answer)
        told = _json(answer)
        tokens = told.get("id_token"), told.get("access_token", "")
        if not all(isinstance(one, str) for one in tokens) or str(told.get("token_type", "")).lower() != "bearer":
            raise NotAccepted("token-answer")
        return str(tokens[0]), str(tokens[1])

    def _show_client(self, form: dict[str, str], headers: dict[str, str], found: Metadata, now: Instant) -> None:
        client = self.config.client
        if self._key is not None:
            form |= {"client_id": client, "client_assertion_type": ASSERTION_TYPE, "client_assertion": self._said(now)}
        elif found.basic:
            pair = f"{quote_plus(client)}:{quote_plus(self._secret)}"  # RFC 6749, section 2.3.1
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode("ascii")).decode()
        else:
            form |= {"client_id": client, "client_secret": self._secret}

    def _said(self, now: Instant) -> str:
        """An assertion for this provider and no other: ``aud`` is its issuer."""
        assert self._key is not None
        algorithm, key = self._key
        claims = {
            "iss": self.config.client, "sub": self.config.client, "aud": self.config.issuer,
            "jti": self._random(16).hex(), "iat": now // SECOND, "exp": (now + _ASSERTION) // SECOND,
        }  # fmt: skip
        header = {"alg": algorithm, "typ": "JWT"}
        return jws.serialize_compact(header, json.dumps(claims), key, registry=jose.registry(algorithm))

    def _refused(self, answer: Answer) -> NotAccepted | Unreachable:
        if answer.status >= 500:
            return Unreachable("the token endpoint failed")
        try:
            error = _json(answer).get("error")
        except NotAccepted:
            error = None
        word = str(error) if error in _SAID else "other"
        _log.warning("code-not-exchanged", company=self.config.name, status=answer.status, error=word)
        return NotAccepted("exchange")

    async def userinfo(self, token: str, subject: str, now: Instant) -> dict[str, Any]:
        """Claims that did not come with the ID token, if they are of the same person (Core, section 5.3.2). Raises
        NotAccepted or Unreachable.
        """
        found = await self.metadata(now)
        if not found.userinfo_endpoint or not token:
            return {}
        if not token.isascii() or not token.isprintable():
            raise NotAccepted("token-answer")
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        answer = await self._outgoing.fetch("GET", found.userinfo_endpoint, headers)
        if answer.status != 200:
            raise NotAccepted("userinfo")
        claims = _json(answer)
        if claims.get("sub") != subject:
            raise NotAccepted("userinfo-subject")
        return claims

    # -- tokens of theirs

    async def id_token(self, token: str, now: Instant) -> Verified:
        """*token* as an ID token for us. Raises NotAccepted or Unreachable."""
        return await self._verified(token, ("sub", "iat", "nonce"), jose.PLAIN, _LONGEST, now)

    async def logout_token(self, token: str, now: Instant) -> Verified:
        """*token* as a logout token for us. Raises NotAccepted or Unreachable."""
        return await self._verified(token, ("iat", "jti", "events"), ("logout+jwt",), _LOGOUT, now)

    async def _verified(
        self, token: str, required: tuple[str, ...], types: tuple[str, ...], longest: Duration, now: Instant
    ) -> Verified:
        found = await self.metadata(now)
        expected = Expected(
            issuer=found.issuer, audiences=(self.config.client,), longest=longest, required=required, types=types,
            algorithms=found.algorithms,
        )  # fmt: skip
        try:
            return jose.verified(token, await self._keys.get(now), expected, now)
        except NotAccepted as refused:
            if refused.reason not in _CHANGED:
                raise
        # They may have new keys since.
        return jose.verified(token, await self._keys.get(now, anew=True), expected, now)

    # -- what is fetched

    async def _fetch_metadata(self) -> Metadata:
        with self._told():
            found = metadata(await self._get(address(self.config.issuer)), self.config.issuer)
        self._jwks_uri = found.jwks_uri
        return found

    async def _fetch_keys(self) -> Keys:
        with self._told():
            try:
                return from_jwks(await self._get(self._jwks_uri))
            except ValueError:
                raise NotAccepted("keys") from None

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Whoever runs the gateway reads why; the words are ours."""
        try:
            yield
        except (NotAccepted, Unreachable) as error:
            reason = str(error).replace(" ", "-")
            _log.warning("provider-not-usable", company=self.config.name, reason=reason)
            raise

    async def _get(self, url: str) -> bytes:
        answer = await self._outgoing.fetch("GET", url, {"Accept": "application/json"})
        if answer.status != 200:
            raise Unreachable("it has nothing to say there")
        return answer.body


def s256(verifier: str) -> str:
    """The challenge of a verifier (RFC 7636, section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode()


def _json(answer: Answer) -> dict[str, Any]:
    try:
        value = strict_json(answer.body)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise NotAccepted("malformed-answer")
    return value


def _signer(path: Path) -> tuple[str, RSAKey | ECKey | OKPKey]:
    """The private key in *path* and the one algorithm that it is used with."""
    try:
        native = load_pem_private_key(private(path, "key_file"), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        native = None
    if isinstance(native, rsa.RSAPrivateKey) and native.key_size >= 2_048:
        return "RS256", RSAKey.import_key(native)
    if isinstance(native, ec.EllipticCurvePrivateKey) and native.curve.name == "secp256r1":
        return "ES256", ECKey.import_key(native)
    if isinstance(native, ed25519.Ed25519PrivateKey):
        return "EdDSA", OKPKey.import_key(native)
    raise ConfigurationError(
        f"{path} holds no private key that can be used",
        hint="PEM without a passphrase: RSA of 2048 bits or more, ECDSA on P-256, or Ed25519", setting="key_file",
    )  # fmt: skip
