"""A record that was put back gets from the tree what it lacks; on a new machine the tree is built again from the record."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.world.golang import check_log
from tests.world.logs import Logbook
from tests.world.postgres import SqliteEngine

from chatwarden.audit import years
from chatwarden.audit.continued import carry_on, require_sound
from chatwarden.audit.integrate import Damaged
from chatwarden.storage.migrations import load
from chatwarden.storage.model import Database, StorageFailed, Transaction


class Place:
    """A log, and copies of its record as of earlier moments."""

    def __init__(self, folder: Path, book: Logbook) -> None:
        self.folder = folder
        self.book = book
        self.opened: list[Database] = []

    def copied(self, name: str) -> Path:
        with (
            closing(sqlite3.connect(self.folder / "record.db")) as now,
            closing(sqlite3.connect(self.folder / name)) as copy,
        ):
            now.backup(copy)
        return self.folder / name

    async def put_back(self, copy: Path, home: str = "home") -> Logbook:
        """The log over an earlier record, not yet carried on."""
        database = await SqliteEngine(copy).open(load("sqlite"))
        self.opened.append(database)
        return Logbook(database, self.folder / home, now=self.book.now)

    def checkpoint(self, name: str, year: int = 2026) -> Path:
        """What an auditor keeps."""
        return Path(shutil.copy(self.book.folder(year) / "checkpoint", self.folder / name))


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    database = await SqliteEngine(tmp_path / "record.db").open(load("sqlite"))
    made = Place(tmp_path, Logbook(database, tmp_path / "home"))
    made.opened.append(database)
    yield made
    for one in made.opened:
        await one.close()


async def carried(book: Logbook) -> int:
    return await carry_on(book.database, book.audit, book.head, book.key, book.now)


async def sizes(book: Logbook) -> dict[int, int]:
    report = await book.verify()
    assert report.wrong is None, report.wrong.what
    return {one.year: one.size + one.waiting for one in report.years}


async def test_an_older_record_gets_back_what_the_tree_has_more_and_goes_on(place: Place) -> None:
    await place.book.grown(700)
    copy = place.copied("older.db")
    await place.book.grown(3_000)
    published = place.checkpoint("published")
    older = await place.put_back(copy)
    with pytest.raises(Damaged, match="an earlier one was put back"):
        await older.tree.run(older.now)
    assert await carried(older) == 3_000
    assert await older.database.fetch("SELECT * FROM audit") == await place.book.database.fetch("SELECT * FROM audit")
    older.restart()
    await older.grown(5)
    assert await sizes(older) == {2026: 3_705}
    assert check_log(older.folder(), published).ok
    assert await carried(older) == 0


async def test_what_was_interrupted_is_done_by_the_next_start(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    await place.book.grown(10)
    copy = place.copied("older.db")
    await place.book.grown(4_000)
    older = await place.put_back(copy)
    commit, left = older.database.commit, [2]

    async def fails(tx: Transaction) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise StorageFailed("no room")
        await commit(tx)

    with monkeypatch.context() as full:
        full.setattr(older.database, "commit", fails)
        with pytest.raises(StorageFailed):
            await carried(older)
    assert 10 < len(await older.database.fetch("SELECT seq FROM audit")) < 4_010
    await carried(older)
    await older.tree.run(older.now)
    assert await sizes(older) == {2026: 4_010}


async def test_years_that_were_opened_and_dropped_since_are_there_and_gone(place: Place) -> None:
    book = place.book
    await book.grown(300)
    copy, another = place.copied("older.db"), place.copied("another.db")
    await book.grown(20)
    for year in (2026, 2027):
        book.now = years.end_of(year)
        await book.grown(40)
    older = await place.put_back(copy)
    assert await carried(older) == 20 + 1 + 40 + 1 + 40
    assert await sizes(older) == await sizes(book)
    assert await years.load(older.database) == await years.load(book.database)

    book.now = years.end_of(2026) + book.keep
    await book.tree.run(book.now)
    assert not book.folder(2026).exists()
    await book.tree.run(book.now)  # before a record is replaced, all that is committed comes into the tree
    oldest = await place.put_back(another)
    await carried(oldest)
    await oldest.tree.run(book.now)
    assert (await years.load(oldest.database))[0].dropped_at is not None
    assert set(await sizes(oldest)) == {2027, 2028}


async def test_a_record_of_before_the_first_year_was_opened_is_carried_on_too(place: Place) -> None:
    await place.book.note(3)
    copy = place.copied("older.db")
    await place.book.grown(4)
    older = await place.put_back(copy)
    assert await carried(older) == 4
    assert await sizes(older) == {2026: 7}


async def test_a_record_of_another_history_is_refused_and_left_alone(place: Place) -> None:
    await place.book.grown(10)
    copy = place.copied("other.db")
    await place.book.grown(300)
    other = await place.put_back(copy)
    for count in (5, 400):  # shorter than the tree, and longer
        await other.note(count)
        before = await other.database.fetch("SELECT * FROM audit")
        with pytest.raises(Damaged, match="not of one history"):
            await carried(other)
        assert await other.database.fetch("SELECT * FROM audit") == before


async def test_nothing_is_taken_from_a_folder_that_was_changed(place: Place) -> None:
    await place.book.grown(5)
    copy = place.copied("older.db")
    await place.book.grown(600)
    require_sound(place.book.audit)
    bundle = next(path for path in (place.book.folder() / "tile" / "entries").rglob("001") if path.is_file())
    data = bundle.read_bytes()
    bundle.write_bytes(data[:20] + bytes([data[20] ^ 1]) + data[21:])
    with pytest.raises(Damaged, match="not those of the signed checkpoint"):
        require_sound(place.book.audit)
    older = await place.put_back(copy)
    with pytest.raises(Damaged, match="not those of the signed checkpoint"):
        await carried(older)
    assert len(await older.database.fetch("SELECT seq FROM audit")) == 5
    bundle.unlink()
    with pytest.raises(Damaged, match="is missing"):
        require_sound(place.book.audit)


async def test_on_a_new_machine_the_tree_is_built_again_and_old_checkpoints_hold(place: Place) -> None:
    book = place.book
    await book.grown(300)
    book.now = years.end_of(2026)
    await book.grown(600)
    published = [place.checkpoint("of-2026"), place.checkpoint("of-2027", 2027)]
    await book.note(7)  # committed, and not in the tree when the backup was made
    new = await place.put_back(place.copied("new.db"), "elsewhere")
    new.host = "another.example"
    assert await carried(new) == 0
    await new.tree.run(new.now)
    assert await sizes(new) == {2026: 900, 2027: 8}
    for year, one in zip((2026, 2027), published, strict=True):
        assert check_log(new.folder(year), one, vkey=(book.folder(year) / "log.vkey").read_text().strip()).ok


async def test_a_tree_that_was_copied_before_the_backup_was_made_grows_to_it(place: Place) -> None:
    book = place.book
    await book.grown(300)
    (place.folder / "elsewhere").mkdir()
    shutil.copytree(book.audit, place.folder / "elsewhere" / "audit")
    await book.grown(20)
    book.now = years.end_of(2026)
    await book.grown(30)
    new = await place.put_back(place.copied("new.db"), "elsewhere")
    await carried(new)
    await new.tree.run(new.now)
    assert await sizes(new) == {2026: 350, 2027: 1}


async def test_an_empty_record_without_a_tree_needs_nothing(place: Place) -> None:
    assert await carried(place.book) == 0
    await place.book.grown(1)
    assert await sizes(place.book) == {2026: 1}
