"""Signed notes, verifier keys and cosignatures, with Ed25519. Sources: c2sp.org/signed-note, c2sp.org/tlog-cosignature.

Pure. A note is text, an empty line and a line for each signature. What signatures of unknown keys say is ignored; a
known key whose signature is wrong spoils the note.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from chatwarden.errors import ChatwardenError

ED25519, COSIGNATURE = 0x01, 0x04
NOTE_MAX = 65_536
_DASH = "\u2014 "
_ID = 4
_TIME = struct.Struct(">Q")


class BadNote(ChatwardenError):
    """The note cannot be read, or is not signed by whom it should be."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A name and a public key. ``kind``: ``ED25519`` signs notes, ``COSIGNATURE`` is a witness's, with a time."""

    name: str
    kind: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes by which a signature line names its key."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:_ID]

    def __str__(self) -> str:
        material = base64.b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{material}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """The key that *text* (a vkey) says. Raises BadNote."""
        try:
            name, key_id, material = text.split("+", 2)
            raw = base64.b64decode(material, validate=True)
        except ValueError:
            raise BadNote("not a verifier key: name+id+key") from None
        if len(raw) != 33 or raw[0] not in {ED25519, COSIGNATURE} or not is_name(name):
            raise BadNote("not a verifier key of a kind that is known")
        key = cls(name, raw[0], raw[1:])
        if key.key_id.hex() != key_id:
            raise BadNote("the id in the verifier key is not that of its key")
        return key


@dataclass(frozen=True, slots=True)
class Signature:
    """One line of a note."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        """As it is written."""
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"

    @property
    def time(self) -> int:
        """When a cosignature was given, in seconds since 1970."""
        return int(_TIME.unpack_from(self.signature)[0])


@dataclass(frozen=True, slots=True)
class Note:
    """Text with signatures, none of them checked."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(one.line for one in self.signatures)


def is_name(name: str) -> bool:
    """Whether a key may be called so."""
    return bool(name) and "+" not in name and not any(c.isspace() or ord(c) < 0x20 for c in name)


def parse(data: bytes) -> Note:
    """The note in *data*. Raises BadNote."""
    if len(data) > NOTE_MAX:
        raise BadNote("the note is too long")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise BadNote("the note is not UTF-8") from None
    if any(ord(c) < 0x20 and c != "\n" for c in text):
        raise BadNote("the note has control characters")
    body, between, tail = text.rpartition("\n\n")
    if not between or not tail.endswith("\n"):
        raise BadNote("the note has no signatures")
    return Note(body + "\n", signature_lines(tail))


def signature_lines(text: str) -> tuple[Signature, ...]:
    """The signatures of these lines. Raises BadNote."""
    found = []
    for line in text.removesuffix("\n").split("\n"):
        name, _, encoded = line.removeprefix(_DASH).partition(" ")
        try:
            raw = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        if not line.startswith(_DASH) or not is_name(name) or len(raw) <= _ID:
            raise BadNote("a line of the note is no signature")
        found.append(Signature(name, raw[:_ID], raw[_ID:]))
    return tuple(found)


def sign(text: str, name: str, key: Ed25519PrivateKey) -> Signature:
    """The signature of a note's author."""
    vkey = VerifierKey(name, ED25519, key.public_key().public_bytes_raw())
    return Signature(name, vkey.key_id, key.sign(text.encode()))


def cosign(text: str, name: str, key: Ed25519PrivateKey, seconds: int) -> Signature:
    """The cosignature of a witness, at this time."""
    vkey = VerifierKey(name, COSIGNATURE, key.public_key().public_bytes_raw())
    return Signature(name, vkey.key_id, _TIME.pack(seconds) + key.sign(_cosigned(text, seconds)))


def _cosigned(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def signed_by(note: Note, keys: Iterable[VerifierKey]) -> list[Signature]:
    """The signatures of these keys, checked. Raises BadNote when one of them is wrong."""
    found = []
    for key in keys:
        for one in note.signatures:
            if (one.name, one.key_id) == (key.name, key.key_id):
                _check(note.text, one, key)
                found.append(one)
    return found


def require(note: Note, key: VerifierKey) -> None:
    """Raises BadNote unless *key* signed the note."""
    if not signed_by(note, [key]):
        raise BadNote(f"the note is not signed by {key.name}")


def _check(text: str, one: Signature, key: VerifierKey) -> None:
    message, raw = text.encode(), one.signature
    if key.kind == COSIGNATURE:
        if len(raw) != _TIME.size + 64 or one.time >= 1 << 63:
            raise BadNote(f"the cosignature of {key.name} cannot be read")
        message, raw = _cosigned(text, one.time), raw[_TIME.size :]
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(raw, message)
    except InvalidSignature:
        raise BadNote(f"the signature of {key.name} is wrong") from None
