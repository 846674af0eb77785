"""Makes tokens without any library for tokens, so that it can make those that no library would: the hostile corpus.

Every flaw in it was an advisory against a widely used library (algorithm confusion, ``none``, keys in the header,
``crit`` that is passed over, empty HMAC keys, padded twins, huge segments) or is a rule of RFC 8725.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

Native = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def b64(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def segment(value: Any) -> str:
    """JSON as a segment."""
    return b64(json.dumps(value, separators=(",", ":")).encode())


def fresh_key(algorithm: str = "EdDSA") -> Native:
    """A new private key for *algorithm*."""
    if algorithm in {"EdDSA", "Ed25519"}:
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm == "ES256":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(65_537, 2_048)


@dataclass
class Signer:
    """A key and how it signs."""

    key: Native
    algorithm: str = "EdDSA"
    kid: str = ""

    @classmethod
    def fresh(cls, algorithm: str = "EdDSA", kid: str = "") -> Signer:
        return cls(fresh_key(algorithm), algorithm, kid)

    @property
    def public_pem(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    @property
    def private_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def jwk(self) -> dict[str, str]:
        public = self.key.public_key()
        named = {"kid": self.kid} if self.kid else {}
        if isinstance(public, ed25519.Ed25519PublicKey):
            return {**named, "kty": "OKP", "crv": "Ed25519", "x": b64(public.public_bytes_raw())}
        if isinstance(public, ec.EllipticCurvePublicKey):
            point = public.public_numbers()
            return {
                **named, "kty": "EC", "crv": "P-256", "x": b64(point.x.to_bytes(32, "big")),
                "y": b64(point.y.to_bytes(32, "big")),
            }  # fmt: skip
        numbers = public.public_numbers()
        return {
            **named, "kty": "RSA", "n": b64(numbers.n.to_bytes(numbers.n.bit_length() // 8, "big")),
            "e": b64(numbers.e.to_bytes(3, "big")),
        }  # fmt: skip

    @property
    def jwks(self) -> bytes:
        return json.dumps({"keys": [self.jwk]}).encode()

    def signature(self, signed: bytes) -> bytes:
        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            return self.key.sign(signed)
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            r, s = decode_dss_signature(self.key.sign(signed, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return self.key.sign(signed, padding.PKCS1v15(), hashes.SHA256())

    def header(self, **more: Any) -> dict[str, Any]:
        named = {"kid": self.kid} if self.kid else {}
        return {"alg": self.algorithm, "typ": "JWT", **named, **more}

    def token(self, claims: dict[str, Any], **more: Any) -> str:
        """Signs *claims* under a header with *more* in it."""
        return self.raw(segment(self.header(**more)), segment(claims))

    def raw(self, header: str, payload: str) -> str:
        """Signs two segments as they are."""
        return f"{header}.{payload}.{b64(self.signature(f'{header}.{payload}'.encode()))}"


def claims(issuer: str, audience: str, now: int, *, subject: str = "", life: int = 120, **more: Any) -> dict[str, Any]:
    """Sound claims; *now* and *life* are seconds."""
    return {
        "iss": issuer, "sub": subject or issuer, "aud": audience, "iat": now, "exp": now + life,
        "jti": uuid.uuid4().hex, **more,
    }  # fmt: skip


def without(sound: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in sound.items() if key != name}


def hmac_token(key: bytes, sound: dict[str, Any]) -> str:
    signed = f"{segment({'alg': 'HS256', 'typ': 'JWT'})}.{segment(sound)}"
    return f"{signed}.{b64(hmac.digest(key, signed.encode(), hashlib.sha256))}"


def hostile(signer: Signer, sound: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """By name: a token, and why it is refused. *sound* are claims that would be taken."""
    own = Signer.fresh(signer.algorithm, signer.kid)
    now, token = sound["iat"], signer.token(sound)
    head, payload, signature = token.split(".")
    unsigned = segment({"alg": "none", "typ": "JWT"}) + "." + payload
    raw = signer.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    inner = json.dumps(sound)
    twice = b64((inner[:-1] + f', "sub": {json.dumps(sound["sub"])}}}').encode())
    return {
        "a key of its own": (own.token(sound), "signature"),
        "a key in the header": (own.token(sound, jwk=own.jwk), "header-jwk"),
        "a link to a key": (own.token(sound, jku="https://attacker.example/jwks"), "header-jku"),
        "a link to a certificate": (own.token(sound, x5u="https://attacker.example/cert"), "header-x5u"),
        "a certificate of its own": (own.token(sound, x5c=["MIIB"]), "header-x5c"),
        "an unknown extension": (signer.token(sound, crit=["exp2"], exp2=1), "header-crit"),
        "a known extension": (signer.token(sound, crit=["b64"], b64=False), "header-crit"),
        "an empty list of extensions": (signer.token(sound, crit=[]), "header-crit"),
        "a body that is not encoded": (signer.token(sound, b64=False), "header-b64"),
        "no algorithm": (f"{unsigned}.", "malformed"),
        "no algorithm, with a signature": (f"{unsigned}.{signature}", "algorithm"),
        "no algorithm, spelled otherwise": (
            f"{segment({'alg': 'nOnE', 'typ': 'JWT'})}.{payload}.{signature}", "algorithm",
        ),
        "no header of an algorithm": (signer.raw(segment({"typ": "JWT"}), payload), "algorithm"),
        "an algorithm that is no text": (signer.raw(segment({"alg": ["EdDSA"], "typ": "JWT"}), payload), "algorithm"),
        "the public key as a secret": (hmac_token(signer.public_pem, sound), "algorithm"),
        "the public key as a secret, stripped": (hmac_token(signer.public_pem.strip(), sound), "algorithm"),
        "the bytes of the public key as a secret": (hmac_token(raw, sound), "algorithm"),
        "the published key as a secret": (hmac_token(json.dumps(signer.jwk).encode(), sound), "algorithm"),
        "an empty secret": (hmac_token(b"", sound), "algorithm"),
        "an encrypted token": (f"{segment({'alg': 'RSA1_5', 'enc': 'A128CBC-HS256'})}.AA.AA.AA.AA", "malformed"),
        "an encrypting header": (signer.token(sound, enc="A128GCM"), "header-enc"),
        "a compressed body": (signer.token(sound, zip="DEF"), "header-zip"),
        "another kind of token": (signer.token(sound, typ="at+jwt"), "type"),
        "a type that is no text": (signer.token(sound, typ=7), "type"),
        "a key id that is no text": (signer.token(sound, kid={"a": 1}), "malformed"),
        "a signature cut off": (f"{head}.{payload}.", "malformed"),
        "a signature bent": (f"{head}.{payload}.{'A' * len(signature)}", "signature"),
        "a body exchanged": (f"{head}.{segment({**sound, 'sub': 'admin'})}.{signature}", "signature"),
        "a header exchanged": (f"{segment(signer.header(x=1))}.{payload}.{signature}", "signature"),
        "two segments": (f"{head}.{payload}", "malformed"),
        "four segments": (f"{token}.AA", "malformed"),
        "a padded twin": (f"{token}==", "malformed"),
        "a twin with padding in the body": (f"{head}.{payload}=.{signature}", "malformed"),
        "a twin with a line end": (f"{token}\n", "malformed"),
        "a twin in the other alphabet": (f"{head}.{payload}.+{signature[1:]}", "malformed"),
        "a twin in its last bits": (f"{head}.{payload}.{_twin(signature)}", "malformed"),
        "letters that are none": (f"{head}.{payload}.{signature[:-1]}ä", "malformed"),
        "a huge body": (signer.token({**sound, "x": "x" * 20_000}), "oversized"),
        "a huge header": (signer.token(sound, x="x" * 4_000), "oversized"),
        "a huge signature": (f"{head}.{payload}.{'A' * 4_000}", "oversized"),
        "a body nested deeply": (signer.raw(head, b64(b"[" * 5_000 + b"]" * 5_000)), "malformed"),
        "a body that is no object": (signer.raw(head, segment([sound])), "malformed"),
        "a body that is no JSON": (signer.raw(head, b64(b"{")), "malformed"),
        "a body that is not UTF-8": (signer.raw(head, b64(b'{"sub": "\xff"}')), "malformed"),
        "a lone surrogate": (signer.raw(head, b64(b'{"sub": "\\ud800"}')), "malformed"),
        "not a number": (signer.raw(head, b64(b'{"exp": NaN}')), "malformed"),
        "a number of many digits": (signer.raw(head, b64(b'{"exp": ' + b"9" * 5_000 + b"}")), "malformed"),
        "a claim given twice": (signer.raw(head, twice), "malformed"),
        "a header given twice": (
            signer.raw(b64(f'{{"alg": "{signer.algorithm}", "alg": "none"}}'.encode()), payload), "malformed",
        ),
        "another issuer": (signer.token({**sound, "iss": "https://other.example"}), "issuer"),
        "another audience": (signer.token({**sound, "aud": "https://other.example"}), "audience"),
        "two audiences": (signer.token({**sound, "aud": [sound["aud"], "https://other.example"]}), "audience"),
        "no audience in a list": (signer.token({**sound, "aud": []}), "audience"),
        "an empty audience": (signer.token({**sound, "aud": ""}), "audience"),
        "an audience that is a prefix": (signer.token({**sound, "aud": sound["aud"][:-1]}), "audience"),
        "over": (signer.token({**sound, "iat": now - 600, "exp": now - 1}), "expired"),
        "over this second": (signer.token({**sound, "iat": now - 60, "exp": now}), "expired"),
        "not yet": (signer.token({**sound, "nbf": now + 3_600}), "not-yet"),
        "from the future": (signer.token({**sound, "iat": now + 3_600, "exp": now + 3_660}), "not-yet"),
        "for too long": (signer.token({**sound, "exp": now + 86_400}), "too-long"),
        "for ever": (signer.token({**sound, "exp": 1e300}), "bad-exp"),
        "a time that is a text": (signer.token({**sound, "exp": str(sound["exp"])}), "bad-exp"),
        "a time that is true": (signer.token({**sound, "exp": True}), "bad-exp"),
        "a time before time": (signer.token({**sound, "nbf": -1}), "bad-nbf"),
        "a subject that is a number": (signer.token({**sound, "sub": 7}), "bad-sub"),
        "an empty subject": (signer.token({**sound, "sub": ""}), "bad-sub"),
        "a subject with a zero byte": (signer.token({**sound, "sub": "a\0b"}), "bad-sub"),
        "a long id": (signer.token({**sound, "jti": "x" * 256}), "bad-jti"),
        **{f"no {name}": (signer.token(without(sound, name)), f"no-{name}") for name in ("iss", "aud", "exp", "jti")},
    }  # fmt: skip


def _twin(signature: str) -> str:
    """The same bytes in another spelling: what is left over of the last letter is not zero."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return signature[:-1] + alphabet[alphabet.index(signature[-1]) + 1]
