"""The growing edge of a log: what is needed to add entries and to say the root, however large the tree is.

Pure. Of each level only the row of the rightmost tile is kept, at most 255 hashes; of the entries only those of the
rightmost bundle. What becomes full is handed out once, to be written. Source of the form: tiles.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatwarden.audit.merkle import fold, leaf_hash, peaks
from chatwarden.audit.tiles import HASH, WIDTH, ReadTile, TornTile, bundle_path, encode_bundle, tile_path

Files = dict[str, bytes]
"""Path below the log's folder, and what is to be written there."""


class Edge:
    """The right edge of a tree of ``size`` entries."""

    def __init__(self) -> None:
        self.size = 0
        self._rows: list[list[bytes]] = [[]]
        self._bundle: list[bytes] = []

    @classmethod
    def read(cls, size: int, tile: ReadTile, bundle: Sequence[bytes]) -> Edge:
        """The edge of a tree that was written; *bundle* has the entries of its partial bundle. Raises TornTile."""
        edge = cls()
        edge.size = size
        edge._rows = []
        level = 0
        while (hashes := size >> 8 * level) or not edge._rows:
            number, width = divmod(hashes, WIDTH)
            data = tile(level, number, width) if width else b""
            edge._rows.append([data[at : at + HASH] for at in range(0, len(data), HASH)])
            level += 1
        edge._bundle = list(bundle)
        if [leaf_hash(entry) for entry in bundle] != edge._rows[0]:
            raise TornTile("the last entries are not those of the last tile")
        return edge

    def add(self, entries: Sequence[bytes]) -> Files:
        """Takes *entries* in; returns the tiles and bundles that became full."""
        full: Files = {}
        row = self._rows[0]
        for entry in entries:
            self._bundle.append(entry)
            row.append(leaf_hash(entry))
            self.size += 1
            if len(row) == WIDTH:
                full[bundle_path(self.size // WIDTH - 1)] = encode_bundle(self._bundle)
                self._bundle = []
                self._carry(full)
                row = self._rows[0]
        return full

    def _carry(self, full: Files) -> None:
        """Level by level, writes out rows that are full and puts their hash into the row above."""
        level = 0
        while len(self._rows[level]) == WIDTH:
            row, self._rows[level] = self._rows[level], []
            full[tile_path(level, (self.size >> 8 * (level + 1)) - 1)] = b"".join(row)
            level += 1
            if level == len(self._rows):
                self._rows.append([])
            self._rows[level].append(fold(row))

    def partial(self) -> Files:
        """The tiles and the bundle that are not full."""
        files: Files = {}
        for level, row in enumerate(self._rows):
            if row:
                files[tile_path(level, self.size >> 8 * (level + 1), len(row))] = b"".join(row)
        if self._bundle:
            files[bundle_path(self.size // WIDTH, len(self._bundle))] = encode_bundle(self._bundle)
        return files

    @property
    def root(self) -> bytes:
        """The root hash."""
        subtrees: list[bytes] = []
        for row in reversed(self._rows):
            at = 0
            while at < len(row):
                width = 1 << (len(row) - at).bit_length() - 1
                subtrees.append(fold(row[at : at + width]))
                at += width
        return peaks(subtrees)
