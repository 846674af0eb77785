"""A witness, a program of its own, cosigns what continues what it saw; whatever else is noticed and told once."""

from __future__ import annotations

import base64
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.world.logs import Logbook
from tests.world.witness import Witness, witnessing

from chatwarden.audit import checkpoint as cp
from chatwarden.audit import note
from chatwarden.audit.folder import CHECKPOINT, WITNESSED, Folder
from chatwarden.audit.note import VerifierKey
from chatwarden.audit.prove import prove
from chatwarden.audit.verify import verify
from chatwarden.audit.witness import Witnesses, witness_key
from chatwarden.clock import MINUTE, SECOND, Instant
from chatwarden.config.model import WitnessConfig
from chatwarden.errors import ConfigurationError
from chatwarden.outgoing import Outgoing
from chatwarden.storage.model import Database, Transaction


@dataclass
class Asking:
    """A log that asks one witness."""

    book: Logbook
    witnesses: Witnesses = field(init=False)
    alarms: list[tuple[str, str]] = field(default_factory=list)

    def of(self, *witnesses: WitnessConfig) -> Asking:
        self.witnesses = Witnesses(witnesses, Outgoing().fetch, self._alarm)
        return self

    async def _alarm(self, name: str, kind: str, now: Instant) -> None:
        self.alarms.append((name, kind))

    async def ask(self) -> int:
        """How many cosignatures came."""
        folder = self.book.tree.folder
        assert folder is not None
        answer = await self.witnesses.ask(folder, self.book.now)
        if answer is not None:
            await self.book.tree.cosigned(*answer)
        return len(answer[1]) if answer else 0


def vkey_of(book: Logbook) -> str:
    return (book.folder() / "log.vkey").read_text().strip()


@pytest.fixture
async def asking(database: Database, tmp_path: Path) -> Asking:
    book = Logbook(database, tmp_path / "home")
    await book.grown(300)
    return Asking(book)


async def test_a_checkpoint_is_cosigned_and_proofs_carry_it(asking: Asking, tmp_path: Path) -> None:
    book = asking.book
    with witnessing(tmp_path / "witness", vkey_of(book)) as witness:
        asking.of(witness.configured)
        for count in (0, 1, 700):
            await book.grown(count) if count else None
            assert await asking.ask() == 1
        assert await asking.ask() == 0  # nothing new
        assert witness.seen == 1_001
        key = VerifierKey.parse(witness.vkey)
        report = await verify(
            book.database, book.audit, book.head, book.key.public_key().public_bytes_raw(), witnesses=[key]
        )
        assert report.years[0].cosigned_by == (key.name,)
        proof, entry = prove(Folder(book.folder()), 7)
        log = VerifierKey.parse(vkey_of(book))
        assert cp.check_proof(str(proof).encode(), entry, log, [key]).size == 1_001
        await book.grown(1)  # the newest has no cosignature yet; the one that has is kept
        folder = Folder(book.folder())
        assert b"witness.example" not in (folder.read(CHECKPOINT) or b"")
        assert b"witness.example" in (folder.read(WITNESSED) or b"")
        again = asking.of(witness.configured)  # after a restart it learns where the witness is
        assert await again.ask() == 1
    assert asking.alarms == []


async def test_a_witness_that_is_away_holds_nothing_up_and_is_asked_later_each_time(
    asking: Asking, tmp_path: Path
) -> None:
    book = asking.book
    with witnessing(tmp_path / "witness", vkey_of(book)) as witness:
        configured = witness.configured
    port = int(configured.url.rpartition(":")[2])
    asking.of(configured)
    waits = []
    for _ in range(12):
        assert await asking.ask() == 0
        state = asking.witnesses._states[0]
        waits.append((state.next_try - book.now) // SECOND)
        assert await asking.ask() == 0
        assert state.tries == len(waits)  # it was not asked before its time
        book.now = state.next_try
    assert waits[:4] == [1, 2, 4, 8]
    assert max(waits) == 5 * MINUTE // SECOND
    with witnessing(tmp_path / "witness", vkey_of(book), port):
        assert await asking.ask() == 1
    assert asking.alarms == []


async def forget(book: Logbook) -> None:
    """All that this home remembers of its log goes, as who wants to rewrite it would do."""
    shutil.rmtree(book.audit)
    book.head.unlink()
    tx = Transaction()
    tx.add("DELETE FROM meta WHERE name = 'audit-head'")
    await book.database.commit(tx)
    book.restart()


async def rewritten(book: Logbook, count: int) -> None:
    """Another history under the same key, *count* entries long, though the home itself notices nothing."""
    await forget(book)
    tx = Transaction()
    for name in ("audit_is_never_shortened", "audit_is_never_changed"):
        sqlite = type(book.database).__name__ == "SqliteDatabase"
        tx.add(f"DROP TRIGGER {name}" if sqlite else f"ALTER TABLE audit DISABLE TRIGGER {name}")
    tx.add("DELETE FROM audit WHERE seq > ?", (count,))
    tx.add("UPDATE audit SET entry = ? WHERE seq = 7", (b"forged",))
    await book.database.commit(tx)
    await book.grown(max(0, count - 300))
    assert (await book.verify()).wrong is None


async def test_a_log_that_was_rolled_back_with_all_its_home_is_noticed_by_the_witness(
    asking: Asking, tmp_path: Path
) -> None:
    with witnessing(tmp_path / "witness", vkey_of(asking.book)) as witness:
        await asking.of(witness.configured).ask()
        await rewritten(asking.book, 200)
        for _ in range(3):
            assert await asking.of(witness.configured).ask() == 0
        assert asking.alarms == [("witness.example", "rollback")] * 3  # three gateways, each told once
        assert await asking.ask() == 0
        asking.book.now += MINUTE
        assert await asking.ask() == 0
        assert len(asking.alarms) == 3
        assert witness.seen == 300


@pytest.mark.parametrize("count", [300, 400])
async def test_a_fork_is_noticed_by_the_witness(asking: Asking, tmp_path: Path, count: int) -> None:
    """Of the same size, and of a larger one."""
    with witnessing(tmp_path / "witness", vkey_of(asking.book)) as witness:
        await asking.of(witness.configured).ask()
        await rewritten(asking.book, count)
        assert await asking.of(witness.configured).ask() == 0
        assert asking.alarms == [("witness.example", "fork")]


async def test_a_cosignature_of_somebody_else_is_not_kept(asking: Asking, tmp_path: Path) -> None:
    book = asking.book
    with witnessing(tmp_path / "witness", vkey_of(book), name="other.example") as witness:
        key = VerifierKey("witness.example", 4, VerifierKey.parse(witness.vkey).public)
        asking.of(WitnessConfig(witness.url, str(key)))
        assert await asking.ask() == 0
    assert Folder(book.folder()).read(WITNESSED) is None


async def test_a_witness_that_does_not_know_the_log_is_no_alarm(asking: Asking, tmp_path: Path) -> None:
    stranger = VerifierKey("other.example", 1, bytes(32))
    with witnessing(tmp_path / "witness", str(stranger)) as witness:
        assert await asking.of(witness.configured).ask() == 0
    assert asking.alarms == []


def test_a_key_that_does_not_cosign_is_refused() -> None:
    ordinary = str(VerifierKey("w.example", 1, bytes(32)))
    for vkey in (ordinary, "w.example+00000000+" + base64.b64encode(b"\x04" + bytes(32)).decode()):
        with pytest.raises(ConfigurationError):
            witness_key(WitnessConfig("https://w.example", vkey))
    assert note.VerifierKey("w.example", 4, bytes(32)).kind == 4


async def test_where_no_witness_is_named_nobody_is_asked(asking: Asking) -> None:
    assert await asking.of().ask() == 0


def test_the_world_knows_what_its_witness_saw(tmp_path: Path) -> None:
    assert Witness("", "", tmp_path).seen == 0
