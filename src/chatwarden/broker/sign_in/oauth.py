"""What the OAuth kinds share: a request to a token endpoint (RFC 6749 section 3.2), its answer, and taking a token back
(RFC 7009). A client shows who it is by a secret (RFC 6749 section 2.3.1) or by a key (RFC 7523 section 2.2): which of both
is seen by the credential itself.
"""

from __future__ import annotations

import base64
import json
import re
from urllib.parse import quote_plus, urlencode

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from chatwarden.broker.sign_in.model import Form, Means, NotSignedIn, Shown
from chatwarden.clock import DAY, MINUTE, SECOND
from chatwarden.ids import new_id

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LIFE = 5 * MINUTE  # where expires_in is left out (RFC 6749 section 5.1 recommends it)
_ASSERTION_LIFE = 60
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{1,16384}=*")  # RFC 6750 section 2.1
_ERROR = re.compile(r"[a-z_]{1,32}")
_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
_FORM = ("content-type", "application/x-www-form-urlencoded")


class _Granted(msgspec.Struct):
    access_token: str
    token_type: str
    expires_in: float | None = None


class _Refused(msgspec.Struct):
    error: str


_granted = msgspec.json.Decoder(_Granted, strict=False).decode
_refused = msgspec.json.Decoder(_Refused).decode


async def token(means: Means, form: Form) -> Shown:
    """A token for *form*. Raises NotSignedIn or Unreached."""
    application = means.application
    headers, proof = _client(means)
    for name, value in (("scope", application.scope), ("audience", application.audience)):
        if value:
            form[name] = value
    answer = await means.post(application.token_url, headers, urlencode({**form, **proof}).encode("ascii"))
    if answer.status != 200:
        raise NotSignedIn(_error(answer.body))
    try:
        granted = _granted(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise NotSignedIn("malformed") from None
    if granted.token_type.lower() != "bearer" or not _TOKEN.fullmatch(granted.access_token):
        raise NotSignedIn("malformed")
    life = _LIFE if granted.expires_in is None else int(min(max(granted.expires_in, 0), DAY // SECOND) * SECOND)
    secrets = (granted.access_token, *_secrets(means.secret))
    return Shown(
        ("authorization", f"Bearer {granted.access_token}"), secrets, granted.access_token, means.now + life
    )  # fmt: skip


async def revoke(means: Means, taken: str) -> None:
    """Takes the token *taken* back. Raises NotSignedIn or Unreached."""
    headers, proof = _client(means)
    form = {"token": taken, "token_type_hint": "access_token", **proof}
    answer = await means.post(means.application.revoke_url, headers, urlencode(form).encode("ascii"))
    if answer.status != 200:
        raise NotSignedIn(_error(answer.body))


def is_key(secret: str) -> bool:
    """Whether a credential is a private key."""
    return secret.lstrip().startswith("-----BEGIN")


def key_of(secret: str) -> tuple[RSAKey | ECKey | OKPKey, str]:
    """The key in PEM and its algorithm. Raises ValueError."""
    try:
        native = load_pem_private_key(secret.encode(), None)
    except (ValueError, TypeError):
        raise ValueError("this is no private key in PEM without a password") from None
    if isinstance(native, rsa.RSAPrivateKey) and native.key_size >= 2048:
        return RSAKey.import_key(native), "RS256"
    if isinstance(native, ec.EllipticCurvePrivateKey) and native.curve.name in _CURVES:
        return ECKey.import_key(native), _CURVES[native.curve.name]
    if isinstance(native, ed25519.Ed25519PrivateKey):
        return OKPKey.import_key(native), "EdDSA"
    raise ValueError("keys are RSA from 2048 bits, ECDSA (P-256, P-384, P-521) or Ed25519")


def _client(means: Means) -> tuple[list[tuple[str, str]], Form]:
    """How the client shows who it is: header fields and form fields."""
    account = means.application.account
    headers = [_FORM, ("accept", "application/json")]
    if not is_key(means.secret):
        pair = f"{quote_plus(account)}:{quote_plus(means.secret)}".encode("ascii")
        return [*headers, ("authorization", "Basic " + base64.b64encode(pair).decode("ascii"))], {}
    key, algorithm = key_of(means.secret)
    now = means.now // SECOND
    claims = {
        "iss": account, "sub": account, "aud": means.application.token_url, "iat": now, "exp": now + _ASSERTION_LIFE,
        "jti": new_id("jwt", means.random),
    }  # fmt: skip
    header = {"alg": algorithm, "typ": "JWT"}
    signed = jws.serialize_compact(header, json.dumps(claims), key, registry=jws.JWSRegistry(algorithms=[algorithm]))
    return headers, {"client_id": account, "client_assertion_type": _ASSERTION, "client_assertion": signed}


def _secrets(secret: str) -> tuple[str, ...]:
    """By what an echo of the credential is known: of a key by its lines, which come back as they are or not at all."""
    return tuple(line for line in secret.splitlines() if not line.startswith("-----")) if is_key(secret) else (secret,)


def _error(body: bytes) -> str:
    """The word of an error answer (RFC 6749 section 5.2), where it is one."""
    try:
        word = _refused(body).error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return "refused"
    return word if _ERROR.fullmatch(word) else "refused"
