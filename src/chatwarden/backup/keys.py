"""Who can open a backup: the home that made it, and the recipient that its operator named.

The home's key is 32 random bytes in ``HOME/keys/backup``; it wraps the file key with AES-256-GCM. The recipient is the
public half of an identity that is kept offline; to it the file key is sealed with HPKE (RFC 9180: X25519, HKDF-SHA256,
AES-256-GCM). How both are written: config/keytext.py.

HPKE tells nobody who sealed: whoever knows a recipient can make a file for it. Only a slot of the home says that this home
made it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from chatwarden.backup.stream import Slot
from chatwarden.config.keytext import IDENTITY, RECIPIENT, read, written
from chatwarden.crypto import Tampered, seal, unseal
from chatwarden.errors import ConfigurationError, Damaged
from chatwarden.ids import Randomness

_HOME, _SEALED = b"H", b"R"
_AAD = b"chatwarden backup file key"
_SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


@dataclass(frozen=True, slots=True)
class HomeKey:
    """The key of the home: opens what this home made."""

    key: bytes

    @property
    def name(self) -> bytes:
        """Eight bytes that tell it from others."""
        return hashlib.sha256(b"chatwarden backup home" + self.key).digest()[:8]

    def wrap(self, file_key: bytes, random: Randomness) -> Slot:
        """A slot for *file_key*."""
        return Slot(_HOME, self.name, seal(self.key, _AAD, file_key, random))

    def unwrap(self, slots: tuple[Slot, ...]) -> bytes | None:
        """The file key, or None where no slot is for this home. Raises Damaged."""
        for slot in slots:
            if slot.kind == _HOME and slot.name == self.name:
                try:
                    return unseal(self.key, _AAD, slot.wrapped)
                except Tampered:
                    raise Damaged("the head of the backup was changed") from None
        return None


@dataclass(frozen=True, slots=True)
class Recipient:
    """A public key, 32 bytes."""

    key: bytes

    def __str__(self) -> str:
        return written(RECIPIENT, self.key)

    @property
    def name(self) -> bytes:
        """Eight bytes that tell it from others."""
        return hashlib.sha256(b"chatwarden backup recipient" + self.key).digest()[:8]

    def wrap(self, file_key: bytes) -> Slot:
        """A slot for *file_key*."""
        return Slot(_SEALED, self.name, _SUITE.encrypt(file_key, X25519PublicKey.from_public_bytes(self.key), _AAD))


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """The private half of a recipient."""

    key: bytes

    @property
    def recipient(self) -> Recipient:
        """Its public half."""
        return Recipient(X25519PrivateKey.from_private_bytes(self.key).public_key().public_bytes_raw())

    def written(self) -> str:
        """The one line that is kept."""
        return written(IDENTITY, self.key)

    def unwrap(self, slots: tuple[Slot, ...]) -> bytes | None:
        """The file key, or None where no slot is for it. Raises Damaged."""
        name = self.recipient.name
        for slot in slots:
            if slot.kind == _SEALED and slot.name == name:
                try:
                    return _SUITE.decrypt(slot.wrapped, X25519PrivateKey.from_private_bytes(self.key), _AAD)
                except (InvalidTag, ValueError):
                    raise Damaged("the head of the backup was changed") from None
        return None


def recipient(text: str) -> Recipient:
    """The recipient that *text* names. Raises ValueError."""
    return Recipient(read(RECIPIENT, text))


def identity(text: str) -> Identity:
    """The identity in the text of its file. Raises ConfigurationError."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    try:
        return Identity(read(IDENTITY, lines[0] if len(lines) == 1 else ""))
    except ValueError as error:
        raise ConfigurationError(
            f"the identity cannot be used: {error}", hint="name the file that `chatwarden backup --new-identity` made"
        ) from None
