"""Who may come in: accounts of bots, by secret, by key, by password or API key, and tokens for them.

Tokens are OAuth 2.0: client credentials (RFC 6749 section 4.4) with a secret or a signed assertion (RFC 7523), and token
exchange (RFC 8693) against a token that the gateway signed for one person. They are opaque, short-lived, kept hashed, and
can be taken back (RFC 7009).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import ssl
import threading
import time
import urllib.request
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import KeySet
from joserfc.jwk import import_key as imported

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ["EdDSA", "ES256", "ES384", "ES512", "RS256"]
LIFE = 120
warnings.simplefilter("ignore", SecurityWarning)  # of the name EdDSA, which the gateway signs under


class Refused(Exception):
    """An OAuth error (RFC 6749 section 5.2)."""

    def __init__(self, word: str, status: int = 400) -> None:
        super().__init__(word)
        self.word = word
        self.status = status


@dataclass(frozen=True)
class Caller:
    """Who asks: an account, and the person on whose behalf (or nobody)."""

    account: str
    person: str | None = None


@dataclass
class Accounts:
    """``known``: accounts as in accounts.json, by name: ``secret``, ``key`` (public, PEM), ``password`` or ``api_key``.
    ``issuer``: the gateway whose tokens for persons are believed; ``me``: how this application's token endpoint is named;
    ``revocations``: how many tokens it takes back before it refuses to, if it ever does.
    """

    known: dict[str, dict[str, str]]
    issuer: str
    me: str
    authority: Path | None = None
    revocations: int | None = None
    _tokens: dict[bytes, tuple[Caller, float]] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    # -- tokens

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any]:
        """A token for who asks. Raises Refused."""
        account = self._client(form, authorization)
        kind = form.get("grant_type")
        if kind == "client_credentials":
            return self._issued(Caller(account))
        if kind == EXCHANGE:
            told = self._issued(Caller(account, self._person(form, account)))
            return {**told, "issued_token_type": "urn:ietf:params:oauth:token-type:access_token"}
        raise Refused("unsupported_grant_type")

    def revoke(self, form: dict[str, str], authorization: str) -> None:
        """Takes a token of the client back. Raises Refused."""
        account = self._client(form, authorization)
        if self.revocations is not None:
            if self.revocations <= 0:
                raise Refused("temporarily_unavailable", 503)
            self.revocations -= 1
        key = _digest(form.get("token", ""))
        with self._lock:
            if key in self._tokens and self._tokens[key][0].account == account:
                del self._tokens[key]

    def _issued(self, caller: Caller) -> dict[str, Any]:
        token = "otk_" + secrets.token_urlsafe(32)
        with self._lock:
            self._tokens[_digest(token)] = caller, time.time() + LIFE
        return {"access_token": token, "token_type": "Bearer", "expires_in": LIFE}

    # -- who asks for one

    def _client(self, form: dict[str, str], authorization: str) -> str:
        if form.get("client_assertion_type") == ASSERTION:
            return self._by_key(form.get("client_assertion", ""))
        account, _, secret = _basic(authorization)
        account, secret = unquote_plus(account), unquote_plus(secret)
        if not _same(self.known.get(account, {}).get("secret", ""), secret):
            raise Refused("invalid_client", 401)
        return account

    def _by_key(self, assertion: str) -> str:
        try:
            account = str(json.loads(_part(assertion))["iss"])
            key = imported(self.known[account]["key"], _kind(self.known[account]["key"]))
            claims = jwt.decode(assertion, key, algorithms=ALGORITHMS).claims
        except (JoseError, ValueError, KeyError, TypeError):
            raise Refused("invalid_client", 401) from None
        fine = claims.get("sub") == account and claims.get("aud") == self.me and self._fresh(claims)
        if not fine:
            raise Refused("invalid_client", 401)
        return account

    def _person(self, form: dict[str, str], account: str) -> str:
        """Whom the subject token stands for; it must let this very account act."""
        try:
            claims = jwt.decode(form.get("subject_token", ""), self._keys(), algorithms=ALGORITHMS).claims
        except (JoseError, ValueError, TypeError):
            raise Refused("invalid_grant") from None
        except OSError:  # the gateway's keys cannot be fetched
            raise Refused("temporarily_unavailable", 503) from None
        fine = claims.get("iss") == self.issuer and claims.get("aud") == self.me and self._fresh(claims)
        if not fine or claims.get("may_act") != {"sub": account}:
            raise Refused("invalid_grant")
        return str(claims["sub"])

    def _fresh(self, claims: dict[str, Any]) -> bool:
        """Whether a token is of now, and shown for the first time."""
        now, jti = time.time(), str(claims.get("jti"))
        with self._lock:
            if not claims.get("iat", now) - 5 <= now < claims.get("exp", 0) <= now + 300 or jti in self._seen:
                return False
            self._seen.add(jti)
        return True

    def _keys(self) -> KeySet:
        context = ssl.create_default_context(cafile=None if self.authority is None else str(self.authority))
        with urllib.request.urlopen(f"{self.issuer}/oauth/jwks", context=context, timeout=5) as answer:
            return KeySet.import_key_set(json.load(answer))

    # -- who asks for something else

    def caller(self, authorization: str, api_key: str) -> Caller | None:
        """Who shows this, or nobody."""
        if api_key:
            return self._with("api_key", api_key)
        scheme, _, shown = authorization.partition(" ")
        if scheme == "Basic":
            account, _, password = _basic(authorization)
            return Caller(account) if _same(self.known.get(account, {}).get("password", ""), password) else None
        if scheme != "Bearer":
            return None
        with self._lock:
            caller, until = self._tokens.get(_digest(shown), (None, 0.0))
        return caller if time.time() < until else self._with("token", shown)

    def _with(self, kind: str, shown: str) -> Caller | None:
        found = [name for name, account in self.known.items() if _same(account.get(kind, ""), shown)]
        return Caller(found[0]) if found else None


def _basic(authorization: str) -> tuple[str, str, str]:
    try:
        return base64.b64decode(authorization.removeprefix("Basic "), validate=True).decode().partition(":")
    except ValueError:
        return "", "", ""


def _same(kept: str, shown: str) -> bool:
    return bool(kept) and hmac.compare_digest(kept.encode(), shown.encode())


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _part(token: str) -> bytes:
    middle = token.split(".")[1]
    return base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4))


def _kind(pem: str) -> Any:
    """RSA, EC or OKP."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    key = load_pem_public_key(pem.encode())
    return "RSA" if isinstance(key, rsa.RSAPublicKey) else "EC" if isinstance(key, ec.EllipticCurvePublicKey) else "OKP"
