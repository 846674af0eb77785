"""Where tiles lie, how wide they are, and that a torn bundle is known for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwarden.audit.merkle import fold, leaf_hash, root_hash
from chatwarden.audit.tiles import (
    TornTile,
    bundle_path,
    decode_bundle,
    encode_bundle,
    hashes_of,
    tile_path,
    tiles_of,
    width_of,
)


def test_paths_are_those_of_the_specification() -> None:
    assert tile_path(0, 1_234_067) == "tile/0/x001/x234/067"
    assert tile_path(3, 0, 17) == "tile/3/000.p/17"
    assert bundle_path(1_000, 255) == "tile/entries/x001/000.p/255"
    assert bundle_path(999) == "tile/entries/999"


def test_a_tree_of_70000_has_the_tiles_that_the_specification_counts() -> None:
    tiles = list(tiles_of(70_000))
    assert [tile for tile in tiles if tile[2] < 256] == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]
    assert len([tile for tile in tiles if tile[0] == 0]) == 274
    assert list(tiles_of(256)) == [(0, 0, 256), (1, 0, 1)]
    assert list(tiles_of(0)) == []
    assert width_of(0, 5, 100) == 0


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_reads_back_and_is_torn_anywhere_else(entries: list[bytes]) -> None:
    data = encode_bundle(entries)
    assert decode_bundle(data) == entries
    if data:
        try:
            assert decode_bundle(data[:-1]) != entries
        except TornTile:
            return


def test_a_bundle_that_ends_too_early_is_refused() -> None:
    for torn in (b"\x00", b"\x00\x05abc", encode_bundle([b"one"]) + b"\x00"):
        with pytest.raises(TornTile):
            decode_bundle(torn)


def test_the_root_is_found_from_tiles_alone() -> None:
    row = [leaf_hash(str(n).encode()) for n in range(1_000)]

    def read(level: int, number: int, width: int) -> bytes:
        rows = [row[at : at + 256] for at in range(0, 1_000, 256)]
        if level == 0:
            return b"".join(rows[number][:width])
        assert (level, number, width) == (1, 0, 3)
        return b"".join(fold(one) for one in rows[:3])

    direct = root_hash(1_000, lambda level, place: fold(row[place << level : (place + 1) << level]))
    assert root_hash(1_000, hashes_of(read, 1_000)) == direct
    with pytest.raises(TornTile):
        hashes_of(lambda *_: b"short", 1_000)(0, 3)
