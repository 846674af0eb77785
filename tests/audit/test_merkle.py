"""The tree of RFC 6962: known roots, and proofs that hold for what they prove and for nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.audit.merkle import (
    EMPTY,
    Hashes,
    WrongProof,
    check_consistency,
    check_inclusion,
    consistency_proof,
    fold,
    inclusion_proof,
    leaf_hash,
    node_hash,
    peaks,
    root_hash,
)

# Leaves and roots that certificate transparency implementations test themselves with.
LEAVES = [bytes.fromhex(leaf) for leaf in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = [bytes.fromhex(root) for root in (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)]  # fmt: skip


def hashes_over(leaves: list[bytes]) -> Hashes:
    row = [leaf_hash(leaf) for leaf in leaves]
    return lambda level, place: fold(row[place << level : (place + 1) << level])


def naive(leaves: list[bytes]) -> bytes:
    """MTH, as the RFC writes it."""
    if len(leaves) < 2:
        return leaf_hash(leaves[0]) if leaves else EMPTY
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(naive(leaves[:split]), naive(leaves[split:]))


def leaves_of(size: int) -> list[bytes]:
    return [str(n).encode() for n in range(size)]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_known_ones(size: int) -> None:
    assert root_hash(size, hashes_over(LEAVES)) == naive(LEAVES[:size]) == ROOTS[size]


@given(st.integers(1, 70), st.data())
def test_an_inclusion_proof_proves_its_leaf_at_its_place_and_nothing_else(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    index = data.draw(st.integers(0, size - 1))
    root = naive(leaves)
    proof = inclusion_proof(index, size, hashes_over(leaves))
    check_inclusion(leaf_hash(leaves[index]), index, size, proof, root)
    other = data.draw(st.integers(0, size))
    if other != index:
        with pytest.raises(WrongProof):
            check_inclusion(leaf_hash(leaves[index]), other, size, proof, root)
    with pytest.raises(WrongProof):
        check_inclusion(leaf_hash(b"other"), index, size, proof, root)
    with pytest.raises(WrongProof):
        check_inclusion(leaf_hash(leaves[index]), index, size, [*proof, root], root)
    if proof:
        with pytest.raises(WrongProof):
            check_inclusion(leaf_hash(leaves[index]), index, size, proof[:-1], root)


@given(st.integers(0, 70), st.data())
def test_a_consistency_proof_leads_from_a_tree_to_its_continuation_only(new: int, data: st.DataObject) -> None:
    leaves = leaves_of(new)
    old = data.draw(st.integers(0, new))
    proof = consistency_proof(old, new, hashes_over(leaves))
    before, after = naive(leaves[:old]), naive(leaves)
    check_consistency(old, new, before, after, proof)
    if old:
        forked = naive([*leaves[: old - 1], b"forked"])
        with pytest.raises(WrongProof):
            check_consistency(old, new, forked, after, proof)
    for spoiled in ([*proof, EMPTY], proof[:-1]):
        if spoiled != proof:
            with pytest.raises(WrongProof):
                check_consistency(old, new, before, after, spoiled)


def test_what_is_not_in_the_tree_has_no_proof() -> None:
    for index in (-1, 3):
        with pytest.raises(WrongProof):
            inclusion_proof(index, 3, hashes_over(LEAVES))
    with pytest.raises(WrongProof):
        consistency_proof(4, 3, hashes_over(LEAVES))
    with pytest.raises(WrongProof):
        check_consistency(4, 3, EMPTY, EMPTY, [])


def test_a_tree_of_nothing_has_the_hash_of_nothing() -> None:
    assert peaks([]) == EMPTY == ROOTS[0]
