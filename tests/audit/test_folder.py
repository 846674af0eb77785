"""A file is there whole or not at all, and a tile is what its name says."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatwarden.audit.folder import Folder
from chatwarden.audit.tiles import TornTile, bundle_path, encode_bundle, tile_path

ROW = bytes(range(256)) * 32


def test_a_partial_tile_is_read_from_its_own_file_or_from_the_full_one(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "2026")
    folder.write({tile_path(0, 0, 3): ROW[:96], bundle_path(0, 2): encode_bundle([b"a", b"b"])})
    assert folder.tile(0, 0, 3) == ROW[:96]
    assert folder.bundle(0, 2) == [b"a", b"b"]
    folder.write({tile_path(0, 0): ROW})
    folder.remove_partials([tile_path(0, 0)])
    assert folder.read(tile_path(0, 0, 3)) is None
    assert folder.tile(0, 0, 3) == ROW[:96]
    assert folder.tile(0, 0) == ROW


def test_what_is_missing_or_of_another_length_is_torn(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    for ask in (lambda: folder.tile(0, 0), lambda: folder.bundle(0)):
        with pytest.raises(TornTile, match="missing"):
            ask()
    folder.write({tile_path(0, 0): ROW[:-1], bundle_path(0): encode_bundle([b"a"])})
    with pytest.raises(TornTile, match="bytes long"):
        folder.tile(0, 0)
    with pytest.raises(TornTile, match="1 entries"):
        folder.bundle(0)


def test_only_the_owner_reads_and_what_a_crash_left_is_cleared(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "2026")
    folder.write({"checkpoint": b"x"})
    assert (tmp_path / "2026" / "checkpoint").stat().st_mode & 0o077 == 0
    half = tmp_path / "2026" / ".new" / "7"
    half.write_bytes(b"half")
    folder.clear()
    assert not half.exists()
    folder.remove()
    folder.remove()
    assert not (tmp_path / "2026").exists()
    assert folder.vkey is None
