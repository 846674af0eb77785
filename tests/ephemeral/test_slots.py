"""The file behind the ring: what is whole is read, what is erased is gone."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.world.disk import no_file_longer_than

from chatwarden.ephemeral.slots import Key, Name, SlotFile

SLOT = 64
STEP = 4_096
HEADS = 2


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.ring"


@pytest.fixture
def slots(path: Path) -> Iterator[SlotFile]:
    opened = SlotFile(path)
    opened.read()
    yield opened
    opened.close()


def key(bucket: int, page: int = 0) -> Key:
    return Key(Name(bucket, page), bucket.to_bytes(4, "big") * 4 + page.to_bytes(4, "big") * 3 + b"\x07\x08\x09\x0a")


def read(path: Path) -> list[Key]:
    again = SlotFile(path)
    try:
        return sorted(again.read())
    finally:
        again.close()


def test_keys_are_read_after_opening_again(slots: SlotFile, path: Path) -> None:
    slots.write([key(1), key(1, 1), key(2)])
    assert read(path) == [key(1), key(1, 1), key(2)]


def test_the_file_is_private_and_grows_in_steps(slots: SlotFile, path: Path) -> None:
    slots.write([key(n) for n in range(STEP + 1)])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_size == 2 * STEP * SLOT
    assert len(read(path)) == STEP + 1


def test_an_erased_key_is_not_in_the_file(slots: SlotFile, path: Path) -> None:
    slots.write([key(1), key(2)])
    assert key(1).key in path.read_bytes()
    slots.erase([Name(1, 0)])
    assert key(1).key not in path.read_bytes()
    assert read(path) == [key(2)]


def test_erased_slots_are_used_again(slots: SlotFile, path: Path) -> None:
    for n in range(3 * STEP):
        slots.write([key(n)]) if n < 8 else None
        slots.erase([Name(n, 0)])
    slots.write([key(n) for n in range(STEP - HEADS)])
    assert path.stat().st_size == STEP * SLOT


def test_erasing_what_is_not_there_changes_nothing(slots: SlotFile, path: Path) -> None:
    slots.write([key(1)])
    slots.erase([Name(9, 9)])
    slots.erase([])
    assert read(path) == [key(1)]


@pytest.mark.parametrize("place", [0, 4, 11, 12, 19, 20, 51, 52, 63])
def test_a_torn_slot_holds_no_key_and_is_used_again(path: Path, place: int) -> None:
    slots = SlotFile(path)
    slots.write([key(1), key(2)])
    slots.close()
    data = bytearray(path.read_bytes())
    at = data.index(key(1).key) - 20
    data[at + place] ^= 0xFF
    path.write_bytes(data)
    assert read(path) == [key(2)]
    again = SlotFile(path)
    again.read()
    again.write([key(n) for n in range(10, STEP + 9 - HEADS)])
    again.close()
    assert path.stat().st_size == STEP * SLOT
    assert len(read(path)) == STEP - HEADS


def test_a_file_cut_within_a_slot_gives_the_slots_that_are_whole(path: Path) -> None:
    slots = SlotFile(path)
    slots.write([key(n) for n in range(STEP - HEADS)])
    slots.close()
    os.truncate(path, 10 * SLOT + 30)
    assert len(read(path)) == 10 - HEADS


def test_a_write_that_fails_half_way_and_is_tried_again_leaves_one_key_of_that_name(
    slots: SlotFile, path: Path
) -> None:
    slots.write([key(1), *(key(n) for n in range(100, 109)), key(2)])
    slots.erase([Name(1, 0), Name(2, 0)])  # the next free slots: that of 2, low, then that of 1, the last of the file
    with no_file_longer_than((STEP - 5) * SLOT), pytest.raises(OSError, match="File too large"):
        slots.write([Key(Name(7, 0), b"f" * 32), Key(Name(8, 0), b"g" * 32)])
    slots.write([key(8), key(7)])
    assert [held for held in read(path) if held.name.bucket < 100] == [key(7), key(8)]
    slots.erase([Name(7, 0)])
    assert [held for held in read(path) if held.name.bucket < 100] == [key(8)]
    assert b"f" * 32 not in path.read_bytes()


def test_a_full_disk_is_told_and_writing_goes_on_when_there_is_room(slots: SlotFile, path: Path) -> None:
    with no_file_longer_than(1_000), pytest.raises(OSError, match=r"in full|too large"):
        slots.write([key(1)])
    slots.write([key(1)])
    assert read(path) == [key(1)]


@pytest.mark.parametrize("change", ["write", "erase"])
def test_what_was_written_is_on_the_disk_before_it_is_told(
    slots: SlotFile, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """The page cache is not the disk: a key that is used, or gone, must be so after a power cut."""
    slots.write([key(1)])
    calls: list[str] = []
    pwrite, fdatasync = os.pwrite, os.fdatasync

    def writing(file: int, data: bytes, at: int) -> int:
        calls.append("write")
        return pwrite(file, data, at)

    def syncing(file: int) -> None:
        calls.append("sync")
        fdatasync(file)

    monkeypatch.setattr(os, "pwrite", writing)
    monkeypatch.setattr(os, "fdatasync", syncing)
    if change == "write":
        slots.write([key(2)])
    else:
        slots.erase([Name(1, 0)])
    assert calls[0] == "write"
    assert calls[-1] == "sync"


def test_one_torn_head_does_not_hide_what_the_ring_is(slots: SlotFile, path: Path) -> None:
    slots.write([key(1)])
    slots.write([key(2)])
    slots.close()
    data = path.read_bytes()
    heads = [at for at in range(0, len(data), SLOT) if data[at : at + 4] == b"CWRH"]
    assert len(heads) == 2
    for torn in heads:
        path.write_bytes(data[: torn + 8] + b"\xff" + data[torn + 9 :])
        again = SlotFile(path)
        again.read()
        assert again.identity == slots.identity
        assert slots.sequence - 1 <= again.sequence <= slots.sequence
        again.write([key(3)])
        again.close()
        third = SlotFile(path)
        third.read()
        assert third.identity == slots.identity
        assert third.sequence == again.sequence
        third.close()
    path.write_bytes(data)
    slots._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)  # for the fixture to close


def test_a_new_file_is_in_its_folder_before_it_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file whose folder was not waited for may be gone after a power cut, with every key in it."""
    synced: list[str] = []
    fsync = os.fsync

    def syncing(file: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{file}").readlink()))
        fsync(file)

    monkeypatch.setattr(os, "fsync", syncing)
    SlotFile(path).close()
    assert synced == [str(path.parent)]
    SlotFile(path).close()
    assert synced == [str(path.parent)]  # it is there
