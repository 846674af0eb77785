"""The tree follows what is committed; a crash at any point loses nothing; what was changed is never signed over."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.world.golang import check_log
from tests.world.logs import Logbook
from tests.world.postgres import SqliteEngine

from chatwarden.audit import checkpoint as cp
from chatwarden.audit import years
from chatwarden.audit.folder import Folder
from chatwarden.audit.integrate import Damaged
from chatwarden.audit.model import Event, Lane, decode
from chatwarden.clock import DAY
from chatwarden.storage.migrations import load
from chatwarden.storage.model import Database, StorageFailed, Transaction

ROOT = Path(__file__).parents[2]


@pytest.fixture
def book(database: Database, tmp_path: Path) -> Logbook:
    return Logbook(database, tmp_path / "home")


async def test_who_stops_waiting_leaves_no_half_written_log(book: Logbook) -> None:
    await book.grown(1)
    for count in (300, 1, 700, 20):
        await book.note(count)
        waiting = asyncio.create_task(book.tree.run(book.now))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waiting.cancel()
        await book.tree.run(book.now)
        assert (await book.verify()).wrong is None
    assert size_of(book) == 1_022


def size_of(book: Logbook, year: int = 2026) -> int:
    folder = Folder(book.folder(year))
    vkey, data = folder.vkey, folder.read("checkpoint")
    assert vkey is not None
    return cp.opened(data, vkey)[0].size if data else 0


async def test_committed_entries_become_leaves_in_their_order_across_restarts(book: Logbook) -> None:
    assert await book.tree.run(book.now) is None  # nothing happened yet
    for count in (1, 254, 1, 1, 300, 5_000):
        await book.grown(count)
        book.restart()
        assert check_log(book.folder()).ok
    report = await book.verify()
    assert report.wrong is None
    assert [(one.year, one.size, one.waiting, one.origin) for one in report.years] == [
        (2026, 5_557, 0, "log.example/audit/2026")
    ]
    rows = await book.database.fetch("SELECT entry FROM audit ORDER BY seq")
    folder = Folder(book.folder())
    leaves = [entry for n in range(22) for entry in folder.bundle(n, 256 if n < 21 else 5_557 - 21 * 256)]
    assert [(leaf,) for leaf in leaves] == rows


async def test_rows_of_the_first_version_are_leaves_as_they_were_stored(book: Logbook) -> None:
    tx = Transaction()
    first = b'{"v":1,"id":"aud_1","at":7,"lane":"bot","event":"message:answered","actor":"shop"}'
    tx.add("INSERT INTO audit (entry) VALUES (?)", (first,))
    await book.database.commit(tx)
    await book.grown(1)
    assert Folder(book.folder()).bundle(0, 2)[0] == first
    assert (await book.verify()).wrong is None


async def test_a_new_year_begins_with_the_last_checkpoint_of_the_old_one(book: Logbook) -> None:
    await book.grown(300)
    old = Folder(book.folder())
    book.now += 366 * DAY
    await book.note(2)  # committed before the year was opened: they belong to the old one
    await book.tree.run(book.now)
    last = cp.parse((old.read("checkpoint") or b"").decode().split("\n\n")[0] + "\n")
    assert last.size == 302
    opening = decode(Folder(book.folder(2027)).bundle(0, 1)[0])
    assert opening.event is Event.AUDIT_YEAR_OPENED
    assert (opening.reason, opening.commitment) == ("log.example/audit/2026 302", last.root.hex())
    await book.grown(3)
    report = await book.verify()
    assert report.wrong is None
    assert [(one.year, one.size) for one in report.years] == [(2026, 302), (2027, 4)]
    assert check_log(book.folder(2027)).ok


async def test_a_year_is_dropped_as_a_whole_when_it_need_not_be_kept_and_not_before(book: Logbook) -> None:
    await book.grown(5_000)
    book.now = years.end_of(2026)
    await book.grown(2)
    book.now = years.end_of(2026) + book.keep - 1
    await book.tree.run(book.now)
    assert book.folder(2026).exists()
    book.now += 1
    await book.tree.run(book.now)
    assert not book.folder(2026).exists()
    dropped = [entry async for _, entry in book.log.read() if entry.event is Event.AUDIT_YEAR_DROPPED]
    assert [(one.object, one.reason) for one in dropped] == [("2026", "5002 entries")]
    await book.tree.run(book.now)
    report = await book.verify()
    assert report.wrong is None
    assert [one.year for one in report.years] == [2027, 2028][: len(report.years)]
    assert (await book.database.fetch("SELECT min(seq) FROM audit"))[0][0] == 5_003


async def test_a_drop_that_a_crash_interrupted_is_finished(book: Logbook) -> None:
    await book.grown(10)
    book.now = years.end_of(2026)
    await book.grown(1)
    tx = Transaction()
    years.drop(tx, 2026, book.now)
    book.log.append(
        tx, Event.AUDIT_YEAR_DROPPED, lane=Lane.SYSTEM, actor="system", at=book.now, object="2026", reason="10 entries"
    )
    await book.database.commit(tx)
    await book.tree.run(book.now)
    assert not book.folder(2026).exists()
    assert (await book.verify()).wrong is None


async def test_an_earlier_folder_that_was_put_back_is_not_continued(book: Logbook, tmp_path: Path) -> None:
    await book.grown(10)
    shutil.copytree(book.audit, tmp_path / "copy")
    await book.grown(5)
    shutil.rmtree(book.audit)
    shutil.copytree(tmp_path / "copy", book.audit)
    book.restart()
    await book.note(1)
    with pytest.raises(Damaged, match="10 entries and had 15"):
        await book.tree.run(book.now)
    assert size_of(book) == 10
    shutil.rmtree(book.audit)
    with pytest.raises(Damaged, match="removed"):
        await book.tree.run(book.now)
    assert not book.audit.exists()


async def test_an_earlier_database_that_was_put_back_is_not_signed(book: Logbook, tmp_path: Path) -> None:
    await book.grown(10)
    away = Logbook(book.database, tmp_path / "other")
    shutil.copytree(book.audit, away.audit)
    folder = Folder(away.folder())
    await away.grown(0)
    for path in away.audit.rglob("checkpoint"):  # a tree of more entries than the database has
        assert path.exists()
    more = Folder(book.folder())
    log = book.tree._log
    assert log is not None
    log[1].add([b"an entry that the database does not have"])
    log[1].publish(book.key)
    book.restart()
    with pytest.raises(Damaged, match="an earlier one was put back"):
        await book.tree.run(book.now)
    assert more.read("checkpoint") != folder.read("checkpoint")


async def test_other_entries_in_the_database_are_not_signed(book: Logbook) -> None:
    await book.grown(10)
    log = book.tree._log
    assert log is not None
    log[1].add([b"forged"])
    log[1].publish(book.key)
    await book.note(1)
    book.restart()
    with pytest.raises(Damaged, match="entry 10 of the log is another one in the database"):
        await book.tree.run(book.now)


@pytest.mark.parametrize("spoiled", ["checkpoint", "log.vkey", "tile/0/000.p/10", "tile/entries/000.p/10"])
async def test_a_spoiled_file_is_found_and_not_signed_over(book: Logbook, spoiled: str) -> None:
    await book.grown(10)
    path = book.folder() / spoiled
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    book.restart()
    await book.note(1)
    with pytest.raises(Damaged):
        await book.tree.run(book.now)
    assert path.read_bytes() == bytes(data)


async def test_a_disk_that_is_full_is_said_and_the_work_is_done_later(
    book: Logbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    await book.grown(10)
    await book.note(5)

    def full(_file: int, _data: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("chatwarden.audit.folder.os.write", full)
        with pytest.raises(StorageFailed, match="No space left"):
            await book.tree.run(book.now)
    assert size_of(book) == 10
    await book.tree.run(book.now)
    assert size_of(book) == 15
    assert check_log(book.folder()).ok


async def test_a_kill_at_any_write_of_the_integration_loses_nothing(tmp_path: Path) -> None:
    """Real processes, killed at each write, sync and rename in turn; every time the same home goes on."""
    home = tmp_path / "home"
    home.mkdir()
    step = seen = 0
    child = [sys.executable, "-m", "tests.world.killed", str(home)]
    with subprocess.Popen(  # noqa: ASYNC220  a few bytes through pipes; nothing else runs
        child, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT}/src:{ROOT}"},
    ) as processes:  # fmt: skip
        assert processes.stdin is not None
        assert processes.stdout is not None
        while True:
            step += 1
            processes.stdin.write(f"{step}\n")
            processes.stdin.flush()
            outcome = processes.stdout.readline().strip()
            if outcome == "done":
                break
            assert outcome == "killed"
            seen = await as_it_should_be(home, seen)
        processes.stdin.close()
    assert step > 20
    assert seen > 256  # a full tile was among what was killed
    assert check_log(home / "audit" / "2026").ok


async def as_it_should_be(home: Path, seen: int) -> int:
    """After a kill: what was published is whole, what was acknowledged becomes part of it. Returns how much that is."""
    acknowledged = int((home / "acknowledged").read_text())
    if (home / "audit" / "2026" / "checkpoint").exists():
        assert check_log(home / "audit" / "2026").ok
    database = await SqliteEngine(home / "record.db").open(load("sqlite"))
    book = Logbook(database, home)
    await book.tree.run(book.now)
    report = await book.verify()
    assert report.wrong is None
    assert report.years[0].size >= acknowledged > seen
    assert report.years[0].waiting == 0
    await database.close()
    return acknowledged
