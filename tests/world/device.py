"""A browser with an authenticator in it: the other side of passkeys, on Yubico's fido2 library and its own arithmetic.

It does what the options say, and then what its fields say: each of them bends one thing that a right answer has.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256, ES384, RS256, CoseKey, EdDSA
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AuthenticatorData,
    CollectedClientData,
    PublicKeyCredentialCreationOptions,
    PublicKeyCredentialRequestOptions,
)

FLAG = AuthenticatorData.FLAG
PRESENT, VERIFIED = FLAG.UP, FLAG.UP | FLAG.UV
SYNCED = VERIFIED | FLAG.BE | FLAG.BS

_MAKE: dict[type[CoseKey], Callable[[], PrivateKeyTypes]] = {
    ES256: lambda: ec.generate_private_key(ec.SECP256R1()),
    ES384: lambda: ec.generate_private_key(ec.SECP384R1()),
    EdDSA: ed25519.Ed25519PrivateKey.generate,
    RS256: lambda: rsa.generate_private_key(65537, 2048),
}


@dataclass
class Passkey:
    """One key that the authenticator keeps. Whoever copies it has a clone."""

    id: bytes
    rp_id: str
    user_handle: bytes
    private: PrivateKeyTypes
    count: int


@dataclass
class Authenticator:
    """Where somebody keeps passkeys. ``origin`` is the page that asks. ``counting`` by 0 is how synced passkeys count."""

    origin: str = "https://chat.example.org"
    algorithm: type[CoseKey] = ES256
    flags: FLAG = VERIFIED
    counting: int = 1
    id_size: int = 32
    passkeys: list[Passkey] = field(default_factory=list)

    # What bends an answer
    rp_id: str = ""
    challenge: bytes = b""
    type: str = ""
    client: dict[str, Any] = field(default_factory=dict)
    cose: dict[int, Any] = field(default_factory=dict)
    statement: tuple[str, dict[str, Any]] = ("none", {})
    tail: bytes = b""

    def create(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """What ``navigator.credentials.create`` gives for the JSON of its options, as JSON."""
        asked = PublicKeyCredentialCreationOptions.from_dict(options)
        assert asked.rp.id is not None
        private = _MAKE[self.algorithm]()
        passkey = Passkey(os.urandom(self.id_size), asked.rp.id, asked.user.id, private, 0)
        self.passkeys.append(passkey)
        cose = {**self.algorithm.from_cryptography_key(private.public_key()), **self.cose}
        attested = bytes(16) + struct.pack(">H", len(passkey.id)) + passkey.id + cbor.encode(cose)
        data = self._data(passkey, FLAG.AT, attested)
        form, statement = self.statement
        attestation = cbor.encode({"fmt": form, "attStmt": statement, "authData": data})
        response = {
            "clientDataJSON": websafe_encode(self._client(CollectedClientData.TYPE.CREATE, asked.challenge)),
            "attestationObject": websafe_encode(attestation),
            "authenticatorData": websafe_encode(data),
            "transports": ["internal", "hybrid"],
            "publicKeyAlgorithm": self.algorithm.ALGORITHM,
        }
        return self._credential(passkey, response)

    def get(self, options: Mapping[str, Any], passkey: Passkey | None = None) -> dict[str, Any]:
        """What ``navigator.credentials.get`` gives: an answer by *passkey*, or by the newest of the one who asks."""
        asked = PublicKeyCredentialRequestOptions.from_dict(options)
        passkey = passkey or [one for one in self.passkeys if one.rp_id == asked.rp_id][-1]
        data = self._data(passkey)
        client = self._client(CollectedClientData.TYPE.GET, asked.challenge)
        response = {
            "clientDataJSON": websafe_encode(client),
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(_signed(passkey.private, data + sha256(client).digest())),
            "userHandle": websafe_encode(passkey.user_handle),
        }
        return self._credential(passkey, response)

    def _data(self, passkey: Passkey, more: FLAG = FLAG(0), attested: bytes = b"") -> bytes:  # noqa: B008  a constant
        passkey.count += self.counting
        flags = self.flags | more | (FLAG.ED if self.tail else FLAG(0))
        head = sha256((self.rp_id or passkey.rp_id).encode()).digest() + struct.pack(">BI", flags, passkey.count)
        return head + attested + self.tail

    def _client(self, kind: str, challenge: bytes) -> bytes:
        made = CollectedClientData.create(self.type or kind, self.challenge or challenge, self.origin, **self.client)
        return bytes(made)

    @staticmethod
    def _credential(passkey: Passkey, response: dict[str, Any]) -> dict[str, Any]:
        name = websafe_encode(passkey.id)
        return {
            "id": name, "rawId": name, "type": "public-key", "authenticatorAttachment": "platform",
            "clientExtensionResults": {}, "response": response,
        }  # fmt: skip


def _signed(private: PrivateKeyTypes, message: bytes) -> bytes:
    if isinstance(private, ec.EllipticCurvePrivateKey):
        return private.sign(message, ec.ECDSA(SHA256()))
    if isinstance(private, rsa.RSAPrivateKey):
        return private.sign(message, padding.PKCS1v15(), SHA256())
    assert isinstance(private, ed25519.Ed25519PrivateKey)
    return private.sign(message)
