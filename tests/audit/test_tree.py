"""The edge of a tree says the same root as the whole of it, also when it is read back."""

from __future__ import annotations

import pytest

from chatwarden.audit.merkle import fold, leaf_hash, root_hash
from chatwarden.audit.tiles import TornTile, decode_bundle, tile_path, tiles_of
from chatwarden.audit.tree import Edge, Files

SIZES = (0, 1, 2, 255, 256, 257, 511, 512, 700, 65_535, 65_536, 65_537, 66_000)
ENTRIES = [str(n).encode() for n in range(SIZES[-1])]


def direct(size: int) -> bytes:
    row = [leaf_hash(entry) for entry in ENTRIES[:size]]
    return root_hash(size, lambda level, place: fold(row[place << level : (place + 1) << level]))


@pytest.mark.parametrize("size", SIZES)
def test_the_edge_says_the_root_and_is_read_back_from_its_files(size: int) -> None:
    edge = Edge()
    files: Files = {}
    for begin in range(0, size, 1_000):
        files |= edge.add(ENTRIES[begin : min(size, begin + 1_000)])
    files |= edge.partial()
    assert edge.size == size
    assert edge.root == direct(size)
    tiles = {name for name in files if "entries" not in name}
    assert tiles == {tile_path(*tile) for tile in tiles_of(size)}

    def tile(level: int, number: int, width: int) -> bytes:
        return files[tile_path(level, number, width)]

    partial = [decode_bundle(data) for name, data in files.items() if "entries" in name and ".p/" in name]
    again = Edge.read(size, tile, partial[0] if partial else [])
    assert again.root == edge.root
    assert again.partial() == edge.partial()
    again.add([b"more"])
    edge.add([b"more"])
    assert again.root == edge.root


def test_entries_that_are_not_those_of_the_tile_are_refused() -> None:
    edge = Edge()
    edge.add(ENTRIES[:3])
    files = edge.partial()
    with pytest.raises(TornTile):
        Edge.read(3, lambda *tile: files[tile_path(*tile)], [b"x", *ENTRIES[1:3]])
