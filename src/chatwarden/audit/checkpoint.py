"""Checkpoints: what a log says of itself at one moment, and proofs that lead to one.

Pure. Sources: c2sp.org/tlog-checkpoint (origin, size, root hash; this log adds no extension lines) and
c2sp.org/tlog-proof (version 1). Who signed is note.py's.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from chatwarden.audit import merkle, note
from chatwarden.audit.note import BadNote, Note, VerifierKey

_PROOF = "c2sp.org/tlog-proof@v1"
_HASH = 32


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's tree at one size."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class Proof:
    """That an entry is at ``index`` in the tree of a checkpoint; nothing of it is checked."""

    index: int
    hashes: tuple[bytes, ...]
    note: Note

    def __str__(self) -> str:
        hashes = "".join(f"{base64.b64encode(one).decode()}\n" for one in self.hashes)
        return f"{_PROOF}\nindex {self.index}\n{hashes}\n{self.note}"


def parse(text: str) -> Checkpoint:
    """The checkpoint that a note's text is. Raises BadNote."""
    lines = text.split("\n")
    if len(lines) < 4 or not lines[0] or lines[-1]:
        raise BadNote("not a checkpoint")
    return Checkpoint(lines[0], _number(lines[1]), _hash(lines[2]))


def opened(data: bytes, key: VerifierKey) -> tuple[Checkpoint, Note]:
    """The checkpoint in *data*, signed by *key* and of its log. Raises BadNote."""
    signed = note.parse(data)
    note.require(signed, key)
    found = parse(signed.text)
    if found.origin != key.name:
        raise BadNote(f"the checkpoint is of another log: {found.origin}")
    return found, signed


def parse_proof(data: bytes) -> Proof:
    """The proof in *data*. Raises BadNote."""
    head, between, tail = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise BadNote("not a tlog-proof") from None
    if not between or lines[0] != _PROOF:
        raise BadNote("not a tlog-proof")
    rest = lines[2:] if lines[1:] and lines[1].startswith("extra ") else lines[1:]
    if not rest or not rest[0].startswith("index "):
        raise BadNote("the proof names no index")
    return Proof(_number(rest[0].removeprefix("index ")), tuple(map(_hash, rest[1:])), note.parse(tail))


def check_proof(data: bytes, entry: bytes, key: VerifierKey, witnesses: Sequence[VerifierKey] = ()) -> Checkpoint:
    """The checkpoint that proves *entry*, cosigned by all of *witnesses*. Raises BadNote and WrongProof."""
    proof = parse_proof(data)
    found, signed = opened(str(proof.note).encode(), key)
    for witness in witnesses:
        note.require(signed, witness)
    merkle.check_inclusion(merkle.leaf_hash(entry), proof.index, found.size, proof.hashes, found.root)
    return found


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 19 or (text[0] == "0" and text != "0"):
        raise BadNote("a number is not written as one")
    return int(text)


def _hash(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raw = b""
    if len(raw) != _HASH:
        raise BadNote("a hash is not written as one")
    return raw
