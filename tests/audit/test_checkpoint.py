"""A checkpoint is believed when its log signed it; a proof when it leads there."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chatwarden.audit import checkpoint as cp
from chatwarden.audit import note
from chatwarden.audit.checkpoint import Checkpoint, Proof
from chatwarden.audit.merkle import WrongProof, leaf_hash, node_hash
from chatwarden.audit.note import COSIGNATURE, ED25519, BadNote, Note, VerifierKey

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
LOG = VerifierKey("log.example/audit/2026", ED25519, KEY.public_key().public_bytes_raw())
WITNESS = VerifierKey("w.example", COSIGNATURE, LOG.public)
ROOT = node_hash(leaf_hash(b"one"), leaf_hash(b"two"))
HEAD = Checkpoint(LOG.name, 2, ROOT)


def signed(head: Checkpoint, *, cosigned: bool = False) -> Note:
    signatures = [note.sign(head.text, LOG.name, KEY)]
    if cosigned:
        signatures.append(note.cosign(head.text, WITNESS.name, KEY, 7))
    return Note(head.text, tuple(signatures))


def test_a_checkpoint_reads_back() -> None:
    assert cp.parse(HEAD.text) == HEAD
    assert cp.opened(str(signed(HEAD)).encode(), LOG)[0] == HEAD


def test_a_checkpoint_of_another_log_is_refused_though_the_key_signed_it() -> None:
    with pytest.raises(BadNote, match="another log"):
        cp.opened(str(signed(Checkpoint("else.example", 2, ROOT))).encode(), LOG)


@pytest.mark.parametrize(
    "text", ["", "a\n1\n", "a\n01\nAAAA\n", "a\n-1\n", "\n1\n", "a\n1\nAAAA\n", "a\n1\n!\n", "a\n\n\n\n"]
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        cp.parse(text)


def test_a_proof_reads_back_and_proves_its_entry_only() -> None:
    proof = Proof(1, (leaf_hash(b"one"),), signed(HEAD, cosigned=True))
    data = str(proof).encode()
    assert cp.parse_proof(data) == proof
    assert cp.parse_proof(data.replace(b"index", b"extra AAAA\nindex")) == proof
    assert cp.check_proof(data, b"two", LOG, [WITNESS]) == HEAD
    with pytest.raises(WrongProof):
        cp.check_proof(data, b"one", LOG)
    with pytest.raises(WrongProof):
        cp.check_proof(data.replace(b"index 1", b"index 0"), b"two", LOG)


def test_a_proof_without_the_witness_that_is_asked_for_is_refused() -> None:
    data = str(Proof(1, (leaf_hash(b"one"),), signed(HEAD))).encode()
    with pytest.raises(BadNote, match=r"w\.example"):
        cp.check_proof(data, b"two", LOG, [WITNESS])


@pytest.mark.parametrize(
    "data",
    [b"", b"c2sp.org/tlog-proof@v1\n\n", b"c2sp.org/tlog-proof@v1\nindex x\n\nx", b"other\nindex 1\n\nx", b"\xff\n\n"],
)
def test_what_is_no_proof_is_refused(data: bytes) -> None:
    with pytest.raises(BadNote):
        cp.parse_proof(data)
