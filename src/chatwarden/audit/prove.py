"""Makes a proof of one entry that anybody can check offline: c2sp.org/tlog-proof, and the policy to check it by.

The proof leads to the newest checkpoint that witnesses cosigned, if the entry is in it, else to the newest there is.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatwarden.audit import checkpoint as cp
from chatwarden.audit.checkpoint import Proof
from chatwarden.audit.folder import CHECKPOINT, WITNESSED, Folder
from chatwarden.audit.merkle import inclusion_proof
from chatwarden.audit.note import VerifierKey
from chatwarden.audit.tiles import WIDTH, hashes_of, width_of
from chatwarden.errors import NotFound


def prove(folder: Folder, index: int) -> tuple[Proof, bytes]:
    """The proof of the entry at *index*, and the entry. Raises NotFound, and BadNote, TornTile or WrongProof where the
    folder is damaged.
    """
    vkey = folder.vkey
    if vkey is None:
        raise NotFound("there is no log of this year")
    for name in (WITNESSED, CHECKPOINT):
        data = folder.read(name)
        if data is None:
            continue
        found, signed = cp.opened(data, vkey)
        if index < found.size:
            break
    else:
        raise NotFound(f"there is no entry {index} in the log of this year")
    entry = folder.bundle(index // WIDTH, width_of(0, index // WIDTH, found.size))[index % WIDTH]
    hashes = inclusion_proof(index, found.size, hashes_of(folder.tile, found.size))
    proof = Proof(index, tuple(hashes), signed)
    cp.check_proof(str(proof).encode(), entry, vkey)  # as whoever is handed it will
    return proof, entry


def policy(log: VerifierKey, witnesses: Sequence[VerifierKey]) -> str:
    """Whom an auditor believes, as a c2sp.org/tlog-policy: the log's key, and every witness."""
    lines = [f"log {log}"]
    names = [f"witness-{at}" for at in range(1, len(witnesses) + 1)]
    lines += [f"witness {name} {key}" for name, key in zip(names, witnesses, strict=True)]
    if names:
        lines.append(f"group witnesses all {' '.join(names)}")
    lines.append(f"quorum {'witnesses' if names else 'none'}")
    return "\n".join(lines) + "\n"
