"""The nouns of backups."""

from __future__ import annotations

import msgspec

from chatwarden.clock import Instant
from chatwarden.errors import Damaged

MANIFEST, CONFIGURATION, SEALED = "manifest", "configuration", "sealed"
"""Names of parts. What follows them is the record, under names of its engine."""
RING, OF_HOME = "ring", "home/"
"""Names of parts inside what is sealed to the recipient."""
KEY_SIZE = 53
"""Bytes of one key in the part of the ring (ephemeral/carried.py)."""
FOLDERS = ("keys", "secrets", "tls")
"""Folders of a home whose files are sealed to the recipient."""
LEFT_OUT = ("keys/ring", "keys/oauth", "keys/details")
"""What is not: the ring itself, keys that sign tokens for minutes and make themselves, and keys that die with a person."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup is of. ``home``: the mark by which a record knows its own home; ``ring``: where its key ring stood;
    ``recipient``: to whom the keys of the home and the ordinary keys of the ring are sealed, or nothing.
    """

    v: int = 1
    id: str
    made_at: Instant
    program: str
    home: str
    engine: str
    ring: tuple[str, int]
    recipient: str = ""


class Restoration(msgspec.Struct, frozen=True):
    """The note in a record that was put back: from which backup, when that was made, before what instant the clock must not
    begin, whether its keys came along, because there was no ring, and whether the keys of the log's details were there.
    """

    id: str
    made_at: Instant
    floor: Instant
    planted: bool = False
    details: bool = True


NOTE = "restored"
"""Under which name the note lies in the table ``meta``."""
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Manifest)


def encode(manifest: Manifest) -> bytes:
    """The stored form, which begins with its version."""
    return _ENCODER.encode(manifest)


def decode(data: bytes) -> Manifest:
    """The manifest in *data*. Raises Damaged."""
    try:
        manifest = _DECODER.decode(data)
    except msgspec.MsgspecError:
        raise Damaged("the backup does not say what it is of") from None
    if manifest.v != 1:
        raise Damaged("the backup holds what this program does not know")
    return manifest


def note(todo: Restoration) -> str:
    """The stored form of the note."""
    return _ENCODER.encode(todo).decode()


def restoration(text: str) -> Restoration:
    """The note in *text*."""
    return msgspec.json.decode(text, type=Restoration)
