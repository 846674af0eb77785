"""Keys are made ahead, belong to one person, and die where they lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatwarden.audit.keys import SIZE, KeySlots
from chatwarden.errors import CannotRun


def test_a_key_is_in_the_file_before_it_is_taken_and_stays(tmp_path: Path) -> None:
    keys = KeySlots(tmp_path / "details")
    keys.begin_after(-1)
    slot = keys.take()
    key = keys.key(slot)
    assert key is not None
    assert key in (tmp_path / "details").read_bytes()
    assert (tmp_path / "details").stat().st_mode & 0o077 == 0
    keys.close()
    again = KeySlots(tmp_path / "details")
    again.begin_after(slot)
    assert again.key(slot) == key
    assert again.take() == slot + 1
    again.close()


def test_a_destroyed_key_is_zeros_in_the_file_and_its_slot_is_never_given_again(tmp_path: Path) -> None:
    keys = KeySlots(tmp_path / "details")
    keys.begin_after(-1)
    first, second = keys.take(), keys.take()
    key, kept = keys.key(first), keys.key(second)
    assert key is not None
    keys.destroy(first)
    keys.destroy(second)
    assert keys.key(first) is None
    data = (tmp_path / "details").read_bytes()
    assert key not in data
    assert data[SIZE * (1 + first) : SIZE * (2 + first)] == bytes(SIZE)
    keys.close()
    again = KeySlots(tmp_path / "details")
    again.begin_after(-1)  # as if the row had never been committed
    assert again.take() == second + 1
    assert kept is not None
    assert kept not in (tmp_path / "details").read_bytes()
    again.close()


def test_keys_do_not_run_out(tmp_path: Path) -> None:
    keys = KeySlots(tmp_path / "details")
    keys.begin_after(-1)
    taken = [keys.key(keys.take()) for _ in range(3_000)]
    assert None not in taken
    assert len(set(taken)) == 3_000
    assert keys.key(10**6) is None
    keys.close()


def test_a_torn_slot_at_the_end_is_nobodys(tmp_path: Path) -> None:
    keys = KeySlots(tmp_path / "details")
    keys.begin_after(-1)
    keys.close()
    whole = (tmp_path / "details").read_bytes()
    (tmp_path / "details").write_bytes(whole[:-5])
    again = KeySlots(tmp_path / "details")
    again.begin_after(len(whole) // SIZE - 4)
    key = again.key(again.take())
    assert key is not None
    assert key in (tmp_path / "details").read_bytes()
    again.close()


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "details").write_bytes(b"x" * 64)
    with pytest.raises(CannotRun, match="not a file of keys"):
        KeySlots(tmp_path / "details")
