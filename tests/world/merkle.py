"""What whoever checks a log needs besides: consistency (RFC 9162, section 2.1.4.2), and which tiles a tree has."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence

from chatwarden.audit.merkle import Hashes, WrongProof, node_hash, peaks
from chatwarden.audit.tiles import WIDTH, width_of

_HEIGHT = 8


def check_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raises WrongProof unless the tree of *new* continues that of *old*."""
    if not 0 <= old <= new:
        raise WrongProof("the newer tree is the smaller one")
    if old in {0, new}:
        if proof or (old == new and not hmac.compare_digest(old_root, new_root)):
            raise WrongProof("the trees differ")
        return
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        raise WrongProof("the proof is too short")
    place, last = old - 1, new - 1
    while place & 1:
        place >>= 1
        last >>= 1
    before = after = path[0]
    for one in path[1:]:
        if last == 0:
            raise WrongProof("the proof is too long")
        if place & 1 or place == last:
            before, after = node_hash(one, before), node_hash(one, after)
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            after = node_hash(after, one)
        place >>= 1
        last >>= 1
    if last or not (hmac.compare_digest(before, old_root) and hmac.compare_digest(after, new_root)):
        raise WrongProof("the proof does not lead from root to root")


def root_hash(size: int, hashes: Hashes) -> bytes:
    """The hash of the tree of *size* leaves, from its complete subtrees."""
    found = []
    begin = 0
    while begin < size:
        level = (size - begin).bit_length() - 1
        found.append(hashes(level, begin >> level))
        begin += 1 << level
    return peaks(found)


def tiles_of(size: int) -> Iterator[tuple[int, int, int]]:
    """Level, number and width of every tile of a tree of *size*."""
    level = 0
    while (hashes := size >> _HEIGHT * level) > 0:
        for number in range(-(-hashes // WIDTH)):
            yield level, number, width_of(level, number, size)
        level += 1
