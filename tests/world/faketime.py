"""A wall clock that lies to one process, while it runs: libfaketime (Debian: faketime). What counts since boot goes on."""

from __future__ import annotations

from pathlib import Path


class Lie:
    """A wall clock that is off by ``by``: ``+10y``, ``-1d``, ``+0``."""

    def __init__(self, folder: Path) -> None:
        [library] = Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
        self._file = folder / "wall-clock"
        self.env = {
            "LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(self._file), "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_RESET": "1",
        }  # fmt: skip
        self.by("+0")

    def by(self, offset: str) -> None:
        """From now on it lies by so much, also to those that run."""
        beside = self._file.with_suffix(".new")
        beside.write_text(offset + "\n")
        beside.rename(self._file)  # nobody reads half of it
