"""The Merkle tree of RFC 6962, section 2.1, over SHA-256: hashes, proofs, and their verification.

Pure. Whoever makes a proof hands in ``Hashes``: the hash of any complete subtree, by level and place. What verifies an
inclusion (RFC 9162, section 2.1.3.2, the same trees) needs no tree. Not here: where hashes are kept (tiles.py), and the
check of a consistency proof, which is a witness's work.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence

from chatwarden.errors import ChatwardenError

Hashes = Callable[[int, int], bytes]
"""The hash of the complete subtree over the leaves from ``place * 2**level``, ``2**level`` of them."""

EMPTY = hashlib.sha256().digest()


class WrongProof(ChatwardenError):
    """The proof does not prove it."""


def leaf_hash(entry: bytes) -> bytes:
    """MTH of one entry."""
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees."""
    return hashlib.sha256(b"\1" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """The hash over a row of complete subtrees of one size; a power of two of them."""
    row = list(hashes)
    sha = hashlib.sha256
    while len(row) > 1:
        row = [sha(b"\1" + row[at] + row[at + 1]).digest() for at in range(0, len(row), 2)]
    return row[0]


def peaks(hashes: Iterable[bytes]) -> bytes:
    """The hash over complete subtrees of falling size, as they stand from left to right."""
    row = list(hashes)
    if not row:
        return EMPTY
    root = row.pop()
    while row:
        root = node_hash(row.pop(), root)
    return root


def inclusion_proof(index: int, size: int, hashes: Hashes) -> list[bytes]:
    """PATH(index, D[size]): from the leaf's sibling up. Raises WrongProof when there is no such leaf."""
    if not 0 <= index < size:
        raise WrongProof(f"there is no entry {index} in a tree of {size}")
    proof: list[bytes] = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            proof.append(_range(middle, end, hashes))
            end = middle
        else:
            proof.append(_range(begin, middle, hashes))
            begin = middle
    return proof[::-1]


def consistency_proof(old: int, new: int, hashes: Hashes) -> list[bytes]:
    """PROOF(old, D[new]); empty from nothing and to itself. Raises WrongProof when *new* is the smaller."""
    if not 0 <= old <= new:
        raise WrongProof(f"a tree of {new} does not continue one of {old}")
    if old in {0, new}:
        return []
    proof: list[bytes] = []
    begin, end, whole = 0, new, True
    while old != end:
        middle = begin + _split(end - begin)
        if old <= middle:
            proof.append(_range(middle, end, hashes))
            end = middle
        else:
            proof.append(_range(begin, middle, hashes))
            begin, whole = middle, False
    if not whole:
        proof.append(_range(begin, end, hashes))
    return proof[::-1]


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raises WrongProof unless *leaf* (a hash) is at *index* in the tree of *size* with *root*."""
    if not 0 <= index < size:
        raise WrongProof("the index is not in the tree")
    place, last, found = index, size - 1, leaf
    for one in proof:
        if last == 0:
            raise WrongProof("the proof is too long")
        if place & 1 or place == last:
            found = node_hash(one, found)
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            found = node_hash(found, one)
        place >>= 1
        last >>= 1
    if last or not hmac.compare_digest(found, root):
        raise WrongProof("the proof does not lead to the root")


def _split(size: int) -> int:
    """The largest power of two below *size*."""
    return 1 << (size - 1).bit_length() - 1


def _range(begin: int, end: int, hashes: Hashes) -> bytes:
    """MTH(D[begin:end]) of a range that begins where its largest subtree may."""
    found: list[bytes] = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        found.append(hashes(level, begin >> level))
        begin += 1 << level
    return peaks(found)
