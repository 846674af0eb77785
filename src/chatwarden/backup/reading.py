"""Reads a backup: finds the key that opens it, proves every byte, and says what is in it."""

from __future__ import annotations

import hashlib
import itertools
import operator
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from chatwarden.backup import parts
from chatwarden.backup.keys import HomeKey, Identity
from chatwarden.backup.model import CONFIGURATION, KEY_SIZE, MANIFEST, OF_HOME, RING, SEALED, Manifest, decode
from chatwarden.backup.parts import Piece
from chatwarden.backup.stream import Read, read_header, unsealed
from chatwarden.errors import CannotRun, Damaged

_SMALL = 1 << 20
_SEALED_MAX = 1 << 30
_NOTHING: tuple[str, Iterator[Piece]] = ("", iter(()))


@dataclass(frozen=True, slots=True)
class Keys:
    """What is at hand to open a backup."""

    home: HomeKey | None = None
    identity: Identity | None = None


@dataclass(slots=True)
class Opened:
    """A backup that was opened. ``record`` is still to be read; whoever reads it to its end has seen every byte proved."""

    manifest: Manifest
    configuration: bytes
    sealed: bytes
    record: Iterator[Piece]


@dataclass(slots=True)
class Contents:
    """What is in a backup that is sound. ``keys`` (of the ring) and ``files`` (of the home) are None where what is sealed was
    not opened.
    """

    manifest: Manifest
    size: int
    digest: str
    record: int
    configuration: int
    keys: int | None
    files: int | None


def opened(read: Read, keys: Keys) -> Opened:
    """The beginning of a backup. Raises CannotRun for what no key at hand opens, and Damaged."""
    header = read_header(read)
    key = keys.home.unwrap(header.slots) if keys.home is not None else None
    if key is None and keys.identity is not None:
        key = keys.identity.unwrap(header.slots)
    if key is None:
        raise CannotRun(
            "the backup opens with no key that is here",
            hint="name the identity of its recipient with --identity, or the home that made it with --home",
        )
    groups = itertools.groupby(parts.parts(unsealed(read, header, key)), key=operator.itemgetter(0))
    manifest = decode(_joined(*next(groups, _NOTHING), wanted=MANIFEST, limit=_SMALL))
    configuration = _joined(*next(groups, _NOTHING), wanted=CONFIGURATION, limit=_SMALL)
    name, following = next(groups, _NOTHING)
    sealed = b""
    if name == SEALED:
        sealed = _joined(name, following, wanted=SEALED, limit=_SEALED_MAX)
        name, following = next(groups, _NOTHING)
    return Opened(manifest, configuration, sealed, itertools.chain(following, _pieces(groups)))


def _joined(name: str, pieces: Iterable[Piece], *, wanted: str, limit: int) -> bytes:
    """A part that is small enough for memory."""
    found = bytearray()
    for _, piece in pieces:
        found += piece
        if len(found) > limit:
            raise Damaged(f"the {name} in the backup is too large")
    if name != wanted:
        raise Damaged("the backup holds what this program does not know")
    return bytes(found)


def _pieces(groups: Iterable[tuple[str, Iterable[Piece]]]) -> Iterator[Piece]:
    for _, pieces in groups:
        yield from pieces


def inside(sealed: bytes, identity: Identity) -> Iterator[Piece]:
    """The parts of what is sealed to a recipient. Raises CannotRun for another one's identity, and Damaged."""
    source = parts.Source([sealed])
    header = read_header(source.read)
    key = identity.unwrap(header.slots)
    if key is None:
        raise CannotRun(
            "the keys in the backup are sealed to another recipient", hint="name that one's identity with --identity"
        )
    return parts.parts(unsealed(source.read, header, key))


class _Hashed:
    """A file that is hashed, and counted, as it is read."""

    def __init__(self, file: BinaryIO, count: Callable[[int], object]) -> None:
        self._file = file
        self._count = count
        self._hash = hashlib.sha256()
        self.size = 0

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self._hash.update(data)
        self.size += len(data)
        self._count(len(data))
        return data

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()


def verified(file: BinaryIO, keys: Keys, count: Callable[[int], object]) -> Contents:
    """Reads a whole backup; *count* is told how much came. Raises as ``opened`` does."""
    hashed = _Hashed(file, count)
    backup = opened(hashed.read, keys)
    record = sum(len(piece) for _, piece in backup.record)
    ring = files = None
    if backup.sealed and keys.identity is not None:
        pieces = list(inside(backup.sealed, keys.identity))
        ring = sum(len(piece) for name, piece in pieces if name == RING) // KEY_SIZE
        files = sum(not piece for name, piece in pieces if name.startswith(OF_HOME))
    return Contents(backup.manifest, hashed.size, hashed.digest, record, len(backup.configuration), ring, files)
