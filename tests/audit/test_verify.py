"""Flip, drop, reorder, truncate, fork, roll back: each is noticed, by our own verifier and, where it has what was
published before, by the one that somebody else wrote.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.world.golang import check_log
from tests.world.logs import Logbook

from chatwarden.audit.folder import Folder
from chatwarden.audit.note import ED25519, VerifierKey
from chatwarden.audit.tiles import TornTile, bundle_path, decode_bundle, encode_bundle
from chatwarden.audit.tree import Edge
from chatwarden.audit.verify import verify
from chatwarden.clock import DAY
from chatwarden.storage.model import Database, Transaction


@pytest.fixture
async def book(database: Database, tmp_path: Path) -> Logbook:
    made = Logbook(database, tmp_path / "home")
    await made.grown(700)
    assert (await made.verify()).wrong is None
    assert check_log(made.folder()).ok
    return made


async def forged(database: Database, sql: str, *params: bytes | int) -> None:
    """What somebody does who can write the database file, where no trigger hinders them."""
    tx = Transaction()
    sqlite = type(database).__name__ == "SqliteDatabase"
    guards = {
        "audit": ["audit_is_never_changed", "audit_is_never_shortened"],
        "audit_years": ["audit_years_are_never_removed", "audit_years_are_dropped_once"],
    }
    for table, names in guards.items():
        for name in names:
            tx.add(f"DROP TRIGGER IF EXISTS {name}" if sqlite else f"ALTER TABLE {table} DISABLE TRIGGER {name}")
    tx.add(sql, params)
    await database.commit(tx)


def rebundled(book: Logbook, entries: list[bytes], number: int = 1) -> None:
    path = book.folder() / bundle_path(number)
    path.write_bytes(encode_bundle(entries))


def bundle(book: Logbook, number: int = 1) -> list[bytes]:
    return decode_bundle((book.folder() / bundle_path(number)).read_bytes())


async def test_a_flipped_entry_in_the_folder_is_noticed(book: Logbook) -> None:
    entries = bundle(book)
    entries[44] = entries[44].replace(b"usr_300", b"usr_999")
    rebundled(book, entries)
    assert await book.wrong() == (2026, 300, "the entry in the folder was changed")
    assert not check_log(book.folder()).ok


async def test_a_flipped_entry_in_the_database_is_noticed(book: Logbook) -> None:
    await forged(book.database, "UPDATE audit SET entry = ? WHERE seq = 301", bundle(book)[44] + b" ")
    assert await book.wrong() == (2026, 300, "the entry in the database was changed")


async def test_an_entry_flipped_everywhere_is_noticed(book: Logbook) -> None:
    """Folder, tiles and database agree; the signature does not."""
    rows = [data for (data,) in await book.database.fetch("SELECT entry FROM audit ORDER BY seq")]
    rows[300] = b"forged"
    await forged(book.database, "UPDATE audit SET entry = ? WHERE seq = 301", b"forged")
    edge = Edge()
    files = edge.add([data for data in rows if isinstance(data, bytes)]) | edge.partial()
    Folder(book.folder()).write(files)
    year, _, reason = await book.wrong()
    assert (year, reason) == (2026, "the entries are not those that the home remembers")
    book.head.unlink()
    await forged_head(book)
    assert (await book.wrong())[2] == "the entries are not those of the signed checkpoint"
    assert not check_log(book.folder()).ok


async def forged_head(book: Logbook) -> None:
    tx = Transaction()
    tx.add("DELETE FROM meta WHERE name = 'audit-head'")
    await book.database.commit(tx)


async def test_a_dropped_entry_is_noticed(book: Logbook) -> None:
    entries = bundle(book)
    rebundled(book, entries[:44] + entries[45:])
    year, index, reason = await book.wrong()
    assert (year, index) == (2026, 300)
    assert "has 255 entries" in reason
    assert not check_log(book.folder()).ok


@pytest.mark.parametrize("cut", [1, 3_000])
async def test_a_cut_bundle_is_noticed_and_the_first_entry_that_is_not_whole_named(book: Logbook, cut: int) -> None:
    path = book.folder() / bundle_path(1)
    data = path.read_bytes()[:-cut]
    path.write_bytes(data)
    with pytest.raises(TornTile) as torn:
        decode_bundle(data)
    year, index, reason = await book.wrong()
    assert (year, index, reason) == (2026, 256 + len(torn.value.entries), "a bundle ends in an entry")
    assert index > 480
    assert not check_log(book.folder()).ok


async def test_an_entry_dropped_from_the_database_is_noticed(book: Logbook) -> None:
    await forged(book.database, "DELETE FROM audit WHERE seq = 301")
    assert await book.wrong() == (2026, 300, "the database has no such entry")


async def test_reordered_entries_are_noticed(book: Logbook) -> None:
    entries = bundle(book)
    entries[3], entries[9] = entries[9], entries[3]
    rebundled(book, entries)
    assert await book.wrong() == (2026, 259, "the entry in the folder was changed")
    assert not check_log(book.folder()).ok


async def test_a_truncated_log_is_noticed(book: Logbook) -> None:
    for path in sorted((book.folder() / "tile").rglob("002.p/*")):
        path.unlink()
    assert (await book.wrong())[:2] == (2026, 512)
    assert not check_log(book.folder()).ok


async def test_a_truncated_tile_is_noticed(book: Logbook) -> None:
    path = book.folder() / "tile" / "0" / "001"
    path.write_bytes(path.read_bytes()[:-32])
    assert (await book.wrong())[:2] == (2026, 256)
    assert not check_log(book.folder()).ok


async def test_a_flipped_tile_is_noticed_and_its_first_entry_named(book: Logbook) -> None:
    path = book.folder() / "tile" / "0" / "001"
    data = bytearray(path.read_bytes())
    data[32 * 7 + 1] ^= 1
    path.write_bytes(data)
    assert await book.wrong() == (2026, 263, "tile/0/001 was changed")
    assert not check_log(book.folder()).ok


async def test_a_flipped_checkpoint_is_noticed(book: Logbook) -> None:
    path = book.folder() / "checkpoint"
    path.write_text(path.read_text().replace("\n700\n", "\n699\n"))
    year, index, reason = await book.wrong()
    assert (year, index) == (2026, -1)
    assert "is wrong" in reason
    assert not check_log(book.folder()).ok


async def test_a_fork_is_noticed(book: Logbook, tmp_path: Path) -> None:
    """Another history, signed with the right key, in place of the one that was published."""
    published = tmp_path / "published"
    shutil.copy(book.folder() / "checkpoint", published)
    await forged(book.database, "UPDATE audit SET entry = ? WHERE seq = 700", b"forged")
    shutil.rmtree(book.audit)
    other = Logbook(book.database, tmp_path / "other")
    await forged_head(other)
    await other.grown(50)
    shutil.copytree(other.audit, book.audit)
    assert check_log(book.folder()).ok  # for itself it is a log
    assert "does not continue" in check_log(book.folder(), published).said
    assert (await book.wrong())[2] == "the entries are not those that the home remembers"


async def test_a_rolled_back_folder_is_noticed(book: Logbook, tmp_path: Path) -> None:
    shutil.copytree(book.audit, tmp_path / "earlier")
    await book.grown(5)
    published = tmp_path / "published"
    shutil.copy(book.folder() / "checkpoint", published)
    shutil.rmtree(book.audit)
    shutil.copytree(tmp_path / "earlier", book.audit)
    year, index, reason = await book.wrong()
    assert (year, index) == (2026, 700)
    assert "remembers 705: an earlier folder was put back" in reason
    assert check_log(book.folder(), published).said == "refused: the log has 700 entries and had 705"


async def test_a_log_that_continues_is_accepted_with_its_older_checkpoints(book: Logbook, tmp_path: Path) -> None:
    older = []
    for count in (1, 100, 300):
        older.append(tmp_path / str(count))
        shutil.copy(book.folder() / "checkpoint", older[-1])
        await book.grown(count)
    assert check_log(book.folder(), *older).ok


async def test_a_log_signed_by_another_key_is_noticed(book: Logbook) -> None:
    thief = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    report = await verify(book.database, book.audit, book.head, thief)
    assert report.wrong is not None
    assert report.wrong.what == "log.vkey is not the key of this home"
    stolen = str(VerifierKey("log.example/audit/2026", ED25519, thief))
    assert not check_log(book.folder(), vkey=stolen).ok


async def test_a_removed_log_is_noticed(book: Logbook) -> None:
    shutil.rmtree(book.audit)
    assert (await book.wrong())[2] == "the log has no checkpoint or no log.vkey"


async def test_a_log_that_the_database_does_not_know_is_noticed(book: Logbook) -> None:
    shutil.copytree(book.folder(2026), book.folder(2025))
    assert await book.wrong() == (2025, -1, "the database knows nothing of the log of 2025")


async def test_a_year_that_does_not_begin_with_the_one_before_is_noticed(book: Logbook, tmp_path: Path) -> None:
    book.now += 366 * DAY
    await book.grown(2)
    assert (await book.verify()).wrong is None
    report = await book.verify()
    assert [one.year for one in report.years] == [2026, 2027]
    rows = await book.database.fetch("SELECT entry FROM audit WHERE seq = 703")
    assert isinstance(rows[0][0], bytes)
    other = rows[0][0].replace(b"702", b"701")
    edge = Edge()
    edge.add([other])
    await forged(book.database, "UPDATE audit SET entry = ? WHERE seq = 703", other)
    shutil.rmtree(book.folder(2027))
    book.head.unlink()
    await forged_head(book)
    book.restart()
    await book.tree.run(book.now)
    assert await book.wrong() == (2027, 0, "the first entry does not name the last checkpoint of the year before")


async def test_a_year_that_the_database_only_says_was_dropped_is_missed(book: Logbook) -> None:
    book.now += 366 * DAY
    await book.grown(2)
    shutil.rmtree(book.folder(2026))
    await forged(book.database, "DELETE FROM audit WHERE seq <= 702")
    tx = Transaction()
    tx.add("UPDATE audit_years SET dropped_at = ? WHERE year = 2026", (book.now,))
    await book.database.commit(tx)
    assert await book.wrong() == (2026, -1, "no log says that this year was dropped")


async def test_a_year_of_which_every_trace_was_removed_is_missed(book: Logbook) -> None:
    book.now += 366 * DAY
    await book.grown(2)
    shutil.rmtree(book.folder(2026))
    await forged(book.database, "DELETE FROM audit WHERE seq <= 702")
    await forged(book.database, "DELETE FROM audit_years WHERE year = 2026")
    assert await book.wrong() == (
        2027, 0, "the database knows nothing of the year before: log.example/audit/2026 702"
    )  # fmt: skip


async def test_a_year_cut_short_before_it_was_dropped_is_noticed(book: Logbook) -> None:
    book.now += 366 * DAY
    await book.grown(2)
    book.now += book.keep
    await book.tree.run(book.now)
    assert (await book.verify()).wrong is None
    await forged(book.database, "UPDATE audit_years SET first_seq = 2 WHERE year = 2026")
    assert (await book.wrong())[2] == "the first entry does not name the last checkpoint of the year before"


async def test_what_is_not_yet_in_the_tree_is_said(book: Logbook) -> None:
    await book.note(3)
    report = await book.verify()
    assert report.wrong is None
    assert report.years[0].waiting == 3


async def test_progress_is_told(book: Logbook) -> None:
    told: list[tuple[int, int, int]] = []
    await verify(
        book.database, book.audit, book.head, book.key.public_key().public_bytes_raw(),
        progress=lambda *step: told.append(step),
    )  # fmt: skip
    assert told[-1] == (2026, 700, 700)
