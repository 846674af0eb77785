"""A proof is checked by whoever has the log's key, also long after, and by a program that somebody else wrote."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.world.golang import check_proof
from tests.world.logs import Logbook

from chatwarden.audit import checkpoint as cp
from chatwarden.audit import note
from chatwarden.audit.folder import WITNESSED, Folder
from chatwarden.audit.merkle import WrongProof
from chatwarden.audit.note import COSIGNATURE, VerifierKey
from chatwarden.audit.prove import policy, prove
from chatwarden.errors import NotFound
from chatwarden.storage.model import Database


async def test_every_entry_can_be_proved_to_others_and_stays_proved(database: Database, tmp_path: Path) -> None:
    book = Logbook(database, tmp_path / "home")
    await book.grown(600)
    folder = Folder(book.folder())
    vkey = folder.vkey
    assert vkey is not None
    kept = []
    for index in (0, 1, 255, 256, 511, 512, 599):
        proof, entry = prove(folder, index)
        assert cp.check_proof(str(proof).encode(), entry, vkey).size == 600
        (tmp_path / f"{index}.tlog-proof").write_text(str(proof))
        (tmp_path / f"{index}.entry").write_bytes(entry)
        kept.append(index)
    await book.grown(2_000)
    shutil.rmtree(book.audit)  # an auditor needs nothing of it
    for index in kept:
        verdict = check_proof(tmp_path / f"{index}.tlog-proof", tmp_path / f"{index}.entry", str(vkey))
        assert verdict.said == f"proved entry {index} of 600"
    other = tmp_path / "1.entry"
    assert not check_proof(tmp_path / "0.tlog-proof", other, str(vkey)).ok
    with pytest.raises(WrongProof):
        cp.check_proof((tmp_path / "0.tlog-proof").read_bytes(), other.read_bytes(), vkey)


async def test_a_checkpoint_that_witnesses_saw_is_preferred_where_the_entry_is_in_it(
    database: Database, tmp_path: Path
) -> None:
    book = Logbook(database, tmp_path / "home")
    await book.grown(3)
    folder = Folder(book.folder())
    signed = note.parse(folder.read("checkpoint") or b"")
    cosigned = note.Note(signed.text, (*signed.signatures, note.cosign(signed.text, "w.example", book.key, 7)))
    folder.write({WITNESSED: str(cosigned).encode()})
    await book.grown(3)
    assert len(prove(folder, 2)[0].note.signatures) == 2
    assert len(prove(folder, 3)[0].note.signatures) == 1
    for absent in (6, 10**9):
        with pytest.raises(NotFound):
            prove(folder, absent)
    with pytest.raises(NotFound):
        prove(Folder(tmp_path / "nothing"), 0)


def test_a_policy_names_the_log_and_wants_every_witness() -> None:
    log = VerifierKey("log.example", 1, bytes(32))
    witness = VerifierKey("w.example", COSIGNATURE, bytes(32))
    assert policy(log, []) == f"log {log}\nquorum none\n"
    assert policy(log, [witness]).splitlines()[1:] == [
        f"witness witness-1 {witness}", "group witnesses all witness-1", "quorum witnesses"
    ]  # fmt: skip
