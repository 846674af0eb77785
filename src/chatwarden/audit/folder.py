"""The files of one year's log, as c2sp.org/tlog-tiles lays them out, beside ``log.vkey``.

A file is written whole or not at all: first beside the log, synced, then renamed to its place; folders are synced before a
checkpoint says that what it needs is there. Calls block. Who reads needs no lock: what a checkpoint covers never changes.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from chatwarden.audit.note import VerifierKey
from chatwarden.audit.tiles import HASH, WIDTH, TornTile, bundle_path, decode_bundle, tile_path
from chatwarden.audit.tree import Files

CHECKPOINT, WITNESSED, VKEY, POLICY = "checkpoint", "checkpoint.witnessed", "log.vkey", "log.policy"
_NEW = ".new"


class Folder:
    """The log at *path*."""

    def __init__(self, path: Path) -> None:
        self.path = path

    # -- reading

    def read(self, name: str) -> bytes | None:
        """A file of the log, or None."""
        try:
            return (self.path / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    @property
    def vkey(self) -> VerifierKey | None:
        """The key of the log that lies here, or None where there is no log. Raises BadNote."""
        data = self.read(VKEY)
        return None if data is None else VerifierKey.parse(data.decode("utf-8", "replace").strip())

    def tile(self, level: int, number: int, width: int = WIDTH) -> bytes:
        """The first *width* hashes of a tile, from the file of that width or the full one. Raises TornTile."""
        for wide in dict.fromkeys((width, WIDTH)):
            data = self.read(tile_path(level, number, wide))
            if data is not None:
                if len(data) != wide * HASH:
                    raise TornTile(f"{tile_path(level, number, wide)} is {len(data)} bytes long")
                return data[: width * HASH]
        raise TornTile(f"{tile_path(level, number, width)} is missing")

    def bundle(self, number: int, width: int = WIDTH) -> list[bytes]:
        """The first *width* entries of a bundle. Raises TornTile."""
        for wide in dict.fromkeys((width, WIDTH)):
            data = self.read(bundle_path(number, wide))
            if data is not None:
                entries = decode_bundle(data)
                if len(entries) != wide:
                    raise TornTile(f"{bundle_path(number, wide)} has {len(entries)} entries", entries)
                return entries[:width]
        raise TornTile(f"{bundle_path(number, width)} is missing")

    # -- writing

    def clear(self) -> None:
        """Removes what a crash left half written."""
        shutil.rmtree(self.path / _NEW, ignore_errors=True)

    def write(self, files: Files) -> None:
        """Writes files: durable, and each whole, when it returns."""
        new = self.path / _NEW
        new.mkdir(parents=True, exist_ok=True)
        written = []
        for at, (name, data) in enumerate(files.items()):
            temporary = new / str(at)
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            try:
                rest = memoryview(data)
                while rest:
                    rest = rest[os.write(handle, rest) :]
                os.fsync(handle)
            finally:
                os.close(handle)
            written.append((temporary, self.path / name))
        folders = set()
        for temporary, target in written:
            if not target.parent.is_dir():
                folders.update(_made(target.parent))
            temporary.replace(target)
            folders.add(target.parent)
        for folder in folders:
            _sync(folder)

    def remove_partials(self, full: Sequence[str]) -> None:
        """Removes the partial forms of what is there in full now."""
        for name in full:
            shutil.rmtree(self.path / f"{name}.p", ignore_errors=True)

    def remove(self) -> None:
        """Removes the whole log."""
        if self.path.exists():
            shutil.rmtree(self.path)
            _sync(self.path.parent)


def _made(folder: Path) -> list[Path]:
    """Makes *folder* and those above it; returns the folders in which something is new."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return [one.parent for one in missing]


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
